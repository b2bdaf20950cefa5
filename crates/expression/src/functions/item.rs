//! `Item(attribute, index)`

use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Missing, Nulls, Returns, Type,
    Varies,
};
use crate::call_check::CallCheck;
use crate::diagnostic::Code;

pub static FUNCTION: Function = Function {
    name: "Item",
    summary: "Takes one value of a multi-valued attribute.",
    parameters: &[
        P::required("attribute", Type::ANY_LIST, "the values"),
        P::required("index", Type::INTEGER, "which one; the first is 1"),
    ],
    returns: Returns::Always(Type::ANY),
    nulls: Nulls::Special(
        Missing::AnyOf(&[0]),
        "without values, or with fewer than that, no result",
    ),
    varies: Varies::Never,
    check: Some(check),
    examples: &[
        Example::new(
            "Item([proxyAddresses], 1)",
            r#"{"proxyAddresses": ["SMTP:a@b.example", "smtp:c@b.example"]}"#,
            r#""SMTP:a@b.example""#,
        ),
        Example::new(
            r#"Item(Split([mail], "@"), 2)"#,
            r#"{"mail": "a@b.example"}"#,
            r#""b.example""#,
        ),
        Example::null(
            "Item([proxyAddresses], 3)",
            r#"{"proxyAddresses": ["SMTP:a@b.example"]}"#,
        ),
        Example::fails(
            "Item([proxyAddresses], [n])",
            r#"{"proxyAddresses": ["x"], "n": 0}"#,
            Code::OutOfRange,
        ),
    ],
    evaluate,
};

const FIRST_IS_ONE: &str = "`index` of `Item` begins at 1";

fn check(call: &mut CallCheck<'_>) {
    if call.constant_integer(1).is_some_and(|index| index < 1) {
        call.report(1, Code::WrongConstant, FIRST_IS_ONE, "the first value is 1");
    }
    // Where there are values there is a first one, and nobody knows of others.
    if call.constant_integer(1) != Some(1) {
        call.set_missing(1);
    }
}

fn evaluate(call: &Call<'_>) -> Evaluated {
    let mut values = call.values(0)?;
    let Some(index) = call.integer(1)? else {
        return Ok(None);
    };
    let Some(at) = usize::try_from(index).ok().and_then(|it| it.checked_sub(1)) else {
        return Err(call.fail(Code::OutOfRange, FIRST_IS_ONE));
    };
    Ok(if at < values.len() {
        Some(values.swap_remove(at))
    } else {
        None
    })
}
