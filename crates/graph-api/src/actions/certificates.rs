//! `keyCredentials` in bodies of applications and service principals.

use syncline_access::certificates;
use syncline_model::same_value::is_same;
use syncline_model::{Attr, Entry, Problem, Value};

use crate::Call;
use crate::wire::entity_in::Changes;

/// Of longer lists than that nothing is looked at: the directory refuses them.
const MOST: usize = 50;

/// Lets credentials that are sent back without their keys, as they are shown, keep these: each that is stored is kept
/// once. Builds before gave them no ids, or whatever was sent, the same to two. A private key that is sent is none to keep.
///
/// # Errors
/// 400 where some are left out that nothing but their keys tells apart from those that are sent: nobody knows which.
pub fn keep_keys(stored: &Entry, mut changes: Changes) -> Result<Changes, Problem> {
    let known = list(stored.get(Attr::KEY_CREDENTIALS));
    for sent in sent_in(&mut changes, known) {
        *sent = certificates::public(sent);
    }
    let mut left: Vec<&Value> = known.iter().collect();
    let (with_keys, mut sent): (Vec<_>, Vec<_>) =
        sent_in(&mut changes, known).partition(|it| has(it, "key"));
    for whole in with_keys {
        let is_it = |it: &&Value| {
            same(it, whole, "key") && (is_same_but_for_key(it, whole) || is_same_by_id(it, whole))
        };
        if let Some(at) = left.iter().position(is_it) {
            left.remove(at);
        }
    }
    // What else of one was changed is told by its id, after those that were not changed have theirs.
    for is_same in [is_same_but_for_key, is_same_by_id] {
        keep(&mut left, &mut sent, is_same)?;
    }
    Ok(changes)
}

/// Gives what is sent the keys of the stored that are the same, and takes both out.
fn keep(
    left: &mut Vec<&Value>,
    sent: &mut Vec<&mut Value>,
    is_same: fn(&Value, &Value) -> bool,
) -> Result<(), Problem> {
    let mut at = 0;
    while let Some(one) = sent.get(at) {
        let alike = || left.iter().filter(|it| is_same(it, one));
        let Some(first) = left.iter().position(|it| is_same(it, one)) else {
            at += 1;
            continue;
        };
        let asking = sent.iter().filter(|it| is_same(left[first], it));
        if asking.count() < alike().count() && alike().any(|it| !same(it, left[first], "key")) {
            return Err(not_told_apart());
        }
        let kept = left.remove(first);
        let one = sent.remove(at);
        if let Some(key) = kept.member("key") {
            set(one, "key", key.clone());
        }
    }
    Ok(())
}

fn is_same_but_for_key(stored: &Value, sent: &Value) -> bool {
    let (Value::Map(ones), Value::Map(others)) = (stored, sent) else {
        return false;
    };
    let mut names = ones.iter().chain(others).map(|(name, _)| name);
    names.all(|name| name == "key" || same(stored, sent, name))
}

/// Two of one id are told apart by what they are for: that of signing tokens and that of checking them. What is left out
/// tells nothing.
fn is_same_by_id(stored: &Value, sent: &Value) -> bool {
    let tells_no_other = |name| !has(sent, name) || same(stored, sent, name);
    has(stored, "keyId")
        && same(stored, sent, "keyId")
        && tells_no_other("usage")
        && tells_no_other("type")
}

fn not_told_apart() -> Problem {
    let message = "Some of the stored keyCredentials differ by their keys alone, and fewer of them were sent than there are. Send those that are to stay with their keys, or all of them.";
    Problem::bad_request(message).with_detail("InvalidValue", message, Some("keyCredentials"))
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
        *sent = if known.iter().any(is_stored) {
            // Builds before kept private keys.
            certificates::public(sent)
        } else {
            certificates::checked(sent)?
        };
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
    is_same(one.member(name), other.member(name))
}

fn set(credential: &mut Value, name: &str, value: Value) {
    if let Value::Map(members) = credential {
        members.retain(|(known, _)| known != name);
        members.push((name.to_owned(), value));
    }
}
