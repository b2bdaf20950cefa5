//! `AssertiveAppRoleAssignmentsComplex([appRoleAssignments])`

use super::app_role_assignments_complex::roles;
use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Nulls, Returns, Type, Varies,
};

pub static FUNCTION: Function = Function {
    name: "AssertiveAppRoleAssignmentsComplex",
    summary: "Lists the app roles that a person holds as complex values for a SCIM application; none of them is primary. The target's roles are replaced by exactly these.",
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
            "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])",
            r#"{"appRoleAssignments": [{"displayName": "Editor", "value": "ed"}]}"#,
            r#"[{"primary": false, "type": "WindowsAzureActiveDirectoryRole", "value": "ed", "display": "Editor"}]"#,
        ),
        Example::null(
            "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])",
            r#"{"appRoleAssignments": []}"#,
        ),
    ],
    evaluate,
};

fn evaluate(call: &Call<'_>) -> Evaluated {
    Ok(Some(roles(&call.values(0)?, "display")))
}
