//! `PATCH /applications/{id}`

use syncline_directory::applications;
use syncline_model::{EntityKind, Problem};

use crate::actions::{certificates, decisive, lookup, representation};
use crate::wire::difference;
use crate::wire::entity_in::{self, Purpose};
use crate::{Call, Reply};

pub fn update(call: &Call<'_>) -> Result<Reply, Problem> {
    let body = call.body("application")?;
    let schema = call.schema()?;
    let changes = entity_in::read(&body, schema.of(EntityKind::Application), Purpose::Update)?;
    call.write(|tx, context| {
        let stored = lookup::application(call, tx)?;
        let changes = entity_in::merge(&stored.entry, changes)?;
        let changes = certificates::keep_keys(&stored.entry, changes);
        let mut changes = difference::of(&stored.entry, changes);
        decisive::check_update(call, tx, &stored, &changes)?;
        certificates::complete(call, Some(&stored.entry), &mut changes)?;
        let updated = applications::update(tx, context, stored.entry.id, &changes)?;
        representation::updated(call, tx, &updated, "applications")
    })
}
