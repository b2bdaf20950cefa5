//! From a right password that is to be changed to the choice of another: one browser, a few tries, once.
//! In the tenant's folder, unlike the others, because the tenant is known from the beginning and the
//! password is written with it.

use serde::{Deserialize, Serialize};
use syncline_access::passwords::{self, Hashed};
use syncline_access::{
    Refusal, RightPassword, SignedIn, begins_at, enabled_user, secrets, still_good,
};
use syncline_model::{Attr, ObjectId, TenantId, Timestamp};
use syncline_store::{Document, Reader};
use uuid::Uuid;

use crate::Identity;
use crate::browser::Browser;

/// Key: fingerprint of the secret. What the form carries is `{tenant}.{secret}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct PasswordStep {
    user: ObjectId,
    /// Fingerprint of the form's seal: no other browser goes on with it.
    browser: String,
    /// Of the password that was typed. When it changes on any way the step is over.
    password_generation: String,
    begun_at: Timestamp,
    expires_at: Timestamp,
    tries: u32,
}

impl Document for PasswordStep {
    const KIND: &'static str = "password_step";
}

/// Enough to find out what a password has to be; whoever needs more signs in again.
const MOST_TRIES: u32 = 10;

/// A step that goes on.
pub(crate) struct Step {
    pub(crate) who: SignedIn,
    /// To tell people whose password it is.
    pub(crate) user_name: String,
}

/// Begins the step; returns what the form carries.
pub(crate) fn begin(
    identity: &Identity,
    browser: &Browser,
    right: &RightPassword,
) -> Result<String, Refusal> {
    let SignedIn { tenant, user } = right.who;
    let secret = secrets::generate(identity.ids.as_ref());
    let now = identity.clock.now();
    let step = PasswordStep {
        user,
        browser: secrets::fingerprint(&browser.form_seal()),
        password_generation: right.generation.clone(),
        begun_at: right.signed_in_at,
        expires_at: now.plus_seconds(identity.settings.password_step_lifetime_seconds),
        tries: 0,
    };
    identity.store.write(|tx| {
        let key = secrets::fingerprint(&secret);
        Ok::<_, Refusal>(tx.put_document(Some(tenant), &key, &step, Some(step.expires_at))?)
    })?;
    Ok(format!("{tenant}.{secret}"))
}

/// Counts a try before it is made, so that many at once do not slip through.
///
/// # Errors
/// [`Refusal::PasswordStepEnded`] when there is no such step of this browser, or none any more.
pub(crate) fn count(identity: &Identity, browser: &Browser, text: &str) -> Result<Step, Refusal> {
    let (tenant, key) = parts(text)?;
    let now = identity.clock.now();
    // What is made up does not get as far as a transaction.
    identity
        .store
        .read(|reader| find(reader, tenant, &key, browser, now).map(drop))?;
    identity.store.write(|tx| {
        tx.enter(&[tenant])?;
        let mut step = find(tx, tenant, &key, browser, now)?;
        if step.tries >= MOST_TRIES {
            return Err(Refusal::PasswordStepEnded);
        }
        step.tries += 1;
        tx.put_document(Some(tenant), &key, &step, Some(step.expires_at))?;
        let entry = enabled_user(tx, tenant, step.user)?;
        Ok(Step {
            who: SignedIn {
                tenant,
                user: step.user,
            },
            user_name: entry
                .text(Attr::USER_PRINCIPAL_NAME)
                .unwrap_or_default()
                .to_owned(),
        })
    })
}

/// Uses the step up and sets the password, both or neither. Returns when what begins with it begins.
///
/// # Errors
/// As [`count`]: meanwhile it may have ended.
pub(crate) fn finish(
    identity: &Identity,
    browser: &Browser,
    text: &str,
    password: &Hashed,
) -> Result<Timestamp, Refusal> {
    let (tenant, key) = parts(text)?;
    let now = identity.clock.now();
    identity.store.write(|tx| {
        tx.enter(&[tenant])?;
        let step = find(tx, tenant, &key, browser, now)?;
        tx.delete_document::<PasswordStep>(Some(tenant), &key)?;
        passwords::set(tx, tenant, step.user, password, identity.clock.as_ref())?;
        tracing::info!(%tenant, user = %step.user, "chose a new password");
        let who = SignedIn {
            tenant,
            user: step.user,
        };
        Ok(begins_at(tx, who, identity.clock.now())?)
    })
}

fn find(
    reader: &Reader<'_>,
    tenant: TenantId,
    key: &str,
    browser: &Browser,
    now: Timestamp,
) -> Result<PasswordStep, Refusal> {
    let found: Option<PasswordStep> = match reader.tenant(tenant)? {
        Some(_) => reader.document(Some(tenant), key)?,
        None => None,
    };
    let step = found
        .filter(|step| now < step.expires_at)
        .filter(|step| secrets::matches(&browser.form_seal(), &step.browser))
        .ok_or(Refusal::PasswordStepEnded)?;
    let generation = &step.password_generation;
    if still_good(reader, tenant, step.user, generation, step.begun_at)? {
        Ok(step)
    } else {
        Err(Refusal::PasswordStepEnded)
    }
}

fn parts(text: &str) -> Result<(TenantId, String), Refusal> {
    let (tenant, secret) = text.split_once('.').ok_or(Refusal::PasswordStepEnded)?;
    let tenant = Uuid::try_parse(tenant).map_err(|_| Refusal::PasswordStepEnded)?;
    Ok((TenantId(tenant), secrets::fingerprint(secret)))
}
