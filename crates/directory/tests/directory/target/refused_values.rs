//! Names, addresses and values that a created or changed user can not have.

use syncline_directory::{groups, users};
use syncline_engine::FaultKind;
use syncline_model::{Attr, Attrs, Ids as _, Value, b2b};

use super::{create, mapped, targeted, update};
use crate::world::{new_user, security_group};

#[test]
fn a_taken_name_is_a_conflict_that_says_of_what() {
    let it = targeted();
    let name = b2b::external_upn("megan@contoso.example", "fabrikam.onmicrosoft.com");
    let holder = it
        .world
        .write_in(&it.world.fabrikam, |tx, context| {
            let attrs = Attrs::new().with(Attr::USER_PRINCIPAL_NAME, name.as_str());
            users::create(tx, context, new_user("guest", attrs))
        })
        .unwrap()
        .entry
        .id;
    let fault = it.fault(create(mapped("megan")));
    assert_eq!(
        (fault.kind, fault.code.as_str(), fault.transient),
        (FaultKind::Conflict, "Conflict", false)
    );
    assert!(fault.message.contains("userPrincipalName") && fault.message.contains("taken"));
    assert!(!fault.message.contains(&holder.to_string()));
}

#[test]
fn the_address_of_an_internal_user_makes_the_user_ambiguous() {
    let it = targeted();
    let mail = || Attrs::new().with(Attr::MAIL, "megan@contoso.example");
    let internal = it.internal("megan", mail());
    let fault = it.fault(create(
        mapped("megan").with(Attr::MAIL, "Megan@contoso.example"),
    ));
    assert_eq!(
        (fault.kind, fault.code.as_str()),
        (
            FaultKind::Conflict,
            "InvitationCreationFailureAmbiguousUser"
        )
    );
    assert!(fault.message.contains("megan@contoso.example"));
    assert!(
        !fault.message.contains(&internal.to_string()),
        "the source reads this"
    );
}

#[test]
fn the_address_of_another_external_user_is_a_conflict() {
    let it = targeted();
    let megan = it.done(create(
        mapped("megan").with(Attr::MAIL, "m@contoso.example"),
    ));
    let fault = it.fault(create(mapped("max").with(Attr::MAIL, "m@contoso.example")));
    assert_eq!(
        (fault.kind, fault.code.as_str()),
        (FaultKind::Conflict, "Conflict")
    );
    assert!(fault.message.contains(&megan.to_string()));
}

/// What fails is told in the source's log: it learns nothing of the people of other sources.
#[test]
fn the_people_of_another_source_are_not_named_to_this_one() {
    let it = targeted();
    let mail = || Attrs::new().with(Attr::MAIL, "m@partner.example");
    let guest = it.internal("guest", mail());
    let mut entry = it.stored(guest).entry;
    let partner = Value::Guid(it.world.ids.random_uuid());
    entry.attrs.set(Attr::HOME_TENANT_ID, partner);
    it.world
        .store
        .write(|tx| tx.update_objects(it.world.fabrikam.id, &[entry]))
        .unwrap();
    let fault = it.fault(create(
        mapped("megan").with(Attr::MAIL, "m@partner.example"),
    ));
    assert_eq!((fault.code.as_str(), fault.transient), ("Conflict", false));
    assert!(!fault.message.contains(&guest.to_string()));
    assert!(fault.message.contains("m@partner.example"));
}

#[test]
fn the_address_of_a_group_is_an_invalid_value() {
    let it = targeted();
    let attrs = security_group("sales")
        .with(Attr::GROUP_TYPES, Value::List(vec![Value::text("Unified")]))
        .with(Attr::MAIL_ENABLED, true)
        .with(Attr::MAIL, "sales@contoso.example");
    let group = it
        .world
        .write_in(&it.world.fabrikam, |tx, context| {
            groups::create(
                tx,
                context,
                groups::NewGroup {
                    attrs,
                    ..groups::NewGroup::default()
                },
            )
        })
        .unwrap()
        .entry
        .id;
    let fault = it.fault(create(
        mapped("megan").with(Attr::MAIL, "sales@contoso.example"),
    ));
    assert_eq!(fault.code, "InvitationCreationFailureInvalidPropertyValue");
    assert!(!fault.message.contains(&group.to_string()));
}

#[test]
fn values_that_do_not_fit_are_refused_by_code() {
    let it = targeted();
    let bad = [
        (
            Attr::USER_TYPE,
            Value::text("Owner"),
            "InvitationCreationFailureInvalidPropertyValue",
        ),
        (
            Attr::MAIL,
            Value::text("no address"),
            "InvitationCreationFailureInvalidPropertyValue",
        ),
        (
            Attr::EMPLOYEE_ID,
            Value::text("1".repeat(17)),
            "InvitationCreationFailureInvalidPropertyValue",
        ),
        (
            Attr::USER_PRINCIPAL_NAME,
            Value::text("megan@contoso.example"),
            "AzureActiveDirectoryInvalidUserPrincipalName",
        ),
        (
            Attr::USER_PRINCIPAL_NAME,
            Value::text("m m"),
            "AzureActiveDirectoryInvalidUserPrincipalName",
        ),
        (
            Attr::USER_PRINCIPAL_NAME,
            Value::text("m_x#EXT#@fabrikam.example"),
            "AzureActiveDirectoryInvalidUserPrincipalName",
        ),
        (
            Attr::PROXY_ADDRESSES,
            Value::List(vec![Value::text("smtp:a@b.example")]),
            "AzureActiveDirectoryCannotUpdateObjectsOriginatedInExternalService",
        ),
    ];
    for (attr, value, code) in bad {
        let fault = it.fault(create(mapped("megan").with(attr, value.clone())));
        assert_eq!(
            (fault.kind, fault.code.as_str()),
            (FaultKind::Invalid, code),
            "{attr:?} {value:?}"
        );
        assert!(
            fault.message.contains(attr.core_name().unwrap()),
            "{}",
            fault.message
        );
    }
    let mut without = mapped("megan");
    without.remove(Attr::ALTERNATIVE_SECURITY_IDS);
    assert_eq!(it.fault(create(without)).code, "MissingValues");
}

/// Whoever reads the name up to the first mark would see another home in it than whoever reads up to the last.
#[test]
fn a_name_has_one_mark_in_whatever_case() {
    let it = targeted();
    let megan = it.done(create(mapped("megan")));
    for alias in [
        "ceo_fabrikam.example#EXT##EXT#",
        "ceo_fabrikam.example#ext##EXT#",
        "ceo_fabrikam.example#EXT#EXT#",
        "ceo_fabrikam.example#Ext#_contoso.example#EXT#",
        "ceo_contoso.example#EXT##EXT#",
        "ceo_contoso.example#EXT#.#EXT#",
        "#EXT##EXT#",
    ] {
        let name = format!("{alias}@fabrikam.onmicrosoft.com");
        let attrs = mapped("other").with(Attr::USER_PRINCIPAL_NAME, name.as_str());
        for refused in [
            create(attrs),
            update(
                megan,
                Attr::USER_PRINCIPAL_NAME,
                Some(Value::text(name.as_str())),
            ),
        ] {
            let fault = it.fault(refused);
            assert_eq!(
                (fault.kind, fault.code.as_str()),
                (
                    FaultKind::Invalid,
                    "AzureActiveDirectoryInvalidUserPrincipalName"
                ),
                "{name}"
            );
        }
    }
    // A sign that is no mark.
    let name = "m#1_contoso.example#EXT#@fabrikam.onmicrosoft.com";
    it.done(update(
        megan,
        Attr::USER_PRINCIPAL_NAME,
        Some(Value::text(name)),
    ));
}

#[test]
fn nobody_is_named_after_another_tenant() {
    let it = targeted();
    let megan = it.done(create(mapped("megan")));
    let named = |home: &str| b2b::external_upn(home, "fabrikam.onmicrosoft.com");
    for home in [
        "ceo@fabrikam.example",
        "ceo@FABRIKAM.onmicrosoft.com",
        "the_ceo@fabrikam.example",
    ] {
        let attrs = mapped("other").with(Attr::USER_PRINCIPAL_NAME, named(home));
        let fault = it.fault(create(attrs));
        assert_eq!(
            fault.code, "AzureActiveDirectoryInvalidUserPrincipalName",
            "{home}"
        );
        let renamed = Some(Value::text(named(home)));
        let fault = it.fault(update(megan, Attr::USER_PRINCIPAL_NAME, renamed));
        assert_eq!(
            fault.code, "AzureActiveDirectoryInvalidUserPrincipalName",
            "{home}"
        );
    }
    // Its own domains, and domains that are nobody's here.
    for home in ["m@contoso.onmicrosoft.com", "m_m@partner.example"] {
        it.done(update(
            megan,
            Attr::USER_PRINCIPAL_NAME,
            Some(Value::text(named(home))),
        ));
    }
}
