//! A file of cases.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value as Json};
use syncline_model::Timestamp;

/// The file. Unknown members are refused: a misspelt expectation would expect nothing.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Suite {
    /// A schema as `GET …/schema` shows it: a path, relative to the file. Without, the default
    /// schema of cross-tenant synchronization.
    pub schema: Option<String>,
    /// What `DefaultDomain()` yields.
    #[serde(default = "source_domain")]
    pub source_default_domain: String,
    /// Where sign-in names of external users live.
    #[serde(default = "target_domain")]
    pub target_initial_domain: String,
    /// What `Now()` says.
    #[serde(default, deserialize_with = "time")]
    pub now: Option<Timestamp>,
    /// Everybody is in scope by assignment; otherwise those with `roles`.
    #[serde(default = "yes")]
    pub sync_all: bool,
    pub cases: Vec<Case>,
}

/// One object, and what should become of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Case {
    pub name: String,
    /// `User` or `Group`.
    #[serde(default = "user")]
    pub object: String,
    /// Attributes by the names that mappings use. `accountEnabled` is true when left out.
    pub source: Map<String, Json>,
    /// Names of the app roles the object holds.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Ids of the objects it refers to: `{"manager": ["…"], "memberOf": ["…"]}`.
    #[serde(default)]
    pub references: BTreeMap<String, Vec<String>>,
    /// What the target has already: then the object is updated, otherwise created.
    pub current: Option<Map<String, Json>>,
    /// In scope when left out.
    #[serde(default = "yes")]
    pub in_scope: bool,
    /// Attributes the target has afterwards; null for none. Those not named may have any value.
    #[serde(default)]
    pub target: Map<String, Json>,
    /// A part of the reason for which the object should fail.
    pub fails: Option<String>,
}

fn source_domain() -> String {
    "contoso.example".to_owned()
}

fn target_domain() -> String {
    "fabrikam.onmicrosoft.com".to_owned()
}

fn user() -> String {
    "User".to_owned()
}

fn yes() -> bool {
    true
}

fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let text = String::deserialize(deserializer)?;
    Timestamp::parse(&text).map(Some).ok_or_else(|| {
        serde::de::Error::custom(format!(
            "`{text}` is not a time such as 2026-01-31T12:00:00Z"
        ))
    })
}
