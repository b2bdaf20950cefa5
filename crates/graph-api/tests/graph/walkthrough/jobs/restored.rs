//! A configuration that comes back from the recycle bin, as the reference tells it.

use serde_json::{Value as Json, json};

use crate::walkthrough::callers::everything;
use crate::walkthrough::setup::{Configuration, configure, employee, synchronized, trust};
use crate::world::World;

const BIN: &str = "/v1.0/directory/deletedItems";

#[test]
fn it_has_who_is_assigned_and_neither_job_nor_secrets() {
    let world = World::new();
    trust(&world);
    let admin = everything(&world, "contoso");
    let ada = employee(&world, "ada", "Marketing");
    let application: fn(&Configuration) -> Vec<(&str, &str)> = |it| {
        vec![
            ("applications", it.application.as_str()),
            ("servicePrincipals", it.service_principal.as_str()),
        ]
    };
    let service_principal: fn(&Configuration) -> Vec<(&str, &str)> =
        |it| vec![("servicePrincipals", it.service_principal.as_str())];
    for objects in [service_principal, application] {
        let configuration = configure(&world);
        configuration.assign(&world, &ada);
        configuration.start(&world);
        configuration.cycle(&world);
        let there = synchronized(&world, "fabrikam");
        assert_eq!(there.len(), 1);
        let (kind, id) = objects(&configuration)[0];
        admin.delete(&format!("/v1.0/{kind}/{id}")).no_content();
        for (_, id) in objects(&configuration) {
            admin.post(&format!("{BIN}/{id}/restore"), json!({})).ok();
        }

        for what in ["/jobs", "/secrets"] {
            let left = admin.get(&configuration.url(what)).ok();
            assert_eq!(left["value"], json!([]), "{what}");
        }
        let assigned = format!(
            "/v1.0/servicePrincipals/{}/appRoleAssignedTo",
            configuration.service_principal
        );
        let assigned = admin.get(&assigned).ok();
        let ids: Vec<&Json> = assigned["value"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| &it["principalId"])
            .collect();
        assert_eq!(ids, [&json!(ada)]);
        assert_eq!(synchronized(&world, "fabrikam"), there);
    }
}
