//! Directory roles are made from templates.

use serde_json::json;
use syncline_access::DirectoryRole;

use crate::world::{World, each, id, text};

const USER_ADMINISTRATOR: &str = "fe930be7-5e62-47db-91af-98c3a49a38b1";
const ROLES: &str = "/v1.0/directoryRoles";
const TEMPLATES: &str = "/v1.0/directoryRoleTemplates";

#[test]
fn every_role_has_a_template() {
    let world = World::new();
    let all = world.contoso().get(TEMPLATES).ok();
    assert_eq!(each(&all, "id").len(), DirectoryRole::ALL.len());
    assert_eq!(
        text(&all, "@odata.context"),
        "https://localhost:8443/v1.0/$metadata#directoryRoleTemplates"
    );
    let one = world
        .contoso()
        .get(&format!("{TEMPLATES}/{USER_ADMINISTRATOR}"))
        .ok();
    assert_eq!(
        one,
        json!({
            "@odata.context": "https://localhost:8443/v1.0/$metadata#directoryRoleTemplates/$entity",
            "deletedDateTime": null,
            "description": "Manages users and groups.",
            "displayName": "User Administrator",
            "id": USER_ADMINISTRATOR,
        })
    );
    for unknown in ["x", "01234567-89ab-4def-8123-456789abcdef"] {
        world
            .contoso()
            .get(&format!("{TEMPLATES}/{unknown}"))
            .problem(404, "Request_ResourceNotFound");
    }
    let selected = world
        .contoso()
        .get(&format!("{TEMPLATES}?$select=displayName"))
        .ok();
    let global = json!({"displayName": "Global Administrator"});
    assert!(selected["value"].as_array().unwrap().contains(&global));
}

#[test]
fn a_role_is_activated_once_and_stays() {
    let world = World::new();
    let body = json!({"roleTemplateId": USER_ADMINISTRATOR});
    let answer = world.contoso().post(ROLES, body.clone()).created();
    assert_eq!(
        (
            text(&answer, "displayName"),
            text(&answer, "roleTemplateId")
        ),
        (
            "User Administrator".to_owned(),
            USER_ADMINISTRATOR.to_owned()
        )
    );
    assert_eq!(
        text(&answer, "@odata.context"),
        "https://localhost:8443/v1.0/$metadata#directoryRoles/$entity"
    );
    let listed = world.contoso().get(ROLES).ok();
    assert_eq!(each(&listed, "id"), [id(&answer)]);
    world
        .contoso()
        .post(ROLES, body.clone())
        .problem(400, "Request_MultipleObjectsWithSameKeyValue");
    let members = format!("{ROLES}/{}/members", id(&answer));
    assert_eq!(world.contoso().get(&members).ok()["value"], json!([]));
    // Not so in another tenant.
    assert_eq!(world.fabrikam().get(ROLES).ok()["value"], json!([]));
    world.fabrikam().post(ROLES, body).created();
}

#[test]
fn a_role_that_somebody_holds_is_active() {
    let world = World::new();
    let ann = world.user("ann");
    world.signed_in(&ann, &[], &[DirectoryRole::UserAdministrator]);
    world
        .contoso()
        .post(ROLES, json!({"roleTemplateId": USER_ADMINISTRATOR}))
        .problem(400, "Request_MultipleObjectsWithSameKeyValue");
}

#[test]
fn strange_activations_are_refused() {
    let world = World::new();
    let admin = world.contoso();
    let unknown = "01234567-89ab-4def-8123-456789abcdef";
    admin
        .post(ROLES, json!({"roleTemplateId": unknown}))
        .problem(404, "Request_ResourceNotFound");
    for body in [
        json!({}),
        json!({"roleTemplateId": "x"}),
        json!({"roleTemplateId": USER_ADMINISTRATOR, "nonsense": 1}),
    ] {
        admin.post(ROLES, body).problem(400, "Request_BadRequest");
    }
    let reader = world.application(&["RoleManagement.Read.Directory", "Directory.ReadWrite.All"]);
    reader.get(TEMPLATES).ok();
    reader
        .post(ROLES, json!({"roleTemplateId": USER_ADMINISTRATOR}))
        .problem(403, "Authorization_RequestDenied");
    let tool = world.application(&["User.Read.All"]);
    for url in [TEMPLATES.to_owned(), format!("{TEMPLATES}/{unknown}")] {
        tool.get(&url).problem(403, "Authorization_RequestDenied");
    }
}
