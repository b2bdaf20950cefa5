//! Creates users.

use syncline_model::{Attr, Attrs, EntityKind, Entry, ObjectId, Problem, Schema, Value};
use syncline_store::{Stored, Tx};

use super::identities;
use crate::{Context, addresses, edit, identifiers, values};

/// A user to be created. Attributes have their types already; a password is not among them
/// (`access` keeps it), and is left out if it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewUser {
    pub attrs: Attrs,
}

/// Creates a user.
pub fn create(tx: &mut Tx<'_>, context: &Context<'_>, user: NewUser) -> Result<Stored, Problem> {
    let schema = tx.schema(context.tenant_id())?;
    let entry = draft(&schema, context, user)?;
    edit::insert(tx, context, entry)
}

/// Creates many users in a few set statements: what an import calls with a page of them. Each is
/// refused for itself; the ids are in the order given.
pub fn create_many(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    users: Vec<NewUser>,
) -> Result<Vec<Result<ObjectId, Problem>>, Problem> {
    let schema = tx.schema(context.tenant_id())?;
    let drafts = users
        .into_iter()
        .map(|user| draft(&schema, context, user))
        .collect();
    edit::insert_many(tx, context, drafts)
}

/// What [`create`] would refuse about this user by itself; whether its unique values are free is
/// seen only when it is created. `schema` is the tenant's. For those who check many before they create the first.
pub fn check(schema: &Schema, context: &Context<'_>, user: NewUser) -> Result<(), Problem> {
    draft(schema, context, user).map(|_| ())
}

fn draft(schema: &Schema, context: &Context<'_>, user: NewUser) -> Result<Entry, Problem> {
    let mut attrs = values::of_new(schema, EntityKind::User, user.attrs)?;
    if let Some(name) = attrs.text(Attr::USER_PRINCIPAL_NAME) {
        values::check_domain(context.tenant, name)?;
    }
    if !attrs.contains(Attr::USER_TYPE) {
        attrs.set(Attr::USER_TYPE, "Member");
    }
    addresses::follow_mail(&mut attrs);
    if !attrs.contains(Attr::IDENTITIES) {
        let invited = attrs.text(Attr::CREATION_TYPE) == Some("Invitation");
        let identities = if invited {
            identities::external()
        } else {
            identities::internal(context.tenant, &attrs)
        };
        attrs.set(Attr::IDENTITIES, identities);
    }
    let id = context.ids.object_id();
    attrs.set(Attr::CREATED_DATE_TIME, Value::Time(context.now));
    attrs.set(
        Attr::SECURITY_IDENTIFIER,
        identifiers::security_identifier(id),
    );
    Ok(Entry {
        id,
        kind: EntityKind::User,
        attrs,
    })
}
