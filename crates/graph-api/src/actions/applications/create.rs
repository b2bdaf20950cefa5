//! `POST /applications`

use syncline_directory::applications;
use syncline_model::{EntityKind, Problem};

use crate::actions::{bound, creator, representation};
use crate::wire::entity_in::{self, Purpose};
use crate::{Call, Reply};

/// Whoever registers an application owns it, and whom it is bound to.
pub fn create(call: &Call<'_>) -> Result<Reply, Problem> {
    let body = call.binding_body("application", &["owners"])?;
    let schema = call.schema()?;
    let changes = entity_in::read(&body, schema.of(EntityKind::Application), Purpose::Create)?;
    let attrs = changes
        .into_iter()
        .filter_map(|(attr, value)| Some((attr, value?)))
        .collect();
    call.write(|tx, context| {
        let application = applications::create(tx, context, attrs)?;
        let mut owners = bound::many(call, tx, &body, "owners")?;
        owners.extend(creator::owner(call));
        applications::add_owners(tx, context, application.entry.id, &owners)?;
        representation::created(call, tx, &application, "applications")
    })
}
