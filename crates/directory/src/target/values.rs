//! Mapped values as the directory stores them.

use syncline_engine::Fault;
use syncline_model::schema::Mutability;
use syncline_model::{Attr, Attrs, EntityKind, Schema, Value};

use super::fault;
use crate::values;

/// The code for a value that a create is refused for.
pub(super) const INVITATION: &str = "InvitationCreationFailureInvalidPropertyValue";
/// The code for a value that a change is refused for.
pub(super) const CHANGE: &str = "UnprocessableEntity";
/// The code for a sign-in name that is refused.
pub(super) const SIGN_IN_NAME: &str = "AzureActiveDirectoryInvalidUserPrincipalName";

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

/// The attributes with these changes; `code` is what a value is refused with.
pub(super) fn applied<'v>(
    kind: EntityKind,
    before: &Attrs,
    changes: impl Iterator<Item = (Attr, Option<&'v Value>)>,
    code: &str,
) -> Result<Attrs, Fault> {
    let mut attrs = before.clone();
    for (attr, value) in changes {
        if NOT_STORED.contains(&attr) {
            continue;
        }
        check_writable(kind, attr)?;
        match value.and_then(present) {
            None => {
                if !is_clearable(kind, attr) {
                    return Err(refused(code, kind, attr));
                }
                attrs.remove(attr);
            }
            Some(value) if attr == Attr::ALTERNATIVE_SECURITY_IDS => {
                attrs.set(attr, Value::List(value.as_slice().to_vec()));
            }
            Some(value) => {
                let checked = values::check(kind, attr, shaped(kind, attr, value.clone()));
                attrs.set(attr, checked.map_err(|_| refused(code, kind, attr))?);
            }
        }
    }
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
fn shaped(kind: EntityKind, attr: Attr, value: Value) -> Value {
    let many = Schema::core()
        .of(kind)
        .property(attr)
        .is_some_and(|property| property.multi_valued);
    match value {
        list @ Value::List(_) => list,
        one if many => Value::List(vec![one]),
        one => one,
    }
}

fn check_writable(kind: EntityKind, attr: Attr) -> Result<(), Fault> {
    let writable = match Schema::core().of(kind).property(attr) {
        Some(property) => matches!(
            property.mutability,
            Mutability::ReadWrite | Mutability::CreateOnly
        ),
        None => attr.0 >= Attr::FIRST_EXTENSION,
    };
    // The anchor is the one attribute that only a job may write.
    if writable || attr == Attr::ALTERNATIVE_SECURITY_IDS {
        Ok(())
    } else {
        Err(fault::read_only(attr.core_name().unwrap_or("unknown")))
    }
}

fn is_clearable(kind: EntityKind, attr: Attr) -> bool {
    let property = Schema::core().of(kind).property(attr);
    property.is_none_or(|property| property.clearable) && attr != Attr::ALTERNATIVE_SECURITY_IDS
}

fn refused(code: &str, kind: EntityKind, attr: Attr) -> Fault {
    let name = attr.core_name().unwrap_or("extension");
    let code = if attr == Attr::USER_PRINCIPAL_NAME {
        SIGN_IN_NAME
    } else {
        code
    };
    fault::invalid(
        code,
        format!(
            "Invalid value specified for property '{name}' of resource '{}'.",
            kind.engine_name()
        ),
    )
}
