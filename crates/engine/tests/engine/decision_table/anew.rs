//! Linked by an earlier matching: who is wanted is matched, who is not goes by his link.

use syncline_engine::Action;
use syncline_model::Attr;
use syncline_model::link::LinkState;

use super::{asking_soft_delete, check, row, without_soft_deletes};
use crate::support::{World, expression, free_rule_with, id, mapped, one, person};

#[test]
fn matched_anew() {
    let before = || World::new().synchronized().restarted();
    let elsewhere = || before().found_by_nothing();
    check(vec![
        row("found again", person(), before(), "unchanged (adopting)"),
        row(
            "found again, and changed",
            person().with(Attr::CITY, "Bern"),
            before(),
            "update city (adopting)",
        ),
        row(
            "found again, and disabled",
            person().disabled(),
            before(),
            "update accountEnabled (adopting)",
        ),
        row(
            "found in the recycle bin",
            person(),
            before().in_recycle_bin().link_state(LinkState::SoftDeleted),
            "restore (adopting)",
        ),
        row("not found", person(), elsewhere(), "create"),
        row(
            "not found, and disabled: his link leads to whom to switch off",
            person().disabled(),
            elsewhere(),
            "update alternativeSecurityIds, accountEnabled",
        ),
        row(
            "disabled, and neither found nor there",
            person().disabled(),
            before().target_gone(),
            "skip NotEffectivelyEntitled",
        ),
        row(
            "another one was matched with it",
            person(),
            before().held_by(0xbea),
            "fail DuplicateSourceEntries",
        ),
    ]);
}

#[test]
fn not_wanted_any_more() {
    let before = || World::new().synchronized().restarted().found_by_nothing();
    check(vec![
        row("unassigned", person().unassigned(), before(), "soft delete"),
        row("deleted", person().deleted(), before(), "soft delete"),
        row(
            "deleted for good",
            person().deleted_for_good(),
            before(),
            "hard delete",
        ),
        row(
            "released, still unassigned",
            person().unassigned(),
            before().link_state(LinkState::Released),
            "unchanged",
        ),
    ]);
}

/// Whoever is not wanted is not matched, also where no soft delete is asked for: she would be brought in step.
#[test]
fn not_wanted_any_more_and_soft_deletes_are_off() {
    let before = || without_soft_deletes().synchronized().restarted();
    check(vec![
        row(
            "unassigned, and changed",
            person().unassigned().with(Attr::CITY, "Bern"),
            before(),
            "release",
        ),
        row(
            "became a guest, and changed",
            person()
                .with(Attr::USER_TYPE, "Guest")
                .with(Attr::CITY, "Bern"),
            before(),
            "release",
        ),
    ]);
}

#[test]
fn whoever_is_asked_to_leave_leaves_by_the_link() {
    let before = || asking_soft_delete("department").synchronized().restarted();
    check(vec![row(
        "wanted, but her department leaves",
        person().with(Attr::DEPARTMENT, "Leaving"),
        before(),
        "soft delete",
    )]);
}

#[test]
fn without_a_matching_value_the_link_leads_to_whom_to_switch_off() {
    let rule = || {
        free_rule_with(|mapping| {
            one(mapping, "alternativeSecurityIds").matching_priority = 0;
            one(mapping, "employeeId").matching_priority = 1;
        })
    };
    let before = || {
        let mut world = World::new().synchronized().restarted();
        world.rule = rule();
        world
    };
    check(vec![
        row("enabled", person(), before(), "skip ImportSkipped"),
        row("disabled", person().disabled(), before(), "disable"),
    ]);
}

/// Whose target object it is must be known though nothing is written: others may be linked to it of old.
#[test]
fn whoever_fails_before_she_is_matched_tells_whom_matching_would_find() {
    let rule = free_rule_with(|mapping| {
        let employee = one(mapping, "employeeId");
        employee.matching_priority = 1;
        employee.source = Some(expression("CDate([employeeId])"));
        one(mapping, "alternativeSecurityIds").matching_priority = 2;
    });
    let failing = World::with_rule(rule);
    let stuck = mapped("IsSoftDeleted", |it| {
        let text = "IIF(IsPresent(CDate([employeeId])), [IsSoftDeleted], [IsSoftDeleted])";
        it.source = Some(expression(text));
    });
    let adele = person().with(Attr::EMPLOYEE_ID, "soon").0;
    for before in [failing, stuck].map(|it| it.invited_earlier(9)) {
        let decision = before.decide(&adele);
        assert!(matches!(decision.action, Action::Fail(_)), "{decision:?}");
        assert_eq!(decision.evidence.target, None, "nothing was ever restarted");
        let anew = before.restarted().decide(&adele);
        assert_eq!(anew.action, decision.action);
        assert_eq!(anew.evidence.target, Some(id(9)));
    }
}

/// Restarted or not, what was asked before stands in the log.
#[test]
fn whoever_fails_between_two_look_ups_tells_what_the_first_one_found() {
    let world = || {
        World::with_rule(free_rule_with(|mapping| {
            one(mapping, "alternativeSecurityIds").matching_priority = 1;
            let employee = one(mapping, "employeeId");
            employee.matching_priority = 2;
            employee.source = Some(expression("CDate([employeeId])"));
        }))
    };
    let adele = person().with(Attr::EMPLOYEE_ID, "soon").0;
    for world in [world(), world().restarted()] {
        let decision = world.decide(&adele);
        assert!(matches!(decision.action, Action::Fail(_)), "{decision:?}");
        let asked = decision.evidence.matching.unwrap();
        let (attribute, _) = asked.attribute.unwrap();
        assert_eq!(attribute.as_str(), "alternativeSecurityIds");
        assert_eq!(asked.found, []);
    }
}
