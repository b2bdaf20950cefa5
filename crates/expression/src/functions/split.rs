//! `Split(source, delimiter)`

use syncline_model::{Text, Value};

use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Missing, Nulls, Returns, Type,
    Varies,
};

pub static FUNCTION: Function = Function {
    name: "Split",
    summary: "Splits a text into several values, without the white space around each.",
    parameters: &[
        P::required("source", Type::TEXT, "the text"),
        P::optional(
            "delimiter",
            Type::TEXT,
            "what separates the values; a comma when left out",
        ),
    ],
    returns: Returns::Always(Type::TEXT_LIST),
    nulls: Nulls::Special(
        Missing::AnyOf(&[0]),
        "without a source, or with an empty one, no result",
    ),
    varies: Varies::Never,
    check: None,
    examples: &[
        Example::new(
            r#"Split([extension_appId_sets], ",")"#,
            r#"{"extension_appId_sets": "PermissionSetOne, PermissionSetTwo"}"#,
            r#"["PermissionSetOne", "PermissionSetTwo"]"#,
        ),
        Example::new(r#"Split("a,,b", ",")"#, "{}", r#"["a", "", "b"]"#),
        Example::null(
            r#"Split([extension_appId_sets], ",")"#,
            r#"{"extension_appId_sets": ""}"#,
        ),
    ],
    evaluate,
};

fn evaluate(call: &Call<'_>) -> Evaluated {
    let Some(source) = call.text(0)?.filter(|it| !it.is_empty()) else {
        return Ok(None);
    };
    let delimiter = call.text(1)?.unwrap_or_else(|| Text::fixed(","));
    let values = if delimiter.is_empty() {
        vec![Value::text(source.trim())]
    } else {
        // Empty values are kept, so that `Item` counts columns.
        source
            .split(delimiter.as_str())
            .map(|value| Value::text(value.trim()))
            .collect()
    };
    Ok(Some(Value::List(values)))
}
