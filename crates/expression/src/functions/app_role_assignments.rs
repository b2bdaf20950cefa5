//! `AppRoleAssignments([appRoleAssignments])`

use syncline_model::{Text, Value};

use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Nulls, Returns, Type, Varies,
};
use crate::coerce;

pub static FUNCTION: Function = Function {
    name: "AppRoleAssignments",
    summary: "Lists the names of the app roles that a person holds in the configuration.",
    parameters: &[P::required(
        "source",
        Type::ANY_LIST,
        "the attribute `[appRoleAssignments]`",
    )],
    returns: Returns::Always(Type::TEXT_LIST),
    nulls: Nulls::SourceGivesNull,
    varies: Varies::Never,
    check: None,
    examples: &[
        Example::new(
            "AppRoleAssignments([appRoleAssignments])",
            r#"{"appRoleAssignments": ["User", "msiam_access"]}"#,
            r#"["User", "msiam_access"]"#,
        ),
        Example::null(
            "AppRoleAssignments([appRoleAssignments])",
            r#"{"appRoleAssignments": []}"#,
        ),
    ],
    evaluate,
};

fn evaluate(call: &Call<'_>) -> Evaluated {
    let names = call
        .values(0)?
        .iter()
        .map(role_name)
        .map(Value::text)
        .collect();
    Ok(Some(Value::List(names)))
}

/// A role's name: the text itself, or the display name or value of a complex one.
pub(super) fn role_name(role: &Value) -> Text {
    let member = |name| role.member(name).filter(|it| **it != Value::Null);
    match member("displayName").or_else(|| member("value")) {
        Some(name) => coerce::text(name),
        None => coerce::text(role),
    }
}
