//! Signing a user in with user name and password.

use syncline_model::{Attr, EntityKind, Entry, ObjectId, TenantId};
use syncline_store::{Key, KeyName, ObjectState, Reader};

use crate::{Access, Refusal, passwords, sign_in_attempts};

/// A user whose password was right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedIn {
    pub tenant: TenantId,
    pub user: ObjectId,
}

impl Access {
    /// Signs a user in. `tenant`: the one the request names; without it, the domain of the user
    /// name tells. Unknown users and wrong passwords give one and the same answer, after the same
    /// time.
    pub fn sign_in(
        &self,
        tenant: Option<TenantId>,
        user_name: &str,
        password: &str,
    ) -> Result<SignedIn, Refusal> {
        let now = self.clock.now();
        let found = self
            .store
            .read(|reader| find_user(reader, tenant, user_name.trim()))?;
        let Some((tenant, user)) = found else {
            passwords::matches(None, password);
            return Err(Refusal::CredentialsInvalid);
        };
        if !self
            .store
            .write(|tx| sign_in_attempts::begin(tx, tenant, user.id, now))?
        {
            return Err(Refusal::AccountLocked);
        }
        let hash = self
            .store
            .read(|reader| passwords::hash_of(reader, tenant, user.id))?;
        if !passwords::matches(hash.as_deref(), password) {
            tracing::info!(%tenant, user = %user.id, "wrong password");
            return Err(Refusal::CredentialsInvalid);
        }
        self.store
            .write(|tx| sign_in_attempts::succeed(tx, tenant, user.id))?;
        // Only who knows the password learns that the account is disabled.
        if user.bool(Attr::ACCOUNT_ENABLED) == Some(false) {
            return Err(Refusal::UserDisabled);
        }
        tracing::info!(%tenant, user = %user.id, "signed in");
        Ok(SignedIn {
            tenant,
            user: user.id,
        })
    }
}

/// A live, enabled user, or why not.
pub fn enabled_user(
    reader: &Reader<'_>,
    tenant: TenantId,
    user: ObjectId,
) -> Result<Entry, Refusal> {
    let stored = reader.objects(tenant, EntityKind::User, &[user])?.pop();
    let Some(stored) = stored.filter(|stored| stored.state == ObjectState::Live) else {
        return Err(Refusal::UserNotFound);
    };
    if stored.entry.bool(Attr::ACCOUNT_ENABLED) == Some(false) {
        return Err(Refusal::UserDisabled);
    }
    Ok(stored.entry)
}

fn find_user(
    reader: &Reader<'_>,
    tenant: Option<TenantId>,
    user_name: &str,
) -> Result<Option<(TenantId, Entry)>, Refusal> {
    let tenant = match tenant {
        Some(tenant) => tenant,
        None => {
            let Some((_, domain)) = user_name.rsplit_once('@') else {
                return Ok(None);
            };
            match reader.tenant_of_domain(domain)? {
                Some(tenant) => tenant.id,
                None => return Ok(None),
            }
        }
    };
    let Some((EntityKind::User, id)) =
        reader.holder(tenant, &Key::new(KeyName::UserPrincipalName, user_name))?
    else {
        return Ok(None);
    };
    let stored = reader.objects(tenant, EntityKind::User, &[id])?.pop();
    Ok(stored
        .filter(|stored| stored.state == ObjectState::Live)
        .map(|stored| (tenant, stored.entry)))
}
