//! What a service principal has of its application, and not by itself: app roles and scopes. Whoever holds a role that
//! the application does not know is in scope by it until somebody writes the application's to both.

use syncline_directory::applications;
use syncline_model::same_value::is_same;
use syncline_model::{AppId, Attr, Problem, ProblemKind, Value};
use syncline_store::{Reader, Stored};

use crate::Call;

/// 400 for a change of app roles or scopes to others than the application's, where that is registered in this tenant.
/// Of an application from a template admins add roles to the service principal, as Microsoft's pages on role claims have it.
/// `changes` differ from what is stored: who sends back what he read changes nothing, also where builds before took
/// others.
pub(super) fn check_update(
    call: &Call<'_>,
    reader: &Reader<'_>,
    service_principal: &Stored,
    changes: &[(Attr, Option<Value>)],
) -> Result<(), Problem> {
    let is_followed = |attr| matches!(attr, Attr::APP_ROLES | Attr::OAUTH2_PERMISSION_SCOPES);
    let app_id = service_principal.entry.guid(Attr::APP_ID).map(AppId);
    let (Some(app_id), true) = (app_id, changes.iter().any(|(attr, _)| is_followed(*attr))) else {
        return Ok(());
    };
    let application = match applications::find_by_app_id(reader, call.tenant(), app_id) {
        Ok(application) => application.entry,
        Err(problem) if problem.kind == ProblemKind::NotFound => return Ok(()),
        Err(problem) => return Err(problem),
    };
    if application.get(Attr::APPLICATION_TEMPLATE_ID).is_some() {
        return Ok(());
    }
    for (attr, value) in changes {
        let (name, its) = match *attr {
            Attr::APP_ROLES => ("appRoles", application.get(Attr::APP_ROLES)),
            Attr::OAUTH2_PERMISSION_SCOPES => {
                let api = application.get(Attr::API);
                let scopes = api.and_then(|it| it.member("oauth2PermissionScopes"));
                ("oauth2PermissionScopes", scopes)
            }
            _ => continue,
        };
        if !is_same(value.as_ref(), its) {
            return Err(differs(name));
        }
    }
    Ok(())
}

/// In Graph's words.
fn differs(name: &str) -> Problem {
    let message = format!(
        "Property {name} on the service principal does not match the application object. Change it there: the service principal follows its application."
    );
    Problem::bad_request(message.clone()).with_detail("InvalidValue", message, Some(name))
}
