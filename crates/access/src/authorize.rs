//! Decides whether a caller holds a permission.

use std::collections::BTreeSet;

use syncline_model::Problem;
use uuid::Uuid;

use crate::{Access, Caller, CallerKind, DirectoryRole};

/// What an operation asks for. All lists mean "any of".
#[derive(Debug)]
pub struct Permission {
    /// Its name in our code and logs.
    pub name: &'static str,
    /// Delegated permissions (`scp`).
    pub delegated: &'static [&'static str],
    /// Application permissions (`roles`).
    pub application: &'static [&'static str],
    /// Directory roles of which a delegated caller holds one; empty: any signed-in user, guests only as `guests` says.
    /// Global Administrator always passes. An application passes with one of them instead of a permission.
    pub roles: &'static [DirectoryRole],
    /// Directory roles that pass too, unless the server is told to be as strict as Entra.
    pub roles_unless_strict: &'static [DirectoryRole],
    /// Whether guests need no directory role where others need none: it opens oneself, or what everybody may know.
    pub guests: bool,
    /// Delegated permissions that suffice for the signed-in user's own object, as do all that open every object; empty: none does.
    pub of_oneself: &'static [&'static str],
    /// Application permissions that suffice for an object which the calling application owns.
    pub of_owned: &'static [&'static str],
    /// No permission needed beyond a valid token.
    pub any_caller: bool,
}

impl Access {
    /// 403 in Graph's words when the caller does not hold the permission.
    pub fn authorize(&self, caller: &Caller, permission: &Permission) -> Result<(), Problem> {
        if self.holds(caller, permission) {
            return Ok(());
        }
        tracing::info!(
            tenant = %caller.tenant,
            app_id = %caller.app_id(),
            principal = %caller.principal(),
            permission = permission.name,
            "insufficient privileges"
        );
        Err(Problem::denied())
    }

    /// Whether the caller holds what suffices for its own user object.
    pub fn holds_of_oneself(&self, caller: &Caller, permission: &Permission) -> bool {
        match &caller.kind {
            CallerKind::Delegated { scopes, .. } => {
                let opens_all = || any_of(permission.delegated, scopes);
                any_of(permission.of_oneself, scopes)
                    || (!permission.of_oneself.is_empty() && opens_all())
            }
            CallerKind::Application { .. } => false,
        }
    }

    /// Whether the caller holds what suffices for an object that it owns.
    pub fn holds_of_owned(&self, caller: &Caller, permission: &Permission) -> bool {
        match &caller.kind {
            CallerKind::Application { roles, .. } => any_of(permission.of_owned, roles),
            CallerKind::Delegated { .. } => false,
        }
    }

    /// Whether one of these roles opens to a user, who asks by no application, what the permission is for. A permission
    /// that asks for no role is not asked about here.
    pub fn opens_to(&self, permission: &Permission, held: &BTreeSet<DirectoryRole>) -> bool {
        let held: Vec<Uuid> = held.iter().map(|role| role.template_id()).collect();
        self.opened_by_role(permission, &held)
    }

    /// Whether the caller holds the permission, for whom that only decides how much is shown.
    pub fn holds(&self, caller: &Caller, permission: &Permission) -> bool {
        if permission.any_caller {
            return true;
        }
        match &caller.kind {
            CallerKind::Application {
                roles,
                directory_roles,
                ..
            } => {
                any_of(permission.application, roles)
                    || self.opened_to_application(permission, directory_roles)
            }
            CallerKind::Delegated {
                scopes,
                directory_roles,
                is_guest,
                ..
            } => {
                any_of(permission.delegated, scopes)
                    && self.opened_to_user(permission, directory_roles, *is_guest)
            }
        }
    }

    /// Whether a user may use what the scopes allow. Members read their tenant without a role; a guest, who is
    /// there for something else, with one.
    fn opened_to_user(&self, permission: &Permission, held: &[Uuid], is_guest: bool) -> bool {
        if permission.roles.is_empty() {
            return !is_guest || permission.guests || reads_directory(held);
        }
        self.opened_by_role(permission, held)
    }

    /// Whether a directory role suffices for an application by itself: it has no scopes that would have
    /// to allow it, too. What every user may read, it may read with a role.
    fn opened_to_application(&self, permission: &Permission, held: &[Uuid]) -> bool {
        // What asks for no application permission is about the signed-in user.
        if permission.application.is_empty() {
            return false;
        }
        self.opened_by_role(permission, held)
            || (permission.roles.is_empty() && reads_directory(held))
    }

    fn opened_by_role(&self, permission: &Permission, held: &[Uuid]) -> bool {
        let holds = |role: &DirectoryRole| held.contains(&role.template_id());
        holds(&DirectoryRole::GlobalAdministrator)
            || permission.roles.iter().any(holds)
            || (!self.settings.strict_graph && permission.roles_unless_strict.iter().any(holds))
    }
}

/// Whether one of these roles lets read what every member may read.
fn reads_directory(held: &[Uuid]) -> bool {
    let mut roles = held
        .iter()
        .filter_map(|id| DirectoryRole::from_template(*id));
    roles.any(DirectoryRole::reads_directory)
}

fn any_of(wanted: &[&str], held: &[String]) -> bool {
    wanted
        .iter()
        .any(|name| held.iter().any(|held| held == name))
}
