//! A batch as it was sent. Of each request the members that count are found in the text, and all else
//! is passed over without being built: a body of a few megabytes can hold millions of values.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess,
    Visitor,
};
use serde_json::value::RawValue;
use syncline_model::Problem;

use super::{Item, MAX_ITEMS, malformed};
use crate::body::UNREADABLE;

/// Headers of one request; as many as HTTP/1.1 servers usually take.
const MAX_HEADERS: usize = 100;

/// The requests of a batch: between one and [`MAX_ITEMS`].
///
/// # Errors
/// 400 when the bytes are no batch.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Item<'_>>, Problem> {
    // Windows tools like to begin a text with a byte order mark.
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let [requests] = members(bytes, ["requests"]).ok_or_else(|| Problem::malformed(UNREADABLE))?;
    let requests = requests.ok_or_else(|| malformed("'requests' is missing"))?;
    let requests: FirstFew<&RawValue, { MAX_ITEMS + 1 }> =
        parse(requests).ok_or_else(|| malformed("'requests' is a list of requests"))?;
    if requests.0.is_empty() || requests.0.len() > MAX_ITEMS {
        return Err(malformed(&format!(
            "a batch holds between 1 and {MAX_ITEMS} requests"
        )));
    }
    requests.0.into_iter().map(item).collect()
}

fn item(request: &RawValue) -> Result<Item<'_>, Problem> {
    let names = ["id", "method", "url", "headers", "body", "dependsOn"];
    let [id, method, url, headers, body, depends_on] = members(request.get().as_bytes(), names)
        .ok_or_else(|| malformed("every request is an object"))?;
    let text = |member: Option<&RawValue>, name: &str| {
        member
            .and_then(parse::<String>)
            .filter(|text| !text.trim().is_empty())
            .ok_or_else(|| malformed(&format!("every request needs '{name}'")))
    };
    let headers = headers.map_or(Some(Headers::default()), parse);
    let depends_on: FirstFew<String, { MAX_ITEMS + 1 }> = depends_on
        .map_or(Some(FirstFew(Vec::new())), parse)
        .filter(|ids: &FirstFew<_, _>| ids.0.len() <= MAX_ITEMS)
        .ok_or_else(|| malformed("'dependsOn' is a list of ids"))?;
    Ok(Item {
        id: text(id, "id")?,
        method: text(method, "method")?.to_ascii_uppercase(),
        url: text(url, "url")?,
        headers: headers
            .ok_or_else(|| {
                malformed(&format!(
                    "'headers' is an object of at most {MAX_HEADERS} texts"
                ))
            })?
            .0,
        body,
        depends_on: depends_on.0,
    })
}

fn parse<'t, T: Deserialize<'t>>(text: &'t RawValue) -> Option<T> {
    serde_json::from_str(text.get()).ok()
}

/// The members of an object with these names, in any case, unless they are null; of those sent twice
/// the last. `None` when the text is no object.
fn members<'t, const N: usize>(
    text: &'t [u8],
    names: [&'static str; N],
) -> Option<[Option<&'t RawValue>; N]> {
    let mut text = serde_json::Deserializer::from_slice(text);
    let found = Named(names).deserialize(&mut text).ok()?;
    text.end().ok()?;
    Some(found.map(|member: Option<&RawValue>| member.filter(|it| it.get() != "null")))
}

/// The names looked for.
struct Named<const N: usize>([&'static str; N]);

impl<'t, const N: usize> DeserializeSeed<'t> for Named<N> {
    type Value = [Option<&'t RawValue>; N];

    fn deserialize<D: Deserializer<'t>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'t, const N: usize> Visitor<'t> for Named<N> {
    type Value = [Option<&'t RawValue>; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = [None; N];
        while let Some(name) = map.next_key::<String>()? {
            match self.0.iter().position(|it| it.eq_ignore_ascii_case(&name)) {
                Some(place) => found[place] = Some(map.next_value()?),
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(found)
    }
}

/// A list of which no more than the first `N` are kept.
struct FirstFew<T, const N: usize>(Vec<T>);

impl<'t, T: Deserialize<'t>, const N: usize> Deserialize<'t> for FirstFew<T, N> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        struct Few<T, const N: usize>(PhantomData<T>);
        impl<'t, T: Deserialize<'t>, const N: usize> Visitor<'t> for Few<T, N> {
            type Value = FirstFew<T, N>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'t>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut few = Vec::new();
                while few.len() < N {
                    match list.next_element()? {
                        Some(element) => few.push(element),
                        None => return Ok(FirstFew(few)),
                    }
                }
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(FirstFew(few))
            }
        }
        deserializer.deserialize_seq(Few(PhantomData))
    }
}

/// Names and texts; what is no text is left out.
#[derive(Default)]
struct Headers(Vec<(String, String)>);

impl<'t> Deserialize<'t> for Headers {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'t> Visitor<'t> for Members {
            type Value = Headers;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<Headers, A::Error> {
                let mut headers = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
                    if let Some(text) = parse(value) {
                        headers.push((name, text));
                    }
                    if headers.len() > MAX_HEADERS {
                        return Err(A::Error::custom("too many headers"));
                    }
                }
                Ok(Headers(headers))
            }
        }
        deserializer.deserialize_map(Members)
    }
}
