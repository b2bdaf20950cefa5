//! What a target value becomes when the source has none.

use syncline_engine::Action;
use syncline_engine::schema::{AttributeMapping, NullPolicy};
use syncline_model::{Attr, Value};

use crate::support::{World, changes_of, expression, id, mapped, person, problems_of, words};

fn with_policy(policy: NullPolicy) -> World {
    let world = mapped("city", |it| {
        it.null_policy = Some(policy);
        it.default_value = Some("Basel".to_owned());
    });
    world.synchronized().target_has(Attr::CITY, "Nice")
}

#[test]
fn ignore_leaves_what_the_target_has() {
    let world = with_policy(NullPolicy::Ignore);
    assert_eq!(words(&world.decide(&person().0)), "unchanged");
    let bern = world.decide(&person().with(Attr::CITY, "Bern").0);
    assert_eq!(words(&bern), "update city", "a value flows all the same");
}

#[test]
fn clear_takes_it_away() {
    let world = with_policy(NullPolicy::Clear);
    let changes = changes_of(&world.decide(&person().0));
    assert_eq!(changes, [(Attr::CITY, None)]);
}

#[test]
fn default_puts_the_default_in_its_place_and_leaves_it_there() {
    let mut world = with_policy(NullPolicy::Default);
    let decision = world.decide(&person().0);
    assert_eq!(
        changes_of(&decision),
        [(Attr::CITY, Some(Value::text("Basel")))]
    );
    world.carry_out(&decision);
    assert_eq!(words(&world.decide(&person().0)), "unchanged");
}

#[test]
fn ignore_keeps_a_manager_whom_the_source_lost() {
    let mut world =
        mapped("manager", |it| it.null_policy = Some(NullPolicy::Ignore)).synchronized();
    world.target[0].references = vec![(Attr::MANAGER, vec![id(9)])];
    assert!(world.decide(&person().0).references.is_empty());
}

fn refused(target: &str, change: impl FnOnce(&mut AttributeMapping)) -> Vec<(String, String)> {
    problems_of(target, change)
}

#[test]
fn a_policy_that_can_not_work_is_refused() {
    for (target, policy, message) in [
        ("city", NullPolicy::Default, "needs a default value"),
        ("displayName", NullPolicy::Clear, "cannot be cleared"),
        (
            "city",
            NullPolicy::Unknown("sometimes".to_owned()),
            "`sometimes` is not a null policy",
        ),
    ] {
        let found = refused(target, |it| it.null_policy = Some(policy));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].0, "nullPolicy");
        assert!(found[0].1.contains(message), "{found:?}");
    }
}

#[test]
fn what_the_target_needs_must_not_be_able_to_be_missing() {
    let by =
        |text: &'static str| refused("displayName", move |it| it.source = Some(expression(text)));
    let found = by(r#"Join(" ", [givenName], [surname])"#);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "source.expression");
    assert!(
        found[0].1.contains("there may be no value here") && found[0].1.contains("character 11"),
        "{found:?}"
    );
    assert!(by(r#"Coalesce([givenName], [mailNickname])"#).is_empty());
    let with_default = refused("displayName", |it| {
        it.source = Some(expression("[givenName]"));
        it.default_value = Some("(no name)".to_owned());
    });
    assert!(with_default.is_empty(), "{with_default:?}");
}

#[test]
fn a_default_keeps_what_the_target_needs_from_being_cleared() {
    let mut world = mapped("displayName", |it| {
        it.source = Some(expression("Item([otherMails], 1)"));
        it.default_value = Some("(no name)".to_owned());
    })
    .synchronized()
    .target_has(Attr::DISPLAY_NAME, "ada@contoso.example");
    let decision = world.decide(&person().0);
    assert_eq!(
        changes_of(&decision),
        [(Attr::DISPLAY_NAME, Some(Value::text("(no name)")))]
    );
    world.carry_out(&decision);
    assert_eq!(words(&world.decide(&person().0)), "unchanged");
    // Where it can be cleared, it is: the default is for the creation.
    let city = mapped("city", |it| it.default_value = Some("Basel".to_owned()));
    let world = city.synchronized().target_has(Attr::CITY, "Nice");
    let changes = changes_of(&world.decide(&person().0));
    assert_eq!(changes, [(Attr::CITY, None)]);
}

/// The documentation knows a `Switch` with a default that nulls its target; ours never does.
#[test]
fn switch_with_a_default_never_nulls_a_target() {
    let world = mapped("city", |it| {
        it.source = Some(expression(
            r#"Switch([country], "elsewhere", "CH", [state], "IT", Word([state], 2, " "))"#,
        ));
    });
    for source in [
        person(),
        person().with(Attr::COUNTRY, "CH"),
        person().with(Attr::COUNTRY, "FR"),
        // What comes out is empty.
        person()
            .with(Attr::COUNTRY, "IT")
            .with(Attr::STATE, "Lombardy"),
    ] {
        let Action::Create { attrs, .. } = world.decide(&source.0).action else {
            panic!()
        };
        assert_eq!(attrs.text(Attr::CITY), Some("elsewhere"));
    }
}

/// The account's attribute needs a value: Entra's own mapping of it has one for both that there are.
#[test]
fn a_switch_that_names_true_and_false_needs_no_default() {
    let written = |text: &'static str| {
        problems_of("accountEnabled", move |it| {
            it.source = Some(expression(text));
        })
    };
    let of_entra = written(r#"Switch([IsSoftDeleted], , "False", "True", "True", "False")"#);
    assert_eq!(of_entra, []);
    let [(_, message)] = &written(r#"Switch([IsSoftDeleted], , "False", "True")"#)[..] else {
        panic!()
    };
    assert!(message.contains("a value is needed"), "{message}");
}

/// An empty text that is written out is meant, and where the target needs a value it is refused.
#[test]
fn an_empty_value_of_a_switch_is_taken_at_its_word() {
    let emptied = |it: &mut AttributeMapping| {
        it.source = Some(expression(r#"Switch([country], "elsewhere", "CH", "")"#));
    };
    let world = mapped("city", emptied);
    let Action::Create { attrs, .. } = world.decide(&person().with(Attr::COUNTRY, "CH").0).action
    else {
        panic!()
    };
    assert_eq!(attrs.text(Attr::CITY), None);
    let found = problems_of("displayName", emptied);
    let [(place, message)] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(place, "source.expression");
    assert!(message.contains("a value is needed"), "{message}");
    // One that was stored before goes on.
    mapped("displayName", emptied);
}
