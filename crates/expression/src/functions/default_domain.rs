//! `DefaultDomain()`

use syncline_model::Value;

use super::{Call, Evaluated, Example, Function, Missing, Nulls, Returns, Type, Varies};
use crate::diagnostic::Code;

pub static FUNCTION: Function = Function {
    name: "DefaultDomain",
    summary: "Gives the default verified domain of the source tenant.",
    parameters: &[],
    returns: Returns::Always(Type::TEXT),
    nulls: Nulls::Special(
        Missing::Never,
        "a tenant without default domain is an error",
    ),
    varies: Varies::Never,
    check: None,
    examples: &[
        Example::new("DefaultDomain()", "{}", r#""contoso.com""#),
        Example::new(
            r#"Join("@", [mailNickname], DefaultDomain())"#,
            r#"{"mailNickname": "john"}"#,
            r#""john@contoso.com""#,
        ),
    ],
    evaluate,
};

fn evaluate(call: &Call<'_>) -> Evaluated {
    match call.default_domain() {
        Some(domain) => Ok(Some(Value::Text(domain.clone()))),
        None => Err(call.fail(
            Code::NoDefaultDomain,
            "the source tenant has no default verified domain; mark one of its domains as default",
        )),
    }
}
