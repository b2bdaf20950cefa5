//! Attribute flow: which values arrive in the target.

use syncline_engine::evidence::EvidenceForm;
use syncline_engine::schema::{AttributeMapping, AttributeMappingSource as Source, FlowType};
use syncline_engine::{Action, Evidence, RandomKey, Subject};
use syncline_model::{Attr, Attrs, EntityKind, Entry, Value};

use crate::support::{
    ADELE, Person, World, anchor_of, changes_of, expression, free_rule_with, group_rule_with, id,
    mapped, one, person, problems_of, rule_with, words,
};

fn created(world: &World, source: &Person) -> Attrs {
    match world.decide(&source.0).action {
        Action::Create { attrs, .. } => attrs,
        other => panic!("{other:?}"),
    }
}

fn failure(world: &World, source: &Person) -> (String, String) {
    match world.decide(&source.0).action {
        Action::Fail(failure) => (failure.code, failure.reason),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_created_user_is_external_and_stamped() {
    let source = person()
        .with(Attr::BUSINESS_PHONES, Value::List(vec!["+41 1".into()]))
        .with(Attr::OFFICE_LOCATION, "18/2111")
        .with(Attr::MAIL, "adele@fabrikam.example");
    let attrs = created(&World::new(), &source);
    assert_eq!(
        attrs,
        Attrs::new()
            .with(Attr::ALTERNATIVE_SECURITY_IDS, anchor_of(ADELE))
            .with(
                Attr::USER_PRINCIPAL_NAME,
                "adele_fabrikam.example#EXT#@contoso.onmicrosoft.example"
            )
            .with(Attr::DISPLAY_NAME, "Adele Vance")
            .with(Attr::MAIL_NICKNAME, "adele")
            .with(Attr::MAIL, "adele@fabrikam.example")
            .with(Attr::ACCOUNT_ENABLED, true)
            .with(Attr::DEPARTMENT, "Marketing")
            .with(Attr::OFFICE_LOCATION, "18/2111")
            .with(Attr::BUSINESS_PHONES, Value::List(vec!["+41 1".into()]))
            .with(Attr::SHOW_IN_ADDRESS_LIST, true)
            .with(Attr::USER_TYPE, "Member"),
        "and IsSoftDeleted is an action, never an attribute"
    );
}

/// A target completes few attributes: of the others it need not be told which are empty.
#[test]
fn only_what_a_target_would_complete_is_left_empty_by_name() {
    let world = World::with_rule(rule_with(|mapping| {
        for name in ["otherMails", "companyName", "jobTitle"] {
            mapping
                .attribute_mappings
                .retain(|it| it.target_attribute_name.as_deref() != Some(name));
            mapping.attribute_mappings.push(AttributeMapping {
                target_attribute_name: Some(name.to_owned()),
                source: Some(Source::attribute(name)),
                ..AttributeMapping::default()
            });
        }
    }));
    match world.decide(&person().0).action {
        Action::Create { left_empty, .. } => assert_eq!(left_empty, [Attr::OTHER_MAILS]),
        other => panic!("{other:?}"),
    }
}

#[test]
fn user_type_flows_at_creation_only() {
    let world = World::new()
        .synchronized()
        .target_has(Attr::USER_TYPE, "Guest");
    assert_eq!(words(&world.decide(&person().0)), "unchanged");
    let always = mapped("userType", |it| it.flow_type = FlowType::Always)
        .synchronized()
        .target_has(Attr::USER_TYPE, "Guest");
    assert_eq!(words(&always.decide(&person().0)), "update userType");
}

#[test]
fn a_lost_value_is_cleared() {
    let world = World::new().synchronized();
    let Action::Update { changes, .. } = world.decide(&person().without(Attr::DEPARTMENT).0).action
    else {
        panic!()
    };
    assert_eq!(changes.len(), 1);
    assert_eq!(
        (changes[0].attr, changes[0].new.clone()),
        (Attr::DEPARTMENT, None)
    );
}

#[test]
fn a_default_is_given_at_creation_and_is_not_a_lost_value() {
    let world = || mapped("city", |it| it.default_value = Some("Basel".to_owned()));
    assert_eq!(created(&world(), &person()).text(Attr::CITY), Some("Basel"));
    assert_eq!(
        created(&world(), &person().with(Attr::CITY, "Bern")).text(Attr::CITY),
        Some("Bern")
    );
    let mut later = world();
    let decision = later.decide(&person().0);
    later.carry_out(&decision);
    assert_eq!(words(&later.decide(&person().0)), "unchanged");
    let bern = world().synchronized().target_has(Attr::CITY, "Bern");
    let Action::Update { changes, .. } = bern.decide(&person().0).action else {
        panic!()
    };
    assert_eq!(changes[0].new, None, "not the default");
}

#[test]
fn a_mapping_without_source_only_fills_what_is_empty() {
    let world = || {
        mapped("city", |it| {
            it.source = None;
            it.default_value = Some("Basel".to_owned());
        })
    };
    assert_eq!(
        created(&world(), &person().with(Attr::CITY, "Bern")).text(Attr::CITY),
        Some("Basel")
    );
    let other = world().synchronized().target_has(Attr::CITY, "Nice");
    assert_eq!(words(&other.decide(&person().0)), "unchanged");
}

/// The directory keeps a list of one: with two, nothing of the whole change would be written.
#[test]
fn a_telephone_number_is_replaced_and_not_joined_by_another() {
    for flow_type in [FlowType::ValueAddOnly, FlowType::MultiValueAddOnly] {
        let world = mapped("telephoneNumber", |it| it.flow_type = flow_type.clone())
            .synchronized()
            .target_has(Attr::BUSINESS_PHONES, Value::List(vec!["+41 1".into()]));
        let second = Value::List(vec!["+41 2".into()]);
        let person = person().with(Attr::BUSINESS_PHONES, second.clone());
        assert_eq!(
            changes_of(&world.decide(&person.0)),
            [(Attr::BUSINESS_PHONES, Some(second))]
        );
    }
}

#[test]
fn several_telephone_numbers_are_refused_where_a_schema_comes_in() {
    let several = |it: &mut AttributeMapping| {
        it.source = Some(expression("Split([city], \",\")"));
    };
    let found = problems_of("telephoneNumber", several);
    let [(place, message)] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(place, "source.expression");
    assert!(message.contains("takes one value"), "{message}");
    // One that was stored before goes on.
    mapped("telephoneNumber", several);
}

#[test]
fn add_only_flow_types() {
    let only_empty =
        || mapped("city", |it| it.flow_type = FlowType::AttributeAddOnly).synchronized();
    assert_eq!(
        words(&only_empty().decide(&person().with(Attr::CITY, "Bern").0)),
        "update city"
    );
    let nice = only_empty().target_has(Attr::CITY, "Nice");
    assert_eq!(
        words(&nice.decide(&person().with(Attr::CITY, "Bern").0)),
        "unchanged"
    );
    assert_eq!(
        words(&nice.decide(&person().0)),
        "unchanged",
        "nothing is taken away"
    );
    let value_add = mapped("city", |it| it.flow_type = FlowType::ValueAddOnly)
        .synchronized()
        .target_has(Attr::CITY, "Nice");
    assert_eq!(
        words(&value_add.decide(&person().0)),
        "unchanged",
        "nothing is taken away"
    );
}

/// What a tenant keeps of a list that was emptied, or shows of a text without letters, is no value.
#[test]
fn an_empty_value_of_the_target_is_none() {
    let nothing = [Value::text(""), Value::List(Vec::new())];
    for nothing in nothing {
        let filling = mapped("city", |it| it.flow_type = FlowType::AttributeAddOnly);
        let filling = filling
            .synchronized()
            .target_has(Attr::CITY, nothing.clone());
        let decision = filling.decide(&person().with(Attr::CITY, "Bern").0);
        assert_eq!(words(&decision), "update city", "{nothing:?}");
        assert_eq!(words(&filling.decide(&person().0)), "unchanged");

        let default_only = mapped("city", |it| {
            it.source = None;
            it.default_value = Some("Basel".to_owned());
        });
        let default_only = default_only.synchronized();
        let decision = default_only.decide(&person().0);
        assert_eq!(words(&decision), "unchanged", "given at creation");
        let emptied = default_only.target_has(Attr::CITY, nothing.clone());
        assert_eq!(
            words(&emptied.decide(&person().0)),
            "update city",
            "{nothing:?}"
        );
    }
}

#[test]
fn an_expression_that_fails_fails_this_object_and_says_which() {
    // A text where the target wants a Boolean.
    let world = mapped("showInAddressList", |it| {
        it.source = Some(Source::attribute("department"))
    });
    let (code, reason) = failure(&world, &person());
    assert_eq!(code, "AttributeValidationFailed");
    assert!(
        reason.contains("showInAddressList") && reason.contains("[department]"),
        "{reason}"
    );
    assert_eq!(
        words(&world.decide(&person().with(Attr::DEPARTMENT, "true").0)),
        "create"
    );
}

#[test]
fn what_the_target_requires_must_have_a_value() {
    for attr in [
        Attr::DISPLAY_NAME,
        Attr::USER_PRINCIPAL_NAME,
        Attr::MAIL_NICKNAME,
    ] {
        let name = attr.core_name().unwrap();
        let (code, reason) = failure(&World::new(), &person().without(attr));
        assert_eq!(code, "MissingValues");
        assert!(reason.contains(name), "{reason}");
        let (code, reason) = failure(&World::new().synchronized(), &person().without(attr));
        assert_eq!(code, "MissingValues");
        assert!(reason.contains(name), "{reason}");
    }
}

fn unmapped(attr: Attr) -> World {
    let name = attr.core_name().unwrap();
    World::with_rule(rule_with(|mapping| {
        let mappings = &mut mapping.attribute_mappings;
        mappings.retain(|it| it.target_attribute_name.as_deref() != Some(name));
    }))
}

/// A schema without a mapping of what the target gives everybody is accepted, and everybody is created.
#[test]
fn what_the_target_completes_needs_no_mapping() {
    for attr in [Attr::ACCOUNT_ENABLED, Attr::MAIL_NICKNAME] {
        match unmapped(attr).decide(&person().0).action {
            Action::Create { attrs, left_empty } => {
                assert!(!attrs.contains(attr) && left_empty.is_empty());
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn what_nothing_is_mapped_to_is_told_as_that() {
    for attr in [Attr::DISPLAY_NAME, Attr::USER_PRINCIPAL_NAME] {
        let name = attr.core_name().unwrap();
        let (code, reason) = failure(&unmapped(attr), &person());
        assert_eq!(code, "MissingValues");
        let words = format!("nothing is mapped to what the target requires: {name}");
        assert!(reason.starts_with(&words), "{reason}");
    }
}

#[test]
fn without_a_matching_value_the_object_is_not_imported() {
    let by_employee_id = || {
        World::with_rule(free_rule_with(|mapping| {
            one(mapping, "alternativeSecurityIds").matching_priority = 0;
            one(mapping, "employeeId").matching_priority = 1;
        }))
    };
    assert_eq!(
        words(&by_employee_id().decide(&person().0)),
        "skip ImportSkipped"
    );
    assert_eq!(
        words(&by_employee_id().decide(&person().with(Attr::EMPLOYEE_ID, "7").0)),
        "create"
    );
}

#[test]
fn matching_attributes_are_tried_in_order_of_precedence() {
    let world = || {
        World::with_rule(free_rule_with(|mapping| {
            one(mapping, "alternativeSecurityIds").matching_priority = 2;
            one(mapping, "employeeId").matching_priority = 1;
        }))
    };
    let source = || person().with(Attr::EMPLOYEE_ID, "7");
    // Only the second attribute finds somebody.
    let second = world().invited_earlier(5).decide(&source().0);
    assert!(words(&second).ends_with("(adopting)"), "{}", words(&second));
    assert_eq!(
        second.evidence.matching.unwrap().attribute.unwrap().0,
        "alternativeSecurityIds"
    );
    // The first hit ends the search.
    let first = world()
        .invited_earlier(5)
        .target_has(Attr::EMPLOYEE_ID, "7")
        .decide(&source().0);
    assert_eq!(
        first.evidence.matching.unwrap().attribute.unwrap(),
        ("employeeId".into(), "7".into())
    );
    // None finds anybody.
    assert_eq!(words(&world().decide(&source().0)), "create");
    // The first has no value: the second is asked.
    let without = world().invited_earlier(5).decide(&person().0);
    assert!(
        words(&without).ends_with("(adopting)"),
        "{}",
        words(&without)
    );
}

#[test]
fn one_value_becomes_a_list_where_the_target_wants_one() {
    let world = World::with_rule(free_rule_with(|mapping| {
        mapping.attribute_mappings.push(AttributeMapping {
            target_attribute_name: Some("otherMails".to_owned()),
            source: Some(Source::attribute("mail")),
            ..AttributeMapping::default()
        });
    }));
    let attrs = created(&world, &person().with(Attr::MAIL, "a@b.example"));
    assert_eq!(
        attrs.get(Attr::OTHER_MAILS),
        Some(&Value::List(vec!["a@b.example".into()]))
    );
}

#[test]
fn a_list_is_compared_as_a_set() {
    let list = |values: &[&str]| Value::List(values.iter().map(|it| (*it).into()).collect());
    for (has, wants, decided) in [
        (["a", "a"], "a,b", "update otherMails"),
        (["a", "b"], "a,a", "update otherMails"),
        (["a", "b"], "b,a", "unchanged"),
    ] {
        let world = World::with_rule(free_rule_with(|mapping| {
            mapping.attribute_mappings.push(AttributeMapping {
                target_attribute_name: Some("otherMails".to_owned()),
                source: Some(expression(r#"Split([city], ",")"#)),
                ..AttributeMapping::default()
            });
        }))
        .synchronized()
        .target_has(Attr::CITY, wants)
        .target_has(Attr::OTHER_MAILS, list(&has));
        let source = person().with(Attr::CITY, wants);
        assert_eq!(words(&world.decide(&source.0)), decided, "{has:?} {wants}");
    }
}

#[test]
fn random_values_are_nobody_elses_to_work_out() {
    let value = |key: u8| {
        let mut world = mapped("city", |it| {
            it.source = Some(expression("RandomString(16, 1, 1, 1, 1)"));
            it.flow_type = FlowType::ObjectAddOnly;
        });
        world.facts.random_key = RandomKey::new([key; 16]);
        created(&world, &person()).get(Attr::CITY).cloned()
    };
    // The same person at the same moment, in two installations.
    assert_ne!(value(1), value(2));
    assert_eq!(value(1), value(1));
}

#[test]
fn redacted_values_are_in_no_failure() {
    for text in [
        // Fails while it runs, and does not fit the target.
        "Redact(DateAdd([jobTitle], 1, [department]))",
        "Redact([jobTitle])",
    ] {
        let world = mapped("showInAddressList", |it| it.source = Some(expression(text)));
        let decision = world.decide(&person().with(Attr::JOB_TITLE, "secret").0);
        let Action::Fail(failure) = &decision.action else {
            panic!("{decision:?}")
        };
        assert_eq!(failure.code, "AttributeValidationFailed");
        let written = format!("{failure:?}{:?}", decision.evidence);
        assert!(!written.contains("secret"), "{written}");
    }
}

/// Neither where values stand nor where the object is named, in whichever form.
#[test]
fn redacted_names_are_in_no_evidence() {
    for (name, attr, other) in [
        ("displayName", Attr::DISPLAY_NAME, Attr::USER_PRINCIPAL_NAME),
        (
            "userPrincipalName",
            Attr::USER_PRINCIPAL_NAME,
            Attr::DISPLAY_NAME,
        ),
    ] {
        let person = person()
            .with(attr, "secret@contoso.example")
            .with(other, "open@contoso.example");
        let world = mapped(name, |it| {
            it.source = Some(expression(&format!("Redact([{name}])")));
        });
        let created = world.decide(&person.0);
        assert!(matches!(created.action, Action::Create { .. }), "{name}");
        let packed = world.decide_in(EvidenceForm::Packed, &person.0);
        let packed = packed.packed.unwrap().seal(&packed.evidence);
        for evidence in [created.evidence, Evidence::decode(&packed).unwrap()] {
            assert!(
                !format!("{evidence:?}").contains("secret"),
                "{name}: {evidence:?}"
            );
            assert_eq!(evidence.source, person.0.id);
        }
    }
}

#[test]
fn redacted_values_are_in_no_evidence() {
    let world = mapped("city", |it| {
        it.source = Some(expression("Redact([jobTitle])"))
    });
    let decision = world.decide(&person().with(Attr::JOB_TITLE, "secret").0);
    let Action::Create { attrs, .. } = &decision.action else {
        panic!()
    };
    assert_eq!(attrs.text(Attr::CITY), Some("secret"));
    let city = decision
        .evidence
        .modified
        .iter()
        .find(|it| it.name == "city")
        .unwrap();
    assert_eq!(city.new.as_deref(), Some("[Redact]"));
    let imported = decision
        .evidence
        .imported
        .iter()
        .find(|(name, _)| name == "jobTitle")
        .unwrap();
    assert_eq!(imported.1, "[Redact]");
}

/// The target makes a static security group of it, so the mappings may say what they like: a change
/// that is never done would be reported in every cycle.
#[test]
fn a_synchronized_group_is_of_one_kind_whatever_is_mapped() {
    let mut world = World::with_rule(group_rule_with(|mapping| {
        for name in ["mailEnabled", "securityEnabled"] {
            one(mapping, name).source = Some(Source::attribute(name));
        }
        mapping.attribute_mappings.push(AttributeMapping {
            source: Some(Source::attribute("groupTypes")),
            target_attribute_name: Some("groupTypes".to_owned()),
            default_value: Some("Unified".to_owned()),
            ..AttributeMapping::default()
        });
    }));
    let mut entry = Entry::new(EntityKind::Group, id(0x6809));
    entry.attrs = Attrs::new()
        .with(Attr::DISPLAY_NAME, "Sales")
        .with(Attr::MAIL_NICKNAME, "sales")
        .with(Attr::MAIL_ENABLED, true)
        .with(Attr::SECURITY_ENABLED, false)
        .with(Attr::GROUP_TYPES, Value::List(vec!["Unified".into()]));
    let source = Subject {
        id: entry.id,
        kind: entry.kind,
        entry: Some(entry),
        ..person().0
    };
    let created = world.decide(&source);
    let Action::Create { attrs, .. } = &created.action else {
        panic!("{created:?}");
    };
    assert_eq!(attrs.bool(Attr::MAIL_ENABLED), Some(false));
    assert_eq!(attrs.bool(Attr::SECURITY_ENABLED), Some(true));
    assert!(!attrs.contains(Attr::GROUP_TYPES));
    world.carry_out(&created);
    assert_eq!(words(&world.decide(&source)), "unchanged");

    // One that was made something else is made what it should be, once.
    let mut world = world
        .target_has(Attr::MAIL_ENABLED, true)
        .target_has(Attr::GROUP_TYPES, Value::List(vec!["Unified".into()]));
    let mended = world.decide(&source);
    let Action::Update { changes, .. } = &mended.action else {
        panic!("{mended:?}");
    };
    assert_eq!(changes.len(), 2, "{changes:?}");
    world.carry_out(&mended);
    assert_eq!(words(&world.decide(&source)), "unchanged");
}

/// Each mapping alone is within its bound; a rule full of them would hold up the cycle.
#[test]
fn all_mappings_of_an_object_share_a_bound() {
    let source = person().with(Attr::EMPLOYEE_TYPE, "ab".repeat(700).as_str());
    let laborious = r#"Left(Replace([employeeType], , "(?:[ab]*a[ab]{900}c)", , "", , ), 9)"#;
    let with = |attributes: &[&str]| {
        World::with_rule(rule_with(|mapping| {
            for name in attributes {
                one(mapping, name).source = Some(expression(laborious));
            }
        }))
    };
    created(&with(&["city"]), &source);
    let all = [
        "city",
        "state",
        "country",
        "surname",
        "jobTitle",
        "givenName",
        "employeeId",
        "postalCode",
        "streetAddress",
        "department",
    ];
    let (code, reason) = failure(&with(&all), &source);
    assert_eq!(code, "AttributeValidationFailed", "{reason}");
    assert!(reason.contains("too much work"), "{reason}");
}
