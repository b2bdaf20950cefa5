//! Directory objects as JSON, written by the entity table.

use serde_json::{Map, Value as Json};
use syncline_model::{Attr, EntityKind, Property, PropertyType, Schema, Value};
use syncline_odata::{QueryOptions, Selection};
use syncline_store::Stored;

use super::{complex, value};

/// The JSON object of a stored object with exactly the selected properties, nulls included.
pub fn object(stored: &Stored, selection: &Selection) -> Map<String, Json> {
    let entity = Schema::core().of(stored.entry.kind);
    let selected = selection
        .attrs
        .iter()
        .filter_map(|attr| entity.property(*attr))
        .filter(|it| it.visible);
    selected
        .map(|property| (property.name.to_owned(), member(stored, property)))
        .collect()
}

/// The same with `@odata.type` first, as in collections of mixed kinds.
pub fn typed(stored: &Stored, selection: &Selection) -> Map<String, Json> {
    let mut json = object(stored, selection);
    json.insert("@odata.type".to_owned(), odata_type(stored.entry.kind));
    json
}

/// `#microsoft.graph.user`.
pub fn odata_type(kind: EntityKind) -> Json {
    format!("#microsoft.graph.{}", kind.graph_name()).into()
}

/// What an answer without `$select` shows.
pub fn default_selection(kind: EntityKind) -> Selection {
    let entity = Schema::core().of(kind);
    // Without names there is nothing to refuse.
    QueryOptions::default()
        .selection(entity)
        .unwrap_or(Selection {
            explicit: false,
            attrs: Vec::new(),
            navigation: Vec::new(),
        })
}

/// One property; null, or an empty list, when the object has no value.
pub fn member(stored: &Stored, property: &Property) -> Json {
    // A secret that got this far would be a mistake; it is not shown whatever the selection says.
    if property.sensitive {
        return Json::Null;
    }
    match property.attr {
        Attr::ID => stored.entry.id.to_string().into(),
        Attr::DELETED_DATE_TIME => stored.deleted_at.map(|at| at.to_string()).into(),
        Attr::CREATED_DATE_TIME if !stored.entry.attrs.contains(Attr::CREATED_DATE_TIME) => {
            stored.created_at.to_string().into()
        }
        attr => shown(property, stored.entry.get(attr)),
    }
}

fn shown(property: &Property, stored: Option<&Value>) -> Json {
    let table = match property.kind {
        PropertyType::Complex => complex::of(property.attr),
        _ => None,
    };
    match (table, stored) {
        (Some(table), Some(Value::List(values))) => {
            values.iter().map(|it| table.json(Some(it))).collect()
        }
        (Some(table), Some(one)) => table.json(Some(one)),
        (Some(table), None) if table.always && !property.multi_valued => table.json(None),
        (None, Some(one)) => value::json(one),
        (_, None) if property.empty_as_list => Json::Array(Vec::new()),
        (_, None) => Json::Null,
    }
}
