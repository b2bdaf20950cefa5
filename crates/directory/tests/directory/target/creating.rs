//! Who is created, and once.

use syncline_engine::{FaultKind, Operation, Outcome};
use syncline_model::{Attr, Value, b2b};
use syncline_store::ObjectState;

use super::{USER, create, mapped, targeted};

#[test]
fn a_created_user_is_an_accepted_external_one() {
    let it = targeted();
    let id = it.done(create(
        mapped("megan").with(Attr::MAIL, "megan@contoso.example"),
    ));
    let user = it.stored(id);
    let text = |attr: Attr| user.entry.text(attr);
    assert_eq!(user.state, ObjectState::Live);
    assert_eq!(text(Attr::CREATION_TYPE), Some("Invitation"));
    assert_eq!(text(Attr::EXTERNAL_USER_STATE), Some("Accepted"));
    assert_eq!(
        user.entry.get(Attr::EXTERNAL_USER_STATE_CHANGE_DATE_TIME),
        Some(&Value::Time(user.created_at))
    );
    assert_eq!(
        text(Attr::USER_PRINCIPAL_NAME),
        Some("megan_contoso.example#EXT#@fabrikam.onmicrosoft.com")
    );
    assert_eq!(text(Attr::USER_TYPE), Some("Member"));
    assert_eq!(user.entry.bool(Attr::ACCOUNT_ENABLED), Some(true));
    assert_eq!(
        user.entry.get(Attr::HOME_TENANT_ID),
        Some(&Value::Guid(it.world.contoso.id.0))
    );
    let list = |text: &str| Some(Value::List(vec![Value::text(text)]));
    assert_eq!(
        user.entry.get(Attr::ALTERNATIVE_SECURITY_IDS),
        list("5::megan").as_ref()
    );
    assert_eq!(
        user.entry.get(Attr::OTHER_MAILS),
        list("megan@contoso.example").as_ref()
    );
    assert_eq!(
        user.entry.get(Attr::PROXY_ADDRESSES),
        list("SMTP:megan@contoso.example").as_ref()
    );
    assert_eq!(
        user.entry.get(Attr::CREATED_DATE_TIME),
        Some(&Value::Time(user.created_at))
    );
    assert!(!user.entry.attrs.contains(Attr::IS_SOFT_DELETED));
    let identity = &user.entry.get(Attr::IDENTITIES).unwrap().as_slice()[0];
    assert_eq!(
        identity.member("signInType").unwrap().as_text(),
        Some("federated")
    );
    assert_eq!(
        identity.member("issuer").unwrap().as_text(),
        Some("ExternalAzureAD")
    );
}

#[test]
fn without_a_mail_address_the_home_name_is_the_invited_one() {
    let it = targeted();
    let id = it.done(create(mapped("megan_b")));
    let mails = it.stored(id).entry.get(Attr::OTHER_MAILS).cloned();
    assert_eq!(
        mails,
        Some(Value::List(vec![Value::text("megan_b@contoso.example")]))
    );
}

#[test]
fn a_page_of_creates_fails_only_where_it_must() {
    let it = targeted();
    let operations: Vec<Operation> = ["a", "b", "a", "c"]
        .into_iter()
        .map(|alias| create(mapped(alias)))
        .collect();
    let outcomes = it.apply(&operations);
    assert!(matches!(
        outcomes[..],
        [
            Outcome::Done(_),
            Outcome::Done(_),
            Outcome::Failed(_),
            Outcome::Done(_)
        ]
    ));
    assert_eq!(
        it.world
            .store
            .read(|reader| reader.count_objects(it.world.fabrikam.id, USER, ObjectState::Live))
            .unwrap(),
        3
    );
}

#[test]
fn a_page_of_thousands_is_one_page() {
    let it = targeted();
    let operations: Vec<Operation> = (0..3000)
        .map(|at| create(mapped(&format!("user{at}"))))
        .collect();
    let outcomes = it.apply(&operations);
    assert!(
        outcomes
            .iter()
            .all(|outcome| matches!(outcome, Outcome::Done(_)))
    );
    assert_eq!(it.matching("5::user2999").len(), 1);
}

#[test]
fn a_source_anchor_is_created_once_even_while_in_the_recycle_bin() {
    let it = targeted();
    let first = it.done(create(mapped("megan")));
    let again = || {
        let name = b2b::external_upn("other@contoso.example", "fabrikam.onmicrosoft.com");
        it.fault(create(
            mapped("megan").with(Attr::USER_PRINCIPAL_NAME, name),
        ))
    };
    let fault = again();
    assert_eq!(
        (fault.kind, fault.code.as_str()),
        (FaultKind::Conflict, "Conflict")
    );
    assert!(fault.message.contains(&first.to_string()));
    it.done(Operation::SoftDelete {
        kind: USER,
        target: first,
    });
    assert_eq!(again().kind, FaultKind::Conflict);
    it.done(Operation::HardDelete {
        kind: USER,
        target: first,
    });
    it.done(create(mapped("megan")));
}
