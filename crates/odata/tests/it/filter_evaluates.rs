//! Bound filters, evaluated: what the words mean.

use syncline_model::predicate::Attributes;
use syncline_model::{Attr, Entry, ObjectId, Timestamp, Value};

use crate::{bind_log, bind_user};

fn adele() -> Entry {
    let mut user = Entry::new(
        syncline_model::EntityKind::User,
        "6ec9d05c-1d57-4b78-9c0f-8c2e0f4a1111"
            .parse::<ObjectId>()
            .unwrap(),
    );
    user.attrs.set(Attr::DISPLAY_NAME, "Adele Vance");
    user.attrs
        .set(Attr::USER_PRINCIPAL_NAME, "AdeleV@contoso.example");
    user.attrs.set(Attr::ACCOUNT_ENABLED, true);
    user.attrs.set(Attr::DEPARTMENT, "Zoë's");
    user.attrs.set(
        Attr::CREATED_DATE_TIME,
        Value::Time(Timestamp::parse("2022-12-10T12:00:00Z").unwrap()),
    );
    user.attrs.set(
        Attr::OTHER_MAILS,
        Value::List(vec!["a@x.example".into(), "b@y.example".into()]),
    );
    user
}

#[test]
fn on_a_user() {
    let adele = adele();
    for (text, expected) in [
        ("displayName eq 'ADELE VANCE'", true),
        ("department eq 'ZOË''S'", true),
        ("id eq '6EC9D05C-1D57-4B78-9C0F-8C2E0F4A1111'", true),
        ("id ne '6ec9d05c-1d57-4b78-9c0f-8c2e0f4a1111'", false),
        ("startsWith(userPrincipalName,'adele')", true),
        ("endsWith(userPrincipalName,'@CONTOSO.example')", true),
        (
            "createdDateTime gt 2022-12-10 and createdDateTime lt 2022-12-11",
            true,
        ),
        ("createdDateTime lt 2022-12-10T12:00:00Z", false),
        ("city eq null", true),
        ("displayName eq null", false),
        ("city ne 'Oslo'", true),
        ("not accountEnabled", false),
        (
            "city eq 'Oslo' or accountEnabled and displayName eq 'adele vance'",
            true,
        ),
        ("otherMails/any(m: endsWith(m,'@Y.example'))", true),
        ("otherMails/all(m: endsWith(m,'@y.example'))", false),
        ("otherMails/$count eq 2", true),
        ("proxyAddresses/any()", false),
        ("department in ('a','zoë''s')", true),
        ("true and not false", true),
    ] {
        assert_eq!(
            bind_user(text).unwrap().evaluate(&adele),
            expected,
            "`{text}`"
        );
    }
}

#[derive(Debug)]
struct Row(Vec<(Attr, Value)>);

impl Attributes for Row {
    fn value(&self, attr: Attr) -> Option<std::borrow::Cow<'_, Value>> {
        self.0
            .iter()
            .find(|(known, _)| *known == attr)
            .map(|(_, value)| std::borrow::Cow::Borrowed(value))
    }
}

#[test]
fn on_a_log_row_texts_compare_exactly_but_for_the_enumerations() {
    let row = Row(vec![
        (Attr::LOG_SERVICE_PRINCIPAL_DISPLAY_NAME, "Fabrikam".into()),
        (Attr::LOG_STATUS, "success".into()),
        (Attr::LOG_ACTION, "create".into()),
        (Attr::LOG_DURATION, Value::Int(12)),
    ]);
    for (text, expected) in [
        ("servicePrincipal/displayName eq 'Fabrikam'", true),
        ("servicePrincipal/displayName eq 'fabrikam'", false),
        ("contains(servicePrincipal/displayName,'brik')", true),
        ("contains(servicePrincipal/displayName,'BRIK')", false),
        (
            "contains(tolower(servicePrincipal/displayName),'fab')",
            true,
        ),
        (
            "contains(tolower(servicePrincipal/displayName),'Fab')",
            false,
        ),
        ("provisioningStatusInfo/status eq 'Success'", true),
        ("statusinfo/status eq 'failure'", false),
        ("action eq 'Create'", true),
        ("durationInMilliseconds lt 13", true),
    ] {
        assert_eq!(bind_log(text).unwrap().evaluate(&row), expected, "`{text}`");
    }
}
