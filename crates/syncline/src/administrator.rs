//! A tenant's administrator: a user of it who is Global Administrator and has a generated password.

use syncline_access::passwords::{self, Hashed};
use syncline_access::{DirectoryRole, roles};
use syncline_directory::{Context, users};
use syncline_model::{Attr, Attrs, Clock, Ids, ObjectId, Problem, Value};
use syncline_store::Tx;

/// A new user who holds the role that the whole walk-through needs.
pub fn create(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    name: &str,
    password: &Hashed,
    clock: &dyn Clock,
) -> Result<ObjectId, Problem> {
    let alias = name.split('@').next().unwrap_or(name);
    let attrs = Attrs::new()
        .with(Attr::USER_PRINCIPAL_NAME, name)
        .with(Attr::DISPLAY_NAME, "Administrator")
        .with(Attr::MAIL_NICKNAME, alias)
        .with(Attr::ACCOUNT_ENABLED, true);
    let user = users::create(tx, context, users::NewUser { attrs })?;
    empower(tx, context, user.entry.id, password, clock)?;
    Ok(user.entry.id)
}

/// Makes a live user an administrator, whatever he was before.
pub fn restore(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    user: ObjectId,
    password: &Hashed,
    clock: &dyn Clock,
) -> Result<(), Problem> {
    let enabled = [(Attr::ACCOUNT_ENABLED, Some(Value::from(true)))];
    users::update(tx, context, user, &enabled)?;
    empower(tx, context, user, password, clock)
}

fn empower(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    user: ObjectId,
    password: &Hashed,
    clock: &dyn Clock,
) -> Result<(), Problem> {
    passwords::set(tx, context.tenant_id(), user, password, clock)?;
    roles::grant(
        tx,
        context.tenant_id(),
        context.ids,
        user,
        DirectoryRole::GlobalAdministrator,
    )?;
    Ok(())
}

/// Twenty letters and digits without those that look alike, in groups of five: 115 random bits.
/// The groups' hyphens and the three classes satisfy the password rules.
pub fn password(ids: &dyn Ids) -> String {
    const LETTERS: &[u8] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    loop {
        let mut random = [0_u8; 64];
        ids.fill_secret(&mut random);
        // Bytes past the largest multiple are dropped, so that every letter is equally likely.
        let fair = u8::try_from(256 / LETTERS.len() * LETTERS.len()).unwrap_or(u8::MAX);
        let letters: Vec<char> = random
            .iter()
            .filter(|byte| **byte < fair)
            .map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()]))
            .take(20)
            .collect();
        let groups: Vec<String> = letters
            .chunks(5)
            .map(|group| group.iter().collect())
            .collect();
        let password = groups.join("-");
        if letters.len() == 20 && passwords::check(&password).is_ok() {
            return password;
        }
    }
}
