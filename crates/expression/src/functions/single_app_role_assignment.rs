//! `SingleAppRoleAssignment([appRoleAssignments])`

use syncline_model::Value;

use super::app_role_assignments::role_name;
use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Nulls, Returns, Type, Varies,
};

pub static FUNCTION: Function = Function {
    name: "SingleAppRoleAssignment",
    summary: "Names the app role that a person holds in the configuration; of several, the first.",
    parameters: &[P::required(
        "source",
        Type::ANY_LIST,
        "the attribute `[appRoleAssignments]`",
    )],
    returns: Returns::Always(Type::TEXT),
    nulls: Nulls::SourceGivesNull,
    varies: Varies::Never,
    check: None,
    examples: &[
        Example::new(
            "SingleAppRoleAssignment([appRoleAssignments])",
            r#"{"appRoleAssignments": ["msiam_access"]}"#,
            r#""msiam_access""#,
        ),
        Example::new(
            "SingleAppRoleAssignment([appRoleAssignments])",
            r#"{"appRoleAssignments": [{"displayName": "Editor", "value": "ed"}, {"displayName": "Reader"}]}"#,
            r#""Editor""#,
        ),
    ],
    evaluate,
};

fn evaluate(call: &Call<'_>) -> Evaluated {
    Ok(call
        .values(0)?
        .first()
        .map(|role| Value::text(role_name(role))))
}
