//! `POST /groups`

use syncline_directory::Context;
use syncline_directory::groups::{self, NewGroup};
use syncline_model::{Attrs, EntityKind, Problem};
use syncline_store::Tx;

use super::role_assignable;
use crate::actions::{bound, representation};
use crate::wire::entity_in::{self, Changes, Purpose};
use crate::{Body, Call, Reply};

pub fn create(call: &Call<'_>) -> Result<Reply, Problem> {
    let body = call.binding_body("group", &["members", "owners"])?;
    let schema = call.schema()?;
    let changes = entity_in::read(&body, schema.of(EntityKind::Group), Purpose::Create)?;
    call.write(|tx, context| make(call, tx, context, &body, changes))
}

/// Makes a group of what its body says.
pub(super) fn make(
    call: &Call<'_>,
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    body: &Body,
    changes: Changes,
) -> Result<Reply, Problem> {
    let attrs: Attrs = changes
        .into_iter()
        .filter_map(|(attr, value)| Some((attr, value?)))
        .collect();
    role_assignable::check_create(call, &attrs)?;
    let members = bound::many(call, tx, body, "members")?;
    let owners = bound::many(call, tx, body, "owners")?;
    let new = NewGroup {
        attrs,
        members,
        owners,
    };
    let group = groups::create(tx, context, new)?;
    representation::created(call, tx, &group, "groups")
}
