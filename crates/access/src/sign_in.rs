//! Signing a user in with user name and password.

use syncline_model::sign_in_end::{ENDS, newest_end};
use syncline_model::{Attr, EntityKind, Entry, ObjectId, TenantId, Timestamp, Value, b2b};
use syncline_store::{Key, KeyName, ObjectState, Reader, StoreError, Tx};

use crate::account::Account;
use crate::passwords::Password;
use crate::sign_in_attempts::Attempt;
use crate::sign_in_results::{Guess, SignInResult};
use crate::{Access, Counted, PasswordWork, Peer, Refusal, passwords, sign_in_attempts};

/// A user whose password was right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedIn {
    pub tenant: TenantId,
    pub user: ObjectId,
}

/// A right password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RightPassword {
    pub who: SignedIn,
    /// It is good for one thing only: choosing another.
    pub to_be_changed: bool,
    /// As [`passwords::generation`] tells it, of this very password.
    pub generation: String,
    /// When it was typed, as [`begins_at`] tells it: what begins with it is not over from the beginning.
    pub signed_in_at: Timestamp,
}

impl Access {
    /// Signs a user in who has nothing else to do first: [`Access::check_password`], and a refusal while
    /// the password is to be changed.
    pub fn sign_in(
        &self,
        peer: Option<Peer>,
        tenant: Option<TenantId>,
        user_name: &str,
        password: &str,
    ) -> Result<RightPassword, Refusal> {
        let right = self.check_password(peer, tenant, user_name, password)?;
        if right.to_be_changed {
            return Err(Refusal::PasswordToBeChanged(self.password_page()));
        }
        Ok(right)
    }

    /// Where people change their passwords.
    pub fn password_page(&self) -> String {
        format!("{}/changepassword", self.public_url())
    }

    /// Checks user name and password. `peer`: who asks, where that is known. `tenant`: the one the request names;
    /// without it, the domain of the user name tells. Unknown users and wrong passwords give one and the same answer, after the same
    /// time and the same wait for a place to check a password at. Who gets no place tried no password:
    /// that is no attempt.
    pub fn check_password(
        &self,
        peer: Option<Peer>,
        tenant: Option<TenantId>,
        user_name: &str,
        password: &str,
    ) -> Result<RightPassword, Refusal> {
        let _signing_in = self
            .begin_signing_in(peer)
            .inspect_err(|_| self.sign_in_results.count(SignInResult::Busy))?;
        let user_name = user_name.trim();
        let (home, found) = self
            .store
            .read(|reader| find_user(reader, tenant, user_name))?;
        let found = home.zip(found).map(|(tenant, user)| SignedIn {
            tenant,
            user: user.id,
        });
        let account = match found {
            Some(who) => Account::of(who.tenant, who.user),
            None => Account::nobody(home, user_name),
        };
        let right = self.verify_password(peer, home, &account, found, password)?;
        let SignedIn { tenant, user } = right.who;
        // Only who knows the password learns that the account is disabled.
        self.store
            .read(|reader| enabled_user(reader, tenant, user))?;
        let to_be_changed = right.to_be_changed;
        tracing::info!(%tenant, %user, to_be_changed, "typed the right password");
        Ok(right)
    }

    /// Counts somebody among those of the same network who sign in at the same time, until what is
    /// returned is dropped.
    pub fn begin_signing_in(&self, peer: Option<Peer>) -> Result<Option<Counted>, Refusal> {
        let now = self.clock.now();
        peer.map(|peer| self.sign_in_networks.begin(peer, now))
            .transpose()
    }

    /// Checks the password of a user who is known already, as for a sign-in: guesses count.
    pub fn check_own_password(
        &self,
        who: SignedIn,
        password: &str,
    ) -> Result<RightPassword, Refusal> {
        let account = Account::of(who.tenant, who.user);
        self.verify_password(None, Some(who.tenant), &account, Some(who), password)
    }

    /// `home`: the tenant of the name, whether somebody there has it (`found`) or not.
    fn verify_password(
        &self,
        peer: Option<Peer>,
        home: Option<TenantId>,
        account: &Account,
        found: Option<SignedIn>,
        password: &str,
    ) -> Result<RightPassword, Refusal> {
        let results = &self.sign_in_results;
        let place = self
            .hashing()
            .place(PasswordWork::SignIn, home)
            .inspect_err(|_| results.count(SignInResult::Busy))?;
        // After the wait, as everything that decides.
        let now = self.clock.now();
        let attempt = self.store.write(|tx| {
            let attempt = sign_in_attempts::begin(tx, account, peer, now)?;
            if let (Some(who), Attempt::Made { .. }) = (found, attempt) {
                tx.note_sign_in(who.tenant, who.user, now)?;
            }
            Ok::<_, StoreError>(attempt)
        })?;
        let Attempt::Made { locks } = attempt else {
            results.count(SignInResult::Locked);
            return Err(Refusal::AccountLocked);
        };
        let kept = match found {
            Some(who) => self.store.read(|reader| kept(reader, who, now))?,
            None => None,
        };
        let hash = kept.as_ref().map(|(kept, _)| kept.hash.as_str());
        let right = passwords::matches(&place, hash, password);
        drop(place);
        let Some((who, (kept, signed_in_at))) = found.zip(kept).filter(|_| right) else {
            let guess = Guess {
                home,
                found,
                peer,
                locks,
            };
            results.guessed(&guess, now);
            return Err(Refusal::CredentialsInvalid);
        };
        results.count(SignInResult::Right);
        self.store
            .write(|tx| sign_in_attempts::succeed(tx, account, peer, now))?;
        Ok(RightPassword {
            who,
            to_be_changed: kept.to_be_changed,
            generation: kept.generation(),
            signed_in_at,
        })
    }
}

/// The password of a user, and when what begins with it begins. In one view: a reset that comes later has another
/// generation. An external user has none, whatever earlier releases let be set: who signs in at home can do so no
/// longer than home and the two tenants' policies allow.
fn kept(
    reader: &Reader<'_>,
    who: SignedIn,
    now: Timestamp,
) -> Result<Option<(Password, Timestamp)>, StoreError> {
    let SignedIn { tenant, user } = who;
    let entry = reader.objects(tenant, EntityKind::User, &[user])?.pop();
    let entry = entry.map(|stored| stored.entry);
    if entry.as_ref().is_some_and(b2b::is_external) {
        return Ok(None);
    }
    let kept = passwords::kept(reader, tenant, user)?;
    Ok(kept.map(|kept| (kept, not_before_its_end(entry.as_ref(), now))))
}

/// The live user of a tenant whose password a sign-in with this name asks for.
pub fn user_named(
    reader: &Reader<'_>,
    tenant: TenantId,
    user_name: &str,
) -> Result<Option<ObjectId>, Refusal> {
    let (_, found) = find_user(reader, Some(tenant), user_name.trim())?;
    Ok(found.map(|user| user.id))
}

/// A live, enabled user, or why not.
pub fn enabled_user(
    reader: &Reader<'_>,
    tenant: TenantId,
    user: ObjectId,
) -> Result<Entry, Refusal> {
    match reader.confirm_tenant(tenant) {
        // The tenant was deleted, and its users with it: whoever was signed in there signs in elsewhere.
        Err(StoreError::UnknownTenant(_)) => return Err(Refusal::UserNotFound),
        confirmed => confirmed?,
    }
    let stored = reader.objects(tenant, EntityKind::User, &[user])?.pop();
    let Some(stored) = stored.filter(|stored| stored.state == ObjectState::Live) else {
        return Err(Refusal::UserNotFound);
    };
    if stored.entry.bool(Attr::ACCOUNT_ENABLED) == Some(false) {
        return Err(Refusal::UserDisabled);
    }
    Ok(stored.entry)
}

/// Why what a user began is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Over {
    /// The user's sessions were revoked since.
    Revoked,
    /// Whoever knew the password before may be why it is another since.
    OtherPassword,
}

/// Why what was begun then is over by what the user's entry says. Tokens, sessions, and all that leads to them ask
/// this one: were it over for some only, clients would get one token after the other that is worth nothing.
pub(crate) fn is_over(user: &Entry, begun_at: Timestamp) -> Option<Over> {
    let is_before =
        |attr: &Attr| matches!(user.get(*attr), Some(Value::Time(end)) if begun_at < *end);
    ENDS.into_iter().find(is_before).map(|attr| match attr {
        Attr::LAST_PASSWORD_CHANGE_DATE_TIME => Over::OtherPassword,
        _ => Over::Revoked,
    })
}

/// When what a user begins now begins: not before what ended the user's earlier sign-ins, whose moments clocks of
/// other nodes told. It is noted, so that what ends it comes behind it.
pub fn begins_at(tx: &mut Tx<'_>, who: SignedIn, now: Timestamp) -> Result<Timestamp, StoreError> {
    tx.note_sign_in(who.tenant, who.user, now)?;
    let user = tx.objects(who.tenant, EntityKind::User, &[who.user])?.pop();
    Ok(not_before_its_end(user.as_ref().map(|it| &it.entry), now))
}

fn not_before_its_end(user: Option<&Entry>, now: Timestamp) -> Timestamp {
    let newest = user.and_then(newest_end);
    newest.map_or(now, |end| now.max(end))
}

/// Whether what was begun then holds now: the user is there and enabled, has the same password, is not
/// asked to change it meanwhile, and did not revoke sessions since. Nothing that an external user began holds.
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
    if is_over(&entry, begun_at).is_some() || b2b::is_external(&entry) {
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
