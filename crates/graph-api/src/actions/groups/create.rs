//! `POST /groups`

use syncline_directory::groups::{self, NewGroup};
use syncline_model::{Attrs, EntityKind, ObjectId, Problem};
use syncline_store::Tx;

use super::role_assignable;
use crate::actions::representation;
use crate::wire::entity_in::{self, Purpose};
use crate::{Body, Call, Reference, Reply};

/// Most references one request may bind.
pub(super) const MAX_BINDS: usize = 20;

pub fn create(call: &Call<'_>) -> Result<Reply, Problem> {
    let body = call.body("group")?;
    let schema = call.schema()?;
    let changes = entity_in::read(&body, schema.of(EntityKind::Group), Purpose::Create)?;
    let attrs: Attrs = changes
        .into_iter()
        .filter_map(|(attr, value)| Some((attr, value?)))
        .collect();
    role_assignable::check_create(call, &attrs)?;
    let group = call.write(|tx, context| {
        let members = bound(call, tx, &body, "members")?;
        let owners = bound(call, tx, &body, "owners")?;
        groups::create(
            tx,
            context,
            NewGroup {
                attrs,
                members,
                owners,
            },
        )
    })?;
    representation::created(call, &group, "groups")
}

/// The objects that `name@odata.bind` refers to, each once.
pub(super) fn bound(
    call: &Call<'_>,
    tx: &Tx<'_>,
    body: &Body,
    name: &str,
) -> Result<Vec<ObjectId>, Problem> {
    let urls = body.binds(name)?;
    if urls.len() > MAX_BINDS {
        return Err(Problem::bad_request(format!(
            "The request binds {} objects to '{name}'; {MAX_BINDS} are allowed in one request.",
            urls.len()
        )));
    }
    let mut ids = Vec::new();
    for url in urls {
        let id = Reference::parse(url)?.resolve(call, tx)?.entry.id;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}
