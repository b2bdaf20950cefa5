//! `CBool(expression)`

use syncline_model::Value;

use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Missing, Nulls, Returns, Type,
    Varies,
};

pub static FUNCTION: Function = Function {
    name: "CBool",
    summary: "Says whether a comparison holds, or whether a value counts as true.",
    parameters: &[P::required(
        "Expression",
        Type::BOOLEAN,
        "a comparison, or True, False or a number",
    )
    .condition()],
    returns: Returns::Always(Type::BOOLEAN),
    nulls: Nulls::Special(Missing::Never, "False"),
    varies: Varies::Never,
    check: None,
    examples: &[
        Example::new(
            "CBool([attribute1] = [attribute2])",
            r#"{"attribute1": "x", "attribute2": "x"}"#,
            "true",
        ),
        Example::new(
            "CBool([attribute1] = [attribute2])",
            r#"{"attribute1": "x", "attribute2": "X"}"#,
            "false",
        ),
        Example::new("CBool([flag])", r#"{"flag": "true"}"#, "true"),
        Example::new("CBool([flag])", r#"{"flag": -1}"#, "true"),
        Example::new("CBool([flag])", r#"{"flag": "0"}"#, "false"),
        Example::new("CBool([flag])", r#"{"flag": null}"#, "false"),
    ],
    evaluate,
};

fn evaluate(call: &Call<'_>) -> Evaluated {
    Ok(Some(Value::Bool(call.truth(0)?)))
}
