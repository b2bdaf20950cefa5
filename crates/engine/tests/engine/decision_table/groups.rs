//! Which groups are ever synchronized.

use syncline_engine::Subject;
use syncline_model::{Attr, EntityKind, Entry, Value};

use crate::support::{World, group_rule_with, id, person, words};

fn decided(attributes: &[(Attr, Value)]) -> String {
    let mut entry = Entry::new(EntityKind::Group, id(0x6809));
    entry.attrs.set(Attr::DISPLAY_NAME, "Sales");
    entry.attrs.set(Attr::MAIL_NICKNAME, "sales");
    for (attr, value) in attributes {
        entry.attrs.set(*attr, value.clone());
    }
    let group = Subject {
        id: entry.id,
        kind: entry.kind,
        entry: Some(entry),
        ..person().0
    };
    words(
        &World::with_rule(group_rule_with(|_| ()))
            .sync_all()
            .decide(&group),
    )
}

#[test]
fn security_groups_and_microsoft_365_groups_that_are_at_home_here() {
    let unified = || Value::List(vec!["Unified".into()]);
    let yes = || Value::Bool(true);
    for (group, expected) in [
        (vec![(Attr::SECURITY_ENABLED, yes())], "create"),
        (
            vec![(Attr::GROUP_TYPES, unified()), (Attr::MAIL_ENABLED, yes())],
            "create",
        ),
        // As earlier builds stored it.
        (
            vec![
                (Attr::GROUP_TYPES, Value::List(vec!["unified".into()])),
                (Attr::MAIL_ENABLED, yes()),
            ],
            "create",
        ),
        (
            vec![(Attr::SECURITY_ENABLED, yes()), (Attr::MAIL_ENABLED, yes())],
            "skip EntityTypeNotSupported",
        ),
        (
            vec![(Attr::MAIL_ENABLED, yes())],
            "skip EntityTypeNotSupported",
        ),
        (vec![], "skip EntityTypeNotSupported"),
        (
            vec![
                (Attr::SECURITY_ENABLED, yes()),
                (Attr::IS_ASSIGNABLE_TO_ROLE, yes()),
            ],
            "skip EntityTypeNotSupported",
        ),
        (
            vec![
                (Attr::SECURITY_ENABLED, yes()),
                (Attr::HOME_TENANT_ID, Value::Guid(id(9).0)),
            ],
            "skip EntityTypeNotSupported",
        ),
        (
            vec![
                (Attr::GROUP_TYPES, unified()),
                (Attr::HOME_TENANT_ID, Value::Guid(id(9).0)),
            ],
            "skip EntityTypeNotSupported",
        ),
    ] {
        assert_eq!(decided(&group), expected, "{group:?}");
    }
}
