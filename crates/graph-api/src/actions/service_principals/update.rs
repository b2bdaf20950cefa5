//! `PATCH /servicePrincipals/{id}`

use syncline_directory::service_principals;
use syncline_model::{EntityKind, Problem, Schema};

use super::of_application;
use crate::actions::{certificates, decisive, lookup, representation, well_known};
use crate::wire::difference;
use crate::wire::entity_in::{self, Purpose};
use crate::{Call, Reply};

pub fn update(call: &Call<'_>) -> Result<Reply, Problem> {
    let body = call.body("servicePrincipal")?;
    let changes = entity_in::read(
        &body,
        Schema::core().of(EntityKind::ServicePrincipal),
        Purpose::Update,
    )?;
    call.write(|tx, context| {
        let stored = lookup::service_principal(call, tx)?;
        let changes = entity_in::merge(&stored.entry, changes)?;
        let changes = certificates::keep_keys(&stored.entry, changes);
        let mut changes = difference::of(&stored.entry, changes);
        well_known::check_update(&stored, &changes)?;
        of_application::check_update(call, tx, &stored, &changes)?;
        decisive::check_update(call, tx, &stored, &changes)?;
        certificates::complete(call, Some(&stored.entry), &mut changes)?;
        let updated = service_principals::update(tx, context, stored.entry.id, &changes)?;
        representation::updated(call, tx, &updated, "servicePrincipals")
    })
}
