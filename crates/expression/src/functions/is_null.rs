//! `IsNull(expression)`

use syncline_model::Value;

use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Missing, Nulls, Returns, Type,
    Varies,
};

pub static FUNCTION: Function = Function {
    name: "IsNull",
    summary: "Says whether there is no value. An empty text is a value.",
    parameters: &[P::required("Expression", Type::ANY, "the value")],
    returns: Returns::Always(Type::BOOLEAN),
    nulls: Nulls::Special(Missing::Never, "True"),
    varies: Varies::Never,
    check: None,
    examples: &[
        Example::new("IsNull([displayName])", r#"{"displayName": null}"#, "true"),
        Example::new("IsNull([displayName])", r#"{"displayName": ""}"#, "false"),
        Example::new("IsNull([otherMails])", r#"{"otherMails": []}"#, "true"),
    ],
    evaluate,
};

fn evaluate(call: &Call<'_>) -> Evaluated {
    Ok(Some(Value::Bool(call.value(0)?.is_none())))
}
