//! Category and input filters: what they leave out is not processed, and never deprovisioned.

use syncline_engine::SkipReason;
use syncline_engine::evidence::EvidenceOutcome;
use syncline_engine::schema::Filter;
use syncline_engine::steps;
use syncline_model::Attr;

use super::filter;
use crate::support::{World, person, rule_with, words};

fn sets(sales: bool) -> [Filter; 2] {
    let department = if sales { "Sales" } else { "Marketing" };
    let groups = filter(&[("early", &[("department", "EQUALS", &[department])])]).groups;
    [
        Filter {
            category_filter_groups: groups.clone(),
            ..Filter::default()
        },
        Filter {
            input_filter_groups: groups,
            ..Filter::default()
        },
    ]
}

#[test]
fn somebody_new_is_skipped() {
    for scope in sets(true) {
        let world = World::with_rule(rule_with(|mapping| mapping.scope = Some(scope)));
        let decision = world.decide(&person().0);
        assert_eq!(words(&decision), "skip NotInProvisioningScope");
        let scoping = decision.evidence.scoping.unwrap();
        assert_eq!(
            (scoping.filter_passed, scoping.clauses),
            (
                false,
                vec![("early.department EQUALS 'Sales'".into(), false)]
            )
        );
    }
    for scope in sets(false) {
        let world = World::with_rule(rule_with(|mapping| mapping.scope = Some(scope)));
        assert_eq!(words(&world.decide(&person().0)), "create");
    }
}

#[test]
fn somebody_synchronized_is_left_alone_and_taken_up_again() {
    for (out, back) in sets(true).into_iter().zip(sets(false)) {
        let mut world = World::new().synchronized();
        world.rule = rule_with(|mapping| mapping.scope = Some(out.clone()));
        let changed = person().with(Attr::CITY, "Bern");
        let decision = world.decide(&changed.0);
        assert_eq!(
            words(&decision),
            "release",
            "nothing flows, nothing is deleted"
        );
        let left_alone = EvidenceOutcome::Skipped(SkipReason::LeftAlone);
        assert_eq!(decision.evidence.outcome, left_alone, "and it says why");
        let told = steps::error_information(&decision.evidence).unwrap();
        assert_eq!(told.error_category, "nonServiceFailure");
        assert!(told.recommended_action.contains("input or category"));
        let unassigned = world.decide(&person().unassigned().0);
        assert_eq!(unassigned.evidence.outcome, left_alone);
        world.carry_out(&decision);
        assert_eq!(words(&world.decide(&changed.0)), "unchanged");
        world.rule = rule_with(|mapping| mapping.scope = Some(back));
        let decision = world.decide(&changed.0);
        assert_eq!(
            words(&decision),
            "update City (adopting)".replace("City", "city")
        );
    }
}

#[test]
fn a_filter_that_deprovisions_does_not_when_an_early_one_fails_too() {
    let [_, early] = sets(true);
    let both = Filter {
        groups: filter(&[("late", &[("department", "EQUALS", &["Sales"])])]).groups,
        ..early
    };
    let late = Filter {
        input_filter_groups: Vec::new(),
        ..both.clone()
    };
    let mut world = World::new().synchronized();
    world.rule = rule_with(|mapping| mapping.scope = Some(both));
    assert_eq!(words(&world.decide(&person().0)), "release");
    assert_eq!(words(&world.decide(&person().unassigned().0)), "release");
    // Who is deleted in the source follows there.
    assert_eq!(words(&world.decide(&person().deleted().0)), "soft delete");
    world.rule = rule_with(|mapping| mapping.scope = Some(late));
    assert_eq!(words(&world.decide(&person().0)), "soft delete");
}
