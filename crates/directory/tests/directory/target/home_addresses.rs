//! Mail addresses that are another tenant's to give.

use syncline_connector::Target;
use syncline_directory::users;
use syncline_engine::{Creation, FaultKind, Operation, Outcome};
use syncline_model::{Attr, Attrs, ObjectId, Value, b2b};
use syncline_store::{ObjectState, StoreError};

use super::{USER, create, failed, mapped, targeted, towards_fabrikam, update};
use crate::world::new_user;

/// What the engine would create for somebody of this address in another source.
fn from(home: &str) -> Attrs {
    mapped("somebody")
        .with(
            Attr::USER_PRINCIPAL_NAME,
            b2b::external_upn(home, "fabrikam.onmicrosoft.com"),
        )
        .with(Attr::MAIL, home)
}

fn set_mail(user: ObjectId, address: &str) -> Operation {
    update(user, Attr::MAIL, Some(Value::text(address)))
}

#[test]
fn nobody_takes_an_address_of_another_tenants_people() {
    let it = targeted();
    let victim = it.world.tenant("victim.example", "Victim");
    let megan = it.done(create(
        mapped("megan").with(Attr::MAIL, "m@contoso.example"),
    ));
    let max = it.done(create(
        mapped("max").with(Attr::MAIL, "max@contoso.example"),
    ));
    it.done(Operation::SoftDelete {
        kind: USER,
        target: max,
    });
    let before = [it.stored(megan), it.stored(max)];
    for address in [
        "bob@victim.example",
        "BOB@Victim.Example",
        "bob@victim.onmicrosoft.com",
        "newhire@fabrikam.example",
        "newhire@fabrikam.onmicrosoft.com",
    ] {
        let fault = it.fault(create(mapped("other").with(Attr::MAIL, address)));
        assert_eq!(
            (fault.kind, fault.code.as_str(), fault.transient),
            (
                FaultKind::Invalid,
                "InvitationCreationFailureInvalidPropertyValue",
                false
            ),
            "{address}"
        );
        assert!(fault.message.contains("another tenant"), "{fault:?}");
        assert!(fault.action.is_some());
        let fault = it.fault(set_mail(megan, address));
        assert_eq!(
            (fault.kind, fault.code.as_str()),
            (FaultKind::Invalid, "UnprocessableEntity"),
            "{address}"
        );
        let fault = it.fault(Operation::Restore {
            kind: USER,
            target: max,
            set: vec![(Attr::MAIL, Some(Value::text(address)))],
        });
        assert_eq!(fault.code, "UnprocessableEntity", "{address}");
    }
    assert_eq!([it.stored(megan), it.stored(max)], before);

    // Those whose addresses they are get in.
    let honest = towards_fabrikam(&it.world, &victim);
    let outcome = it
        .apply_through(&honest, &[create(from("bob@victim.example"))])
        .remove(0);
    assert!(!matches!(outcome, Outcome::Failed(_)), "{outcome:?}");
    it.internal(
        "newhire",
        Attrs::new().with(Attr::MAIL, "newhire@fabrikam.example"),
    );
}

/// Domains are verified as DNS has them; people write them in letters of their own.
#[test]
fn a_domain_is_another_tenants_in_every_spelling() {
    let it = targeted();
    it.world.tenant("xn--bcher-kva.example", "Bücher");
    let megan = it.done(create(
        mapped("megan").with(Attr::MAIL, "m@contoso.example"),
    ));
    for address in [
        "ceo@xn--bcher-kva.example",
        "ceo@bücher.example",
        "CEO@BÜCHER.Example",
        "ceo@bu\u{308}cher.example",
        // A full-width letter, the full stop of ideographs, and a hyphen that does not show.
        "ceo@\u{ff46}abrikam.example",
        "ceo@fabrikam.onmicrosoft\u{3002}com",
        "ceo@fabri\u{ad}kam.example",
        "ceo@fabrikam.example\u{3002}",
    ] {
        let fault = it.fault(create(mapped("other").with(Attr::MAIL, address)));
        assert!(fault.message.contains("another tenant"), "{fault:?}");
        let fault = it.fault(set_mail(megan, address));
        assert_eq!(fault.code, "UnprocessableEntity", "{address}");
    }
    // Of nobody here, or of no domain at all.
    for address in ["m@müller.example", "m@xn--\u{fc}.example"] {
        it.done(set_mail(megan, address));
    }
}

#[test]
fn addresses_of_the_source_and_of_nobody_here_are_taken() {
    let it = targeted();
    let megan = it.done(create(mapped("megan").with(Attr::MAIL, "m@mail.example")));
    for address in [
        "m@contoso.example",
        "m@contoso.onmicrosoft.com",
        "m@mail.example",
        "m@fabrikam.example.mail.example",
    ] {
        it.done(set_mail(megan, address));
        assert_eq!(it.stored(megan).entry.text(Attr::MAIL), Some(address));
    }
    it.done(update(megan, Attr::MAIL, None));
}

/// The domain is another tenant's only since; an address that an earlier release let in stays in the same way.
#[test]
fn an_address_that_somebody_has_already_stays_theirs() {
    let it = targeted();
    let [megan, max] = ["megan", "max"].map(|alias| {
        it.done(create(
            mapped(alias).with(Attr::MAIL, format!("{alias}@litware.example")),
        ))
    });
    it.done(Operation::SoftDelete {
        kind: USER,
        target: max,
    });
    it.world.tenant("litware.example", "Litware");

    it.done(update(megan, Attr::CITY, Some(Value::text("Bonn"))));
    it.done(set_mail(megan, "Megan@litware.example"));
    it.done(Operation::Restore {
        kind: USER,
        target: max,
        set: vec![(Attr::CITY, Some(Value::text("Bonn")))],
    });
    assert_eq!(it.stored(max).state, ObjectState::Live);
    let fault = it.fault(set_mail(megan, "other@litware.example"));
    assert_eq!(fault.code, "UnprocessableEntity");
    assert_eq!(
        it.stored(megan).entry.text(Attr::MAIL),
        Some("Megan@litware.example")
    );
}

/// It takes nothing from anybody.
#[test]
fn a_second_address_may_be_anywhere() {
    let it = targeted();
    let others = Value::List(vec![Value::text("m@fabrikam.example")]);
    let megan = it.done(create(mapped("megan").with(Attr::OTHER_MAILS, others)));
    it.world
        .write_in(&it.world.fabrikam, |tx, context| {
            let attrs = Attrs::new()
                .with(Attr::USER_PRINCIPAL_NAME, "m@fabrikam.example")
                .with(Attr::MAIL, "m@fabrikam.example");
            users::create(tx, context, new_user("m", attrs))
        })
        .unwrap();
    assert!(it.stored(megan).entry.get(Attr::PROXY_ADDRESSES).is_none());
}

#[test]
fn what_is_refused_is_foreseen_in_the_same_words() {
    let it = targeted();
    let wanted = [
        mapped("megan"),
        mapped("mail").with(Attr::MAIL, "ceo@fabrikam.example"),
        mapped("name").with(
            Attr::USER_PRINCIPAL_NAME,
            b2b::external_upn("ceo@fabrikam.example", "fabrikam.onmicrosoft.com"),
        ),
    ];
    let creates: Vec<Creation<'_>> = wanted
        .iter()
        .map(|attrs| Creation {
            kind: USER,
            attrs,
            left_empty: &[],
        })
        .collect();
    let foreseen = it
        .world
        .store
        .read(|reader| Ok::<_, StoreError>(it.target.foresee(reader, &creates).unwrap()))
        .unwrap();
    let operations: Vec<Operation> = wanted.into_iter().map(create).collect();
    let mut outcomes = it.apply(&operations);
    assert!(foreseen[0].is_none());
    for (refused, outcome) in foreseen.into_iter().zip(outcomes.drain(..)).skip(1) {
        let (refused, fault) = (refused.unwrap(), failed(outcome));
        assert_eq!(refused.fault.message, fault.message);
        assert_eq!(refused.fault.code, fault.code);
        assert_eq!(refused.holder, None);
    }
}
