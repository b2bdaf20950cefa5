//! Finding the key in a filter.

use syncline_model::Attr;
use syncline_odata::{KEY_ATTRS, equality_lookup, values_of};

use crate::bind_user;

fn lookup(text: &str) -> Option<(Attr, String)> {
    let predicate = bind_user(text).unwrap();
    equality_lookup(&predicate, &KEY_ATTRS).map(|(attr, value)| (attr, value.display_text()))
}

#[test]
fn a_conjunction_with_an_equality_has_a_key() {
    let upn = Some((Attr::USER_PRINCIPAL_NAME, "a@b".to_owned()));
    assert_eq!(lookup("userPrincipalName eq 'a@b'"), upn);
    assert_eq!(
        lookup("accountEnabled and (city eq 'x' and userPrincipalName eq 'a@b')"),
        upn
    );
    assert_eq!(lookup("userPrincipalName in ('a@b')"), upn);
    assert_eq!(lookup("mail eq 'c' and userPrincipalName eq 'a@b'"), upn);
    assert_eq!(lookup("mail eq 'c'"), Some((Attr::MAIL, "c".to_owned())));
    assert_eq!(
        lookup("id eq 6ec9d05c-1d57-4b78-9c0f-8c2e0f4a1111 and mail eq 'c'"),
        Some((Attr::ID, "6ec9d05c-1d57-4b78-9c0f-8c2e0f4a1111".to_owned()))
    );
}

#[test]
fn anything_wider_has_none() {
    for text in [
        "userPrincipalName eq 'a' or userPrincipalName eq 'b'",
        "userPrincipalName eq 'a' or accountEnabled",
        "not (userPrincipalName eq 'a')",
        "userPrincipalName ne 'a'",
        "tolower(userPrincipalName) eq 'a'",
        "mail eq null",
        "department eq 'a'",
        "startsWith(mail,'a')",
        "otherMails/any(m: m eq 'a')",
        "true",
    ] {
        assert_eq!(lookup(text), None, "`{text}`");
    }
}

#[test]
fn lists_of_ids() {
    let values = |text: &str| {
        let predicate = bind_user(text).unwrap();
        values_of(&predicate, Attr::ID).map(|values| values.len())
    };
    let (a, b) = (
        "6ec9d05c-1d57-4b78-9c0f-8c2e0f4a1111",
        "6ec9d05c-1d57-4b78-9c0f-8c2e0f4a2222",
    );
    assert_eq!(values(&format!("id eq '{a}'")), Some(1));
    assert_eq!(values(&format!("id eq '{a}' or id eq '{b}'")), Some(2));
    assert_eq!(values(&format!("id in ('{a}','{b}')")), Some(2));
    assert_eq!(values(&format!("id eq '{a}' or mail eq 'x'")), None);
    assert_eq!(values(&format!("id eq '{a}' and id eq '{b}'")), None);
    assert_eq!(values(&format!("id ne '{a}'")), None);
}
