//! Owners of groups, applications and service principals.

use serde_json::json;

use crate::world::{World, each, id, reference};

#[test]
fn owners_are_added_once_listed_and_removed() {
    let world = World::new();
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    let contoso = &world.tenants.contoso;
    for owned in [
        format!("/v1.0/groups/{}", world.group("sales")),
        format!("/v1.0/applications/{}", contoso.application),
        format!("/v1.0/servicePrincipals/{}", contoso.service_principal),
    ] {
        let url = format!("{owned}/owners");
        world
            .contoso()
            .post(&format!("{url}/$ref"), reference(&ann))
            .no_content();
        world
            .contoso()
            .post(&format!("{url}/$ref"), reference(&ann))
            .problem(400, "Request_BadRequest");
        let owners = world.contoso().get(&url).ok();
        assert_eq!(
            (each(&owners, "id"), &owners["value"][0]["@odata.type"]),
            (vec![ann.clone()], &json!("#microsoft.graph.user"))
        );
        world
            .contoso()
            .delete(&format!("{url}/{bob}/$ref"))
            .problem(404, "Request_ResourceNotFound");
        world
            .contoso()
            .delete(&format!("{url}/{ann}/$ref"))
            .no_content();
        assert_eq!(world.contoso().get(&url).ok()["value"], json!([]));
    }
}

#[test]
fn whoever_registers_an_application_owns_it() {
    let world = World::new();
    let ann = world.user("ann");
    let client = world.signed_in(
        &ann,
        &["Application.ReadWrite.All"],
        &[syncline_access::DirectoryRole::ApplicationAdministrator],
    );
    let application = client
        .post("/v1.0/applications", json!({"displayName": "Tool"}))
        .created();
    let owners = world
        .contoso()
        .get(&format!("/v1.0/applications/{}/owners", id(&application)))
        .ok();
    assert_eq!(each(&owners, "id"), [ann]);
}
