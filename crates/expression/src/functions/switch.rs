//! `Switch(source, defaultValue, key1, value1, key2, value2, …)`

use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Missing, Nulls, Returns, Type,
    Varies, is_empty,
};
use crate::call_check::CallCheck;
use crate::diagnostic::Code;

const FIRST_KEY: usize = 2;

pub static FUNCTION: Function = Function {
    name: "Switch",
    summary: "Compares a text with keys and takes the value of the one that is equal; case counts.",
    parameters: &[
        P::required(
            "source",
            Type::TEXT,
            "the text; Booleans read as `True` and `False`",
        ),
        P::optional("defaultValue", Type::ANY, "the value when no key is equal"),
        P::optional(
            "switchValue",
            Type::ANY,
            "keys and values in turn; the key \"\" is for no value and the empty text",
        )
        .repeating(),
    ],
    returns: Returns::OneOfArgumentsFrom(1),
    nulls: Nulls::Special(
        Missing::AnyOf(&[1]),
        "no source is equal to the key \"\"; where the value of a key is missing or comes out empty the default is taken, so that a `Switch` whose default has a value always has one (in Entra it may not), as has one of a Boolean that names `True` and `False`; a value `\"\"` that is written out stays, and is no value in the target",
    ),
    varies: Varies::Never,
    check: Some(check),
    examples: &[
        Example::new(
            r#"Switch([state], "Australia/Sydney", "NSW", "Australia/Sydney", "QLD", "Australia/Brisbane", "SA", "Australia/Adelaide")"#,
            r#"{"state": "QLD"}"#,
            r#""Australia/Brisbane""#,
        ),
        Example::new(
            r#"Switch(ToLower([statusFlag]), "0", "true", "1", "false", "0")"#,
            r#"{"statusFlag": "TRUE"}"#,
            r#""1""#,
        ),
        Example::new(
            r#"Switch([statusFlag], "Default Value", "true", "1", "", "0")"#,
            r#"{"statusFlag": null}"#,
            r#""0""#,
        ),
        Example::new(
            r#"Switch([country], [country], "", "Other")"#,
            r#"{"country": "Japan"}"#,
            r#""Japan""#,
        ),
        Example::new(
            r#"Switch([country], [country], "", "Other")"#,
            r#"{"country": null}"#,
            r#""Other""#,
        ),
        Example::new(
            r#"Switch([IsSoftDeleted], , "False", "True", "True", "False")"#,
            r#"{"IsSoftDeleted": false}"#,
            r#""True""#,
        ),
        Example::new(
            r#"Switch(IsPresent([jobTitle]), "DefaultValue", "True", [jobTitle])"#,
            r#"{"jobTitle": null}"#,
            r#""DefaultValue""#,
        ),
        Example::new(
            r#"Switch([state], "none", "QLD", [city])"#,
            r#"{"state": "QLD", "city": null}"#,
            r#""none""#,
        ),
        Example::new(
            r#"Switch([state], "none", "QLD", Word([city], 2, " "))"#,
            r#"{"state": "QLD", "city": "Cairns"}"#,
            r#""none""#,
        ),
        Example::new(
            r#"Switch([state], "none", "QLD", "")"#,
            r#"{"state": "QLD"}"#,
            r#""""#,
        ),
        Example::null(r#"Switch([state], , "QLD", "x")"#, r#"{"state": "NSW"}"#),
    ],
    evaluate,
};

fn check(call: &mut CallCheck<'_>) {
    let keys = call.count().saturating_sub(FIRST_KEY);
    if keys % 2 == 1 {
        let last = call.count() - 1;
        let help =
            "keys and values come in pairs behind the default; leave the default blank with `, ,`";
        call.report(
            last,
            Code::UnpairedKey,
            "the last key of `Switch` has no value",
            help,
        );
    }
    for value in (FIRST_KEY + 1..call.count()).step_by(2) {
        if call.constant_text(value) == Some("") {
            call.set_missing(value);
        }
    }
    if names_both_booleans(call) {
        call.set_present();
    }
}

/// Whether the default is taken for nobody: the source is True or False, there is a key for each, and every key has a value. So
/// Entra's own mapping of `accountEnabled` is written, without a default.
fn names_both_booleans(call: &CallCheck<'_>) -> bool {
    let keys = || (FIRST_KEY..call.count()).step_by(2);
    let is_key = |key: &str| keys().any(|at| call.constant_text(at) == Some(key));
    call.is_boolean(0)
        && is_key("True")
        && is_key("False")
        && keys().all(|at| call.is_present(at + 1))
}

fn evaluate(call: &Call<'_>) -> Evaluated {
    let source = call.text(0)?.unwrap_or_default();
    let mut position = FIRST_KEY;
    while position + 1 < call.count() {
        if call.text(position)?.unwrap_or_default() == source {
            call.goes(1 + (position - FIRST_KEY) / 2);
            let value = call.value(position + 1)?;
            // An empty text that is written out is meant; one that comes out is no value in the target.
            return if call.is_constant(position + 1) || !is_empty(value.as_ref()) {
                Ok(value)
            } else {
                call.value(1)
            };
        }
        position += 2;
    }
    call.goes(0);
    call.value(1)
}
