//! Full-size schemas survive being read and written: everything in them comes out as it went in.

use serde_json::Value as Json;
use syncline_engine::schema::{SynchronizationSchema, compile};
use syncline_model::Schema;

/// Ours, with every member there is, and some that there are not yet.
const OURS: &str = include_str!("samples/full-schema.json");

/// Names a file with another one, such as the fullest public one (Graph's documentation has it as
/// `synchronization_schema_sample.md`).
const VARIABLE: &str = "SYNCLINE_SCHEMA_SAMPLE";

#[test]
fn ours_survives_unchanged_and_compiles() {
    let schema = survives(OURS);
    assert!(schema.directories.len() == 2 && OURS.len() > 100_000);
    match compile(&schema, Schema::core()) {
        // Users and groups; the helper mapping makes no rule.
        Ok(rules) => assert_eq!(rules.len(), 2),
        Err(problems) => panic!("{problems:#?}"),
    }
}

#[test]
fn the_public_one_survives_unchanged() {
    #[expect(
        clippy::disallowed_methods,
        reason = "where a file is that can not be part of this project"
    )]
    let Ok(path) = std::env::var(VARIABLE) else {
        eprintln!("NOT RUN: {VARIABLE} names no file with a full-size schema");
        return;
    };
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    // In a page of documentation it stands between fences.
    let json = match text.split_once("```json") {
        Some((_, rest)) => rest.split_once("```").expect("a fence that is closed").0,
        None => &text,
    };
    let schema = survives(json);
    assert!(!schema.synchronization_rules.is_empty());
}

#[track_caller]
fn survives(text: &str) -> SynchronizationSchema {
    let before: Json = serde_json::from_str(text).expect("the sample is JSON");
    let schema: SynchronizationSchema = serde_json::from_str(text).expect("it is a schema");
    let after = serde_json::to_value(&schema).expect("it can be written");
    if let Some(difference) = lost("", &before, &after) {
        panic!("{difference}");
    }
    // And a second time, as GET and PUT take turns.
    let again: SynchronizationSchema =
        serde_json::from_value(after.clone()).expect("it reads back");
    assert_eq!(
        serde_json::to_value(&again).expect("it can be written"),
        after
    );
    schema
}

/// The first member that is not the same afterwards. Members that were left out may come out with
/// their defaults, as GET shows them.
fn lost(path: &str, before: &Json, after: &Json) -> Option<String> {
    match (before, after) {
        (Json::Object(before), Json::Object(after)) => before.iter().find_map(|(name, value)| {
            let path = format!("{path}.{name}");
            match after.get(name) {
                Some(after) => lost(&path, value, after),
                None => Some(format!("{path} is lost")),
            }
        }),
        (Json::Array(before), Json::Array(after)) if before.len() == after.len() => before
            .iter()
            .zip(after)
            .enumerate()
            .find_map(|(at, (before, after))| lost(&format!("{path}[{at}]"), before, after)),
        _ if before == after => None,
        _ => Some(format!("{path}: {before} became {after}")),
    }
}
