//! `ConvertToUTF8Hex(source)`

use std::fmt::Write as _;

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

fn evaluate(call: &Call<'_>) -> Evaluated {
    let Some(source) = call.text(0)? else {
        return Ok(None);
    };
    let mut digits = String::with_capacity(source.len() * 2);
    for byte in source.bytes() {
        // Writing to a String can not fail.
        let _ = write!(digits, "{byte:02X}");
    }
    Ok(Some(Value::text(digits)))
}
