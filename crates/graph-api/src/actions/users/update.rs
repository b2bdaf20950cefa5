//! `PATCH /users/{id | userPrincipalName}`: properties, and the manager.

use syncline_access::{passwords, permissions};
use syncline_directory::users;
use syncline_model::{Attr, EntityKind, Problem};
use syncline_store::{Reader, Stored};

use super::password::{self, Profile};
use super::privileged;
use crate::actions::{bound, lookup, representation};
use crate::wire::entity_in::{self, Purpose};
use crate::{Body, Call, Reference, Reply};

pub fn update(call: &Call<'_>) -> Result<Reply, Problem> {
    let body = call.binding_body("user", &["manager"])?;
    let manager = manager(&body)?;
    let schema = call.schema()?;
    let mut changes = entity_in::read(&body, schema.of(EntityKind::User), Purpose::Update)?;
    let touched: Vec<_> = changes.iter().map(|(attr, _)| *attr).collect();
    authorize(call, &touched, manager.is_some())?;
    let profile = password::take(&mut changes)?;
    let password = match &profile {
        Some(Profile::Password {
            password,
            to_be_changed,
        }) => {
            // Whoever may not set it must not make us hash it, which is the dear part and waits: so it
            // is outside of the transaction, where both are asked again.
            call.read(|reader| find(call, reader, &touched).map(drop))?;
            let tenant = Some(call.tenant());
            let hashed = call.api.access.hash_password(tenant, password)?;
            Some(hashed.to_be_changed(*to_be_changed))
        }
        _ => None,
    };
    call.write(|tx, context| {
        let user = find(call, tx, &touched)?;
        let changes = entity_in::merge(&user.entry, changes)?;
        if let Some(password) = password {
            passwords::set(tx, call.tenant(), user.entry.id, &password, call.api.clock.as_ref())?;
        }
        if let Some(Profile::ToBeChanged(asked)) = profile {
            let found =
                passwords::set_to_be_changed(tx, call.tenant(), user.entry.id, asked)?;
            if asked && !found {
                return Err(Problem::bad_request(
                    "The user has no password that could be changed. Send 'password' in the same passwordProfile.",
                ));
            }
        }
        let updated = users::update(tx, context, user.entry.id, &changes)?;
        if let Some(manager) = manager {
            let manager = manager.resolve(call, tx)?.entry.id;
            users::set_manager(tx, context, user.entry.id, manager)?;
        }
        representation::updated(call, tx, &updated, "users")
    })
}

/// Who may only enable and disable accounts changes nothing else, and reads users besides, as in Graph.
fn authorize(call: &Call<'_>, touched: &[Attr], sets_manager: bool) -> Result<(), Problem> {
    if touched != [Attr::ACCOUNT_ENABLED] || sets_manager {
        return call.authorize(&permissions::USERS_WRITE);
    }
    if call.holds(&permissions::USERS_WRITE) {
        return Ok(());
    }
    call.authorize(&permissions::ACCOUNTS_ENABLE)?;
    call.authorize(&permissions::USERS_READ)
}

/// The manager to set. One is not removed by null: that would be easily sent by mistake.
fn manager(body: &Body) -> Result<Option<Reference>, Problem> {
    let manager = bound::one(body, "manager")?;
    if manager.is_none() && body.has("manager@odata.bind") {
        return Err(Problem::bad_request(
            "'manager@odata.bind' names nobody. Send DELETE /users/{id}/manager/$ref to remove the manager.",
        ));
    }
    Ok(manager)
}

/// The user, when the caller may change these attributes of it.
fn find(call: &Call<'_>, reader: &Reader<'_>, touched: &[Attr]) -> Result<Stored, Problem> {
    let user = lookup::user(call, reader)?;
    password::check_not_own(call, user.entry.id, touched)?;
    privileged::check_update(call, reader, user.entry.id, touched.iter().copied())?;
    password::check_signs_in_here(&user.entry, touched)?;
    Ok(user)
}
