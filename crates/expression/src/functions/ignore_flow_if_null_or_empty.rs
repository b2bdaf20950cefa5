//! `IgnoreFlowIfNullOrEmpty(expression)`

use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Missing, Nulls, Returns, Type,
    Varies, is_empty,
};
use crate::stop::Stop;

pub static FUNCTION: Function = Function {
    name: "IgnoreFlowIfNullOrEmpty",
    summary: "Leaves the whole attribute out of the export when there is no value or an empty one.",
    parameters: &[P::required("Expression", Type::ANY, "the value")],
    returns: Returns::OneOfArgumentsFrom(0),
    nulls: Nulls::Special(Missing::AnyOf(&[0]), "the attribute does not flow"),
    varies: Varies::Never,
    check: None,
    examples: &[
        Example::new(
            "IgnoreFlowIfNullOrEmpty([department])",
            r#"{"department": "Sales"}"#,
            r#""Sales""#,
        ),
        Example::ignored(
            "IgnoreFlowIfNullOrEmpty([department])",
            r#"{"department": null}"#,
        ),
        Example::ignored(
            r#"IgnoreFlowIfNullOrEmpty(IIF([country] = "USA", [region], ""))"#,
            r#"{"country": "Japan", "region": "East"}"#,
        ),
        Example::new(
            r#"IgnoreFlowIfNullOrEmpty(Switch([prefix], "", "3443", "Dr.", "3444", "Prof.", "3445", "Prof. Dr."))"#,
            r#"{"prefix": "3444"}"#,
            r#""Prof.""#,
        ),
        Example::ignored(
            r#"IgnoreFlowIfNullOrEmpty(Switch([prefix], "", "3443", "Dr.", "3444", "Prof.", "3445", "Prof. Dr."))"#,
            r#"{"prefix": "1"}"#,
        ),
    ],
    evaluate,
};

fn evaluate(call: &Call<'_>) -> Evaluated {
    let value = call.value(0)?;
    let empty = is_empty(value.as_ref());
    call.goes(usize::from(empty));
    if empty { Err(Stop::Ignore) } else { Ok(value) }
}
