//! Applications, service principals, and configurations made from the template.

use syncline_directory::applications::{self, CROSS_TENANT_SYNCHRONIZATION};
use syncline_directory::service_principals;
use syncline_model::{AppId, Attr, Attrs, ProblemKind, Value};
use syncline_store::Stored;

use crate::world::{World, world};

pub fn configuration(world: &World) -> (Stored, Stored) {
    world
        .write(|tx, context| {
            applications::instantiate(tx, context, CROSS_TENANT_SYNCHRONIZATION, "Fabrikam")
        })
        .unwrap()
}

pub fn app_id(stored: &Stored) -> AppId {
    AppId(stored.entry.guid(Attr::APP_ID).unwrap())
}

#[test]
fn a_configuration_is_an_application_and_its_service_principal() {
    let world = world();
    let (application, service_principal) = configuration(&world);
    assert_eq!(app_id(&application), app_id(&service_principal));
    for object in [&application, &service_principal] {
        assert_eq!(object.entry.text(Attr::DISPLAY_NAME), Some("Fabrikam"));
        assert_eq!(
            object.entry.text(Attr::SIGN_IN_AUDIENCE),
            Some("AzureADMyOrg")
        );
        assert_eq!(
            object.entry.text(Attr::APPLICATION_TEMPLATE_ID),
            Some(CROSS_TENANT_SYNCHRONIZATION)
        );
        let role = &object.entry.get(Attr::APP_ROLES).unwrap().as_slice()[0];
        assert_eq!(
            role.member("displayName").unwrap().as_text(),
            Some("msiam_access")
        );
        assert_eq!(role.member("value"), Some(&Value::Null));
    }
    let entry = &service_principal.entry;
    assert_eq!(entry.bool(Attr::APP_ROLE_ASSIGNMENT_REQUIRED), Some(true));
    assert_eq!(entry.bool(Attr::ACCOUNT_ENABLED), Some(true));
    assert_eq!(entry.text(Attr::PUBLISHER_NAME), Some("Contoso"));
    assert_eq!(
        entry.get(Attr::APP_OWNER_ORGANIZATION_ID),
        Some(&Value::Guid(world.contoso.id.0))
    );
    assert!(
        entry
            .text(Attr::HOMEPAGE)
            .unwrap()
            .ends_with("?metadata=aad2aadsync|ISV9.1|primary|z")
    );
    assert_eq!(
        entry.get(Attr::TAGS),
        Some(&Value::List(vec![Value::text(
            "WindowsAzureActiveDirectoryIntegratedApp"
        )]))
    );
    assert_eq!(
        entry.get(Attr::SERVICE_PRINCIPAL_NAMES),
        Some(&Value::List(vec![Value::text(
            app_id(&application).to_string()
        )]))
    );
    let scopes = entry
        .get(Attr::OAUTH2_PERMISSION_SCOPES)
        .unwrap()
        .as_slice();
    assert_eq!(
        scopes[0].member("value").unwrap().as_text(),
        Some("user_impersonation")
    );
}

#[test]
fn two_configurations_may_have_one_name() {
    let world = world();
    let (first, _) = configuration(&world);
    let (second, _) = configuration(&world);
    assert_ne!(app_id(&first), app_id(&second));
}

#[test]
fn an_unknown_template_is_not_found() {
    let world = world();
    let problem = world
        .write(|tx, context| applications::instantiate(tx, context, "x", "Fabrikam"))
        .unwrap_err();
    assert_eq!(problem.kind, ProblemKind::NotFound);
    let problem = world
        .write(|tx, context| {
            applications::instantiate(tx, context, CROSS_TENANT_SYNCHRONIZATION, "")
        })
        .unwrap_err();
    assert_eq!(problem.kind, ProblemKind::BadRequest);
}

#[test]
fn an_application_has_one_service_principal() {
    let world = world();
    let attrs = Attrs::new().with(Attr::DISPLAY_NAME, "Tool");
    let application = world
        .write(|tx, context| applications::create(tx, context, attrs))
        .unwrap();
    let create =
        || world.write(|tx, context| service_principals::create(tx, context, app_id(&application)));
    let service_principal = create().unwrap();
    let problem = create().unwrap_err();
    assert_eq!(problem.code, "Request_MultipleObjectsWithSameKeyValue");
    assert_eq!(problem.details[0].code, "ObjectConflict");
    let found = world
        .store
        .read(|reader| {
            service_principals::find_by_app_id(reader, world.contoso.id, app_id(&application))
        })
        .unwrap();
    assert_eq!(found.entry.id, service_principal.entry.id);
}

#[test]
fn a_service_principal_needs_an_application_of_this_tenant() {
    let world = world();
    let unknown = AppId(uuid::uuid!("99999999-0000-4000-8000-000000000000"));
    let problem = world
        .write(|tx, context| service_principals::create(tx, context, unknown))
        .unwrap_err();
    assert_eq!(problem.details[0].code, "NoBackingApplicationObject");
    let (application, _) = configuration(&world);
    let elsewhere = world.write_in(&world.fabrikam, |tx, context| {
        service_principals::create(tx, context, app_id(&application))
    });
    assert!(elsewhere.is_err());
}

#[test]
fn the_service_principal_follows_its_application() {
    let world = world();
    let (application, service_principal) = configuration(&world);
    let renamed = [(Attr::DISPLAY_NAME, Some(Value::text("Fabrikam EU")))];
    world
        .write(|tx, context| applications::update(tx, context, application.entry.id, &renamed))
        .unwrap();
    let key = service_principal.entry.id.to_string();
    let found = world
        .store
        .read(|reader| service_principals::find(reader, world.contoso.id, &key))
        .unwrap();
    assert_eq!(found.entry.text(Attr::DISPLAY_NAME), Some("Fabrikam EU"));
    assert_eq!(
        found.entry.text(Attr::APP_DISPLAY_NAME),
        Some("Fabrikam EU")
    );
    assert_eq!(
        found.entry.get(Attr::TAGS),
        service_principal.entry.get(Attr::TAGS)
    );
}

#[test]
fn deleting_an_application_takes_its_service_principal_along() {
    let world = world();
    let (application, service_principal) = configuration(&world);
    world
        .write(|tx, context| applications::delete(tx, context, application.entry.id))
        .unwrap();
    let key = service_principal.entry.id.to_string();
    world
        .store
        .read(|reader| service_principals::find(reader, world.contoso.id, &key))
        .unwrap_err();
    world
        .store
        .read(|reader| applications::find_by_app_id(reader, world.contoso.id, app_id(&application)))
        .unwrap_err();
}

#[test]
fn app_roles_need_ids_of_their_own() {
    let world = world();
    let (application, _) = configuration(&world);
    let role = application.entry.get(Attr::APP_ROLES).unwrap().as_slice()[0].clone();
    let twice = [(Attr::APP_ROLES, Some(Value::List(vec![role.clone(), role])))];
    let problem = world
        .write(|tx, context| applications::update(tx, context, application.entry.id, &twice))
        .unwrap_err();
    assert_eq!(problem.details[0].target.as_deref(), Some("appRoles"));
}
