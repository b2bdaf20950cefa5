//! `Count(attribute)`

use syncline_model::Value;

use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Missing, Nulls, Returns, Type,
    Varies,
};

pub static FUNCTION: Function = Function {
    name: "Count",
    summary: "Counts the values of a multi-valued attribute.",
    parameters: &[P::required("attribute", Type::ANY_LIST, "the attribute")],
    returns: Returns::Always(Type::INTEGER),
    nulls: Nulls::Special(Missing::Never, "0"),
    varies: Varies::Never,
    check: None,
    examples: &[
        Example::new(
            "Count([proxyAddresses])",
            r#"{"proxyAddresses": ["SMTP:a@b.example", "smtp:c@b.example"]}"#,
            "2",
        ),
        Example::new("Count([proxyAddresses])", r#"{"proxyAddresses": []}"#, "0"),
        Example::new("Count([mail])", r#"{"mail": "a@b.example"}"#, "1"),
    ],
    evaluate,
};

fn evaluate(call: &Call<'_>) -> Evaluated {
    let count = call.values(0)?.len();
    Ok(Some(Value::Int(i64::try_from(count).unwrap_or(i64::MAX))))
}
