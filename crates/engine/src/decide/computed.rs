//! What a source object says of itself: the stored attributes, and the ones that are only computed.

use std::borrow::Cow;

use syncline_model::{Attr, Value, b2b};

use crate::Subject;

/// The value of an attribute, stored or computed.
pub(super) fn computed(subject: &Subject, attr: Attr) -> Option<Cow<'_, Value>> {
    let stored = |attr: Attr| subject.entry.as_ref().and_then(|entry| entry.get(attr));
    let text = |text: String| Some(Cow::Owned(Value::text(text)));
    match attr {
        Attr::ID | Attr::OBJECT_ID => Some(Cow::Owned(Value::Text(subject.id.text()))),
        Attr::NET_ID => match stored(attr) {
            Some(value) => Some(Cow::Borrowed(value)),
            None => text(b2b::net_id(subject.id)),
        },
        Attr::APP_ROLE_ASSIGNMENTS => {
            let roles: Vec<Value> = subject.assigned_roles.iter().map(Value::text).collect();
            (!roles.is_empty()).then_some(Cow::Owned(Value::List(roles)))
        }
        // The engine's name for this attribute is telephoneNumber, and it has one value.
        Attr::BUSINESS_PHONES => stored(attr)?.as_slice().first().map(Cow::Borrowed),
        Attr::USER_PRINCIPAL_NAME => match stored(attr)? {
            Value::Text(name) if name.contains(b2b::EXTERNAL) => text(home_name(name)),
            value => Some(Cow::Borrowed(value)),
        },
        Attr::ORIGINAL_USER_PRINCIPAL_NAME => stored(Attr::USER_PRINCIPAL_NAME).map(Cow::Borrowed),
        _ => match stored(attr) {
            Some(value) => Some(Cow::Borrowed(value)),
            None => reference(subject, attr),
        },
    }
}

/// A reference reads as the id of the object referred to, memberships as the ids of the groups.
fn reference(subject: &Subject, attr: Attr) -> Option<Cow<'_, Value>> {
    let (_, targets) = subject.references.iter().find(|(of, _)| *of == attr)?;
    if attr == Attr::MEMBER_OF {
        let groups = targets.iter().map(|id| Value::Guid(id.0)).collect();
        return Some(Cow::Owned(Value::List(groups)));
    }
    targets.first().map(|id| Cow::Owned(Value::Text(id.text())))
}

/// `alias_home.example#EXT#@tenant.example` was `alias@home.example` at home.
fn home_name(name: &str) -> String {
    match b2b::home_name(name) {
        Some((alias, domain)) => format!("{alias}@{domain}"),
        None => b2b::split_external(name)
            .map_or(name, |(stem, _)| stem)
            .to_owned(),
    }
}
