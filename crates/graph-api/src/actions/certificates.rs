//! `keyCredentials` in bodies of applications and service principals.

use syncline_access::certificates;
use syncline_model::{Attr, Entry, Problem, Value};

use crate::Call;
use crate::wire::difference;
use crate::wire::entity_in::Changes;

/// Of longer lists than that nothing is looked at: the directory refuses them.
const MOST: usize = 50;

/// Lets credentials that are sent back without their keys, as they are shown, keep these. They are found by their id;
/// those of builds that gave them none by all else.
pub fn keep_keys(stored: &Entry, mut changes: Changes) -> Changes {
    let known = list(stored.get(Attr::KEY_CREDENTIALS));
    for sent in sent_in(&mut changes, known) {
        if has(sent, "key") {
            continue;
        }
        let kept = known.iter().find(|it| {
            if has(it, "keyId") {
                same(it, sent, "keyId")
            } else {
                difference::is_same(Some(&without_key(it)), Some(&without_key(sent)))
            }
        });
        if let Some(key) = kept.and_then(|it| it.member("key")) {
            set(sent, "key", key.clone());
        }
    }
    changes
}

/// Gives each credential an id, as Graph does, and checks those whose key is not registered for the same already.
///
/// # Errors
/// 400 for one that nobody could sign in with.
pub fn complete(
    call: &Call<'_>,
    stored: Option<&Entry>,
    changes: &mut Changes,
) -> Result<(), Problem> {
    let known = list(stored.and_then(|it| it.get(Attr::KEY_CREDENTIALS)));
    for sent in sent_in(changes, known) {
        let is_stored = |it: &Value| {
            ["key", "usage", "type"]
                .iter()
                .all(|name| same(it, sent, name))
        };
        if !known.iter().any(is_stored) {
            *sent = certificates::checked(sent)?;
        }
        if !has(sent, "keyId") {
            set(sent, "keyId", Value::Guid(call.api.ids.random_uuid()));
        }
    }
    Ok(())
}

/// The credentials that a body sends.
fn sent_in<'c>(changes: &'c mut Changes, known: &[Value]) -> impl Iterator<Item = &'c mut Value> {
    let most = MOST.max(known.len());
    let sent = changes
        .iter_mut()
        .filter_map(move |(attr, value)| match value {
            Some(Value::List(list)) if *attr == Attr::KEY_CREDENTIALS && list.len() <= most => {
                Some(list)
            }
            _ => None,
        });
    sent.flatten()
}

fn list(value: Option<&Value>) -> &[Value] {
    value.map(Value::as_slice).unwrap_or_default()
}

fn has(credential: &Value, name: &str) -> bool {
    credential.member(name).is_some_and(|it| *it != Value::Null)
}

fn same(one: &Value, other: &Value, name: &str) -> bool {
    difference::is_same(one.member(name), other.member(name))
}

fn without_key(credential: &Value) -> Value {
    let mut left = credential.clone();
    set(&mut left, "key", Value::Null);
    left
}

fn set(credential: &mut Value, name: &str, value: Value) {
    if let Value::Map(members) = credential {
        members.retain(|(known, _)| known != name);
        members.push((name.to_owned(), value));
    }
}
