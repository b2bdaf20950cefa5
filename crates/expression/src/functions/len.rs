//! `Len(String)`

use syncline_model::Value;

use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Missing, Nulls, Returns, Type,
    Varies,
};

pub static FUNCTION: Function = Function {
    name: "Len",
    summary: "Counts the characters of a text; a number is counted as its text.",
    parameters: &[P::required("String", Type::TEXT, "the text")],
    returns: Returns::Always(Type::INTEGER),
    nulls: Nulls::Special(Missing::Never, "0"),
    varies: Varies::Never,
    check: None,
    examples: &[
        Example::new(r#"Len("John Doe")"#, "{}", "8"),
        Example::new("Len(1000)", "{}", "4"),
        Example::new("Len([surname])", r#"{"surname": "Müller"}"#, "6"),
        Example::new("Len([surname])", r#"{"surname": null}"#, "0"),
    ],
    evaluate,
};

fn evaluate(call: &Call<'_>) -> Evaluated {
    let count = call.text(0)?.map_or(0, |text| text.chars().count());
    Ok(Some(Value::Int(i64::try_from(count).unwrap_or(i64::MAX))))
}
