//! The account that a sign-in is counted for, whether somebody has it or not.

use syncline_model::fold::fold;
use syncline_model::{ObjectId, TenantId};

use crate::secrets;

/// Whose password is guessed.
pub(crate) struct Account {
    /// `None`: the name's domain is no tenant's.
    tenant: Option<TenantId>,
    key: String,
}

impl Account {
    pub(crate) fn of(tenant: TenantId, user: ObjectId) -> Self {
        Self {
            tenant: Some(tenant),
            key: user.to_string(),
        }
    }

    /// A name that nobody has.
    pub(crate) fn nobody(tenant: Option<TenantId>, user_name: &str) -> Self {
        Self {
            tenant,
            key: secrets::fingerprint(&fold(user_name)),
        }
    }

    pub(crate) fn tenant(&self) -> Option<TenantId> {
        self.tenant
    }

    pub(crate) fn key(&self) -> &str {
        &self.key
    }
}
