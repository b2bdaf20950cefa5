//! Whether what a mapping yields fits the target attribute: its length, its form.

use syncline_engine::schema::{
    AttributeDefinition, AttributeMapping, AttributeMappingSource as Source, FlowType, NullPolicy,
    Types, compile, declared,
};
use syncline_engine::{Action, Failure};
use syncline_model::{Attr, Attrs, Schema, Timestamp, Value};

use crate::support::{
    Person, World, default_schema, expression, mapped, one, person, problems_of, rule_with, words,
};

fn created(world: &World, source: &Person) -> Attrs {
    match world.decide(&source.0).action {
        Action::Create { attrs, .. } => attrs,
        other => panic!("{other:?}"),
    }
}

fn failure(world: &World, source: &Person) -> Failure {
    match world.decide(&source.0).action {
        Action::Fail(failure) => failure,
        other => panic!("{other:?}"),
    }
}

/// `city` takes 128 characters, and comes from a street address, which has more room.
fn city_from_street() -> World {
    mapped("city", |it| it.source = Some(expression("[streetAddress]")))
}

#[test]
fn a_text_longer_than_the_property_is_refused_when_it_is_decided() {
    let world = city_from_street();
    let most = "é".repeat(128);
    let source = person().with(Attr::STREET_ADDRESS, most.as_str());
    assert_eq!(created(&world, &source).text(Attr::CITY), Some(&*most));
    let source = person().with(Attr::STREET_ADDRESS, "é".repeat(129).as_str());
    let refused = failure(&world, &source);
    assert_eq!(refused.code, "AttributeValidationFailed");
    let wanted = "`city` wants a text of at most 128 characters";
    assert!(refused.reason.contains(wanted), "{}", refused.reason);
    let world = city_from_street().synchronized();
    assert_eq!(
        words(&world.decide(&source.0)),
        "fail AttributeValidationFailed",
        "and so is a change"
    );
}

/// Each of few values as large as an expression may make it would fill the memory of a page.
#[test]
fn what_an_expression_blows_up_stays_behind_nowhere() {
    let blow_up = format!(
        r#"Replace([department], "a", , , "{}", , )"#,
        "b".repeat(500)
    );
    let source = person().with(Attr::DEPARTMENT, "a".repeat(60).as_str());
    // One property with a published length, one without.
    for (name, longest) in [("city", 128), ("mail", 3072)] {
        let world = mapped(name, |it| it.source = Some(expression(&blow_up)));
        let refused = failure(&world, &source);
        assert_eq!(refused.code, "AttributeValidationFailed", "{name}");
        let wanted = format!("a text of at most {longest} characters");
        assert!(refused.reason.contains(&wanted), "{}", refused.reason);
        assert!(
            refused.reason.len() < 700,
            "neither value nor expression is told at length: {}",
            refused.reason
        );
    }
}

#[test]
fn a_constant_that_is_too_long_is_told_when_the_schema_comes_in() {
    let long = "x".repeat(200);
    let problems = problems_of("city", |it| it.default_value = Some(long));
    let [(member, message)] = problems.as_slice() else {
        panic!("{problems:?}");
    };
    assert_eq!(member, "defaultValue");
    assert!(message.contains("at most 128 characters"), "{message}");
}

/// It was accepted once, and most people may never need the value.
#[test]
fn in_a_stored_schema_what_is_too_long_fails_those_who_need_it() {
    let too_long = |failure: Failure| {
        assert_eq!(failure.code, "AttributeValidationFailed");
        let wanted = "`city` wants a text of at most 128 characters";
        assert!(failure.reason.contains(wanted), "{}", failure.reason);
    };
    let with_default = || mapped("city", |it| it.default_value = Some("x".repeat(200)));
    let at_home = person().with(Attr::CITY, "Bern");
    too_long(failure(&with_default(), &person()));
    assert_eq!(
        created(&with_default(), &at_home).text(Attr::CITY),
        Some("Bern")
    );
    let mut later = with_default();
    let decision = later.decide(&at_home.0);
    later.carry_out(&decision);
    assert_eq!(words(&later.decide(&at_home.0)), "unchanged");
    // Where it takes the place of what was lost.
    let mut instead = mapped("city", |it| {
        it.default_value = Some("x".repeat(200));
        it.null_policy = Some(NullPolicy::Default);
    });
    let decision = instead.decide(&at_home.0);
    instead.carry_out(&decision);
    too_long(failure(&instead, &person()));
    // And where nothing else is mapped.
    too_long(failure(
        &mapped("city", |it| {
            it.source = None;
            it.default_value = Some("x".repeat(200));
        }),
        &person(),
    ));
    let constant = format!("\"{}\"", "x".repeat(200));
    let constant = || mapped("city", |it| it.source = Some(expression(&constant)));
    too_long(failure(&constant(), &person()));
    // What is of another type never fitted anybody.
    let mut other = default_schema();
    let mapping = &mut other.synchronization_rules[0].object_mappings[0];
    one(mapping, "accountEnabled").default_value = Some("perhaps".to_owned());
    let problems = compile(&other, Schema::core()).unwrap_err();
    assert!(
        problems[0].message.contains("wants true or false"),
        "{problems:?}"
    );
}

/// The target stores its own spelling: another one would be a change at every look.
#[test]
fn a_value_of_an_enumeration_is_as_the_target_spells_it() {
    let from_title = || {
        mapped("userType", |it| {
            it.source = Some(expression("[jobTitle]"));
            it.flow_type = FlowType::Always;
        })
    };
    for (title, user_type) in [("guest", "Guest"), ("GUEST", "Guest"), ("Member", "Member")] {
        let source = person().with(Attr::JOB_TITLE, title);
        assert_eq!(
            created(&from_title(), &source).text(Attr::USER_TYPE),
            Some(user_type)
        );
        let mut later = from_title();
        let decision = later.decide(&source.0);
        later.carry_out(&decision);
        let later = later.target_has(Attr::USER_TYPE, user_type);
        assert_eq!(words(&later.decide(&source.0)), "unchanged", "{title}");
    }
    // So is a default.
    let by_default = mapped("userType", |it| {
        it.source = Some(expression("[jobTitle]"));
        it.default_value = Some("guest".to_owned());
    });
    assert_eq!(
        created(&by_default, &person()).text(Attr::USER_TYPE),
        Some("Guest")
    );
}

#[test]
fn what_is_not_of_an_enumeration_is_told_when_the_schema_comes_in() {
    let constant = problems_of("userType", |it| {
        it.source = Some(Source::constant("Contractor"))
    });
    let default = problems_of("userType", |it| {
        it.default_value = Some("Contractor".to_owned())
    });
    for (problems, at) in [(constant, "source.expression"), (default, "defaultValue")] {
        let [(member, message)] = problems.as_slice() else {
            panic!("{problems:?}");
        };
        assert_eq!(member, at);
        let wanted = "`userType` wants Member or Guest, not `Contractor`";
        assert!(message.contains(wanted), "{message}");
    }
    let another_spelling =
        problems_of("userType", |it| it.source = Some(Source::constant("guest")));
    assert_eq!(another_spelling, []);
}

/// Of a person, and of a schema that was accepted once.
#[test]
fn what_is_not_of_an_enumeration_fails_those_who_would_have_it() {
    let from_title = || mapped("userType", |it| it.source = Some(expression("[jobTitle]")));
    let constant = || {
        mapped("userType", |it| {
            it.source = Some(expression("\"Contractor\""))
        })
    };
    let by_default = || {
        mapped("userType", |it| {
            it.source = Some(expression("[jobTitle]"));
            it.default_value = Some("Contractor".to_owned());
        })
    };
    let contractor = person().with(Attr::JOB_TITLE, "Contractor");
    let guest = person().with(Attr::JOB_TITLE, "Guest");
    for (world, source) in [
        (from_title(), contractor),
        (constant(), person()),
        (by_default(), person()),
    ] {
        let failure = failure(&world, &source);
        assert_eq!(failure.code, "AttributeValidationFailed");
        let wanted = "`userType` wants Member or Guest, not `Contractor`";
        assert!(failure.reason.contains(wanted), "{}", failure.reason);
    }
    assert_eq!(
        created(&by_default(), &guest).text(Attr::USER_TYPE),
        Some("Guest")
    );
}

/// What a mapping that always flows writes each day anew; it was not always refused.
#[test]
fn a_time_that_becomes_one_of_today_goes_on_in_a_stored_schema() {
    let of_today = r#"FormatDateTime([city], , "HH:mm", "yyyy-MM-dd HH:mm")"#;
    let problems = problems_of("city", |it| it.source = Some(expression(of_today)));
    let [(member, message)] = problems.as_slice() else {
        panic!("{problems:?}");
    };
    assert_eq!(member, "source.expression");
    assert!(message.contains("another value each time"), "{message}");
    let mut world = mapped("city", |it| it.source = Some(expression(of_today)));
    let early = person().with(Attr::CITY, "06:30");
    let attrs = created(&world, &early);
    let written = attrs.text(Attr::CITY).unwrap();
    assert!(written.ends_with(" 06:30"), "{written}");
    // What the source has another time is written, as it was before.
    let decision = world.decide(&early.0);
    world.carry_out(&decision);
    assert_eq!(words(&world.decide(&early.0)), "unchanged");
    let later = person().with(Attr::CITY, "18:30");
    assert_eq!(words(&world.decide(&later.0)), "update city");
}

/// What the language's functions write fits where a date is wanted.
#[test]
fn a_date_that_a_function_wrote_is_a_date() {
    let hired = Timestamp::parse("2024-02-09T00:00:00Z").unwrap();
    let moved = World::with_rule(rule_with(|mapping| {
        mapping.attribute_mappings.push(AttributeMapping {
            target_attribute_name: Some("employeeHireDate".to_owned()),
            source: Some(expression(r#"DateAdd("d", 7, [employeeHireDate])"#)),
            ..Default::default()
        });
    }));
    let source = person().with(Attr::EMPLOYEE_HIRE_DATE, Value::Time(hired));
    let wanted = Timestamp::parse("2024-02-16T00:00:00Z").unwrap();
    assert_eq!(
        created(&moved, &source).get(Attr::EMPLOYEE_HIRE_DATE),
        Some(&Value::Time(wanted))
    );
}

#[test]
fn a_default_sign_in_name_is_an_external_one_too() {
    const EXTERNAL: &str = "nobody_fabrikam.example#EXT#@contoso.onmicrosoft.example";
    let world = || {
        World::with_rule(rule_with(|mapping| {
            one(mapping, "userPrincipalName").default_value =
                Some("nobody@fabrikam.example".to_owned());
        }))
    };
    let nameless = person().without(Attr::USER_PRINCIPAL_NAME);
    let attrs = created(&world(), &nameless);
    assert_eq!(attrs.text(Attr::USER_PRINCIPAL_NAME), Some(EXTERNAL));
    let mut later = world();
    let decision = later.decide(&nameless.0);
    later.carry_out(&decision);
    assert_eq!(words(&later.decide(&nameless.0)), "unchanged");
    // A name that was lost, where there must be one.
    let lost = world().synchronized();
    let Action::Update { changes, .. } = lost.decide(&nameless.0).action else {
        panic!()
    };
    assert_eq!(changes[0].new, Some(EXTERNAL.into()));
}

/// Each of very many values may fit, and all of them fill the memory of a page.
#[test]
fn an_object_is_given_only_so_much_at_once() {
    let name = |number: usize| format!("extension_{:032}_x{number}", 0);
    let mut schema = default_schema();
    let target = schema.synchronization_rules[0]
        .target_directory_name
        .clone();
    let directory = schema
        .directories
        .iter_mut()
        .find(|it| Some(&it.name) == target.as_ref())
        .unwrap();
    let object = directory.objects.iter_mut().find(|it| it.name == "User");
    let attributes = &mut object.unwrap().attributes;
    attributes.extend((0..20).map(|number| AttributeDefinition {
        name: name(number),
        multivalued: true,
        ..AttributeDefinition::default()
    }));
    let words = vec!["x".repeat(100); 150].join(",");
    let mapped = |count: usize| {
        let mut schema = schema.clone();
        let mappings = &mut schema.synchronization_rules[0].object_mappings[0];
        let more = (0..count).map(|number| AttributeMapping {
            target_attribute_name: Some(name(number)),
            source: Some(expression(&format!(
                r#"Split(Append([department], "{words}"), ",")"#
            ))),
            ..AttributeMapping::default()
        });
        mappings.attribute_mappings.extend(more);
        let (source, target) = declared(&schema);
        let types = Types {
            source: &source,
            target: &target,
        };
        compile(&schema, types).unwrap().remove(0)
    };
    let world = |count: usize| World::with_rule(mapped(count));
    created(&world(15), &person());
    let refused = failure(&world(20), &person());
    assert_eq!(refused.code, "AttributeValidationFailed");
    assert!(
        refused.reason.contains("at most 262144"),
        "{}",
        refused.reason
    );
    // Who is there already is given no more at once by a change.
    let linked = World {
        rule: mapped(20),
        ..world(0).synchronized()
    };
    assert_eq!(
        crate::support::words(&linked.decide(&person().0)),
        "fail AttributeValidationFailed",
    );
}
