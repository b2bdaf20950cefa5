//! `SelectUniqueValue` and what is not the source's to know: whether the target's own people, or those of others, have
//! a value. Nobody of the source could have it, and so it is never tried.

use syncline_directory::users::{self, NewUser};
use syncline_engine::evidence::EvidenceOutcome;
use syncline_engine::schema::FlowType;
use syncline_model::{Attr, Attrs};

use crate::world::{Person, World, map};

const THEIRS_OR_OURS: &str = r#"SelectUniqueValue(Join("@", [givenName], "fabrikam.example"), Join("@", [givenName], "contoso.example"))"#;

/// Two people: somebody of Fabrikam has what `there` would get first, and nobody what `free` would.
fn world(target: &str) -> World {
    let world = World::new();
    choose(&world, target, THEIRS_OR_OURS);
    for given in ["there", "free"] {
        hire(&world, given);
    }
    world
}

fn choose(world: &World, target: &str, expression: &str) {
    world.change_schema(|schema| map(schema, target, expression));
    world.flow_type(target, FlowType::ObjectAddOnly);
}

fn hire<'w>(world: &'w World, given: &str) -> Person<'w> {
    world.person(given).set(Attr::GIVEN_NAME, given)
}

/// The values of the new people, as a plan tells them and as its cycle gives them.
fn planned_and_given(world: &World, target: (Attr, &str)) -> [Vec<String>; 2] {
    let planned = world.plan();
    let created = planned.shown.iter().filter(|it| it.action == "create");
    let changes = created.flat_map(|it| &it.changes);
    let told = changes
        .filter(|it| it.name == target.1)
        .filter_map(|it| it.new.as_ref().map(ToString::to_string));
    let told: Vec<String> = told.collect();
    let report = world.cycle();
    assert_eq!(planned.counts, report.counts);
    assert_eq!((report.counts.created, report.counts.escrowed), (2, 0));
    let given = ["there", "free"].map(|name| world.live(name).text(target.0).to_owned());
    [told, given.to_vec()]
}

#[test]
fn an_address_of_the_target_is_not_told_from_a_free_one() {
    let world = world("mail");
    world.internal_user_of_fabrikam("there@fabrikam.example");
    let expected = ["there@contoso.example", "free@contoso.example"].map(str::to_owned);
    let [told, given] = planned_and_given(&world, (Attr::MAIL, "mail"));
    assert_eq!(told, expected);
    assert_eq!(given, expected);
}

#[test]
fn nor_is_a_sign_in_name_of_somebody_of_another_tenant() {
    let world = world("userPrincipalName");
    let attrs = Attrs::new()
        .with(Attr::DISPLAY_NAME, "Somebody of another tenant")
        .with(
            Attr::USER_PRINCIPAL_NAME,
            "there_fabrikam.example#EXT#@fabrikam.onmicrosoft.com",
        )
        .with(Attr::MAIL_NICKNAME, "there")
        .with(Attr::ACCOUNT_ENABLED, true);
    world.write_in(&world.fabrikam, |tx, context| {
        users::create(tx, context, NewUser { attrs })
    });
    let expected =
        ["there", "free"].map(|it| format!("{it}_contoso.example#EXT#@fabrikam.onmicrosoft.com"));
    let name = (Attr::USER_PRINCIPAL_NAME, "userPrincipalName");
    let [told, given] = planned_and_given(&world, name);
    assert_eq!(told, expected);
    assert_eq!(given, expected);
}

/// The same words for both: they tell that the domain is another tenant's, and not who is there.
#[test]
fn whoever_has_no_value_of_their_own_fails_whether_somebody_has_the_others_or_not() {
    let world = world("mail");
    choose(
        &world,
        "mail",
        r#"SelectUniqueValue(Join("@", [givenName], "fabrikam.example"), Join("@", [givenName], "fabrikam.onmicrosoft.com"))"#,
    );
    world.internal_user_of_fabrikam("there@fabrikam.example");
    assert_eq!(world.cycle().counts.escrowed, 2);
    let [there, free] = ["there", "free"].map(|name| match &world.outcomes(name)[..] {
        [EvidenceOutcome::Failed(failure)] => failure.clone(),
        other => panic!("{other:?}"),
    });
    assert_eq!(there.code, "Conflict");
    assert!(there.reason.contains("another tenant"), "{}", there.reason);
    assert_eq!(there.reason.replace("there", "free"), free.reason);
    assert_eq!(there.transient, free.transient);
}
