//! Attributes written down as JSON become those of an object.

use serde_json::{Map, Value as Json};
use syncline_expression::closest;
use syncline_expression::sample::value_of;
use syncline_model::{Attrs, EntityType, Property, PropertyType, Value};

use crate::decide::coerce;

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
            "`{}` refers to other objects, which a suite does not have; leave it out",
            property.engine_or_graph_name()
        ));
    }
    match value_of(json) {
        None => Ok(None),
        Some(value) => coerce::to_property(property, value).map_err(|it| it.to_string()),
    }
}

/// All attributes; what is wrong with them goes to `problems`.
pub(super) fn attributes(
    types: &EntityType,
    json: &Map<String, Json>,
    problems: &mut Vec<String>,
) -> Attrs {
    let mut attrs = Attrs::new();
    for (name, json) in json {
        let read = property(types, name).and_then(|it| Ok((it.attr, value(it, json)?)));
        match read {
            Ok((attr, value)) => attrs.put(attr, value),
            Err(problem) => problems.push(problem),
        }
    }
    attrs
}
