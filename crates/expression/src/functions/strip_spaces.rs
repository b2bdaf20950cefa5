//! `StripSpaces(source)`

use syncline_model::Value;

use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Nulls, Returns, Type, Varies,
};

pub static FUNCTION: Function = Function {
    name: "StripSpaces",
    summary: "Removes all spaces; other white space stays.",
    parameters: &[P::required("source", Type::TEXT, "the text")],
    returns: Returns::Always(Type::TEXT),
    nulls: Nulls::SourceGivesNull,
    varies: Varies::Never,
    check: None,
    examples: &[Example::new(
        r#"StripSpaces(" van der Berg ")"#,
        "{}",
        r#""vanderBerg""#,
    )],
    evaluate,
};

fn evaluate(call: &Call<'_>) -> Evaluated {
    Ok(call
        .text(0)?
        .map(|source| Value::text(source.replace(' ', ""))))
}
