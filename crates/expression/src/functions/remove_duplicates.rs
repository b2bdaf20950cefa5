//! `RemoveDuplicates(attribute)`

use syncline_model::{Text, Value};

use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Nulls, Returns, Type, Varies,
};

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
    // Equal values have equal texts; of those with the same text, few are compared.
    let mut seen: std::collections::HashMap<Text, Vec<Value>> = std::collections::HashMap::new();
    values.retain(|value| {
        let alike = seen.entry(value.display_text()).or_default();
        let new = !alike.contains(value);
        if new {
            alike.push(value.clone());
        }
        new
    });
    Ok(Some(Value::List(values)))
}
