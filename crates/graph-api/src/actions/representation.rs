//! The answers to writes. They are made inside of the transaction that writes: of what can not be answered, be it
//! because the caller asks to see what there is not, nothing is written.

use http::HeaderName;
use http::StatusCode;
use http::header::LOCATION;
use serde_json::Value as Json;
use syncline_model::{Problem, Schema};
use syncline_store::{Reader, Stored};

use crate::list::{self, Shape, Sight};
use crate::{Call, Reply};

/// 201 with the object's default properties.
pub fn created(
    call: &Call<'_>,
    reader: &Reader<'_>,
    stored: &Stored,
    set: &str,
) -> Result<Reply, Problem> {
    created_with(call, reader, stored, set, [])
}

/// The same, with these members instead of those that are stored.
pub fn created_with(
    call: &Call<'_>,
    reader: &Reader<'_>,
    stored: &Stored,
    set: &str,
    shown: impl IntoIterator<Item = (&'static str, Json)>,
) -> Result<Reply, Problem> {
    let kind = stored.entry.kind;
    let shape = Shape::bind(
        call,
        Schema::core(),
        &syncline_odata::QueryOptions::default(),
        &[kind],
        Sight::of(call).and_whole(kind),
    )?;
    let mut object = shape.object(call, reader, stored)?;
    object.insert("@odata.context", call.context(&format!("{set}/$entity")));
    for (name, value) in shown {
        object.insert(name, value);
    }
    let location = format!("{}/{set}/{}", call.base_url(), stored.entry.id);
    Ok(Reply::written(StatusCode::CREATED, object.written()?).with_header(LOCATION, location))
}

/// 204, or 200 with the object when the caller prefers to see it.
pub fn updated(
    call: &Call<'_>,
    reader: &Reader<'_>,
    stored: &Stored,
    set: &str,
) -> Result<Reply, Problem> {
    if !call.prefers("return=representation") {
        return Ok(Reply::no_content());
    }
    let reply = list::one(call, reader, stored, set)?;
    Ok(reply.with_header(
        HeaderName::from_static("preference-applied"),
        "return=representation",
    ))
}
