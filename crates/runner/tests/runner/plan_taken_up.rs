//! What a plan says of those whom the job let go, and would keep in step again.

use syncline_model::Attr;
use syncline_runner::Plan;

use crate::world::World;

/// Bo and cy left the scope and were kept; whoever leaves from now on is removed.
fn world() -> World {
    let world = World::new();
    world.secret("SkipOutOfScopeDeletions", "true");
    world.scope_to("companyName", "Contoso");
    for name in ["ana", "bo", "cy"] {
        world.person(name).set(Attr::COMPANY_NAME, "Contoso");
    }
    world.cycle();
    for name in ["bo", "cy"] {
        world.person(name).set(Attr::COMPANY_NAME, "Agency");
    }
    world.cycle();
    world.secret("SkipOutOfScopeDeletions", "false");
    world.cycle();
    world
}

fn shown(plan: &Plan) -> Vec<(&str, &str, Option<&str>)> {
    let shown = plan.shown.iter();
    let mut shown: Vec<_> = shown
        .map(|it| (it.name.as_str(), it.action.as_str(), it.reason.as_deref()))
        .collect();
    shown.sort_unstable();
    shown
}

const REMOVED: &str = "was let go; is kept in step again, and removed when it leaves the scope";

#[test]
fn whoever_was_let_go_is_told_apart_from_those_who_are_updated() {
    let world = world();
    world.person("ana").department("Sales");
    world.person("bo").department("Sales");
    world.scope(None);
    let planned = world.plan();
    let report = world.cycle();
    assert_eq!(planned.counts, report.counts);
    assert_eq!(planned.counts.updated, 3);
    assert_eq!(planned.taken_up, 2);
    let expected = [
        ("ana@contoso.example", "update", None),
        ("bo@contoso.example", "update", Some(REMOVED)),
        ("cy@contoso.example", "link", Some(REMOVED)),
    ];
    assert_eq!(shown(&planned), expected);
    // Who is kept in step is removed as all others are.
    world.person("ana").department("Legal");
    world.scope_to("companyName", "Contoso");
    let planned = world.plan();
    assert_eq!((planned.taken_up, planned.counts.deleted), (0, 2));
    assert!(planned.shown.iter().all(|it| it.reason.is_none()));
    assert_eq!(world.cycle().counts, planned.counts);
}

#[test]
fn that_they_are_removed_later_is_not_said_where_they_are_not() {
    let world = world();
    world.secret("SkipOutOfScopeDeletions", "true");
    world.scope(None);
    let planned = world.plan();
    assert_eq!(planned.taken_up, 2);
    let reasons = planned.shown.iter().map(|it| it.reason.as_deref());
    assert!(
        reasons
            .into_iter()
            .all(|it| it == Some("was let go; is kept in step again")),
        "{:?}",
        planned.shown
    );
}

#[test]
fn whoever_is_made_again_was_not_kept() {
    let world = world();
    for name in ["bo", "cy"] {
        let id = world.live(name).id;
        world.fabrikam_deletes(id);
        if name == "cy" {
            world.fabrikam_purges(id);
        }
    }
    world.scope(None);
    let planned = world.plan();
    assert_eq!(planned.taken_up, 1);
    let expected = [
        ("bo@contoso.example", "restore", Some(REMOVED)),
        ("cy@contoso.example", "create", None),
    ];
    assert_eq!(shown(&planned), expected);
    assert_eq!(world.cycle().counts, planned.counts);
}
