//! How statements are carried out, for tests.

use super::File;

/// The plan of a statement names this index, and has the rows in the order that is asked for: a statement
/// that every page runs must neither walk a table nor sort what is on all pages together.
pub(crate) fn assert_plan(sql: &str, index: &str) {
    let plan = plan(sql);
    assert!(plan.contains(index), "{plan}");
    assert!(!plan.contains("TEMP B-TREE"), "{plan}");
}

/// How a statement is carried out, one step per line, in a new database.
#[allow(clippy::unwrap_used, reason = "a test that can not go on should stop")]
pub(crate) fn plan(sql: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = File::open(&folder.path().join("plan.db")).unwrap();
    let writer = file.writer.lock();
    let mut statement = writer
        .connection
        .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
        .unwrap();
    for parameter in 1..=statement.parameter_count() {
        statement
            .raw_bind_parameter(parameter, rusqlite::types::Null)
            .unwrap();
    }
    let mut rows = statement.raw_query();
    let mut steps: Vec<String> = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        steps.push(row.get(3).unwrap());
    }
    steps.join("\n")
}
