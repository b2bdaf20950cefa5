//! Whom a changed configuration concerns.

use std::sync::Arc;

use proptest::prelude::*;
use syncline_engine::impact::Side;
use syncline_engine::schema::{
    AttributeMappingSource, FilterClause, FlowType, FlowTypes, NullPolicy, ObjectMapping,
};
use syncline_engine::{Action, Decision, Impact, Rule, Subject};
use syncline_model::link::LinkState;
use syncline_model::{Attr, Link};

use crate::properties::source;
use crate::scoping::{Clause, filter};
use crate::support::{NOW, Person, World, expression, facts, one, person, rule_with};

type Change = fn(&mut ObjectMapping);

/// Whoever is disabled is asked to leave.
const ASKED: &str = r#"Switch([accountEnabled], [IsSoftDeleted], "False", "True")"#;

fn side(rule: Rule) -> Side {
    Side {
        rules: Arc::new(vec![rule]),
        facts: facts(),
    }
}

/// Of a changed schema on the template's.
fn impact(change: impl FnOnce(&mut ObjectMapping)) -> Impact {
    Impact::of(vec![side(rule_with(|_| ()))], side(rule_with(change)))
}

fn linked() -> Option<Link> {
    World::new().synchronized().link
}

fn concerns(impact: &Impact, person: &Person, link: Option<&Link>) -> bool {
    impact.concerns(&person.0, link, false, NOW)
}

fn only(department: &str) -> impl Fn(&mut ObjectMapping) {
    move |mapping| {
        let clause: &[Clause<'_>] = &[("department", "EQUALS", &[department])];
        mapping.scope = Some(filter(&[("only", clause)]));
    }
}

#[test]
fn names_order_and_descriptions_concern_nobody() {
    let scope = |names: [&str; 2], turned: bool| {
        let groups: [(&str, &[Clause<'_>]); 2] = [
            (names[0], &[("department", "EQUALS", &["Sales"])]),
            (
                names[1],
                &[
                    ("city", "EQUALS", &["Bern"]),
                    ("jobTitle", "IS NOT NULL", &[]),
                ],
            ),
        ];
        let mut scope = filter(&groups);
        if turned {
            scope.groups.reverse();
            for group in &mut scope.groups {
                group.clauses.reverse();
                let again: Vec<FilterClause> = group.clauses.clone();
                group.clauses.extend(again);
            }
        }
        scope
    };
    let before = rule_with(|mapping| mapping.scope = Some(scope(["a", "b"], false)));
    let after = rule_with(|mapping| {
        mapping.scope = Some(scope(["c", "d"], true));
        mapping.attribute_mappings.reverse();
        mapping.name = Some("another name".to_owned());
    });
    let impact = Impact::of(vec![side(before)], side(after));
    assert!(impact.is_nothing());
    assert_eq!(impact.words(), [""; 0]);
    assert!(!concerns(&impact, &person(), None));
}

#[test]
fn a_mapping_concerns_those_for_whom_it_yields_another_value() {
    let impact = impact(|mapping| {
        one(mapping, "city").source = Some(expression("ToUpper([city])"));
    });
    let link = linked();
    assert!(!concerns(&impact, &person(), link.as_ref()), "no city");
    let bern = person().with(Attr::CITY, "Bern");
    assert!(concerns(&impact, &bern, link.as_ref()));
    let loud = person().with(Attr::CITY, "BERN");
    assert!(!concerns(&impact, &loud, link.as_ref()));
    assert!(
        !concerns(&impact, &bern.unassigned(), None),
        "nobody creates him"
    );
    assert_eq!(impact.words(), ["User: the mapping of city"]);
}

#[test]
fn a_mapping_taken_away_leaves_the_linked_ones_alone() {
    let impact = impact(|mapping| {
        mapping
            .attribute_mappings
            .retain(|it| it.target_attribute_name.as_deref() != Some("city"));
    });
    let bern = person().with(Attr::CITY, "Bern");
    assert!(!concerns(&impact, &bern, linked().as_ref()));
}

/// What they failed by may be gone, and no value tells so.
#[test]
fn a_mapping_taken_away_or_flowing_no_more_concerns_those_who_failed() {
    let taken_away: Change = |mapping| {
        mapping
            .attribute_mappings
            .retain(|it| it.target_attribute_name.as_deref() != Some("city"));
    };
    let at_creation: Change = |it| one(it, "city").flow_type = FlowType::ObjectAddOnly;
    for change in [taken_away, at_creation] {
        let impact = impact(change);
        for link in [linked(), None] {
            assert!(impact.concerns(&person().0, link.as_ref(), true, NOW));
            // Theirs is a removal, of which the mapping says nothing.
            assert!(!impact.concerns(&person().deleted().0, link.as_ref(), true, NOW));
        }
    }
    let nothing = impact(|it| it.attribute_mappings.reverse());
    assert!(!nothing.concerns(&person().0, linked().as_ref(), true, NOW));
}

#[test]
fn a_narrower_scope_concerns_linked_objects_that_leave_it() {
    let impact = impact(only("Sales"));
    assert!(!impact.concerns_unlinked() && !impact.concerns_deleted());
    assert!(concerns(&impact, &person(), linked().as_ref()));
    assert!(!concerns(&impact, &person(), None));
    assert!(
        impact.concerns(&person().0, None, true, NOW),
        "whoever leaves it is not tried again"
    );
    let sales = person().with(Attr::DEPARTMENT, "Sales");
    assert!(!concerns(&impact, &sales, linked().as_ref()));
    assert_eq!(impact.words(), ["User: the scope narrows"]);
}

#[test]
fn a_wider_scope_concerns_those_who_come_in() {
    let before = rule_with(only("Sales"));
    let wider = rule_with(|mapping| {
        let sales: &[Clause<'_>] = &[("department", "EQUALS", &["Sales"])];
        let marketing: &[Clause<'_>] = &[("department", "EQUALS", &["Marketing"])];
        mapping.scope = Some(filter(&[("s", sales), ("m", marketing)]));
    });
    let impact = Impact::of(vec![side(before)], side(wider));
    assert_eq!(impact.words(), ["User: the scope widens"]);
    assert!(concerns(&impact, &person(), None));
    let sales = person().with(Attr::DEPARTMENT, "Sales");
    assert!(!concerns(&impact, &sales, linked().as_ref()));
    assert!(!concerns(
        &impact,
        &sales.with(Attr::DEPARTMENT, "Board"),
        None
    ));
}

#[test]
fn everyone_instead_of_the_assigned_concerns_the_others() {
    let (before, mut after) = (side(rule_with(|_| ())), side(rule_with(|_| ())));
    after.facts.sync_all = true;
    let impact = Impact::of(vec![before.clone()], after.clone());
    assert!(concerns(&impact, &person().unassigned(), None));
    assert!(!concerns(&impact, &person(), linked().as_ref()));
    let back = Impact::of(vec![after], before);
    assert!(!back.concerns_unlinked());
    assert!(concerns(&back, &person().unassigned(), linked().as_ref()));
}

#[test]
fn a_mapping_switched_on_concerns_everybody_and_one_switched_off_nobody() {
    let off = || side(rule_with(|mapping| mapping.enabled = false));
    let on = || side(rule_with(|_| ()));
    let impact = Impact::of(vec![off()], on());
    assert!(concerns(&impact, &person().unassigned(), None));
    let impact = Impact::of(vec![on()], off());
    assert!(impact.is_nothing());
    assert_eq!(impact.words(), ["User: switched off"]);
}

#[test]
fn a_change_taken_back_concerns_those_who_were_decided_by_it() {
    let sides = || (side(rule_with(|_| ())), side(rule_with(only("Sales"))));
    let (first, second) = sides();
    let impact = Impact::of(vec![first.clone(), second], first);
    assert!(
        concerns(&impact, &person(), linked().as_ref()),
        "deleted by the second"
    );
    let sales = person().with(Attr::DEPARTMENT, "Sales");
    assert!(!concerns(&impact, &sales, linked().as_ref()));
}

#[test]
fn whoever_was_left_alone_and_is_not_any_more_is_looked_at_again() {
    let left_alone = |it: &mut ObjectMapping| {
        only("Sales")(it);
        let groups = filter(&[("early", &[("city", "EQUALS", &["Bern"])])]).groups;
        it.scope.get_or_insert_default().input_filter_groups = groups;
    };
    let impact = Impact::of(
        vec![side(rule_with(left_alone))],
        side(rule_with(only("Sales"))),
    );
    // Out of scope by both; only now is he deleted for that.
    let elsewhere = person()
        .with(Attr::DEPARTMENT, "Marketing")
        .with(Attr::CITY, "Basel");
    assert!(concerns(&impact, &elsewhere, linked().as_ref()));
    assert!(!concerns(&impact, &elsewhere, None));
}

#[test]
fn memberships_that_nobody_asks_for_any_more_concern_everybody() {
    let members: &[Clause<'_>] = &[(
        "memberOf",
        "IsMemberOf",
        &["6b1f0a3e-8f0d-4b8e-9d2e-0c5a7f1e2d3c"],
    )];
    let of_group = |it: &mut ObjectMapping| it.scope = Some(filter(&[("group", members)]));
    let impact = Impact::of(vec![side(rule_with(of_group))], side(rule_with(|_| ())));
    // The subject was read without them: what the old filter said of it can not be told.
    assert!(concerns(&impact, &person(), linked().as_ref()));
    assert!(concerns(&impact, &person(), None));
}

/// Ways to change the template's users.
const CHANGES: &[Change] = &[
    |it| only("a")(it),
    |it| {
        let a: &[Clause<'_>] = &[("department", "EQUALS", &["a"])];
        let city: &[Clause<'_>] = &[("city", "IS NULL", &[])];
        it.scope = Some(filter(&[("a", a), ("city", city)]));
    },
    |it| {
        let both: &[Clause<'_>] = &[("department", "EQUALS", &["a"]), ("city", "IS NULL", &[])];
        it.scope = Some(filter(&[("both", both)]));
    },
    |it| it.scope = Some(filter(&[("not", &[("city", "IS NOT NULL", &[])])])),
    |it| map(it, "city", "ToUpper([city])"),
    |it| map(it, "city", "[department]"),
    |it| {
        map(
            it,
            "city",
            "IIF(IsNullOrEmpty([department]), IgnoreFlowIfNullOrEmpty([city]), [city])",
        )
    },
    |it| map(it, "department", "Coalesce([department], [city])"),
    |it| map(it, "displayName", "Coalesce([department], \"nobody\")"),
    |it| {
        map(
            it,
            "employeeId",
            "FormatDateTime([employeeId], , \"yyyy-MM-dd\", \"yyyy\")",
        )
    },
    |it| {
        it.attribute_mappings
            .retain(|it| it.target_attribute_name.as_deref() != Some("city"))
    },
    |it| {
        it.attribute_mappings
            .retain(|it| it.target_attribute_name.as_deref() != Some("manager"))
    },
    |it| {
        it.attribute_mappings
            .retain(|it| it.target_attribute_name.as_deref() != Some("IsSoftDeleted"))
    },
    |it| one(it, "manager").null_policy = Some(NullPolicy::Ignore),
    |it| one(it, "manager").flow_type = FlowType::ObjectAddOnly,
    |it| one(it, "manager").flow_type = FlowType::AttributeAddOnly,
    |it| one(it, "manager").flow_type = FlowType::ValueAddOnly,
    |it| one(it, "city").flow_type = FlowType::ObjectAddOnly,
    |it| one(it, "city").flow_type = FlowType::AttributeAddOnly,
    |it| one(it, "city").null_policy = Some(NullPolicy::Ignore),
    |it| {
        let city = one(it, "city");
        (city.null_policy, city.default_value) = (Some(NullPolicy::Default), Some("a".to_owned()));
    },
    |it| one(it, "city").default_value = Some("a".to_owned()),
    |it| it.flow_types = FlowTypes("Add,Update".to_owned()),
    |it| it.flow_types = FlowTypes("Add,Delete".to_owned()),
    |it| it.flow_types = FlowTypes("Update,Delete".to_owned()),
    |it| it.flow_types = FlowTypes("None".to_owned()),
    |it| it.enabled = false,
    |it| it.attribute_mappings.reverse(),
    |it| map(it, "accountEnabled", "[IsSoftDeleted]"),
    |it| map(it, "IsSoftDeleted", "False"),
    |it| map(it, "IsSoftDeleted", ASKED),
    |it| map(it, "accountEnabled", "Not([IsSoftDeleted])"),
    |it| {
        let groups = filter(&[("left", &[("department", "EQUALS", &["a"])])]).groups;
        it.scope.get_or_insert_default().input_filter_groups = groups;
    },
    |it| {
        let groups = filter(&[("kind", &[("city", "IS NULL", &[])])]).groups;
        it.scope.get_or_insert_default().category_filter_groups = groups;
    },
];

fn map(mapping: &mut ObjectMapping, target: &str, text: &str) {
    if let Some(it) = mapping
        .attribute_mappings
        .iter_mut()
        .find(|it| it.target_attribute_name.as_deref() == Some(target))
    {
        it.source = Some(AttributeMappingSource {
            name: None,
            ..expression(text)
        });
    }
}

/// A configuration: some of the changes, and the switches of the job.
#[derive(Clone, Debug)]
struct Configured {
    changes: Vec<usize>,
    sync_all: bool,
    keeping: bool,
}

fn configured() -> impl Strategy<Value = Configured> {
    let changes = proptest::collection::vec(0..CHANGES.len(), 0..4);
    (changes, any::<bool>(), any::<bool>()).prop_map(|(mut changes, sync_all, keeping)| {
        // Those that take mappings away come last: others look for them.
        changes.sort_by_key(|at| (10..=12).contains(at));
        Configured {
            changes,
            sync_all,
            keeping,
        }
    })
}

impl Configured {
    fn rule(&self) -> Rule {
        rule_with(|mapping| {
            for at in &self.changes {
                CHANGES[*at](mapping);
            }
        })
    }

    fn side(&self) -> Side {
        let mut side = side(self.rule());
        side.facts.sync_all = self.sync_all;
        side.facts.skip_out_of_scope_deletions = self.keeping;
        side
    }

    fn rules(&self, world: &mut World) {
        world.rule = self.rule();
        world.facts = self.side().facts;
    }
}

fn is_at_rest(decision: &Decision) -> bool {
    matches!(
        decision.action,
        Action::Unchanged { adopt: false, .. } | Action::Skip(_)
    )
}

/// The target object as the job leaves it, seen from outside: how it stands with one subject.
fn world(before: &Configured, target: usize, state: LinkState) -> World {
    let world = World::new();
    let mut world = match target {
        0 => world,
        1 => world.invited_earlier(50),
        2 => world.synchronized(),
        3 => world.synchronized().link_state(state),
        4 => world.synchronized().in_recycle_bin().link_state(state),
        _ => world.synchronized().target_gone(),
    };
    before.rules(&mut world);
    world
}

fn wants_more(new: &Decision, old: &Decision) -> bool {
    new.references.iter().any(|it| !old.references.contains(it))
}

fn settled(world: &mut World, subject: &Subject) -> Decision {
    for _ in 0..3 {
        let decision = world.decide(subject);
        world.carry_out(&decision);
    }
    world.decide(subject)
}

proptest! {
    /// The invariant of the module: who is not concerned is in step with the new configuration when
    /// he is in step with the old one.
    #[test]
    fn who_is_not_concerned_has_nothing_to_gain(
        source in source(),
        before in configured(),
        after in configured(),
        target in 0..6usize,
        state in proptest::sample::select(vec![LinkState::Live, LinkState::SoftDeleted, LinkState::Released]),
    ) {
        let mut world = world(&before, target, state);
        let old = settled(&mut world, &source.0);
        let impact = Impact::of(vec![before.side()], after.side());
        if is_at_rest(&old) && !impact.concerns(&source.0, world.link.as_ref(), false, NOW) {
            after.rules(&mut world);
            let new = world.decide(&source.0);
            prop_assert!(is_at_rest(&new), "{:?} then {:?}", old.action, new.action);
            prop_assert!(!wants_more(&new, &old), "{:?} then {:?}", old.references, new.references);
        }
    }

    /// What is told of whole groups of objects agrees with what is told of each.
    #[test]
    fn nobody_is_concerned_beyond_the_groups_that_are_named(
        source in source(),
        before in configured(),
        after in configured(),
        is_linked: bool,
        failed: bool,
    ) {
        let impact = Impact::of(vec![before.side()], after.side());
        let link = if is_linked { linked() } else { None };
        if impact.concerns(&source.0, link.as_ref(), failed, NOW) {
            prop_assert!(!impact.is_nothing());
            prop_assert!(is_linked || failed || impact.concerns_unlinked());
            let gone = source.0.lifecycle != syncline_engine::Lifecycle::Live;
            prop_assert!(!gone || impact.concerns_deleted());
        }
    }

    /// The same configuration, however it came about, concerns nobody.
    #[test]
    fn no_change_concerns_nobody(same in configured()) {
        prop_assert!(Impact::of(vec![same.side()], same.side()).is_nothing());
    }
}

/// As cycles have it, of two rules of a kind the one that is switched on decides.
#[test]
fn a_rule_that_is_switched_off_does_not_hide_another_one() {
    let off = || rule_with(|mapping| mapping.enabled = false);
    let both = |on: Rule| Side {
        rules: Arc::new(vec![off(), on]),
        facts: facts(),
    };
    let before = both(rule_with(|_| ()));
    let nothing = Impact::of(vec![before.clone()], side(rule_with(|_| ())));
    assert!(nothing.is_nothing());
    let after = both(rule_with(|mapping| {
        mapping.flow_types = FlowTypes("Add".to_owned())
    }));
    assert!(!Impact::of(vec![before], after).is_nothing());
}
