//! `Guid()`

use syncline_model::Value;

use super::{Call, Evaluated, Example, Function, Missing, Nulls, Returns, Type, Varies};

pub static FUNCTION: Function = Function {
    name: "Guid",
    summary: "Makes a random GUID, another one each time; map it at creation only.",
    parameters: &[],
    returns: Returns::Always(Type::TEXT),
    nulls: Nulls::Special(Missing::Never, "takes no argument"),
    varies: Varies::AtRandom,
    check: None,
    examples: &[
        Example::new("Len(Guid())", "{}", "36"),
        Example::new("Mid(Guid(), 15, 1)", "{}", r#""4""#),
    ],
    evaluate,
};

fn evaluate(call: &Call<'_>) -> Evaluated {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&call.random().to_be_bytes());
    bytes[8..].copy_from_slice(&call.random().to_be_bytes());
    let guid = uuid::Builder::from_random_bytes(bytes).into_uuid();
    Ok(Some(Value::text(guid.hyphenated().to_string())))
}
