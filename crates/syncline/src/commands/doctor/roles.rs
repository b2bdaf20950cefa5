//! Directory roles of groups that count for nobody.

use syncline_access::roles::{self, RoleAssignment};
use syncline_model::{Attr, TenantId, is_role_assignable};
use syncline_store::{ObjectState, Stored};

use super::Check;
use super::subject::Subject;
use crate::app::App;
use crate::failure::Failure;

/// A version in which roles of groups did not count let them be given nevertheless. They do not begin to count
/// by themselves: who gets a role is somebody's decision.
pub(super) fn check(app: &App, tenant: TenantId, of: &Subject) -> Result<Check, Failure> {
    let unheld = app.store.read(|reader| {
        let given = roles::all(reader, tenant)?;
        roles::unheld(reader, tenant, &given)
    })?;
    if unheld.is_empty() {
        return Ok(Check::ok(of, "all that were given count"));
    }
    let told: Vec<String> = unheld.iter().map(tell).collect();
    let finding = format!(
        "given to groups by an older version, without counting for anybody: {}",
        told.join("; ")
    );
    let advice: Vec<String> = unheld.iter().map(advise).collect();
    Ok(Check::problem(of, finding, advice.join("; ")))
}

fn display_name(group: &Stored) -> &str {
    group.entry.text(Attr::DISPLAY_NAME).unwrap_or_default()
}

fn tell((assignment, group): &(RoleAssignment, Stored)) -> String {
    format!(
        "{} to '{}' ({})",
        assignment.role.display_name(),
        display_name(group),
        group.entry.id
    )
}

fn advise((assignment, group): &(RoleAssignment, Stored)) -> String {
    let name = display_name(group);
    let take = format!(
        "DELETE /v1.0/roleManagement/directory/roleAssignments/{}",
        assignment.id
    );
    if !is_role_assignable(&group.entry.attrs) {
        return format!(
            "'{name}': take it away with {take}, for a group that was made without isAssignableToRole cannot hold roles"
        );
    }
    if group.state != ObjectState::Live {
        return format!(
            "'{name}' is in the recycle bin: take it away with {take}, or restore the group first"
        );
    }
    format!(
        "'{name}': give it anew to all who are in the group with POST /v1.0/directoryRoles/{}/members/$ref and {{\"@odata.id\": \"https://graph.microsoft.com/v1.0/directoryObjects/{}\"}}, or take it away with {take}",
        assignment.role.template_id(),
        group.entry.id
    )
}
