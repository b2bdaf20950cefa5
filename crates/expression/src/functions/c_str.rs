//! `CStr(value)`

use syncline_model::Value;

use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Nulls, Returns, Type, Varies,
};

pub static FUNCTION: Function = Function {
    name: "CStr",
    summary: "Gives a number, a reference or a Boolean as text.",
    parameters: &[P::required("value", Type::ANY, "the value")],
    returns: Returns::TextOf(0),
    nulls: Nulls::SourceGivesNull,
    varies: Varies::Never,
    check: None,
    examples: &[
        Example::new(
            "CStr([accountEnabled])",
            r#"{"accountEnabled": true}"#,
            r#""True""#,
        ),
        Example::new("CStr(&HFF)", "{}", r#""255""#),
        Example::new(
            "CStr([dn])",
            r#"{"dn": "cn=Joe,dc=contoso,dc=com"}"#,
            r#""cn=Joe,dc=contoso,dc=com""#,
        ),
    ],
    evaluate,
};

fn evaluate(call: &Call<'_>) -> Evaluated {
    Ok(call.text(0)?.map(Value::text))
}
