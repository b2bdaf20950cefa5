//! Registers an extension.

use syncline_model::schema::{ExtensionProperty, ExtensionTarget, ExtensionType};
use syncline_model::{AppId, Attr, Problem};
use syncline_store::{Stored, Tx};

use crate::Context;

/// How many extensions a tenant may have: each is a property of every object of its kind.
const MOST_EXTENSIONS: usize = 1_000;

/// An extension to be registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewExtension {
    /// Without its prefix.
    pub name: String,
    pub data_type: ExtensionType,
    pub multi_valued: bool,
    pub targets: Vec<ExtensionTarget>,
}

/// Registers an extension on a live application of the tenant. Its name is free when no extension of
/// this application has it, in any case; values of an earlier one of that name stay gone.
pub fn create(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    application: &Stored,
    new: NewExtension,
) -> Result<ExtensionProperty, Problem> {
    let app_id = application
        .entry
        .guid(Attr::APP_ID)
        .ok_or_else(|| Problem::internal("an application without an appId"))?;
    let name = ExtensionProperty::full_name(AppId(app_id), &new.name)
        .ok_or_else(|| Problem::invalid_value("name", "ExtensionProperty"))?;
    let mut extensions = tx.extensions(context.tenant_id())?;
    let all = extensions.all();
    if all.iter().any(|it| it.name.eq_ignore_ascii_case(&name)) {
        let message = format!("An extension property exists with the name {name}.");
        return Err(Problem::bad_request(message.clone()).with_detail(
            "ObjectConflict",
            message,
            Some("name"),
        ));
    }
    if all.len() >= MOST_EXTENSIONS {
        return Err(Problem::bad_request(format!(
            "The tenant has {MOST_EXTENSIONS} extension properties, which is the most it may have. Delete one that is not needed."
        )));
    }
    let attr = extensions.next_attr().ok_or_else(|| {
        Problem::bad_request(
            "The tenant has registered and deleted so many extension properties that no more can be told apart.",
        )
    })?;
    let property = ExtensionProperty {
        id: context.ids.object_id(),
        application: application.entry.id,
        attr,
        name,
        data_type: new.data_type,
        multi_valued: new.multi_valued,
        targets: new.targets,
        suspended: false,
    };
    extensions.add(property.clone());
    tx.put_extensions(context.tenant_id(), &extensions, context.ids)?;
    Ok(property)
}
