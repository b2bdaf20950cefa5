//! `ConvertToBase64(source)`

use base64::Engine as _;
use syncline_model::Value;

use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Nulls, Returns, Type, Varies,
};

pub static FUNCTION: Function = Function {
    name: "ConvertToBase64",
    summary: "Encodes a text as base64, of its UTF-16 bytes in little-endian order.",
    parameters: &[P::required("source", Type::TEXT, "the text")],
    returns: Returns::Always(Type::TEXT),
    nulls: Nulls::SourceGivesNull,
    varies: Varies::Never,
    check: None,
    examples: &[Example::new(
        r#"ConvertToBase64("Hello world!")"#,
        "{}",
        r#""SABlAGwAbABvACAAdwBvAHIAbABkACEA""#,
    )],
    evaluate,
};

fn evaluate(call: &Call<'_>) -> Evaluated {
    let Some(source) = call.text(0)? else {
        return Ok(None);
    };
    let bytes: Vec<u8> = source.encode_utf16().flat_map(u16::to_le_bytes).collect();
    Ok(Some(Value::text(
        base64::engine::general_purpose::STANDARD.encode(bytes),
    )))
}
