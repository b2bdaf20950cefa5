//! The service principals that every tenant has of Microsoft's own applications. Microsoft Graph's
//! carries every permission of the tenant, and the public clients have the trust of all its people: no
//! administrator of applications makes something else of them. (Entra keeps them in a tenant of its own.)

use syncline_access::{is_microsofts_own, is_well_known_public};
use syncline_model::well_known::GRAPH_APP_ID;
use syncline_model::{AppId, Attr, Problem, Value};
use syncline_store::Stored;

/// What a tenant decides of such a client: whether it is used, by whom, and what is noted of it.
const SETTINGS: [Attr; 5] = [
    Attr::ACCOUNT_ENABLED,
    Attr::APP_ROLE_ASSIGNMENT_REQUIRED,
    Attr::DESCRIPTION,
    Attr::NOTES,
    Attr::TAGS,
];

/// 400 for a change of Microsoft Graph's service principal, and of what a well-known client is. `changes`
/// differ from what is stored: who sends back what he read changes nothing.
pub fn check_update(holder: &Stored, changes: &[(Attr, Option<Value>)]) -> Result<(), Problem> {
    let is_free = |(attr, value): &(Attr, Option<Value>)| {
        // A certificate that should never have been there is taken away.
        let is_empty = value.as_ref().is_none_or(|it| it.as_slice().is_empty());
        (*attr == Attr::KEY_CREDENTIALS && is_empty)
            || (SETTINGS.contains(attr) && !is_graph(holder))
    };
    if changes.iter().all(is_free) {
        Ok(())
    } else {
        check(holder)
    }
}

/// 400 when a credential or an owner is given to such a service principal.
pub fn check(holder: &Stored) -> Result<(), Problem> {
    let app_id = holder.entry.guid(Attr::APP_ID).map(AppId);
    if app_id.is_some_and(is_well_known_public) {
        let name = holder.entry.text(Attr::DISPLAY_NAME).unwrap_or("This");
        return Err(Problem::bad_request(format!(
            "{name} is the same client in every tenant: only accountEnabled, appRoleAssignmentRequired, description, notes and tags can be changed. Register an application of your own."
        )));
    }
    check_graph(holder)
}

/// 400 for Microsoft Graph's service principal, which stays.
pub fn check_graph(holder: &Stored) -> Result<(), Problem> {
    if is_graph(holder) {
        return Err(Problem::bad_request(
            "The service principal of Microsoft Graph cannot be changed or deleted: every permission in the tenant is a role of it.",
        ));
    }
    Ok(())
}

/// 400 where such a service principal is to become a configuration: whoever synchronizes with it is none of its clients.
pub fn check_configuration(app_id: AppId, name: &str) -> Result<(), Problem> {
    if is_microsofts_own(app_id) {
        return Err(Problem::bad_request(format!(
            "{name} is an application of Microsoft's and no configuration. Make one with POST /applicationTemplates/{{id}}/instantiate, and use its service principal."
        )));
    }
    Ok(())
}

fn is_graph(holder: &Stored) -> bool {
    holder.entry.guid(Attr::APP_ID) == Some(GRAPH_APP_ID.0)
}
