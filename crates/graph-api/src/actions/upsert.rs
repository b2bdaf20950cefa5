//! `PATCH /groups(uniqueName='…')` and its like with `Prefer: create-if-missing`: changes the object that has this key,
//! or makes it. The body is the same for both.

use syncline_model::same_value::is_same;
use syncline_model::schema::Mutability;
use syncline_model::{Attr, EntityType, Entry, Problem, ProblemKind, Property, Value};
use syncline_store::Stored;

use crate::wire::difference;
use crate::wire::entity_in::{self, Changes, Purpose};
use crate::{Body, Call};

/// The key of an object that is to be made where there is none.
#[derive(Debug)]
pub struct Upsert {
    attr: Attr,
    value: Value,
}

impl Upsert {
    /// Of groups and applications. `None`: only what there is is to be changed.
    pub fn by_unique_name(call: &Call<'_>) -> Result<Option<Self>, Problem> {
        Self::by(call, Attr::UNIQUE_NAME, "uniqueName", |name| {
            Some(Value::text(name))
        })
    }

    /// Of service principals.
    pub fn by_app_id(call: &Call<'_>) -> Result<Option<Self>, Problem> {
        let guid = |text: &str| text.parse().ok().map(Value::Guid);
        Self::by(call, Attr::APP_ID, "appId", guid)
    }

    fn by(
        call: &Call<'_>,
        attr: Attr,
        name: &str,
        value: impl Fn(&str) -> Option<Value>,
    ) -> Result<Option<Self>, Problem> {
        let key = call.key("id")?.alternate(name);
        let asked = key.filter(|_| call.prefers("create-if-missing"));
        let value = asked.and_then(value);
        Ok(value.map(|value| Self { attr, value }))
    }
}

/// Reads the body of a change; of an upsert as of a new object, with the key that the path has.
///
/// # Errors
/// As [`entity_in::read`], and 400 for another key in the body.
pub fn read(upsert: Option<&Upsert>, body: &Body, entity: &EntityType) -> Result<Changes, Problem> {
    let Some(Upsert { attr, value }) = upsert else {
        return entity_in::read(body, entity, Purpose::Update);
    };
    let mut changes = entity_in::read(body, entity, Purpose::Upsert)?;
    let is_other =
        |it: &&(Attr, Option<Value>)| it.0 == *attr && !is_same(it.1.as_ref(), Some(value));
    if changes.iter().any(|it| is_other(&it)) {
        let name = entity.property(*attr).map(|it| &*it.name);
        return Err(body.invalid(name.unwrap_or_default()));
    }
    changes.retain(|(it, _)| it != attr);
    changes.push((*attr, Some(value.clone())));
    Ok(changes)
}

/// What is there to be changed; `None` where it is to be made.
///
/// # Errors
/// Those of `found`, and 400 for an id that a new object is to have.
pub fn found(
    upsert: Option<&Upsert>,
    found: Result<Stored, Problem>,
    changes: &Changes,
) -> Result<Option<Stored>, Problem> {
    match found {
        Err(problem) if upsert.is_some() && problem.kind == ProblemKind::NotFound => {
            if changes.iter().any(|(attr, _)| *attr == Attr::ID) {
                return Err(entity_in::read_only("id"));
            }
            Ok(None)
        }
        other => other.map(Some),
    }
}

/// Completes the changes of what is there, as [`entity_in::merge`]. It was found by its key, and what only a new object
/// is given may be sent again.
///
/// # Errors
/// 400 when that is to become another.
pub fn merge(
    upsert: Option<&Upsert>,
    entity: &EntityType,
    stored: &Entry,
    mut changes: Changes,
) -> Result<Changes, Problem> {
    if let Some(Upsert { attr, .. }) = upsert {
        changes.retain(|(it, _)| it != attr);
        let is_fixed = |attr: Attr| {
            let property = entity.property(attr);
            property.is_some_and(|it| it.mutability == Mutability::CreateOnly)
        };
        let (fixed, free): (Changes, Changes) =
            changes.into_iter().partition(|(attr, _)| is_fixed(*attr));
        let is_change = |(attr, value): &&(Attr, Option<Value>)| {
            let stored = stored.get(*attr);
            // What was not made a thing is none, whether that was said or not.
            let is_none = *value == Some(Value::Bool(false)) && stored.is_none();
            !is_none && !is_respelled(entity.property(*attr), stored, value.as_ref())
        };
        if let Some((attr, _)) = difference::of(stored, fixed).iter().find(is_change) {
            let name = entity.property(*attr).map(|it| &*it.name);
            return Err(entity_in::read_only(name.unwrap_or_default()));
        }
        changes = free;
    }
    entity_in::merge(stored, changes)
}

/// Whether these are the same members of an enumeration: earlier builds stored some as they were sent, in any case.
fn is_respelled(property: Option<&Property>, stored: Option<&Value>, sent: Option<&Value>) -> bool {
    let (Some(stored), Some(sent)) = (stored, sent) else {
        return false;
    };
    let (stored, sent) = (stored.as_slice(), sent.as_slice());
    let alike = |(stored, sent): (&Value, &Value)| {
        let texts = stored.as_text().zip(sent.as_text());
        texts.is_some_and(|(stored, sent)| stored.eq_ignore_ascii_case(sent))
    };
    property.is_some_and(|it| !it.one_of.is_empty())
        && stored.len() == sent.len()
        && stored.iter().zip(sent).all(alike)
}
