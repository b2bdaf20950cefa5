//! `PATCH /users/{id | userPrincipalName}`

use syncline_access::passwords;
use syncline_directory::users;
use syncline_model::{EntityKind, Problem};

use super::{password, privileged};
use crate::actions::{lookup, representation};
use crate::wire::entity_in::{self, Purpose};
use crate::{Call, Reply};

pub fn update(call: &Call<'_>) -> Result<Reply, Problem> {
    let body = call.body("user")?;
    let schema = call.schema()?;
    let mut changes = entity_in::read(&body, schema.of(EntityKind::User), Purpose::Update)?;
    let touched: Vec<_> = changes.iter().map(|(attr, _)| *attr).collect();
    let password = password::take(&mut changes)?
        .map(|password| {
            call.api
                .access
                .hash_password(Some(call.tenant()), &password)
        })
        .transpose()?;
    let user = call.write(|tx, context| {
        let user = lookup::user(call, tx)?;
        privileged::check_update(call, tx, user.entry.id, touched)?;
        let changes = entity_in::merge(&user.entry, changes);
        let updated = users::update(tx, context, user.entry.id, &changes)?;
        if let Some(password) = password {
            passwords::set(tx, call.tenant(), user.entry.id, &password)?;
        }
        Ok(updated)
    })?;
    representation::updated(call, &user, "users")
}
