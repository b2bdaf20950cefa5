//! What an attribute may hold. The entity table knows types, lengths and enumerations; the few
//! rules beyond it have a file each.

mod extensions;
mod mail;
mod mail_nickname;
mod signs;
mod user_principal_name;

use syncline_model::schema::size;
use syncline_model::{
    Attr, Attrs, EntityKind, Problem, Property, PropertyType, Schema, Text, Value,
};

pub(crate) use extensions::{check_number, remembered};
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
pub(crate) fn of_new(schema: &Schema, kind: EntityKind, given: Attrs) -> Result<Attrs, Problem> {
    let mut attrs = Attrs::new();
    for (attr, value) in given.iter() {
        if *value != Value::Null && !NEVER_TAKEN.contains(&attr) {
            put(&mut attrs, attr, check(schema, kind, attr, value)?);
        }
    }
    extensions::check_number(kind, &attrs)?;
    for property in schema.of(kind).properties() {
        if property.required && !attrs.contains(property.attr) {
            return Err(required(kind, &property.name));
        }
    }
    Ok(attrs)
}

/// The attributes of an object with these changes: every new value checked, no required one
/// cleared.
pub(crate) fn changed(
    schema: &Schema,
    kind: EntityKind,
    before: &Attrs,
    changes: &[(Attr, Option<Value>)],
) -> Result<Attrs, Problem> {
    let mut attrs = extensions::remembered(schema, before);
    for (attr, value) in changes {
        if NEVER_TAKEN.contains(attr) {
            continue;
        }
        match value {
            Some(value) if *value != Value::Null => {
                let checked = check(schema, kind, *attr, value).or_else(|problem| {
                    // From when it was among the allowed ones.
                    let stored = before.text(*attr).zip(value.as_text());
                    let is_stored = stored.is_some_and(|(is, sent)| is.eq_ignore_ascii_case(sent));
                    if is_stored && !property(schema, kind, *attr)?.one_of.is_empty() {
                        Ok(before.get(*attr).unwrap_or(value).clone())
                    } else {
                        Err(problem)
                    }
                })?;
                put(&mut attrs, *attr, checked);
            }
            _ => {
                let property = property(schema, kind, *attr)?;
                if !property.clearable {
                    return Err(invalid(kind, &property.name));
                }
                attrs.remove(*attr);
            }
        }
    }
    extensions::check_number(kind, &attrs)?;
    Ok(attrs)
}

/// An empty list is a value of the core's collections, and none of an extension.
fn put(attrs: &mut Attrs, attr: Attr, value: Value) {
    if attr.is_extension() && value == Value::List(Vec::new()) {
        attrs.remove(attr);
    } else {
        attrs.set(attr, value);
    }
}

/// The value as stored: of the property's type, not too long, in the spelling of the enumeration.
/// An empty list is a value (`[]`), an empty text is not, as in Graph.
pub(crate) fn check(
    schema: &Schema,
    kind: EntityKind,
    attr: Attr,
    value: &Value,
) -> Result<Value, Problem> {
    let other = check_of(kind, property(schema, kind, attr)?, value)?;
    Ok(other.unwrap_or_else(|| value.clone()))
}

/// The same, of a property that was found already. `None`: the value is stored as it is, which is
/// nearly always so.
pub(crate) fn check_of(
    kind: EntityKind,
    property: &Property,
    value: &Value,
) -> Result<Option<Value>, Problem> {
    let refused = || invalid(kind, &property.name);
    if !size::fits(kind, value) {
        return Err(refused());
    }
    if !property.multi_valued {
        return check_one(kind, property, value);
    }
    let Value::List(values) = value else {
        return Err(refused());
    };
    if values.len() > most_values(property.attr) {
        return Err(refused());
    }
    let mut others: Option<Vec<Value>> = None;
    for (at, value) in values.iter().enumerate() {
        if let Some(other) = check_one(kind, property, value)? {
            others.get_or_insert_with(|| values.clone())[at] = other;
        }
    }
    Ok(others.map(Value::List))
}

fn check_one(
    kind: EntityKind,
    property: &Property,
    value: &Value,
) -> Result<Option<Value>, Problem> {
    let refused = || invalid(kind, &property.name);
    if !property.has_room_for(value) {
        return Err(refused());
    }
    match (property.kind, value) {
        (PropertyType::Text, Value::Text(text)) => {
            Ok(check_text(kind, property, text)?.map(Value::Text))
        }
        (PropertyType::Guid, Value::Text(text)) => uuid::Uuid::parse_str(text)
            .map(|id| Some(Value::Guid(id)))
            .map_err(|_| refused()),
        (PropertyType::Bool, Value::Bool(_))
        | (PropertyType::Int, Value::Int(_))
        | (PropertyType::Time, Value::Time(_))
        | (PropertyType::Guid, Value::Guid(_))
        | (PropertyType::Bytes, Value::Bytes(_))
        | (PropertyType::Complex, Value::Map(_)) => Ok(None),
        _ => Err(refused()),
    }
}

/// Another spelling is the enumeration's.
fn check_text(kind: EntityKind, property: &Property, text: &Text) -> Result<Option<Text>, Problem> {
    let refused = || invalid(kind, &property.name);
    let longest = size::longest_text(kind);
    // It has no more characters than bytes.
    let too_long =
        property.max_length.is_none() && text.len() > longest && text.chars().count() > longest;
    // Asked of each value of each person: without a branch at each byte it is one for sixteen.
    let has_nul = text.bytes().fold(false, |found, byte| found | (byte == 0));
    if text.is_empty() || too_long || has_nul {
        return Err(refused());
    }
    if !property.one_of.is_empty() {
        let known = property
            .one_of
            .iter()
            .find(|known| known.eq_ignore_ascii_case(text));
        let known = known.ok_or_else(refused)?;
        return Ok((text != known).then(|| Text::fixed(known)));
    }
    let good = match (kind, property.attr) {
        (EntityKind::User, Attr::USER_PRINCIPAL_NAME) => user_principal_name::is_valid(text),
        (EntityKind::User, Attr::MAIL | Attr::OTHER_MAILS) => mail::is_valid(text),
        (EntityKind::User | EntityKind::Group, Attr::MAIL_NICKNAME) => {
            mail_nickname::is_valid(text)
        }
        (EntityKind::User, Attr::USAGE_LOCATION) => {
            text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic())
        }
        _ => true,
    };
    if good { Ok(None) } else { Err(refused()) }
}

fn most_values(attr: Attr) -> usize {
    match attr {
        Attr::BUSINESS_PHONES => 1,
        Attr::OTHER_MAILS => 250,
        // Each is read whenever somebody who need not be known presents a signature.
        Attr::KEY_CREDENTIALS => 50,
        _ => 10_000,
    }
}

fn property(schema: &Schema, kind: EntityKind, attr: Attr) -> Result<&Property, Problem> {
    schema.of(kind).property(attr).ok_or_else(|| {
        // An extension that is not there was deleted while the caller's request was read.
        let name = attr.core_name().unwrap_or("of a deleted extension");
        Problem::bad_request(format!(
            "Property '{name}' does not exist on type 'microsoft.graph.{}'.",
            kind.graph_name()
        ))
    })
}

pub(crate) fn invalid(kind: EntityKind, name: &str) -> Problem {
    Problem::invalid_value(name, kind.engine_name())
}

fn required(kind: EntityKind, name: &str) -> Problem {
    let message = format!(
        "A value is required for property '{name}' of resource '{}'.",
        kind.engine_name()
    );
    Problem::bad_request(message.clone()).with_detail("MissingValue", message, Some(name))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that can not go on should stop")]
mod tests {
    use super::*;

    #[test]
    fn a_text_with_a_nul_in_it_is_refused_wherever_it_stands() {
        let schema = Schema::core();
        let check = |text: String| {
            let name = Attr::DISPLAY_NAME;
            check(schema, EntityKind::User, name, &Value::text(text)).is_ok()
        };
        for at in 0..40 {
            let mut text = "x".repeat(40);
            assert!(check(text.clone()));
            text.replace_range(at..=at, "\0");
            assert!(!check(text), "{at}");
        }
    }
}
