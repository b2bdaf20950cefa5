use syncline_access::DirectoryRole::{
    self, CloudApplicationAdministrator, GlobalAdministrator, GlobalReader,
    HybridIdentityAdministrator, SecurityAdministrator, UserAdministrator,
};
use syncline_access::{Permission, permissions as p, roles};
use syncline_model::ProblemKind;

use crate::world::World;

/// The four scopes of the public walk-through's first step.
const WALK_THROUGH: [&str; 4] = [
    "Policy.Read.All",
    "Policy.ReadWrite.CrossTenantAccess",
    "Application.ReadWrite.All",
    "Directory.ReadWrite.All",
];
/// What its steps do.
const STEPS: [&Permission; 8] = [
    &p::XTAP_READ,
    &p::XTAP_WRITE,
    &p::APPLICATIONS_READ,
    &p::APPLICATIONS_WRITE,
    &p::SYNC_READ,
    &p::SYNC_WRITE,
    &p::ASSIGNMENTS_WRITE,
    &p::LOGS_READ,
];

fn user_may(
    world: &World,
    scopes: &[&str],
    held: &[DirectoryRole],
    permission: &Permission,
) -> bool {
    let tenant = &world.contoso;
    world.write(|tx| {
        for role in DirectoryRole::ALL {
            roles::revoke(tx, tenant.id, tenant.bob, *role)?;
        }
        for role in held {
            roles::grant(tx, tenant.id, world.ids.as_ref(), tenant.bob, *role)?;
        }
        Ok(())
    });
    let caller = world
        .authenticate(&world.user_token(tenant, tenant.bob, scopes))
        .unwrap();
    allowed(world, &caller, permission)
}

fn allowed(world: &World, caller: &syncline_access::Caller, permission: &Permission) -> bool {
    match world.access.authorize(caller, permission) {
        Ok(()) => true,
        Err(problem) => {
            assert_eq!(problem.kind, ProblemKind::Forbidden);
            assert_eq!(problem.code, "Authorization_RequestDenied");
            assert_eq!(
                problem.message,
                "Insufficient privileges to complete the operation."
            );
            false
        }
    }
}

#[test]
fn the_walk_through_works_with_its_four_scopes_and_three_roles() {
    let world = World::new();
    let three = [
        SecurityAdministrator,
        HybridIdentityAdministrator,
        CloudApplicationAdministrator,
    ];
    for step in STEPS {
        assert!(
            user_may(&world, &WALK_THROUGH, &three, step),
            "{}",
            step.name
        );
        assert!(
            user_may(&world, &WALK_THROUGH, &[GlobalAdministrator], step),
            "{}",
            step.name
        );
    }
}

#[test]
fn the_walk_through_works_with_application_permissions() {
    let world = World::new();
    for permission in WALK_THROUGH {
        world.allow(&world.contoso, permission);
    }
    let caller = world
        .authenticate(&world.app_token(&world.contoso))
        .unwrap();
    for step in STEPS {
        assert!(allowed(&world, &caller, step), "{}", step.name);
    }
    assert!(!allowed(&world, &caller, &p::ROLES_WRITE));
    assert!(!allowed(&world, &caller, &p::ME));
    assert!(!allowed(&world, &caller, &p::GRAPH_ASSIGNMENTS_WRITE));
}

#[test]
fn scope_and_role_are_both_needed() {
    let world = World::new();
    let may = |scopes: &[&str], held: &[DirectoryRole], permission| {
        user_may(&world, scopes, held, permission)
    };
    assert!(!may(
        &["Policy.ReadWrite.CrossTenantAccess"],
        &[],
        &p::XTAP_WRITE
    ));
    assert!(!may(
        &["Policy.Read.All"],
        &[SecurityAdministrator],
        &p::XTAP_WRITE
    ));
    assert!(!may(
        &["Policy.ReadWrite.CrossTenantAccess"],
        &[HybridIdentityAdministrator],
        &p::XTAP_WRITE
    ));
    assert!(!may(
        &["Synchronization.ReadWrite.All"],
        &[SecurityAdministrator],
        &p::SYNC_WRITE
    ));
    assert!(may(
        &["Synchronization.ReadWrite.All"],
        &[HybridIdentityAdministrator],
        &p::SYNC_WRITE
    ));
    assert!(!may(
        &["Synchronization.Read.All"],
        &[GlobalAdministrator],
        &p::SYNC_WRITE
    ));
    assert!(!may(&["User.Read"], &[GlobalAdministrator], &p::USERS_READ));
    assert!(may(&["User.Read.All"], &[], &p::USERS_READ));
    assert!(!may(&["User.ReadWrite.All"], &[], &p::USERS_WRITE));
    assert!(may(
        &["User.ReadWrite.All"],
        &[UserAdministrator],
        &p::USERS_WRITE
    ));
    assert!(may(&["User.Read"], &[], &p::ME));
    assert!(may(&[], &[], &p::ANY));
}

#[test]
fn global_reader_reads_configuration_unless_the_server_is_strict() {
    let scopes = ["Synchronization.Read.All", "Synchronization.ReadWrite.All"];
    let lenient = World::new();
    assert!(user_may(&lenient, &scopes, &[GlobalReader], &p::SYNC_READ));
    assert!(!user_may(
        &lenient,
        &scopes,
        &[GlobalReader],
        &p::SYNC_WRITE
    ));
    let strict = World::with_strict_graph(true);
    assert!(!user_may(&strict, &scopes, &[GlobalReader], &p::SYNC_READ));
    assert!(user_may(
        &strict,
        &["Policy.Read.All"],
        &[GlobalReader],
        &p::XTAP_READ
    ));
}

#[test]
fn an_application_administrator_can_not_give_graph_permissions_away() {
    let world = World::new();
    let scopes = [
        "Application.ReadWrite.All",
        "AppRoleAssignment.ReadWrite.All",
    ];
    assert!(user_may(
        &world,
        &scopes,
        &[CloudApplicationAdministrator],
        &p::ASSIGNMENTS_WRITE
    ));
    assert!(!user_may(
        &world,
        &scopes,
        &[CloudApplicationAdministrator],
        &p::GRAPH_ASSIGNMENTS_WRITE
    ));
    assert!(user_may(
        &world,
        &scopes,
        &[GlobalAdministrator],
        &p::GRAPH_ASSIGNMENTS_WRITE
    ));
}

/// What is for one's own user object is no application's, and what is for owned applications is no user's.
#[test]
fn narrow_permissions_are_for_whom_they_are_named() {
    let world = World::new();
    let narrow = Permission {
        name: "narrow",
        delegated: &[],
        application: &[],
        roles: &[],
        roles_unless_strict: &[],
        guests: false,
        of_oneself: &["User.Read"],
        of_owned: &["Application.ReadWrite.OwnedBy"],
        any_caller: false,
    };
    let tenant = &world.contoso;
    world.allow(tenant, "Application.ReadWrite.OwnedBy");
    let application = world.authenticate(&world.app_token(tenant)).unwrap();
    assert!(world.access.holds_of_owned(&application, &narrow));
    assert!(!world.access.holds_of_oneself(&application, &narrow));
    let scopes = ["User.Read", "Application.ReadWrite.OwnedBy"];
    let token = world.user_token(tenant, tenant.bob, &scopes);
    let user = world.authenticate(&token).unwrap();
    assert!(world.access.holds_of_oneself(&user, &narrow));
    assert!(!world.access.holds_of_owned(&user, &narrow));
    for caller in [&application, &user] {
        assert!(!allowed(&world, caller, &narrow));
    }
    // Nor do they hold it who hold another permission alone.
    world.disallow(tenant, "Application.ReadWrite.OwnedBy");
    world.allow(tenant, "User.Read.All");
    let application = world.authenticate(&world.app_token(tenant)).unwrap();
    assert!(!world.access.holds_of_owned(&application, &narrow));
    let token = world.user_token(tenant, tenant.bob, &["Policy.Read.All"]);
    let user = world.authenticate(&token).unwrap();
    assert!(!world.access.holds_of_oneself(&user, &narrow));
}

/// It reads what every user may read, and is no user.
#[test]
fn a_directory_role_opens_to_an_application_what_it_opens() {
    let world = World::new();
    let tenant = &world.contoso;
    let holding = |role| {
        world.write(|tx| {
            let (holder, ids) = (tenant.service_principal, world.ids.as_ref());
            for held in DirectoryRole::ALL {
                roles::revoke(tx, tenant.id, holder, *held)?;
            }
            roles::grant(tx, tenant.id, ids, holder, role)?;
            Ok(())
        });
        world.authenticate(&world.app_token(tenant)).unwrap()
    };
    for (role, permission, opens) in [
        (UserAdministrator, &p::USERS_READ, true),
        (UserAdministrator, &p::USERS_WRITE, true),
        (GlobalReader, &p::USERS_READ, true),
        (GlobalReader, &p::USERS_WRITE, false),
        (DirectoryRole::ReportsReader, &p::USERS_READ, false),
        (GlobalAdministrator, &p::ME, false),
        (GlobalReader, &p::ME, false),
    ] {
        let caller = holding(role);
        let name = permission.name;
        assert_eq!(
            allowed(&world, &caller, permission),
            opens,
            "{role:?} {name}"
        );
    }
}
