//! `AppRoleAssignmentsComplex([appRoleAssignments])`

use syncline_model::Value;

use super::app_role_assignments::role_name;
use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Nulls, Returns, Type, Varies,
};

pub static FUNCTION: Function = Function {
    name: "AppRoleAssignmentsComplex",
    summary: "Lists the app roles that a person holds as complex values for a SCIM application; none of them is primary. Roles are added to the target, never removed; `AssertiveAppRoleAssignmentsComplex` removes them too.",
    parameters: &[P::required(
        "source",
        Type::ANY_LIST,
        "the attribute `[appRoleAssignments]`",
    )],
    returns: Returns::Always(Type::COMPLEX_LIST),
    nulls: Nulls::SourceGivesNull,
    varies: Varies::Never,
    check: None,
    examples: &[
        Example::new(
            "AppRoleAssignmentsComplex([appRoleAssignments])",
            r#"{"appRoleAssignments": [{"displayName": "Editor", "value": "ed"}, "Reader"]}"#,
            r#"[{"primary": false, "type": "WindowsAzureActiveDirectoryRole", "value": "ed", "displayName": "Editor"}, {"primary": false, "type": "WindowsAzureActiveDirectoryRole", "value": "Reader", "displayName": "Reader"}]"#,
        ),
        Example::null(
            "AppRoleAssignmentsComplex([appRoleAssignments])",
            r#"{"appRoleAssignments": []}"#,
        ),
    ],
    evaluate,
};

fn evaluate(call: &Call<'_>) -> Evaluated {
    Ok(Some(roles(&call.values(0)?, "displayName")))
}

/// Every role as a SCIM client writes it; what its name is called differs.
pub(super) fn roles(roles: &[Value], name: &str) -> Value {
    let complex = |role: &Value| {
        let display = role_name(role);
        let value = match role.member("value") {
            Some(Value::Text(value)) => value.clone(),
            _ => display.clone(),
        };
        Value::Map(vec![
            (name.to_owned(), Value::text(display)),
            ("primary".to_owned(), Value::Bool(false)),
            (
                "type".to_owned(),
                Value::text("WindowsAzureActiveDirectoryRole"),
            ),
            ("value".to_owned(), Value::Text(value)),
        ])
    };
    Value::List(roles.iter().map(complex).collect())
}
