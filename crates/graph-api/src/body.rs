//! Request bodies: JSON objects whose names match in any case (PowerShell sends `TenantId`).

use std::collections::HashMap;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value as Json;
use syncline_model::{Problem, Timestamp};
use uuid::Uuid;

/// A JSON object. Of duplicate names the last wins; annotations (`@odata.type`, `x@odata.bind`) are
/// kept apart from properties.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Body {
    /// For messages: `User`, `CrossTenantAccessPolicyConfigurationPartner`.
    resource: String,
    members: Vec<(String, Json)>,
}

/// Graph's words for a body that can not be read at all.
pub(crate) const UNREADABLE: &str = "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.";

impl Body {
    /// Reads the bytes of a request. `type_name` is the Graph type expected, without namespace: an
    /// `@odata.type` may repeat it and must not contradict it.
    ///
    /// # Errors
    /// 400 when the bytes are no JSON object or speak of another type.
    pub fn parse(bytes: &[u8], type_name: &str) -> Result<Self, Problem> {
        // Windows tools like to begin a text with a byte order mark.
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let object: Object =
            serde_json::from_slice(bytes).map_err(|_| Problem::malformed(UNREADABLE))?;
        let body = Self {
            resource: capitalized(type_name),
            members: object.0,
        };
        body.check_type(type_name)?;
        Ok(body)
    }

    fn check_type(&self, expected: &str) -> Result<(), Problem> {
        let Some(sent) = self.member("@odata.type") else {
            return Ok(());
        };
        let text = sent.as_str().unwrap_or_default().trim_start_matches('#');
        let name = text.strip_prefix("microsoft.graph.").unwrap_or(text);
        if expected.is_empty() || name.eq_ignore_ascii_case(expected) {
            return Ok(());
        }
        Err(Problem::malformed(format!(
            "A type named '{text}' was found where the type 'microsoft.graph.{expected}' was expected."
        )))
    }

    /// The raw member of this name, property or annotation.
    pub fn member(&self, name: &str) -> Option<&Json> {
        self.members
            .iter()
            .rev()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// Properties in the order sent, annotations left out; a name sent twice counts once, with its
    /// last value.
    pub fn properties(&self) -> impl Iterator<Item = (&str, &Json)> {
        // A body may have hundreds of thousands of members: each is looked up, not searched for.
        let last: HashMap<String, usize> = self
            .members
            .iter()
            .enumerate()
            .map(|(at, (name, _))| (name.to_ascii_lowercase(), at))
            .collect();
        self.members
            .iter()
            .enumerate()
            .filter(move |(at, (name, _))| {
                !name.contains('@') && last.get(&name.to_ascii_lowercase()) == Some(at)
            })
            .map(|(_, (name, value))| (name.as_str(), value))
    }

    /// Takes a property out, for whoever reads it by itself.
    pub fn remove(&mut self, name: &str) {
        self.members
            .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    }

    /// The type name that messages use.
    pub fn resource(&self) -> &str {
        &self.resource
    }

    /// Refuses properties that are not in the list.
    ///
    /// # Errors
    /// 400 `Request_BadRequest` naming the first one.
    pub fn only(&self, known: &[&str]) -> Result<(), Problem> {
        match self
            .properties()
            .find(|(name, _)| !known.iter().any(|it| it.eq_ignore_ascii_case(name)))
        {
            Some((name, _)) => Err(unknown_property(name)),
            None => Ok(()),
        }
    }

    /// Whether the property was sent, be it null.
    pub fn has(&self, name: &str) -> bool {
        self.member(name).is_some()
    }

    /// The property, unless absent or null.
    pub fn value(&self, name: &str) -> Option<&Json> {
        self.member(name).filter(|value| !value.is_null())
    }

    /// A text; `None` when absent or null.
    ///
    /// # Errors
    /// 400 when it is of another type, as in the other readers.
    pub fn text(&self, name: &str) -> Result<Option<&str>, Problem> {
        self.value(name)
            .map(|value| value.as_str().ok_or_else(|| self.invalid(name)))
            .transpose()
    }

    /// A text that must be there and not be empty.
    pub fn required_text(&self, name: &str) -> Result<&str, Problem> {
        self.text(name)?
            .filter(|it| !it.trim().is_empty())
            .ok_or_else(|| self.missing(name))
    }

    /// A Boolean. The texts "true" and "false" count too: PowerShell tabs of Graph's own pages send
    /// `"True"`.
    pub fn boolean(&self, name: &str) -> Result<Option<bool>, Problem> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        let text = value.as_str().map(str::trim);
        match value.as_bool() {
            Some(it) => Ok(Some(it)),
            None if text.is_some_and(|it| it.eq_ignore_ascii_case("true")) => Ok(Some(true)),
            None if text.is_some_and(|it| it.eq_ignore_ascii_case("false")) => Ok(Some(false)),
            None => Err(self.invalid(name)),
        }
    }

    /// A GUID.
    pub fn guid(&self, name: &str) -> Result<Option<Uuid>, Problem> {
        let parse = |text: &str| Uuid::parse_str(text).ok().filter(|_| text.len() == 36);
        self.text(name)?
            .map(|text| parse(text).ok_or_else(|| self.invalid(name)))
            .transpose()
    }

    /// A GUID that must be there.
    pub fn required_guid(&self, name: &str) -> Result<Uuid, Problem> {
        self.guid(name)?.ok_or_else(|| self.missing(name))
    }

    /// A point in time.
    pub fn time(&self, name: &str) -> Result<Option<Timestamp>, Problem> {
        self.text(name)?
            .map(|text| Timestamp::parse(text).ok_or_else(|| self.invalid(name)))
            .transpose()
    }

    /// A list; `None` when absent or null.
    pub fn list(&self, name: &str) -> Result<Option<&[Json]>, Problem> {
        self.value(name)
            .map(|value| {
                value
                    .as_array()
                    .map(Vec::as_slice)
                    .ok_or_else(|| self.invalid(name))
            })
            .transpose()
    }

    /// A list of texts.
    pub fn texts(&self, name: &str) -> Result<Option<Vec<&str>>, Problem> {
        let Some(list) = self.list(name)? else {
            return Ok(None);
        };
        list.iter()
            .map(|it| it.as_str().ok_or_else(|| self.invalid(name)))
            .collect::<Result<_, _>>()
            .map(Some)
    }

    /// A nested object.
    pub fn object(&self, name: &str) -> Result<Option<Body>, Problem> {
        self.value(name)
            .map(|value| Self::nested(value, name).ok_or_else(|| self.invalid(name)))
            .transpose()
    }

    /// A list of nested objects.
    pub fn objects(&self, name: &str) -> Result<Option<Vec<Body>>, Problem> {
        let Some(list) = self.list(name)? else {
            return Ok(None);
        };
        list.iter()
            .map(|it| Self::nested(it, name).ok_or_else(|| self.invalid(name)))
            .collect::<Result<_, _>>()
            .map(Some)
    }

    /// The references of `name@odata.bind`: one URL or a list of them.
    pub fn binds(&self, name: &str) -> Result<Vec<&str>, Problem> {
        let annotation = format!("{name}@odata.bind");
        match self.member(&annotation) {
            None | Some(Json::Null) => Ok(Vec::new()),
            Some(Json::String(url)) => Ok(vec![url]),
            Some(Json::Array(urls)) => urls
                .iter()
                .map(|it| it.as_str().ok_or_else(|| self.invalid(&annotation)))
                .collect(),
            Some(_) => Err(self.invalid(&annotation)),
        }
    }

    /// Refuses references bound to names that are not in the list: they would be passed over.
    ///
    /// # Errors
    /// 400 `Request_BadRequest` naming the first one.
    pub fn only_binds(&self, known: &[&str]) -> Result<(), Problem> {
        for (annotation, value) in &self.members {
            let Some((name, kind)) = annotation.split_once('@') else {
                continue;
            };
            if !kind.eq_ignore_ascii_case("odata.bind") {
                continue;
            }
            // Clients send what they leave out as null, or as a list of nothing.
            let nothing = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
            if nothing || known.iter().any(|it| it.eq_ignore_ascii_case(name)) {
                continue;
            }
            let instead = match known {
                [] => "Refer to other objects by requests of their own, to '…/$ref'.".to_owned(),
                known => format!("What can be bound here: {}.", known.join(", ")),
            };
            return Err(Problem::bad_request(format!(
                "'{annotation}' cannot be bound by this request. {instead}"
            )));
        }
        Ok(())
    }

    /// 400: the property has a wrong value.
    pub fn invalid(&self, property: &str) -> Problem {
        if self.resource.is_empty() {
            let message = format!("Invalid value specified for property '{property}'.");
            return Problem::bad_request(message.clone()).with_detail(
                "InvalidValue",
                message,
                Some(property),
            );
        }
        Problem::invalid_value(property, &self.resource)
    }

    /// 400: the property must be given.
    pub fn missing(&self, property: &str) -> Problem {
        let mut message = format!("A value is required for property '{property}'");
        // The parameters of an action are of no resource.
        if !self.resource.is_empty() {
            message.push_str(&format!(" of resource '{}'", self.resource));
        }
        message.push('.');
        Problem::bad_request(message.clone()).with_detail("MissingValue", message, Some(property))
    }

    fn nested(value: &Json, name: &str) -> Option<Self> {
        let members = value
            .as_object()?
            .iter()
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        Some(Self {
            resource: capitalized(name),
            members,
        })
    }
}

/// 400 in Graph's words.
pub(crate) fn unknown_property(name: &str) -> Problem {
    Problem::bad_request(format!("Invalid property '{name}'."))
}

/// `user` → `User`: messages speak of resources with a capital letter.
pub(crate) fn capitalized(name: &str) -> String {
    let mut letters = name.chars();
    letters
        .next()
        .map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
        .unwrap_or_default()
}

/// An object with its members in the order sent, duplicates included.
struct Object(Vec<(String, Json)>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Object;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Object(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}
