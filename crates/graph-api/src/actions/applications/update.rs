//! `PATCH /applications/{id}`. `PATCH /applications(uniqueName='…')` registers the application, too, for whom that prefers.

use syncline_access::permissions;
use syncline_directory::applications;
use syncline_model::{EntityKind, Problem};
use syncline_store::{Reader, Stored};

use super::create;
use crate::actions::upsert::{self, Upsert};
use crate::actions::{certificates, decisive, lookup, representation};
use crate::wire::difference;
use crate::wire::entity_in::Changes;
use crate::{Call, Reply};

pub fn update(call: &Call<'_>) -> Result<Reply, Problem> {
    let body = call.body("application")?;
    let schema = call.schema()?;
    let entity = schema.of(EntityKind::Application);
    let wanted = Upsert::by_unique_name(call)?;
    let changes = upsert::read(wanted.as_ref(), &body, entity)?;
    let differing = |stored: &Stored, changes: Changes| {
        let changes = upsert::merge(wanted.as_ref(), entity, &stored.entry, changes)?;
        let changes = certificates::keep_keys(&stored.entry, changes)?;
        Ok::<_, Problem>(difference::of(&stored.entry, changes))
    };
    let find = |reader: &Reader<'_>| lookup::application(call, reader);
    decisive::look_into_bin_for(call, find, |stored| differing(stored, changes.clone()))?;
    call.write(|tx, context| {
        let Some(stored) = upsert::found(wanted.as_ref(), find(tx), &changes)? else {
            call.authorize(&permissions::APPLICATIONS_CREATE)?;
            return create::make(call, tx, context, &body, changes, None);
        };
        let mut changes = differing(&stored, changes)?;
        decisive::check_update(call, tx, &stored, &changes)?;
        certificates::complete(call, Some(&stored.entry), &mut changes)?;
        let updated = applications::update(tx, context, stored.entry.id, &changes)?;
        representation::updated(call, tx, &updated, "applications")
    })
}
