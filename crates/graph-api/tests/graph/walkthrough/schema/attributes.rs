//! Attributes that no mapping fills at first, and that one may fill.

use serde_json::{Value as Json, json};

use super::*;
use crate::walkthrough::callers::everything;
use crate::walkthrough::setup::employee;
use crate::world::World;

#[test]
fn the_day_on_which_somebody_leaves_follows_when_it_is_mapped() {
    let world = World::new();
    let job = Job::new(&world);
    let ada = employee(&world, "ada", "Marketing");
    job.configuration.assign(&world, &ada);
    job.configuration.start(&world);
    let mut schema = job.schema();
    let mut leaves = mapping(&mut schema, "department").clone();
    leaves["targetAttributeName"] = "employeeLeaveDateTime".into();
    leaves["source"] = json!({
        "expression": "[employeeLeaveDateTime]",
        "name": "employeeLeaveDateTime",
        "type": "Attribute",
        "parameters": [],
    });
    users(&mut schema)["attributeMappings"]
        .as_array_mut()
        .unwrap()
        .push(leaves);
    job.put(&schema).no_content();
    for day in [json!("2026-12-31T17:00:00Z"), Json::Null] {
        job.client
            .patch(
                &format!("/v1.0/users/{ada}"),
                json!({"employeeLeaveDateTime": day}),
            )
            .no_content();
        job.configuration.cycle(&world);
        let there = everything(&world, "fabrikam")
            .all("/v1.0/users?$filter=creationType eq 'Invitation'&$select=employeeLeaveDateTime");
        assert_eq!(there[0]["employeeLeaveDateTime"], day);
    }
}
