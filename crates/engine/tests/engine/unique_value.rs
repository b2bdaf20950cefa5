//! `SelectUniqueValue`: the engine asks the target for one value after the other.

use syncline_engine::schema::{self, AttributeMapping, FlowType};
use syncline_engine::{Action, LookupQuery, Step};
use syncline_expression::Limits;
use syncline_model::{Attr, EntityKind, Entry, Schema};

use crate::support::{
    NOW, World, default_schema, expression, id, mapped, one, person, problems_of, rule_with, words,
};

const RULES: &str = r#"SelectUniqueValue(Join("@", [mailNickname], "fabrikam.example"), Join("@", Append([mailNickname], "2"), "fabrikam.example"))"#;

fn unique(it: &mut AttributeMapping) {
    it.source = Some(expression(RULES));
    it.flow_type = FlowType::ObjectAddOnly;
}

fn taken(world: &mut World, number: u128, mail: &str) {
    let mut entry = Entry::new(EntityKind::User, id(number));
    entry.attrs.set(Attr::MAIL, mail);
    world.target.push(syncline_engine::TargetObject {
        entry,
        soft_deleted: false,
        references: Vec::new(),
        linked_source: None,
    });
}

fn mail_of(world: &World) -> String {
    match world.decide(&person().0).action {
        Action::Create { attrs, .. } => attrs.text(Attr::MAIL).unwrap_or_default().to_owned(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_first_free_value_is_taken() {
    let mut world = mapped("mail", unique);
    assert_eq!(mail_of(&world), "adele@fabrikam.example");
    taken(&mut world, 1, "adele@fabrikam.example");
    assert_eq!(mail_of(&world), "adele2@fabrikam.example");
}

#[test]
fn when_all_are_taken_the_object_waits_and_says_why() {
    let mut world = mapped("mail", unique);
    taken(&mut world, 1, "adele@fabrikam.example");
    taken(&mut world, 2, "adele2@fabrikam.example");
    let Action::Fail(failure) = world.decide(&person().0).action else {
        panic!()
    };
    assert_eq!(failure.code, "Conflict");
    assert!(
        failure
            .reason
            .contains("all 2 values that `mail` may have are taken")
            && failure.reason.contains("adele2@fabrikam.example"),
        "{}",
        failure.reason
    );
}

/// Decides with an empty target, where all values before this one are promised to others.
fn decide_beside(world: &World, first_free: usize) -> Action {
    let subject = person().0;
    let mut asked = 0;
    let mut step = world.begin(&subject);
    loop {
        match step {
            Step::Decided(decision) => return decision.action,
            Step::Lookup(pending) => {
                let is_value = matches!(pending.query, LookupQuery::Taken { .. });
                step = if is_value && asked < first_free {
                    asked += 1;
                    pending.resume_promised(&world.rule, &world.facts, NOW)
                } else {
                    pending.resume(&world.rule, &world.facts, &[], NOW)
                };
            }
        }
    }
}

#[test]
fn a_value_that_is_promised_to_another_object_counts_as_taken() {
    let world = mapped("mail", unique);
    let Action::Create { attrs, .. } = decide_beside(&world, 1) else {
        panic!()
    };
    assert_eq!(attrs.text(Attr::MAIL), Some("adele2@fabrikam.example"));
    let Action::Fail(failure) = decide_beside(&world, 2) else {
        panic!()
    };
    assert_eq!(failure.code, "Conflict");
    assert!(
        failure.reason.contains("all 2 values that `mail` may have"),
        "{}",
        failure.reason
    );
}

/// The promise may not be kept: then a value is free soon.
#[test]
fn what_is_only_promised_is_asked_for_again_soon_and_what_is_taken_is_not() {
    let failed = |action: Action| match action {
        Action::Fail(failure) => failure,
        other => panic!("{other:?}"),
    };
    let world = mapped("mail", unique);
    assert!(failed(decide_beside(&world, 2)).transient);

    // A promise of one mapping says nothing of the next one, whose values are taken.
    let mut both = World::with_rule(rule_with(|mapping| {
        unique(one(mapping, "mail"));
        unique(one(mapping, "userPrincipalName"));
    }));
    taken(&mut both, 1, "adele@fabrikam.example");
    taken(&mut both, 2, "adele2@fabrikam.example");
    let subject = person().0;
    let mut promised = false;
    let mut step = both.begin(&subject);
    let action = loop {
        match step {
            Step::Decided(decision) => break decision.action,
            Step::Lookup(pending) => {
                let is_name = matches!(
                    pending.query,
                    LookupQuery::Taken {
                        attr: Attr::USER_PRINCIPAL_NAME,
                        ..
                    }
                );
                step = if is_name && !std::mem::replace(&mut promised, true) {
                    pending.resume_promised(&both.rule, &both.facts, NOW)
                } else {
                    let found = both.look_up(&pending.query);
                    pending.resume(&both.rule, &both.facts, &found, NOW)
                };
            }
        }
    };
    let failure = failed(action);
    assert!(failure.reason.contains("`mail`"), "{}", failure.reason);
    assert!(!failure.transient);
}

#[test]
fn a_promise_answers_no_other_question() {
    let world = mapped("mail", unique);
    let subject = person().0;
    let Step::Lookup(matching) = world.begin(&subject) else {
        panic!()
    };
    assert!(matches!(matching.query, LookupQuery::Matching { .. }));
    let Step::Lookup(next) = matching.resume_promised(&world.rule, &world.facts, NOW) else {
        panic!()
    };
    assert!(matches!(next.query, LookupQuery::Taken { .. }));
}

#[test]
fn the_sign_in_name_is_asked_for_as_the_target_would_hold_it() {
    let world = mapped("userPrincipalName", unique);
    let mut asked = Vec::new();
    let subject = person().0;
    let mut step = world.begin(&subject);
    while let Step::Lookup(pending) = step {
        asked.push(pending.query.clone());
        step = pending.resume(&world.rule, &world.facts, &[], NOW);
    }
    assert_eq!(
        asked.last(),
        Some(&LookupQuery::Taken {
            kind: EntityKind::User,
            attr: Attr::USER_PRINCIPAL_NAME,
            value: "adele_fabrikam.example#EXT#@contoso.onmicrosoft.example".into(),
        })
    );
}

#[test]
fn a_linked_object_keeps_its_value() {
    let mut world = mapped("mail", unique).synchronized();
    taken(&mut world, 1, "adele2@fabrikam.example");
    assert_eq!(words(&world.decide(&person().0)), "unchanged");
}

#[test]
fn values_that_are_redacted_are_not_named() {
    let mut world = mapped("mail", |it| {
        unique(it);
        it.source = Some(expression(
            r#"SelectUniqueValue(Redact("secret@fabrikam.example"), "b@fabrikam.example")"#,
        ));
    });
    taken(&mut world, 1, "secret@fabrikam.example");
    taken(&mut world, 2, "b@fabrikam.example");
    let decision = world.decide(&person().0);
    assert_eq!(words(&decision), "fail Conflict");
    let written = format!("{:?}{:?}", decision.action, decision.evidence);
    assert!(!written.contains("secret@"), "{written}");
}

#[test]
fn where_it_can_not_be_used() {
    for (target, flow, message) in [
        ("mail", FlowType::Always, "chosen once"),
        ("mail", FlowType::AttributeAddOnly, "use ObjectAddOnly"),
        ("mailNickname", FlowType::ObjectAddOnly, "cannot be asked"),
    ] {
        let found = problems_of(target, |it| {
            unique(it);
            it.flow_type = flow;
        });
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].1.contains(message), "{found:?}");
    }
    let matching = problems_of("mail", |it| {
        unique(it);
        it.matching_priority = 2;
    });
    assert!(
        matching
            .iter()
            .any(|(path, message)| path == "matchingPriority"
                && message.contains("nobody would ever be found")),
        "{matching:?}"
    );
}

/// `SelectUniqueValue` with so many rules, each of another value.
fn with_rules(count: usize) -> impl Fn(&mut AttributeMapping) {
    let rules: Vec<String> = (0..count)
        .map(|at| format!(r#"Append([mailNickname], "{at}@fabrikam.example")"#))
        .collect();
    let written = format!("SelectUniqueValue({})", rules.join(","));
    move |it| {
        it.source = Some(expression(&written));
        it.flow_type = FlowType::ObjectAddOnly;
    }
}

/// Each is a look-up of its own, and the page waits for all.
#[test]
fn no_more_than_a_hundred_values_are_tried() {
    let world = mapped("mail", with_rules(150));
    let Action::Fail(failure) = decide_beside(&world, usize::MAX) else {
        panic!()
    };
    assert_eq!(failure.code, "Conflict");
    assert!(
        failure.reason.contains("all 100 values"),
        "{}",
        failure.reason
    );
    let shown = failure.reason.matches("@fabrikam.example").count();
    assert_eq!(shown, 5, "{}", failure.reason);
    // The hundredth is still tried.
    assert!(matches!(decide_beside(&world, 99), Action::Create { .. }));
}

#[test]
fn more_than_a_hundred_rules_are_refused_where_a_schema_comes_in() {
    let problems = |count: usize| {
        let mut schema = default_schema();
        with_rules(count)(one(
            &mut schema.synchronization_rules[0].object_mappings[0],
            "mail",
        ));
        let incoming = schema::compile_with(&schema, Schema::core(), &Limits::DEFAULT);
        incoming.err().unwrap_or_default()
    };
    assert!(problems(100).is_empty());
    let found = problems(101);
    let [only] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert!(only.path.ends_with("source.expression"), "{only}");
    assert!(only.message.contains("at most 100"), "{only}");
}
