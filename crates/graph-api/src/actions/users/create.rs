//! `POST /users`

use syncline_access::passwords;
use syncline_directory::users::{self, NewUser};
use syncline_model::{EntityKind, Problem};

use super::password::{self, Profile};
use crate::actions::{bound, representation};
use crate::wire::entity_in::{self, Purpose};
use crate::{Call, Reply};

pub fn create(call: &Call<'_>) -> Result<Reply, Problem> {
    let body = call.binding_body("user", &["manager"])?;
    let schema = call.schema()?;
    let mut changes = entity_in::read(&body, schema.of(EntityKind::User), Purpose::Create)?;
    let Some(Profile::Password {
        password,
        to_be_changed,
    }) = password::take(&mut changes)?
    else {
        return Err(body.missing("passwordProfile"));
    };
    let manager = bound::one(&body, "manager")?;
    let attrs = changes
        .into_iter()
        .filter_map(|(attr, value)| Some((attr, value?)))
        .collect();
    // Last before the transaction: it costs more than all the rest.
    let password = call
        .api
        .access
        .hash_password(Some(call.tenant()), &password)?
        .to_be_changed(to_be_changed);
    call.write(|tx, context| {
        let user = users::create(tx, context, NewUser { attrs })?;
        passwords::set(
            tx,
            call.tenant(),
            user.entry.id,
            &password,
            call.api.clock.as_ref(),
        )?;
        if let Some(manager) = manager {
            let manager = manager.resolve(call, tx)?.entry.id;
            users::set_manager(tx, context, user.entry.id, manager)?;
        }
        representation::created(call, tx, &user, "users")
    })
}
