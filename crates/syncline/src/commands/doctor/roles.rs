//! Directory roles of groups that count for nobody.

use syncline_access::roles;
use syncline_model::{Attr, is_role_assignable};
use syncline_store::Tenant;

use super::Check;
use crate::app::App;
use crate::failure::Failure;

/// A version in which roles of groups did not count let them be given nevertheless. They do not begin to count
/// by themselves: who gets a role is somebody's decision.
pub(super) fn check(app: &App, tenant: &Tenant, name: &str) -> Result<Check, Failure> {
    let unheld = app.store.read(|reader| roles::unheld(reader, tenant.id))?;
    let Some((assignment, group)) = unheld.first() else {
        return Ok(Check::ok(name, "all that were given count"));
    };
    let (id, role) = (group.entry.id, assignment.role);
    let finding = format!(
        "given to groups by an older version, without counting for anybody: {}, e.g. {} to '{}' ({id})",
        unheld.len(),
        role.display_name(),
        group.entry.text(Attr::DISPLAY_NAME).unwrap_or_default(),
    );
    let take = format!(
        "DELETE /v1.0/roleManagement/directory/roleAssignments/{}",
        assignment.id
    );
    let advice = if is_role_assignable(&group.entry.attrs) {
        format!(
            "give it anew to all who are in the group with POST /v1.0/directoryRoles/{}/members/$ref and {{\"@odata.id\": \"https://graph.microsoft.com/v1.0/directoryObjects/{id}\"}}, or take it away with {take}",
            role.template_id()
        )
    } else {
        format!(
            "take it away with {take}: a group that was made without isAssignableToRole cannot hold roles"
        )
    };
    Ok(Check::problem(name, finding, advice))
}
