//! App role assignments.

use syncline_directory::app_role_assignments::{self as assignments, DEFAULT_ACCESS};
use syncline_model::{Attr, ObjectId, Problem, ProblemKind, Value};
use syncline_store::{Assignment, Stored};
use uuid::Uuid;

use crate::applications::configuration;
use crate::world::{World, world};

pub fn role(service_principal: &Stored) -> Uuid {
    match service_principal
        .entry
        .get(Attr::APP_ROLES)
        .unwrap()
        .as_slice()[0]
        .member("id")
    {
        Some(Value::Guid(id)) => *id,
        other => panic!("role id is {other:?}"),
    }
}

pub fn assign(
    world: &World,
    resource: ObjectId,
    principal: ObjectId,
    role: Uuid,
) -> Result<Assignment, Problem> {
    world.write(|tx, context| assignments::assign(tx, context, resource, principal, role))
}

#[test]
fn an_assignment_is_found_by_the_id_graph_shows() {
    let world = world();
    let (_, configuration) = configuration(&world);
    let megan = world.user("megan");
    let made = assign(&world, configuration.entry.id, megan, role(&configuration)).unwrap();
    let id = assignments::parse_id(&assignments::id_text(&made.id)).unwrap();
    let found = world
        .store
        .read(|reader| assignments::find(reader, world.contoso.id, &id))
        .unwrap();
    assert_eq!(found, made);
    world
        .write(|tx, context| assignments::unassign(tx, context, &made))
        .unwrap();
    world
        .store
        .read(|reader| assignments::find(reader, world.contoso.id, &id))
        .unwrap_err();
    let problem = world
        .write(|tx, context| assignments::unassign(tx, context, &made))
        .unwrap_err();
    assert_eq!(problem.kind, ProblemKind::NotFound);
}

#[test]
fn a_role_is_assigned_once() {
    let world = world();
    let (_, configuration) = configuration(&world);
    let megan = world.user("megan");
    assign(&world, configuration.entry.id, megan, role(&configuration)).unwrap();
    let problem = assign(&world, configuration.entry.id, megan, role(&configuration)).unwrap_err();
    assert_eq!(problem.code, "Request_BadRequest");
    assert_eq!(
        problem.message,
        "Permission being assigned already exists on the object"
    );
    assign(&world, configuration.entry.id, megan, DEFAULT_ACCESS).unwrap();
}

#[test]
fn many_are_assigned_together_or_nobody_is() {
    let world = world();
    let (_, configuration) = configuration(&world);
    let (resource, role) = (configuration.entry.id, role(&configuration));
    let [megan, alex, zoe] = ["megan", "alex", "zoe"].map(|name| world.user(name));
    let many = |principals: &[ObjectId]| {
        world.write(|tx, context| assignments::assign_many(tx, context, resource, principals, role))
    };
    let assigned = || {
        let page = |reader: &syncline_store::Reader<'_>| {
            assignments::of_resource(reader, world.contoso.id, resource, None, 10)
        };
        let page = world.store.read(page).unwrap();
        page.iter()
            .map(|(it, _)| it.principal())
            .collect::<Vec<_>>()
    };
    let made = many(&[zoe, megan]).unwrap();
    let made: Vec<ObjectId> = made.iter().map(Assignment::principal).collect();
    assert_eq!(made, [zoe, megan]);
    let mut both = [zoe, megan];
    both.sort_unstable();
    assert_eq!(assigned(), both);
    let nobody = ObjectId::from_bytes([3; 16]);
    for (principals, kind) in [
        ([alex, megan], ProblemKind::BadRequest),
        ([alex, nobody], ProblemKind::NotFound),
        ([alex, resource], ProblemKind::BadRequest),
    ] {
        assert_eq!(many(&principals).unwrap_err().kind, kind);
        assert_eq!(assigned(), both);
    }
    assert_eq!(many(&[]).unwrap(), []);
}

#[test]
fn an_assignment_can_be_made_again_after_its_removal() {
    let world = world();
    let (_, configuration) = configuration(&world);
    let megan = world.user("megan");
    let first = assign(&world, configuration.entry.id, megan, role(&configuration)).unwrap();
    world
        .write(|tx, context| assignments::unassign(tx, context, &first))
        .unwrap();
    let second = assign(&world, configuration.entry.id, megan, role(&configuration)).unwrap();
    assert_ne!(first.id, second.id);
}

#[test]
fn unknown_roles_resources_and_principals_are_refused() {
    let world = world();
    let (_, configuration) = configuration(&world);
    let megan = world.user("megan");
    let nobody = ObjectId::from_bytes([3; 16]);
    let unknown = assign(
        &world,
        configuration.entry.id,
        megan,
        Uuid::from_bytes([3; 16]),
    )
    .unwrap_err();
    assert_eq!(unknown.kind, ProblemKind::BadRequest);
    for (resource, principal) in [
        (nobody, megan),
        (configuration.entry.id, nobody),
        (megan, megan),
    ] {
        let problem = assign(&world, resource, principal, role(&configuration)).unwrap_err();
        assert_eq!(problem.kind, ProblemKind::NotFound);
    }
}

#[test]
fn a_role_for_users_is_not_for_service_principals() {
    let world = world();
    let (_, configuration) = configuration(&world);
    let other = crate::applications::configuration(&world).1.entry.id;
    let problem = assign(&world, configuration.entry.id, other, role(&configuration)).unwrap_err();
    assert_eq!(problem.kind, ProblemKind::BadRequest);
}

#[test]
fn assignments_of_principals_in_the_recycle_bin_do_not_show() {
    let world = world();
    let (_, configuration) = configuration(&world);
    let users: Vec<ObjectId> = (0..5).map(|at| world.user(&format!("user{at}"))).collect();
    for user in &users {
        assign(&world, configuration.entry.id, *user, role(&configuration)).unwrap();
    }
    world.delete_user(users[1]);
    let page = |after| {
        world
            .store
            .read(|reader| {
                assignments::of_resource(reader, world.contoso.id, configuration.entry.id, after, 3)
            })
            .unwrap()
    };
    let first = page(None);
    let principals: Vec<ObjectId> = first
        .iter()
        .map(|(assignment, _)| assignment.principal())
        .collect();
    assert_eq!(principals, [users[0], users[2], users[3]]);
    let last = &first.last().unwrap().0;
    let second = page(Some((last.principal(), last.role)));
    assert_eq!(second[0].1.entry.id, users[4]);
    assert_eq!(second.len(), 1);
}

#[test]
fn the_roles_of_a_principal_come_with_their_service_principals() {
    let world = world();
    let (_, configuration) = configuration(&world);
    let megan = world.user("megan");
    assign(&world, configuration.entry.id, megan, role(&configuration)).unwrap();
    let held = world
        .store
        .read(|reader| assignments::of_principal(reader, world.contoso.id, megan))
        .unwrap();
    assert_eq!(held.len(), 1);
    assert_eq!(held[0].1.entry.id, configuration.entry.id);
}
