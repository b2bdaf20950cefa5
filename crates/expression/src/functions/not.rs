//! `Not(source)`

use syncline_model::Value;

use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Missing, Nulls, Returns, Type,
    Varies,
};
use crate::coerce;

pub static FUNCTION: Function = Function {
    name: "Not",
    summary: "Turns True into False, and everything else into True.",
    parameters: &[P::required("source", Type::BOOLEAN, "True or False")],
    returns: Returns::Always(Type::BOOLEAN),
    nulls: Nulls::Special(Missing::Never, "True"),
    varies: Varies::Never,
    check: None,
    examples: &[
        Example::new(
            "Not([IsSoftDeleted])",
            r#"{"IsSoftDeleted": false}"#,
            "true",
        ),
        Example::new(
            "Not([IsSoftDeleted])",
            r#"{"IsSoftDeleted": "True"}"#,
            "false",
        ),
        Example::new("Not([IsSoftDeleted])", r#"{"IsSoftDeleted": null}"#, "true"),
        Example::new("Not([flag])", r#"{"flag": "yes"}"#, "true"),
    ],
    evaluate,
};

fn evaluate(call: &Call<'_>) -> Evaluated {
    let is_true = match call.single(0)? {
        Some(Value::Bool(it)) => it,
        Some(Value::Text(text)) => coerce::boolean_text(&text) == Some(true),
        _ => false,
    };
    Ok(Some(Value::Bool(!is_true)))
}
