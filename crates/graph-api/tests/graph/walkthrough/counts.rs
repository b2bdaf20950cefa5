//! `/$count` behind a collection.

use syncline_graph_api::routes;

use super::callers::everything;
use super::setup::configure;
use crate::world::World;

/// What they answer is made of what is sent, and is no collection.
const FUNCTIONS: [&str; 3] = ["delta", "functions", "filterOperators"];

const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";

#[test]
fn every_collection_tells_how_many_it_has() {
    let world = World::new();
    let configuration = configure(&world);
    let admin = everything(&world, "contoso");
    let (ann, sales) = (world.user("ann"), world.group("sales"));
    world.join(&sales, &ann);
    configuration.assign(&world, &ann);
    let mut counted = 0;
    for route in routes::all().filter(|route| route.method == "GET") {
        let mut words = route.pattern.trim_start_matches('/').split('/');
        let (first, last) = (words.next().unwrap(), words.next_back().unwrap_or_default());
        if last.starts_with(['{', '$']) || FUNCTIONS.contains(&last) {
            continue;
        }
        let owner = match first {
            "users" => &ann,
            "groups" => &sales,
            "applications" => &configuration.application,
            "servicePrincipals" => &configuration.service_principal,
            _ => GLOBAL_ADMINISTRATOR,
        };
        let url = format!("/v1.0{}", route.pattern)
            .replace("{id}", owner)
            .replace("{jobId}", &configuration.job)
            .replace("{templateId}", "Azure2Azure");
        let answer = admin.get(&url);
        if answer.status != 200 {
            continue;
        }
        let Some(items) = answer.json()["value"].as_array().map(Vec::len) else {
            continue;
        };
        let count = admin.eventual().get(&format!("{url}/$count"));
        assert_eq!(
            (count.status, count.text()),
            (200, items.to_string()),
            "{url}"
        );
        assert!(count.header("content-type").starts_with("text/plain"));
        counted += 1;
    }
    assert!(counted > 35, "{counted} collections");
}

/// As many as the list would have.
#[test]
fn what_is_counted_is_what_the_filter_finds() {
    let world = World::new();
    let admin = everything(&world, "contoso");
    for (url, filter, found) in [
        (
            "directoryRoleTemplates",
            "displayName eq 'Global Administrator'",
            1,
        ),
        (
            "roleManagement/directory/roleDefinitions",
            "displayName eq 'Nobody'",
            0,
        ),
        ("domains", "id eq 'contoso.example'", 1),
        ("oauth2PermissionGrants", "consentType eq 'Principal'", 0),
    ] {
        let count = admin.get(&format!("/v1.0/{url}/$count?$filter={filter}"));
        assert_eq!(
            (count.status, count.text()),
            (200, found.to_string()),
            "{url}"
        );
    }
}
