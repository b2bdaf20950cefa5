//! `BitAnd(value1, value2)`

use syncline_model::Value;

use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Nulls, Returns, Type, Varies,
};

pub static FUNCTION: Function = Function {
    name: "BitAnd",
    summary: "Keeps the bits that are set in both numbers.",
    parameters: &[
        P::required(
            "value1",
            Type::INTEGER,
            "a whole number, decimal or hexadecimal (`&HF7`)",
        ),
        P::required(
            "value2",
            Type::INTEGER,
            "a whole number, decimal or hexadecimal (`&HF7`)",
        ),
    ],
    returns: Returns::Always(Type::INTEGER),
    nulls: Nulls::SourceGivesNull,
    varies: Varies::Never,
    check: None,
    examples: &[
        Example::new("BitAnd(&HF, &HF7)", "{}", "7"),
        Example::new(
            "BitAnd([userAccountControl], 2)",
            r#"{"userAccountControl": 514}"#,
            "2",
        ),
        Example::null(
            "BitAnd([userAccountControl], 2)",
            r#"{"userAccountControl": null}"#,
        ),
    ],
    evaluate,
};

fn evaluate(call: &Call<'_>) -> Evaluated {
    let (Some(left), Some(right)) = (call.integer(0)?, call.integer(1)?) else {
        return Ok(None);
    };
    Ok(Some(Value::Int(left & right)))
}
