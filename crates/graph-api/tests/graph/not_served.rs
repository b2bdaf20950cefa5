//! What the reference says is not served is not.

use crate::world::World;

const REFERENCE: &str = include_str!("../../../../docs/reference/graph.md");
const NOBODY: &str = "01234567-89ab-4def-8123-456789abcdef";

/// Method and address of every call in the table's first column.
fn calls() -> Vec<(&'static str, &'static str)> {
    let (_, section) = REFERENCE.split_once("\n## What is not served\n").unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let columns = rows.map(|row| row.split(" | ").next().unwrap());
    let calls = columns.flat_map(|column| column.split('`').skip(1).step_by(2));
    calls.map(|call| call.split_once(' ').unwrap()).collect()
}

#[test]
fn the_reference_lists_only_what_is_not_served() {
    let world = World::new();
    let calls = calls();
    assert!(calls.len() > 30, "{calls:?}");
    for (method, path) in calls {
        let of_one = path.contains('{');
        let mut url = path.to_owned();
        for name in ["{id}", "{jobId}"] {
            url = url.replace(name, NOBODY);
        }
        for version in ["v1.0", "beta"] {
            let answer = world
                .contoso()
                .send(method, &format!("/{version}{url}"), Vec::new());
            let (status, text) = (answer.status, answer.text());
            let is_unknown = text.contains("Resource not found for the segment");
            // A name in the place of an id is nobody's.
            let is_nobody = !of_one && status == 404;
            assert!(
                is_unknown || is_nobody || status == 405,
                "{method} {path}: {status} {text}"
            );
        }
    }
}
