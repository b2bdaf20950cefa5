//! Some attributes of an object, read past the others: the objects that a reference names are looked
//! at for a value or two, lists show a dozen of each object, and decoding the rest costs more than finding
//! the row.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};
use syncline_model::{Attr, Attrs, EntityKind, ObjectId, TenantId, Timestamp, Value};
use uuid::Uuid;

use crate::driver::{blob, int};
use crate::{ObjectState, Reader, Result, StoreError};

/// What was asked of one object.
#[derive(Clone, Debug, PartialEq)]
pub struct Peeked<const N: usize> {
    pub id: ObjectId,
    pub kind: EntityKind,
    pub state: ObjectState,
    /// In the order asked.
    pub values: [Option<Value>; N],
}

impl Reader<'_> {
    /// The state and some attributes of the objects of one kind with these ids, in the order asked,
    /// absent ones left out; all states.
    pub fn peek<const N: usize>(
        &self,
        tenant: TenantId,
        kind: EntityKind,
        ids: &[ObjectId],
        attrs: [Attr; N],
    ) -> Result<Vec<Peeked<N>>> {
        let tenant_no = self.tenant_no(tenant)?;
        let mut peeked: Vec<Option<Peeked<N>>> = Vec::with_capacity(ids.len());
        let mut stored: Vec<ObjectId> = Vec::new();
        for id in ids {
            let inserted = self.inserted(tenant_no, *id).filter(|it| it.kind == kind);
            if inserted.is_none() {
                stored.push(*id);
            }
            let fresh = inserted.map(|it| {
                Ok::<_, StoreError>(Peeked {
                    id: *id,
                    kind,
                    state: ObjectState::Live,
                    values: values_of(&it.body, &attrs)?,
                })
            });
            peeked.push(fresh.transpose()?);
        }
        let mut found = self
            .connection
            .find_each(
                "SELECT id, state, body FROM object WHERE tenant_no = ?1 AND kind = ?2 AND id = ?3",
                &[int(tenant_no), int(kind as u8)],
                stored.iter().map(|id| [blob(id.as_bytes())]),
                |row| {
                    Ok(Peeked {
                        id: row.id(0, ObjectId::from_bytes)?,
                        kind,
                        state: ObjectState::from_number(row.int(1)?)?,
                        values: values_of(row.blob(2)?, &attrs)?,
                    })
                },
            )?
            .into_iter();
        Ok(peeked
            .into_iter()
            .filter_map(|fresh| fresh.or_else(|| found.next().flatten()))
            .collect())
    }
}

/// The values of some attributes in an encoded body.
fn values_of<const N: usize>(body: &[u8], attrs: &[Attr; N]) -> Result<[Option<Value>; N]> {
    let mut values = [const { None }; N];
    each_of(body, attrs, |at, value| values[at] = Some(value))?;
    Ok(values)
}

/// An encoded body without all but some attributes.
pub(crate) fn only(body: &[u8], attrs: &[Attr]) -> Result<Attrs> {
    let mut found = Attrs::with_capacity(attrs.len());
    each_of(body, attrs, |at, value| {
        found.set(attrs[at], value);
    })?;
    Ok(found)
}

/// Hands out the values of some attributes in an encoded body, which is a list of pairs sorted by
/// attribute, with the place of the attribute among those asked for.
fn each_of(body: &[u8], attrs: &[Attr], mut found: impl FnMut(usize, Value)) -> Result<()> {
    let Some(last) = attrs.iter().max() else {
        return Ok(());
    };
    let damaged = |_| StoreError::Damaged("object");
    let (pairs, mut rest) = postcard::take_from_bytes::<u64>(body).map_err(damaged)?;
    for _ in 0..pairs {
        let (attr, value) = postcard::take_from_bytes::<Attr>(rest).map_err(damaged)?;
        if attr > *last {
            break;
        }
        if let Some(at) = attrs.iter().position(|it| *it == attr) {
            let (value, behind) = postcard::take_from_bytes(value).map_err(damaged)?;
            found(at, value);
            rest = behind;
        } else {
            (_, rest) = postcard::take_from_bytes::<Passed<'_>>(value).map_err(damaged)?;
        }
    }
    Ok(())
}

/// A value that is read past: the same variants as [`Value`], in the same order, without keeping
/// anything. A test holds both together.
#[derive(Deserialize)]
#[allow(dead_code, reason = "only the place behind it is wanted")]
enum Passed<'v> {
    Bool(bool),
    Int(i64),
    /// Its bytes: whether they are a text is asked when it is read.
    Text(&'v [u8]),
    Time(Timestamp),
    Guid(Uuid),
    Bytes(&'v [u8]),
    #[serde(borrow)]
    List(Each<Passed<'v>>),
    #[serde(borrow)]
    Map(Each<(&'v [u8], Passed<'v>)>),
    Null,
}

/// Elements that are read past, one by one.
struct Each<T>(std::marker::PhantomData<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Each<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Elements<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Elements<T> {
            type Value = Each<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(
                self,
                mut elements: A,
            ) -> std::result::Result<Self::Value, A::Error> {
                while elements.next_element::<T>()?.is_some() {}
                Ok(Each(std::marker::PhantomData))
            }
        }
        deserializer.deserialize_seq(Elements(std::marker::PhantomData))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that can not go on should stop")]
mod tests {
    use syncline_model::Attrs;

    use super::*;

    #[test]
    fn every_kind_of_value_is_found_and_read_past() {
        let id = Uuid::from_bytes([7; 16]);
        let values = [
            Value::Bool(true),
            Value::Int(-3),
            Value::text("a text"),
            Value::Time(Timestamp(1_700_000_000_000)),
            Value::Guid(id),
            Value::Bytes(vec![0, 200, 255]),
            Value::List(vec![Value::text("x"), Value::Null, Value::List(vec![])]),
            Value::Map(vec![
                ("a".to_owned(), Value::Int(1)),
                ("b".to_owned(), Value::Map(vec![])),
            ]),
            Value::Null,
            Value::text("behind them all"),
        ];
        let attrs: Attrs = (20_u16..).step_by(2).map(Attr).zip(values).collect();
        let body = postcard::to_allocvec(&attrs).unwrap();
        for (attr, value) in attrs.iter() {
            let absent = Attr(attr.0 + 1);
            assert_eq!(
                values_of(&body, &[absent, attr]).unwrap(),
                [None, Some(value.clone())]
            );
        }
        assert!(values_of(&body[..body.len() - 1], &[Attr(38)]).is_err());
        // A text that is none: read past, and damage when it is asked for.
        let at = body.windows(6).position(|it| it == b"a text").unwrap();
        let mut damaged = body.clone();
        damaged[at] = 0xff;
        assert!(values_of(&damaged, &[Attr(38)]).unwrap()[0].is_some());
        assert!(values_of(&damaged, &[Attr(24)]).is_err());
        let some = [Attr(38), Attr(24), Attr(21)];
        let few = only(&body, &some).unwrap();
        let wanted: Attrs = attrs
            .iter()
            .filter(|(attr, _)| some.contains(attr))
            .map(|(attr, value)| (attr, value.clone()))
            .collect();
        assert_eq!((few.len(), few), (2, wanted));
        assert_eq!(only(&body, &[]).unwrap(), Attrs::new());
    }
}
