//! `IsNothing(source)`

use syncline_model::Value;

use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Missing, Nulls, Returns, Type,
    Varies,
};

pub static FUNCTION: Function = Function {
    name: "IsNothing",
    summary: "Says whether there is no value, as `IsNull` does.",
    parameters: &[P::required("source", Type::ANY, "the value")],
    returns: Returns::Always(Type::BOOLEAN),
    nulls: Nulls::Special(Missing::Never, "True"),
    varies: Varies::Never,
    check: None,
    examples: &[
        Example::new("IsNothing([mail])", r#"{"mail": null}"#, "true"),
        Example::new("IsNothing([mail])", r#"{"mail": "a@b.example"}"#, "false"),
    ],
    evaluate,
};

fn evaluate(call: &Call<'_>) -> Evaluated {
    Ok(Some(Value::Bool(call.value(0)?.is_none())))
}
