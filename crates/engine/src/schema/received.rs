//! A schema as clients and people send it.

use serde_json::Value as Json;

use super::{SchemaDiagnostic, SynchronizationSchema, shape};

/// Reads a schema that was sent: without annotations (`@odata.type` at any depth), and with names
/// that start with a capital letter, as PowerShell writes them (`SynchronizationRules`).
///
/// # Errors
/// What is no schema at all; whether it is a good one is told by [`super::compile`].
pub fn received(json: Json) -> Result<SynchronizationSchema, SchemaDiagnostic> {
    if records(&json) > MOST_RECORDS {
        let must = format!("must have at most {MOST_RECORDS} objects, `{{…}}`, in it");
        return Err(unreadable(String::new(), &must));
    }
    let json = plain(json);
    if let Some((path, must)) = shape::misfit(&json) {
        return Err(unreadable(path, must));
    }
    let mut schema: SynchronizationSchema = serde_json::from_value(json)
        .map_err(|_| unreadable(String::new(), "is no synchronizationSchema"))?;
    for directory in &mut schema.directories {
        // Read-only, hence left out by clients that send back what they read.
        directory
            .discoverabilities
            .get_or_insert_with(|| "None".to_owned());
    }
    Ok(schema)
}

/// Objects of JSON in a schema, at any depth. Each takes hundreds of bytes once it is read, an empty one two
/// before; a schema with thousands of extensions has some ten thousand.
const MOST_RECORDS: usize = 200_000;

/// Not deeper than the JSON's reader lets it be.
fn records(json: &Json) -> usize {
    match json {
        Json::Object(members) => 1 + members.values().map(records).sum::<usize>(),
        Json::Array(items) => items.iter().map(records).sum(),
        _ => 0,
    }
}

fn unreadable(path: String, must: &str) -> SchemaDiagnostic {
    let what = if path.is_empty() { "the schema" } else { &path };
    SchemaDiagnostic {
        message: format!("{what} {must}"),
        path,
        code: SchemaDiagnostic::INVALID,
        span: None,
        place: None,
    }
}

/// The ids of the rules of a job, when `schema` does not hold just these. A rule's id is the
/// engine's, not the client's: on demand, subjects are provisioned by it, and a schema without the
/// rule would quietly synchronize nobody.
pub fn other_rules(
    schema: &SynchronizationSchema,
    before: &SynchronizationSchema,
) -> Option<Vec<String>> {
    let ids = |schema: &SynchronizationSchema| -> Vec<String> {
        let rules = schema.synchronization_rules.iter();
        let mut ids: Vec<String> = rules.map(|rule| rule.id.to_ascii_lowercase()).collect();
        ids.sort();
        ids
    };
    let known = ids(before);
    (ids(schema) != known).then_some(known)
}

/// Without annotations, and with names that begin with a small letter, at any depth.
pub fn plain(json: Json) -> Json {
    match json {
        Json::Object(members) => Json::Object(
            members
                .into_iter()
                .filter(|(name, _)| !name.contains('@'))
                .map(|(name, value)| {
                    let mut letters = name.chars();
                    let name = match letters.next() {
                        Some(first) => first.to_ascii_lowercase().to_string() + letters.as_str(),
                        None => name,
                    };
                    (name, plain(value))
                })
                .collect(),
        ),
        Json::Array(items) => Json::Array(items.into_iter().map(plain).collect()),
        other => other,
    }
}
