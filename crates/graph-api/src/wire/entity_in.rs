//! Entities in request bodies, read by the entity table.

use serde_json::Value as Json;
use syncline_model::schema::Mutability;
use syncline_model::{Attr, EntityType, Entry, Problem, Property, PropertyType, Text, Value};

use super::complex::{self, Refused};
use super::value;
use crate::Body;
use crate::body::{capitalized, unknown_property};

/// Whether an object is being made or changed, or whichever it turns out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Create,
    Update,
    Upsert,
}

/// What the body sets (`Some`) and clears (`None`), in the order sent.
pub type Changes = Vec<(Attr, Option<Value>)>;

/// Reads every property of the body.
///
/// # Errors
/// 400 naming the first property that is unknown, may not be written, or has a value of another
/// type, too long or outside its enumeration.
pub fn read(body: &Body, entity: &EntityType, purpose: Purpose) -> Result<Changes, Problem> {
    let mut changes = Changes::new();
    for (name, json) in body.properties() {
        let property = entity.by_name(name).ok_or_else(|| unknown_property(name))?;
        // `merge` compares it with the object's own.
        if purpose == Purpose::Create || property.attr != Attr::ID {
            check_writable(property, purpose)?;
        }
        changes.push((property.attr, property_value(property, json, entity)?));
    }
    Ok(changes)
}

/// Completes a PATCH: complex values are merged into the stored ones, member by member. Clients that send
/// back what they read name the object's id: its own is no change.
///
/// # Errors
/// 400 when it is another's.
pub fn merge(stored: &Entry, mut changes: Changes) -> Result<Changes, Problem> {
    let own = Some(Value::Guid(stored.id.0));
    if changes
        .iter()
        .any(|(attr, value)| *attr == Attr::ID && *value != own)
    {
        return Err(read_only("id"));
    }
    changes.retain(|(attr, _)| *attr != Attr::ID);
    let merged = |attr: Attr, value: Option<Value>| match value {
        Some(sent @ Value::Map(_)) => Some(complex::merge(stored.get(attr), sent)),
        other => other,
    };
    Ok(changes
        .into_iter()
        .map(|(attr, value)| (attr, merged(attr, value)))
        .collect())
}

fn check_writable(property: &Property, purpose: Purpose) -> Result<(), Problem> {
    let refused = match property.mutability {
        Mutability::ReadWrite | Mutability::WriteOnly => false,
        Mutability::CreateOnly => purpose == Purpose::Update,
        Mutability::ReadOnly => true,
    };
    if !refused {
        return Ok(());
    }
    Err(read_only(&property.name))
}

/// 400: the property is given to a new object, or by the server.
pub fn read_only(name: &str) -> Problem {
    let message = format!("Property '{name}' is read-only and cannot be set.");
    Problem::bad_request(message.clone()).with_detail("PropertyReadOnly", message, Some(name))
}

fn property_value(
    property: &Property,
    json: &Json,
    entity: &EntityType,
) -> Result<Option<Value>, Problem> {
    let invalid = || Problem::invalid_value(&property.name, &capitalized(entity.kind.graph_name()));
    if json.is_null() {
        return if property.clearable {
            Ok(None)
        } else {
            Err(invalid())
        };
    }
    if !property.multi_valued {
        return single(property, json, invalid).map(Some);
    }
    let list = json.as_array().ok_or_else(invalid)?;
    list.iter()
        .map(|it| single(property, it, invalid))
        .collect::<Result<_, _>>()
        .map(|all| Some(Value::List(all)))
}

fn single(
    property: &Property,
    json: &Json,
    invalid: impl Fn() -> Problem,
) -> Result<Value, Problem> {
    if property.kind == PropertyType::Complex {
        let Some(table) = property.complex() else {
            return if json.is_object() {
                Ok(value::free(json))
            } else {
                Err(invalid())
            };
        };
        return complex::parse(table, json).map_err(|refused| match refused {
            Refused::Unknown(name) => unknown_property(&name),
            Refused::Wrong(_) => invalid(),
        });
    }
    match value::parse(property.kind, json).ok_or_else(&invalid)? {
        value if !property.has_room_for(&value) => Err(invalid()),
        Value::Text(text) => Ok(spelled(property, text)),
        other => Ok(other),
    }
}

/// A member of an enumeration gets its exact case. What is none is for the directory to refuse: it may be stored, from
/// when it was one.
fn spelled(property: &Property, text: Text) -> Value {
    let mut members = property.one_of.iter();
    let member = members.find(|it| it.eq_ignore_ascii_case(&text));
    Value::Text(member.map_or(text, |it| Text::fixed(it)))
}
