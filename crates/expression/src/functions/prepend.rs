//! `Prepend(prefix, source)`

use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Missing, Nulls, Returns, Type,
    Varies,
};

pub static FUNCTION: Function = Function {
    name: "Prepend",
    summary: "Puts a prefix before a text.",
    parameters: &[
        P::required(
            "prefix",
            Type::TEXT,
            "what is put before it; without a value nothing is",
        ),
        P::required("source", Type::TEXT, "the text, usually an attribute"),
    ],
    returns: Returns::Always(Type::TEXT),
    nulls: Nulls::Special(Missing::AnyOf(&[1]), "without a source, no result"),
    varies: Varies::Never,
    check: None,
    examples: &[
        Example::new(
            r#"Prepend("smtp:", [mail])"#,
            r#"{"mail": "a@b.example"}"#,
            r#""smtp:a@b.example""#,
        ),
        Example::null(r#"Prepend("smtp:", [mail])"#, r#"{"mail": null}"#),
    ],
    evaluate,
};

fn evaluate(call: &Call<'_>) -> Evaluated {
    let Some(source) = call.text(1)? else {
        return Ok(None);
    };
    let mut output = call.output();
    output.push(&call.text(0)?.unwrap_or_default())?;
    output.push(&source)?;
    output.finish()
}
