//! Attributes written down as JSON become those of an object.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};
use syncline_expression::closest;
use syncline_expression::sample::value_of;
use syncline_model::{Attr, Attrs, EntityType, ObjectId, Property, PropertyType, Value};

use crate::decide::coerce;
use crate::schema::compile::scope::operand::{Named, named};

/// The attribute of this name.
pub(super) fn property<'t>(types: &'t EntityType, name: &str) -> Result<&'t Property, String> {
    if let Some(property) = types.by_engine_name(name) {
        return Ok(property);
    }
    let graph = types.by_name(name).and_then(|it| it.engine_name.as_deref());
    let names = types
        .properties()
        .iter()
        .filter_map(|it| it.engine_name.as_deref());
    let meant = graph
        .or_else(|| closest(name, names))
        .map(|it| format!("; did you mean `{it}`?"))
        .unwrap_or_default();
    Err(format!(
        "`{name}` is not an attribute of {}{meant}",
        types.kind.engine_name()
    ))
}

/// A value in the type of its attribute; none for null.
pub(super) fn value(property: &Property, json: &Json) -> Result<Option<Value>, String> {
    if property.kind == PropertyType::Reference {
        return Err(format!(
            "`{}` refers to other objects; write their ids into `references`",
            property.engine_or_graph_name()
        ));
    }
    match value_of(json) {
        None => Ok(None),
        Some(value) => coerce::to_property(property, value).map_err(|it| it.to_string()),
    }
}

/// The objects referred to; what is wrong with them goes to `problems`.
pub(super) fn references(
    types: &EntityType,
    named: &BTreeMap<String, Vec<String>>,
    problems: &mut Vec<String>,
) -> Vec<(Attr, Vec<ObjectId>)> {
    let mut references = Vec::new();
    for (name, ids) in named {
        let attr = if name == "memberOf" {
            Ok(Attr::MEMBER_OF)
        } else {
            property(types, name).and_then(|it| match it.kind {
                PropertyType::Reference if it.attr != Attr::APP_ROLE_ASSIGNMENTS => Ok(it.attr),
                PropertyType::Reference => Err(format!("write the roles of `{name}` into `roles`")),
                _ => Err(format!("`{name}` is no reference; write it into `source`")),
            })
        };
        let ids: Result<Vec<ObjectId>, String> = ids
            .iter()
            .map(|id| {
                id.parse()
                    .map_err(|_| format!("{name}: `{id}` is not an object id"))
            })
            .collect();
        match attr.and_then(|attr| Ok((attr, ids?))) {
            Ok(reference) => references.push(reference),
            Err(problem) => problems.push(problem),
        }
    }
    references
}

/// All attributes of a source object, by the names of mappings or, where these have none, of scoping clauses; what is
/// wrong with them goes to `problems`.
pub(super) fn source(
    types: &EntityType,
    json: &Map<String, Json>,
    problems: &mut Vec<String>,
) -> Attrs {
    let is_member = |name: &str| {
        property(types, name).is_err() && matches!(named(types, name), Some(Named::Member(_)))
    };
    // Members come after the complex value that they go into: it may be given, too.
    let (members, properties): (Vec<_>, Vec<_>) =
        json.iter().partition(|(name, _)| is_member(name));
    let in_order = properties.into_iter().chain(members);
    all(in_order, problems, |attrs, name, json| {
        let found = match property(types, name) {
            Ok(property) => Named::Property(property),
            Err(problem) => named(types, name).ok_or(problem)?,
        };
        Ok(match found {
            Named::Property(it) => (it.attr, value(it, json)?),
            Named::Member(it) => (it.attr, with_member(attrs.get(it.attr), name, json)?),
        })
    })
}

/// A complex value with this member; none for null.
fn with_member(whole: Option<&Value>, name: &str, json: &Json) -> Result<Option<Value>, String> {
    let text = match json {
        Json::Null => None,
        Json::String(text) => Some(Value::text(text.as_str())),
        _ => return Err(format!("`{name}` wants a text")),
    };
    let mut members = match whole {
        Some(Value::Map(members)) => members.clone(),
        _ if text.is_none() => return Ok(whole.cloned()),
        _ => Vec::new(),
    };
    members.retain(|(known, _)| known != name);
    members.extend(text.map(|it| (name.to_owned(), it)));
    Ok(Some(Value::Map(members)))
}

/// All attributes; what is wrong with them goes to `problems`.
pub(super) fn attributes(
    types: &EntityType,
    json: &Map<String, Json>,
    problems: &mut Vec<String>,
) -> Attrs {
    all(json, problems, |_, name, json| {
        let it = property(types, name)?;
        Ok((it.attr, value(it, json)?))
    })
}

/// `read` says what attribute a member is, and its value, given those before it.
fn all<'j>(
    json: impl IntoIterator<Item = (&'j String, &'j Json)>,
    problems: &mut Vec<String>,
    read: impl Fn(&Attrs, &str, &Json) -> Result<(Attr, Option<Value>), String>,
) -> Attrs {
    let mut attrs = Attrs::new();
    for (name, json) in json {
        match read(&attrs, name, json) {
            Ok((attr, value)) => attrs.put(attr, value),
            Err(problem) => problems.push(problem),
        }
    }
    attrs
}
