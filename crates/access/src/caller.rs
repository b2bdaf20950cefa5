//! Who calls, as far as a verified token and the directory say.

use std::sync::Arc;

use syncline_model::{AppId, ObjectId, TenantId};
use uuid::Uuid;

/// The owner of a verified access token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The tenant whose data the caller may touch; no other.
    pub tenant: TenantId,
    pub kind: CallerKind,
    /// What the token is called (`uti`): the log line of its issue has it, too. No secret.
    pub token_id: Option<Arc<str>>,
}

/// An application by itself, or a user through an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallerKind {
    Application {
        app_id: AppId,
        service_principal: ObjectId,
        /// Application permissions that the token carries and the service principal still holds.
        roles: Vec<String>,
        /// Template ids of the directory roles that the service principal holds now.
        directory_roles: Vec<Uuid>,
    },
    Delegated {
        app_id: AppId,
        user: ObjectId,
        /// Delegated permissions (`scp`).
        scopes: Vec<String>,
        /// Template ids of the directory roles that the user holds now.
        directory_roles: Vec<Uuid>,
        /// Whether the user is a guest now (`userType`), and no member of the tenant.
        is_guest: bool,
    },
}

impl Caller {
    /// The client id of the application that calls.
    pub fn app_id(&self) -> AppId {
        match &self.kind {
            CallerKind::Application { app_id, .. } | CallerKind::Delegated { app_id, .. } => {
                *app_id
            }
        }
    }

    /// The service principal or the user.
    pub fn principal(&self) -> ObjectId {
        match &self.kind {
            CallerKind::Application {
                service_principal, ..
            } => *service_principal,
            CallerKind::Delegated { user, .. } => *user,
        }
    }

    /// The user of a delegated call.
    pub fn user(&self) -> Option<ObjectId> {
        match &self.kind {
            CallerKind::Application { .. } => None,
            CallerKind::Delegated { user, .. } => Some(*user),
        }
    }
}
