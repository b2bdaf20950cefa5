//! `/organization`, `/domains`

use serde_json::json;

use crate::world::{World, each, id};

#[test]
fn the_organization_is_the_callers_tenant() {
    let world = World::new();
    let all = world.contoso().get("/v1.0/organization").ok();
    let tenant = &all["value"][0];
    assert_eq!(each(&all, "id"), [world.tenants.contoso.id.to_string()]);
    assert_eq!(
        (&tenant["displayName"], &tenant["tenantType"]),
        (&json!("Contoso"), &json!("AAD"))
    );
    let domains = tenant["verifiedDomains"].as_array().unwrap();
    assert_eq!(
        domains.iter().filter(|it| it["isDefault"] == true).count(),
        1
    );
    assert_eq!(
        domains.iter().filter(|it| it["isInitial"] == true).count(),
        1
    );
    let url = format!(
        "/v1.0/organization/{}?$select=displayName",
        world.tenants.contoso.id
    );
    let one = world.contoso().get(&url).ok();
    assert_eq!(one.as_object().unwrap().len(), 2);
    world
        .contoso()
        .get(&format!("/v1.0/organization/{}", world.tenants.fabrikam.id))
        .problem(404, "Request_ResourceNotFound");
}

#[test]
fn any_signed_in_user_may_read_it() {
    let world = World::new();
    let ann = world.user("ann");
    world
        .signed_in(&ann, &["User.Read"], &[])
        .get("/v1.0/organization")
        .ok();
}

#[test]
fn domains_are_listed_filtered_and_read() {
    let world = World::new();
    let all = world.contoso().get("/v1.0/domains").ok();
    assert_eq!(all["value"].as_array().unwrap().len(), 2);
    let default = world
        .contoso()
        .get("/v1.0/domains?$filter=isDefault eq true")
        .ok();
    assert_eq!(each(&default, "id"), ["contoso.example"]);
    assert_eq!(
        id(&world.contoso().get("/v1.0/domains/CONTOSO.example").ok()),
        "contoso.example"
    );
    world
        .contoso()
        .get("/v1.0/domains/fabrikam.example")
        .problem(404, "Request_ResourceNotFound");
}
