//! The attributes of an object as they are stored: a list of pairs, sorted by attribute, in the postcard
//! format.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};
use syncline_model::{Attr, Attrs, Timestamp, Value};
use uuid::Uuid;

use crate::{Result, StoreError};

/// The place of [`Value::Text`] among the variants, with which it begins.
const TEXT: u8 = 2;

pub(crate) fn encode(attrs: &Attrs) -> Result<Vec<u8>> {
    // The usual user fits without growing.
    postcard::to_extend(attrs, Vec::with_capacity(768))
        .map_err(|_| StoreError::NotEncoded("object"))
}

/// Texts, which most values are, are made where they stand; whatever reads any kind of value hands them
/// through half a dozen layers.
pub(crate) fn decode(body: &[u8]) -> Result<Attrs> {
    let (pairs, mut rest) = take::<usize>(body)?;
    // Two bytes each at least: damage reserves no more than that.
    let mut attrs = Attrs::with_capacity(pairs.min(rest.len() / 2));
    for _ in 0..pairs {
        let (attr, value) = take::<Attr>(rest)?;
        if let [TEXT, text @ ..] = value {
            let (text, behind) = take::<&str>(text)?;
            attrs.set(attr, text);
            rest = behind;
        } else {
            let (value, behind) = take::<Value>(value)?;
            attrs.set(attr, value);
            rest = behind;
        }
    }
    Ok(attrs)
}

/// The values of some attributes in an encoded body.
pub(crate) fn values_of<const N: usize>(
    body: &[u8],
    attrs: &[Attr; N],
) -> Result<[Option<Value>; N]> {
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
    let (pairs, mut rest) = take::<u64>(body)?;
    for _ in 0..pairs {
        let (attr, value) = take::<Attr>(rest)?;
        if attr > *last {
            break;
        }
        if let Some(at) = attrs.iter().position(|it| *it == attr) {
            let (value, behind) = take(value)?;
            found(at, value);
            rest = behind;
        } else {
            (_, rest) = take::<Passed<'_>>(value)?;
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

fn take<'b, T: Deserialize<'b>>(body: &'b [u8]) -> Result<(T, &'b [u8])> {
    postcard::take_from_bytes(body).map_err(|_| StoreError::Damaged("object"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that can not go on should stop")]
mod tests {
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
        let body = encode(&attrs).unwrap();
        assert_eq!(decode(&body).unwrap(), attrs);
        assert!(decode(&body[..body.len() - 1]).is_err());
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
        assert!(decode(&damaged).is_err());
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
