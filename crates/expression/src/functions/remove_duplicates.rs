//! `RemoveDuplicates(attribute)`

use syncline_model::Value;

use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Nulls, Returns, Type, Varies,
};
use crate::distinct::Distinct;

pub static FUNCTION: Function = Function {
    name: "RemoveDuplicates",
    summary: "Keeps the first of equal values; case counts.",
    parameters: &[P::required("attribute", Type::ANY_LIST, "the values")],
    returns: Returns::Always(Type::ANY_LIST),
    nulls: Nulls::SourceGivesNull,
    varies: Varies::Never,
    check: None,
    examples: &[
        Example::new(
            "RemoveDuplicates([otherMails])",
            r#"{"otherMails": ["a", "b", "a", "A"]}"#,
            r#"["a", "b", "A"]"#,
        ),
        Example::null("RemoveDuplicates([otherMails])", r#"{"otherMails": []}"#),
    ],
    evaluate,
};

fn evaluate(call: &Call<'_>) -> Evaluated {
    let mut values = call.values(0)?;
    let mut met = Distinct::default();
    values.retain(|value| met.is_new(value));
    Ok(Some(Value::List(values)))
}
