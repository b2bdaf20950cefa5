//! Signing a user in with user name and password.

use syncline_model::{Attr, EntityKind, Entry, ObjectId, TenantId, Timestamp, Value};
use syncline_store::{Key, KeyName, ObjectState, Reader};

use crate::sign_in_attempts::Account;
use crate::{Access, PasswordWork, Peer, Refusal, passwords, sign_in_attempts};

/// A user whose password was right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedIn {
    pub tenant: TenantId,
    pub user: ObjectId,
}

impl Access {
    /// Signs a user in. `peer`: who asks, where that is known. `tenant`: the one the request names;
    /// without it, the domain of the user name tells. Unknown users and wrong passwords give one and the same answer, after the same
    /// time and the same wait for a place to check a password at. Who gets no place tried no password:
    /// that is no attempt.
    pub fn sign_in(
        &self,
        peer: Option<Peer>,
        tenant: Option<TenantId>,
        user_name: &str,
        password: &str,
    ) -> Result<SignedIn, Refusal> {
        let _signing_in = peer
            .map(|peer| self.sign_in_networks.begin(peer, self.clock.now()))
            .transpose()?;
        let user_name = user_name.trim();
        let (home, found) = self
            .store
            .read(|reader| find_user(reader, tenant, user_name))?;
        let found = home.zip(found);
        let account = match &found {
            Some((tenant, user)) => Account::of(*tenant, user.id),
            None => Account::nobody(home, user_name),
        };
        let place = self.hashing().place(PasswordWork::SignIn, home)?;
        // After the wait, as everything that decides.
        let now = self.clock.now();
        if !self
            .store
            .write(|tx| sign_in_attempts::begin(tx, &account, peer, now))?
        {
            return Err(Refusal::AccountLocked);
        }
        let hash = match &found {
            Some((tenant, user)) => self
                .store
                .read(|reader| passwords::hash_of(reader, *tenant, user.id))?,
            None => None,
        };
        let right = passwords::matches(&place, hash.as_deref(), password);
        drop(place);
        let Some((tenant, user)) = found else {
            return Err(Refusal::CredentialsInvalid);
        };
        if !right {
            tracing::info!(%tenant, user = %user.id, "wrong password");
            return Err(Refusal::CredentialsInvalid);
        }
        self.store
            .write(|tx| sign_in_attempts::succeed(tx, &account, peer, now))?;
        // Only who knows the password learns that the account is disabled.
        self.store
            .read(|reader| enabled_user(reader, tenant, user.id))?;
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

/// Whether what was begun then holds now: the user is there and enabled, has the same password, and
/// did not revoke sessions since.
pub fn still_good(
    reader: &Reader<'_>,
    tenant: TenantId,
    user: ObjectId,
    password_generation: &str,
    begun_at: Timestamp,
) -> Result<bool, Refusal> {
    let entry = match enabled_user(reader, tenant, user) {
        Ok(entry) => entry,
        Err(Refusal::UserDisabled | Refusal::UserNotFound) => return Ok(false),
        Err(other) => return Err(other),
    };
    if let Some(Value::Time(valid_from)) = entry.get(Attr::SIGN_IN_SESSIONS_VALID_FROM_DATE_TIME)
        && begun_at < *valid_from
    {
        return Ok(false);
    }
    Ok(passwords::generation(reader, tenant, user)? == password_generation)
}

/// The tenant that a name belongs to, and its live user of that name.
fn find_user(
    reader: &Reader<'_>,
    tenant: Option<TenantId>,
    user_name: &str,
) -> Result<(Option<TenantId>, Option<Entry>), Refusal> {
    let domain = user_name.rsplit_once('@').map(|(_, domain)| domain);
    let tenant = match (tenant, domain) {
        (Some(tenant), _) => tenant,
        (None, None) => return Ok((None, None)),
        (None, Some(domain)) => match reader.tenant_of_domain(domain)? {
            Some(tenant) => tenant.id,
            None => return Ok((None, None)),
        },
    };
    let Some((EntityKind::User, id)) =
        reader.holder(tenant, &Key::new(KeyName::UserPrincipalName, user_name))?
    else {
        return Ok((Some(tenant), None));
    };
    let stored = reader.objects(tenant, EntityKind::User, &[id])?.pop();
    let live = stored.filter(|stored| stored.state == ObjectState::Live);
    Ok((Some(tenant), live.map(|stored| stored.entry)))
}
