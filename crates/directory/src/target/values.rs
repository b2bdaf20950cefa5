//! Mapped values as the directory stores them.

use std::borrow::Cow;

use syncline_engine::Fault;
use syncline_model::schema::Mutability;
use syncline_model::synchronized_group::FIXED;
use syncline_model::{Attr, Attrs, EntityKind, Property, Schema, Value};

use super::fault;
use crate::values;

/// The code for a value that a create is refused for.
pub(super) const INVITATION: &str = "InvitationCreationFailureInvalidPropertyValue";
/// The code for a value that a change is refused for.
pub(super) const CHANGE: &str = "UnprocessableEntity";
/// The code for a sign-in name that is refused.
pub(super) const SIGN_IN_NAME: &str = "AzureActiveDirectoryInvalidUserPrincipalName";

/// About so many attributes the directory adds to those of a new object.
const COMPLETED: usize = 12;

/// Mapped for the engine's sake; states and references have operations of their own.
const NOT_STORED: [Attr; 7] = [
    Attr::IS_SOFT_DELETED,
    Attr::APP_ROLE_ASSIGNMENTS,
    Attr::NET_ID,
    Attr::ORIGINAL_USER_PRINCIPAL_NAME,
    Attr::MANAGER,
    Attr::MEMBERS,
    Attr::OWNERS,
];

/// What a new object may be given.
pub(super) const AT_CREATION: &[Mutability] = &[Mutability::ReadWrite, Mutability::CreateOnly];
/// What may be changed later.
pub(super) const LATER: &[Mutability] = &[Mutability::ReadWrite];

/// The attributes with these changes to what is `writable`; `code` is what a value is refused with.
pub(super) fn applied<'v>(
    schema: &Schema,
    kind: EntityKind,
    before: &Attrs,
    changes: impl Iterator<Item = (Attr, Option<&'v Value>)>,
    writable: &[Mutability],
    code: &str,
) -> Result<Attrs, Fault> {
    let mut attrs = values::remembered(schema, before);
    attrs.reserve(changes.size_hint().0 + COMPLETED);
    for (attr, value) in changes {
        // Of a group's kind nothing is the source's to say, see `synchronized_group`.
        let fixed = kind == EntityKind::Group && FIXED.contains(&attr);
        if fixed || NOT_STORED.contains(&attr) {
            continue;
        }
        let property = property(schema, kind, attr, writable)?;
        match value.and_then(present) {
            None => {
                if !is_clearable(property) {
                    return Err(refused(code, kind, property));
                }
                attrs.remove(attr);
            }
            Some(value) if attr == Attr::ALTERNATIVE_SECURITY_IDS => {
                attrs.set(attr, Value::List(value.as_slice().to_vec()));
            }
            Some(value) => {
                let shaped = shaped(property, value);
                let other = values::check_of(kind, property, &shaped)
                    .map_err(|_| refused(code, kind, property))?;
                attrs.set(attr, other.unwrap_or_else(|| shaped.into_owned()));
            }
        }
    }
    values::check_number(kind, &attrs).map_err(|problem| fault::invalid(code, problem.message))?;
    Ok(attrs)
}

/// An empty text or list is no value.
fn present(value: &Value) -> Option<&Value> {
    match value {
        Value::Null => None,
        Value::Text(text) if text.is_empty() => None,
        Value::List(values) if values.is_empty() => None,
        value => Some(value),
    }
}

/// A single value for a property with many becomes a list of one.
fn shaped<'v>(property: &Property, value: &'v Value) -> Cow<'v, Value> {
    match value {
        Value::List(_) => Cow::Borrowed(value),
        one if property.multi_valued => Cow::Owned(Value::List(vec![one.clone()])),
        one => Cow::Borrowed(one),
    }
}

/// The property, which a job may write.
fn property<'s>(
    schema: &'s Schema,
    kind: EntityKind,
    attr: Attr,
    writable: &[Mutability],
) -> Result<&'s Property, Fault> {
    let unknown = || fault::read_only(attr.core_name().unwrap_or("of a deleted extension"));
    let property = schema.of(kind).property(attr).ok_or_else(unknown)?;
    // The anchor is the one attribute that only a job may write.
    if writable.contains(&property.mutability) || attr == Attr::ALTERNATIVE_SECURITY_IDS {
        Ok(property)
    } else if property.mutability == Mutability::CreateOnly {
        Err(fault::create_only(&property.name))
    } else {
        Err(fault::read_only(&property.name))
    }
}

fn is_clearable(property: &Property) -> bool {
    property.clearable && property.attr != Attr::ALTERNATIVE_SECURITY_IDS
}

fn refused(code: &str, kind: EntityKind, property: &Property) -> Fault {
    let code = if property.attr == Attr::USER_PRINCIPAL_NAME {
        SIGN_IN_NAME
    } else {
        code
    };
    fault::invalid(
        code,
        format!(
            "Invalid value specified for property '{}' of resource '{}'.",
            property.name,
            kind.engine_name()
        ),
    )
}
