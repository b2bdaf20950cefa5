//! Who is assigned, directly or through a group, is in scope.

use syncline_directory::{app_role_assignments, applications, service_principals};
use syncline_engine::evidence::EvidenceOutcome;
use syncline_model::job::{Counts, CycleKind};
use syncline_model::{AppId, Attr, EntityKind, ObjectId, Value};
use uuid::uuid;

use crate::world::{State, World};

fn assigned_only() -> World {
    let world = World::new();
    world.sync_assigned();
    world
}

#[track_caller]
fn check_cycle(world: &World, expected: Counts) {
    let report = world.cycle();
    assert_eq!(report.kind, CycleKind::Incremental);
    assert_eq!(report.counts, expected);
}

/// The roles of the configuration.
fn roles(world: &World) -> Vec<Value> {
    let id = world.service_principal;
    world.write(|tx, context| {
        let stored = tx.objects(context.tenant_id(), EntityKind::ServicePrincipal, &[id])?;
        let roles = stored[0].entry.get(Attr::APP_ROLES);
        Ok(roles.unwrap().as_slice().to_vec())
    })
}

/// Assigns somebody with the first of them.
fn assign_with_role(world: &World, principal: ObjectId) {
    let role = roles(world)[0].member("id").cloned();
    let Some(Value::Guid(role)) = role else {
        panic!("{role:?}");
    };
    let resource = world.service_principal;
    world.write(|tx, context| app_role_assignments::assign(tx, context, resource, principal, role));
}

fn rename_roles(world: &World, name: &str) {
    let mut roles = roles(world);
    for role in &mut roles {
        let Value::Map(members) = role else {
            panic!("{role:?}");
        };
        let shown = members.iter_mut().find(|it| it.0 == "displayName");
        shown.unwrap().1 = Value::text(name);
    }
    let changes = [(Attr::APP_ROLES, Some(Value::List(roles)))];
    let id = world.service_principal;
    world.write(|tx, context| service_principals::update(tx, context, id, &changes));
}

#[test]
fn whoever_holds_a_role_gets_its_new_name() {
    let world = assigned_only();
    world.map(
        "department",
        "SingleAppRoleAssignment([appRoleAssignments])",
    );
    let [ana, bo] = ["ana", "bo"].map(|name| world.person(name));
    assign_with_role(&world, ana.id);
    let sales = world.group("Sales").with(&[bo]);
    assign_with_role(&world, sales.id);
    world.person("cem").assigned();
    world.cycle();
    let department = |name: &str| world.live(name).text(Attr::DEPARTMENT).to_owned();
    assert_eq!(department("bo"), "msiam_access");
    rename_roles(&world, "Salespeople");
    let planned = world.plan().counts;
    assert_eq!(planned.updated, 2);
    check_cycle(&world, planned);
    let now = ["ana", "bo", "cem"].map(department);
    assert_eq!(now, ["Salespeople", "Salespeople", "Default Access"]);
}

/// Builds before took app roles that the application does not have.
#[test]
fn whoever_is_in_scope_by_a_role_that_only_the_service_principal_has_stays_when_its_application_changes()
 {
    let world = assigned_only();
    let sales = Value::Guid(uuid!("11111111-2222-4333-8444-555555555555"));
    let mut all = roles(&world);
    let mut further = all[0].clone();
    if let Value::Map(members) = &mut further {
        members.retain(|(name, _)| name != "id" && name != "displayName");
        members.push(("id".to_owned(), sales.clone()));
        members.push(("displayName".to_owned(), Value::text("Sales")));
    }
    all.insert(0, further);
    let changes = [(Attr::APP_ROLES, Some(Value::List(all.clone())))];
    let id = world.service_principal;
    let principal =
        world.write(|tx, context| service_principals::update(tx, context, id, &changes));
    world.scope_to("appRoleAssignments", "Sales");
    assign_with_role(&world, world.person("ana").id);
    world.cycle();
    assert_eq!(world.target_names(), ["ana"]);

    let app_id = AppId(principal.entry.guid(Attr::APP_ID).unwrap());
    let notes = [(Attr::NOTES, Some(Value::text("ours")))];
    world.write(|tx, context| {
        let found = applications::find_by_app_id(tx, context.tenant_id(), app_id)?;
        applications::update(tx, context, found.entry.id, &notes)
    });
    assert_eq!(roles(&world), all);
    assert_eq!(world.plan().counts, Counts::default());
    check_cycle(&world, Counts::default());
}

#[test]
fn only_the_assigned_are_created() {
    let world = assigned_only();
    world.person("ana").assigned();
    world.person("bo");
    let report = world.cycle();
    assert_eq!(
        report.counts,
        Counts {
            created: 1,
            skipped: 1,
            ..Counts::default()
        }
    );
    assert_eq!(world.target_names(), ["ana"]);

    world.person("bo").assigned();
    check_cycle(
        &world,
        Counts {
            created: 1,
            ..Counts::default()
        },
    );
}

#[test]
fn unassigned_is_soft_deleted_and_comes_back_when_assigned_again() {
    let world = assigned_only();
    world.person("ana").assigned();
    world.cycle();
    let id = world.live("ana").id;

    world.person("ana").unassigned();
    check_cycle(
        &world,
        Counts {
            deleted: 1,
            ..Counts::default()
        },
    );
    assert_eq!(world.target_user("ana").unwrap().state, State::InRecycleBin);
    assert_eq!(
        world.outcomes("ana").last(),
        Some(&EvidenceOutcome::SoftDeleted)
    );

    world.person("ana").assigned();
    check_cycle(
        &world,
        Counts {
            restored: 1,
            ..Counts::default()
        },
    );
    assert_eq!(world.live("ana").id, id);
}

#[test]
fn unassigned_and_later_purged_is_hard_deleted() {
    let world = assigned_only();
    world.person("ana").assigned();
    world.cycle();
    world.person("ana").unassigned();
    world.cycle();
    world.person("ana").deleted();
    check_cycle(
        &world,
        Counts {
            unchanged: 1,
            ..Counts::default()
        },
    );
    world.person("ana").purged();
    check_cycle(
        &world,
        Counts {
            deleted: 1,
            ..Counts::default()
        },
    );
    assert_eq!(world.target_user("ana"), None);
}

#[test]
fn disabled_first_and_unassigned_later_is_still_soft_deleted() {
    let world = assigned_only();
    world.person("ana").assigned();
    world.cycle();
    world.person("ana").disabled();
    check_cycle(
        &world,
        Counts {
            disabled: 1,
            ..Counts::default()
        },
    );
    world.person("ana").unassigned();
    check_cycle(
        &world,
        Counts {
            deleted: 1,
            ..Counts::default()
        },
    );
    assert_eq!(world.target_user("ana").unwrap().state, State::InRecycleBin);
}

#[test]
fn members_of_an_assigned_group_come_and_go() {
    let world = assigned_only();
    let (ana, bo) = (world.person("ana"), world.person("bo"));
    world.person("cem");
    let sales = world.group("Sales").with(&[ana, bo]).assigned();
    let report = world.cycle();
    assert_eq!(
        report.counts,
        Counts {
            created: 2,
            skipped: 1,
            ..Counts::default()
        }
    );

    sales.without(ana);
    check_cycle(
        &world,
        Counts {
            deleted: 1,
            ..Counts::default()
        },
    );
    assert_eq!(world.target_names(), ["bo"]);

    sales.with(&[ana, world.person("cem")]);
    check_cycle(
        &world,
        Counts {
            restored: 1,
            created: 1,
            ..Counts::default()
        },
    );
    assert_eq!(world.target_names(), ["ana", "bo", "cem"]);
}

#[test]
fn a_group_that_is_assigned_later_brings_its_members_page_by_page() {
    let world = assigned_only().with_pages_of(3);
    world.cycle();
    let members = world.people("m", 10);
    let crowd = world.group("Crowd").with(&members);
    check_cycle(
        &world,
        Counts {
            skipped: 10,
            ..Counts::default()
        },
    );

    crowd.assigned();
    check_cycle(
        &world,
        Counts {
            created: 10,
            ..Counts::default()
        },
    );
    assert_eq!(world.target_names().len(), 10);

    crowd.unassigned();
    check_cycle(
        &world,
        Counts {
            deleted: 10,
            ..Counts::default()
        },
    );
    assert!(world.target_names().is_empty());
}

#[test]
fn who_leaves_a_group_before_its_assignment_ends_is_not_forgotten() {
    let world = assigned_only();
    let ana = world.person("ana");
    let sales = world
        .group("Sales")
        .with(&[ana, world.person("bo")])
        .assigned();
    world.cycle();
    sales.without(ana);
    sales.unassigned();
    check_cycle(
        &world,
        Counts {
            deleted: 2,
            ..Counts::default()
        },
    );
}

#[test]
fn a_deleted_group_assigns_nobody() {
    let world = assigned_only();
    let sales = world.group("Sales").with(&[world.person("ana")]).assigned();
    world.cycle();
    sales.deleted();
    check_cycle(
        &world,
        Counts {
            deleted: 1,
            ..Counts::default()
        },
    );
}

#[test]
fn assigned_twice_and_removed_once_stays() {
    let world = assigned_only();
    let ana = world.person("ana").assigned();
    let sales = world.group("Sales").with(&[ana]).assigned();
    world.cycle();
    sales.without(ana);
    check_cycle(
        &world,
        Counts {
            unchanged: 1,
            ..Counts::default()
        },
    );
    assert_eq!(world.target_names(), ["ana"]);
}

#[test]
fn from_everyone_to_the_assigned_needs_no_restart() {
    let world = World::new();
    world.person("ana").assigned();
    world.person("bo");
    world.cycle();
    world.sync_assigned();
    let report = world.cycle();
    assert_eq!(report.kind, CycleKind::Incremental);
    assert_eq!(
        report.counts,
        Counts {
            deleted: 1,
            ..Counts::default()
        },
        "only those not assigned are looked at again"
    );
    world.secret("SyncAll", "true");
    assert_eq!(
        world.cycle().counts,
        Counts {
            restored: 1,
            ..Counts::default()
        }
    );
}

#[test]
fn who_is_left_alone_when_deletions_are_off() {
    let world = assigned_only();
    world.secret("SkipOutOfScopeDeletions", "True");
    let ana = world.person("ana").assigned();
    world.person("bo").manager("ana").assigned();
    world.cycle();

    ana.unassigned();
    let report = world.cycle();
    assert_eq!(report.skipped_by_reason["DeletionsOff"], 1);
    assert!(world.live("ana").is_enabled(), "left as it is");
    ana.department("Nowhere");
    assert_eq!(
        world.cycle().counts,
        Counts {
            unchanged: 1,
            ..Counts::default()
        }
    );
    assert_eq!(world.live("ana").department(), "");
    // Bo's manager is still there, though nobody keeps her in step.
    world.person("bo").department("Sales");
    assert_eq!(
        world.cycle().counts,
        Counts {
            updated: 1,
            ..Counts::default()
        }
    );
    assert_eq!(world.live("bo").manager.as_deref(), Some("ana"));

    ana.assigned();
    assert_eq!(
        world.cycle().counts,
        Counts {
            updated: 1,
            ..Counts::default()
        }
    );
    assert_eq!(world.live("ana").department(), "Nowhere");

    ana.deleted();
    assert_eq!(
        world.cycle().counts,
        Counts {
            deleted: 1,
            ..Counts::default()
        }
    );
}
