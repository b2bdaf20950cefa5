//! Directory objects as JSON, written by the entity table: straight from what is stored, as pages hold
//! a thousand of them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::value::{RawValue, to_raw_value, to_value};
use serde_json::{Map, Value as Json};
use syncline_model::{Attr, EntityKind, EntityType, Problem, Property, Schema, Value};
use syncline_odata::{QueryOptions, Selection};
use syncline_store::Stored;

use super::{complex, credentials, value};

/// The properties that an answer shows of objects of one kind, in order of name.
#[derive(Debug, Default)]
pub struct Columns(Vec<Property>);

impl Columns {
    pub fn of(entity: &EntityType, selection: &Selection) -> Self {
        let mut properties: Vec<Property> = selection
            .attrs
            .iter()
            .filter_map(|attr| entity.property(*attr))
            .filter(|it| it.visible)
            .cloned()
            .collect();
        properties.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        Self(properties)
    }

    /// What an answer without `$select` shows: no extensions, so that the core table will do.
    pub fn default_of(kind: EntityKind) -> Self {
        let entity = Schema::core().of(kind);
        QueryOptions::default()
            .selection(entity)
            // Without names there is nothing to refuse.
            .map_or_else(
                |_| Self::default(),
                |selection| Self::of(entity, &selection),
            )
    }

    /// All that is asked of a stored object to show it.
    pub fn attrs(&self) -> impl Iterator<Item = Attr> {
        self.0.iter().map(|property| property.attr)
    }

    fn shows(&self, name: &str) -> bool {
        self.0.iter().any(|it| it.name == name)
    }
}

/// A stored object with exactly the properties of its columns, nulls included, and what else was
/// inserted. Members are written in order of name, as those of every JSON object here.
#[derive(Debug)]
pub struct Object<'s> {
    stored: &'s Stored,
    columns: &'s Columns,
    inserted: Map<String, Json>,
    nulls: bool,
    keys: bool,
}

impl<'s> Object<'s> {
    pub fn new(stored: &'s Stored, columns: &'s Columns) -> Self {
        Self {
            stored,
            columns,
            inserted: Map::new(),
            nulls: true,
            keys: false,
        }
    }

    /// Leaves properties without a value out.
    #[must_use]
    pub fn without_nulls(mut self) -> Self {
        self.nulls = false;
        self
    }

    /// Shows the keys of certificates.
    pub fn show_keys(&mut self) {
        self.keys = true;
    }

    /// Whether a property is among those shown.
    pub fn shows(&self, name: &str) -> bool {
        self.columns.shows(name)
    }

    /// Adds a member, or shows this value instead of the stored one.
    pub fn insert(&mut self, name: &str, value: impl Into<Json>) {
        self.inserted.insert(name.to_owned(), value.into());
    }

    /// Adds `@odata.type`, as in collections of mixed kinds.
    pub fn insert_type(&mut self) {
        self.insert("@odata.type", odata_type(self.stored.entry.kind));
    }

    /// The JSON as text.
    pub fn written(&self) -> Result<Box<RawValue>, Problem> {
        to_raw_value(self).map_err(unwritten)
    }

    /// The JSON as a tree, to become part of another.
    pub fn json(&self) -> Result<Json, Problem> {
        to_value(self).map_err(unwritten)
    }
}

/// Nothing in an object can fail to be written; who changes that learns of it.
fn unwritten(error: serde_json::Error) -> Problem {
    Problem::internal(format!("an object could not be written: {error}"))
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(None)?;
        let mut inserted = self.inserted.iter().peekable();
        for property in &self.columns.0 {
            while let Some((name, value)) =
                inserted.next_if(|(it, _)| it.as_str() < &*property.name)
            {
                members.serialize_entry(name, value)?;
            }
            if let Some((name, value)) = inserted.next_if(|(it, _)| it.as_str() == property.name) {
                members.serialize_entry(name, value)?;
                continue;
            }
            let shown = Shown::of(self.stored, property, self.keys);
            if self.nulls || !shown.is_null() {
                members.serialize_entry(&property.name, &shown)?;
            }
        }
        for (name, value) in inserted {
            members.serialize_entry(name, value)?;
        }
        members.end()
    }
}

/// `#microsoft.graph.user`.
pub fn odata_type(kind: EntityKind) -> Json {
    format!("#microsoft.graph.{}", kind.graph_name()).into()
}

/// One property as it is shown; null, or an empty list, when the object has no value.
enum Shown<'s> {
    Null,
    Display(&'s dyn std::fmt::Display),
    Value(&'s Value),
    Json(Json),
}

impl<'s> Shown<'s> {
    fn of(stored: &'s Stored, property: &Property, keys: bool) -> Self {
        // A secret that got this far would be a mistake; it is not shown whatever the selection says.
        if property.sensitive {
            return Self::Null;
        }
        match property.attr {
            Attr::ID => Self::Display(&stored.entry.id),
            Attr::DELETED_DATE_TIME => match &stored.deleted_at {
                Some(at) => Self::Display(at),
                None => Self::Null,
            },
            Attr::CREATED_DATE_TIME if !stored.entry.attrs.contains(Attr::CREATED_DATE_TIME) => {
                Self::Display(&stored.created_at)
            }
            // Not nullable in Graph; objects of earlier versions do not have it.
            Attr::OAUTH2_REQUIRE_POST_RESPONSE
                if !stored
                    .entry
                    .attrs
                    .contains(Attr::OAUTH2_REQUIRE_POST_RESPONSE) =>
            {
                Self::Json(Json::Bool(false))
            }
            Attr::KEY_CREDENTIALS => {
                let stored = stored.entry.get(Attr::KEY_CREDENTIALS);
                let stored = stored.map(Value::as_slice).unwrap_or_default();
                Self::Json(credentials::key_credentials(stored, keys))
            }
            attr => Self::attribute(property, stored.entry.get(attr)),
        }
    }

    fn attribute(property: &Property, stored: Option<&'s Value>) -> Self {
        match (property.complex(), stored) {
            (Some(table), Some(Value::List(values))) => Self::Json(
                values
                    .iter()
                    .map(|it| complex::json(table, Some(it)))
                    .collect(),
            ),
            (Some(table), Some(one)) => Self::Json(complex::json(table, Some(one))),
            (Some(table), None) if table.always && !property.multi_valued => {
                Self::Json(complex::json(table, None))
            }
            (None, Some(one)) => Self::Value(one),
            (_, None) if property.empty_as_list => Self::Json(Json::Array(Vec::new())),
            (_, None) => Self::Null,
        }
    }

    fn is_null(&self) -> bool {
        matches!(
            self,
            Self::Null | Self::Value(Value::Null) | Self::Json(Json::Null)
        )
    }
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Display(it) => serializer.collect_str(it),
            Self::Value(value) => Written(value).serialize(serializer),
            Self::Json(json) => json.serialize(serializer),
        }
    }
}

/// A value as [`value::json`] would show it.
struct Written<'s>(&'s Value);

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Bool(it) => serializer.serialize_bool(*it),
            Value::Int(number) => serializer.serialize_i64(*number),
            Value::Text(text) => serializer.serialize_str(text),
            Value::Time(at) => serializer.collect_str(at),
            Value::Guid(id) => serializer.collect_str(&id.hyphenated()),
            Value::Bytes(bytes) => serializer.serialize_str(&STANDARD.encode(bytes)),
            Value::List(values) => serializer.collect_seq(values.iter().map(Written)),
            // In order of name and each name once.
            map @ Value::Map(_) => value::json(map).serialize(serializer),
            Value::Null => serializer.serialize_unit(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_written_as_it_is_shown_in_a_tree() {
        let at = syncline_model::Timestamp::parse("2024-02-29T23:59:59.5Z").unwrap();
        let map = Value::Map(vec![
            ("z".to_owned(), Value::Null),
            ("a".to_owned(), Value::Bytes(vec![0, 255])),
        ]);
        for value in [
            Value::Bool(true),
            Value::Int(-7),
            Value::text("\"Zoë\"\n\u{1} </script> \u{2028}"),
            Value::Time(at),
            Value::Guid(uuid::Uuid::from_u128(0xABCDEF)),
            Value::Bytes(b"\xff\xfe?".to_vec()),
            Value::Null,
            map.clone(),
            Value::List(vec![
                Value::text("one"),
                Value::List(vec![map]),
                Value::Null,
            ]),
            Value::List(Vec::new()),
        ] {
            assert_eq!(
                serde_json::to_string(&Written(&value)).unwrap(),
                value::json(&value).to_string()
            );
        }
    }
}
