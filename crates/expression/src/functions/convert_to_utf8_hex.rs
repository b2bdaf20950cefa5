//! `ConvertToUTF8Hex(source)`

use syncline_model::Value;

use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Nulls, Returns, Type, Varies,
};

pub static FUNCTION: Function = Function {
    name: "ConvertToUTF8Hex",
    summary: "Writes the UTF-8 bytes of a text as upper-case hexadecimal digits.",
    parameters: &[P::required("source", Type::TEXT, "the text")],
    returns: Returns::Always(Type::TEXT),
    nulls: Nulls::SourceGivesNull,
    varies: Varies::Never,
    check: None,
    examples: &[
        Example::new(
            r#"ConvertToUTF8Hex("Hello world!")"#,
            "{}",
            r#""48656C6C6F20776F726C6421""#,
        ),
        Example::new(r#"ConvertToUTF8Hex("ë")"#, "{}", r#""C3AB""#),
    ],
    evaluate,
};

const DIGITS: &[u8; 16] = b"0123456789ABCDEF";

fn evaluate(call: &Call<'_>) -> Evaluated {
    let Some(source) = call.text(0)? else {
        return Ok(None);
    };
    let mut digits = String::with_capacity(source.len() * 2);
    for byte in source.bytes() {
        for half in [byte >> 4, byte & 15] {
            digits.push(char::from(DIGITS[usize::from(half)]));
        }
    }
    Ok(Some(Value::text(digits)))
}
