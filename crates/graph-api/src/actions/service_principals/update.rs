//! `PATCH /servicePrincipals/{id}`. `PATCH /servicePrincipals(appId='…')` makes the service principal, too, for whom that
//! prefers.

use syncline_access::permissions;
use syncline_directory::service_principals;
use syncline_model::{EntityKind, Problem, Schema};

use super::{create, of_application};
use crate::actions::upsert::{self, Upsert};
use crate::actions::{certificates, decisive, lookup, representation, well_known};
use crate::wire::difference;
use crate::{Call, Reply};

pub fn update(call: &Call<'_>) -> Result<Reply, Problem> {
    let body = call.body("servicePrincipal")?;
    let entity = Schema::core().of(EntityKind::ServicePrincipal);
    let wanted = Upsert::by_app_id(call)?;
    let changes = upsert::read(wanted.as_ref(), &body, entity)?;
    call.write(|tx, context| {
        let found = lookup::service_principal(call, tx);
        let Some(stored) = upsert::found(wanted.as_ref(), found, &changes)? else {
            call.authorize(&permissions::APPLICATIONS_CREATE)?;
            return create::make(call, tx, context, &body, changes);
        };
        let changes = upsert::merge(wanted.as_ref(), entity, &stored.entry, changes)?;
        let changes = certificates::keep_keys(&stored.entry, changes)?;
        let mut changes = difference::of(&stored.entry, changes);
        well_known::check_update(&stored, &changes)?;
        of_application::check_update(call, tx, &stored, &changes)?;
        decisive::check_update(call, tx, &stored, &changes)?;
        certificates::complete(call, Some(&stored.entry), &mut changes)?;
        let updated = service_principals::update(tx, context, stored.entry.id, &changes)?;
        representation::updated(call, tx, &updated, "servicePrincipals")
    })
}
