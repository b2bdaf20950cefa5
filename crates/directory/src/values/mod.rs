//! What an attribute may hold. The entity table knows types, lengths and enumerations; the few
//! rules beyond it have a file each.

mod mail;
mod mail_nickname;
mod size;
mod user_principal_name;

use syncline_model::{Attr, Attrs, EntityKind, Problem, Property, PropertyType, Schema, Value};

pub(crate) use user_principal_name::{check_domain, split as split_user_principal_name};

/// Set by the directory or kept elsewhere, never taken from a caller. Passwords above all are not
/// attributes: `access` keeps their hashes.
const NEVER_TAKEN: [Attr; 8] = [
    Attr::ID,
    Attr::OBJECT_ID,
    Attr::DELETED_DATE_TIME,
    Attr::PASSWORD_PROFILE,
    Attr::NET_ID,
    Attr::IS_SOFT_DELETED,
    Attr::APP_ROLE_ASSIGNMENTS,
    Attr::ORIGINAL_USER_PRINCIPAL_NAME,
];

/// The attributes of an object about to be created: every value checked, none that is required
/// missing.
pub(crate) fn of_new(kind: EntityKind, given: Attrs) -> Result<Attrs, Problem> {
    let mut attrs = Attrs::new();
    for (attr, value) in given.iter() {
        if *value != Value::Null && !NEVER_TAKEN.contains(&attr) {
            attrs.set(attr, check(kind, attr, value.clone())?);
        }
    }
    for property in Schema::core().of(kind).properties() {
        if property.required && !attrs.contains(property.attr) {
            return Err(required(kind, &property.name));
        }
    }
    Ok(attrs)
}

/// The attributes of an object with these changes: every new value checked, no required one
/// cleared.
pub(crate) fn changed(
    kind: EntityKind,
    before: &Attrs,
    changes: &[(Attr, Option<Value>)],
) -> Result<Attrs, Problem> {
    let mut attrs = before.clone();
    for (attr, value) in changes {
        if NEVER_TAKEN.contains(attr) {
            continue;
        }
        match value {
            Some(value) if *value != Value::Null => {
                attrs.set(*attr, check(kind, *attr, value.clone())?);
            }
            _ => {
                let property = property(kind, *attr)?;
                if property.is_some_and(|property| !property.clearable) {
                    return Err(invalid(kind, *attr));
                }
                attrs.remove(*attr);
            }
        }
    }
    Ok(attrs)
}

/// The value as stored: of the property's type, not too long, in the spelling of the enumeration.
/// An empty list is a value (`[]`), an empty text is not, as in Graph.
pub(crate) fn check(kind: EntityKind, attr: Attr, value: Value) -> Result<Value, Problem> {
    let Some(property) = property(kind, attr)? else {
        // A directory extension; its definition is checked where it is registered.
        return Ok(value);
    };
    if !size::fits(kind, &value) {
        return Err(invalid(kind, attr));
    }
    if !property.multi_valued {
        return check_one(kind, property, value);
    }
    let Value::List(values) = value else {
        return Err(invalid(kind, attr));
    };
    if values.len() > most_values(attr) {
        return Err(invalid(kind, attr));
    }
    let values: Result<Vec<Value>, Problem> = values
        .into_iter()
        .map(|value| check_one(kind, property, value))
        .collect();
    Ok(Value::List(values?))
}

fn check_one(kind: EntityKind, property: &Property, value: Value) -> Result<Value, Problem> {
    let refused = || invalid(kind, property.attr);
    match (property.kind, value) {
        (PropertyType::Text, Value::Text(text)) => {
            check_text(kind, property, text).map(Value::Text)
        }
        (PropertyType::Guid, Value::Text(text)) => uuid::Uuid::parse_str(&text)
            .map(Value::Guid)
            .map_err(|_| refused()),
        (PropertyType::Bool, value @ Value::Bool(_))
        | (PropertyType::Int, value @ Value::Int(_))
        | (PropertyType::Time, value @ Value::Time(_))
        | (PropertyType::Guid, value @ Value::Guid(_))
        | (PropertyType::Bytes, value @ Value::Bytes(_))
        | (PropertyType::Complex, value @ Value::Map(_)) => Ok(value),
        _ => Err(refused()),
    }
}

fn check_text(kind: EntityKind, property: &Property, text: String) -> Result<String, Problem> {
    let refused = || invalid(kind, property.attr);
    let most = property.max_length.unwrap_or(size::longest_text(kind));
    let too_long = text.chars().count() > most;
    if text.is_empty() || too_long || text.contains('\0') {
        return Err(refused());
    }
    if !property.one_of.is_empty() {
        let known = property
            .one_of
            .iter()
            .find(|known| known.eq_ignore_ascii_case(&text));
        return known.map(|known| (*known).to_owned()).ok_or_else(refused);
    }
    let good = match (kind, property.attr) {
        (EntityKind::User, Attr::USER_PRINCIPAL_NAME) => user_principal_name::is_valid(&text),
        (EntityKind::User, Attr::MAIL | Attr::OTHER_MAILS) => mail::is_valid(&text),
        (EntityKind::User | EntityKind::Group, Attr::MAIL_NICKNAME) => {
            mail_nickname::is_valid(&text)
        }
        (EntityKind::User, Attr::USAGE_LOCATION) => {
            text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic())
        }
        _ => true,
    };
    if good { Ok(text) } else { Err(refused()) }
}

fn most_values(attr: Attr) -> usize {
    match attr {
        Attr::BUSINESS_PHONES => 1,
        Attr::OTHER_MAILS => 250,
        _ => 10_000,
    }
}

/// `None` for a directory extension.
fn property(kind: EntityKind, attr: Attr) -> Result<Option<&'static Property>, Problem> {
    match Schema::core().of(kind).property(attr) {
        Some(property) => Ok(Some(property)),
        None if attr.0 >= Attr::FIRST_EXTENSION => Ok(None),
        None => Err(Problem::bad_request(format!(
            "Property '{}' does not exist on type 'microsoft.graph.{}'.",
            attr.core_name().unwrap_or("unknown"),
            kind.graph_name()
        ))),
    }
}

pub(crate) fn invalid(kind: EntityKind, attr: Attr) -> Problem {
    Problem::invalid_value(attr.core_name().unwrap_or("extension"), kind.engine_name())
}

fn required(kind: EntityKind, name: &str) -> Problem {
    let message = format!(
        "A value is required for property '{name}' of resource '{}'.",
        kind.engine_name()
    );
    Problem::bad_request(message.clone()).with_detail("MissingValue", message, Some(name))
}
