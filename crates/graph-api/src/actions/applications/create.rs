//! `POST /applications`

use serde_json::json;
use syncline_directory::{Context, applications};
use syncline_model::{EntityKind, Problem};
use syncline_store::Tx;

use crate::actions::passwords::NewPassword;
use crate::actions::{bound, certificates, creator, representation};
use crate::wire::entity_in::{self, Changes, Purpose};
use crate::{Body, Call, Reply};

/// It may be made with a secret, whose text this answer shows.
pub fn create(call: &Call<'_>) -> Result<Reply, Problem> {
    let mut body = call.binding_body("application", &["owners"])?;
    let password = NewPassword::take(call, &mut body)?;
    let schema = call.schema()?;
    let changes = entity_in::read(&body, schema.of(EntityKind::Application), Purpose::Create)?;
    call.write(|tx, context| make(call, tx, context, &body, changes, password))
}

/// Makes an application of what its body says. Whoever registers one owns it, and whom it is bound to.
pub(super) fn make(
    call: &Call<'_>,
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    body: &Body,
    mut changes: Changes,
    password: Option<NewPassword>,
) -> Result<Reply, Problem> {
    certificates::complete(call, None, &mut changes)?;
    let attrs = changes
        .into_iter()
        .filter_map(|(attr, value)| Some((attr, value?)))
        .collect();
    let application = applications::create(tx, context, attrs)?;
    let mut owners = bound::many(call, tx, body, "owners")?;
    owners.extend(creator::owner(call));
    applications::add_owners(tx, context, application.entry.id, &owners)?;
    let password = password
        .map(|it| it.make(call, tx, application.entry.id))
        .transpose()?
        .map(|it| ("passwordCredentials", json!([it])));
    representation::created_with(call, tx, &application, "applications", password)
}
