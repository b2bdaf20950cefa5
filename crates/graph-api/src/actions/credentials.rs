//! Whoever can sign in as an application holds what it holds. A secret or certificate for one that
//! may hand out permissions or roles would be a way to become anything, so giving it one asks for
//! as much. (Entra lets every Application Administrator do it, and warns of it.)

use syncline_access::{CallerKind, permission_ids, permissions};
use syncline_directory::service_principals;
use syncline_model::{AppId, Attr, EntityKind, Problem, ProblemKind, Value};
use syncline_store::{Reader, Stored};

use crate::Call;

/// Application permissions whose holder can give itself all others.
const DECISIVE: [&str; 2] = [
    "AppRoleAssignment.ReadWrite.All",
    "RoleManagement.ReadWrite.Directory",
];

/// 403 when the caller may not give this application or service principal a credential.
pub fn check(call: &Call<'_>, reader: &Reader<'_>, holder: &Stored) -> Result<(), Problem> {
    let Some(Value::Guid(app_id)) = holder.entry.get(Attr::APP_ID) else {
        return Ok(());
    };
    let app_id = AppId(*app_id);
    // An application may renew its own.
    let by_itself = matches!(call.caller.kind, CallerKind::Application { .. });
    if by_itself && call.caller.app_id() == app_id {
        return Ok(());
    }
    let principal = if holder.entry.kind == EntityKind::ServicePrincipal {
        holder.entry.id
    } else {
        match service_principals::find_by_app_id(reader, call.tenant(), app_id) {
            Ok(found) => found.entry.id,
            // Without one nobody signs in as it.
            Err(problem) if problem.kind == ProblemKind::NotFound => return Ok(()),
            Err(problem) => return Err(problem),
        }
    };
    // The ids are Microsoft Graph's own, so whose roles they are need not be asked.
    let decisive = reader
        .assignments_of_principal(call.tenant(), principal)?
        .iter()
        .filter_map(|it| permission_ids::role_value(it.role))
        .any(|name| DECISIVE.contains(&name));
    if decisive {
        call.authorize(&permissions::DECISIVE_CREDENTIALS_WRITE)
    } else {
        Ok(())
    }
}
