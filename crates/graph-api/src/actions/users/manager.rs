//! `/users/{id}/manager` and `/users/{id}/manager/$ref`

use serde_json::json;
use syncline_directory::users;
use syncline_model::Problem;
use syncline_store::{Reader, Stored};

use crate::actions::lookup;
use crate::{Call, Reference, Reply, list};

/// `GET /users/{id}/manager`
pub fn get(call: &Call<'_>) -> Result<Reply, Problem> {
    call.read(|reader| list::one_related(call, reader, &manager(call, reader)?))
}

/// `GET /users/{id}/manager/$ref`
pub fn get_reference(call: &Call<'_>) -> Result<Reply, Problem> {
    let manager = call.read(|reader| manager(call, reader))?.entry.id;
    Ok(Reply::ok(json!({
        "@odata.context": call.context("$ref"),
        "@odata.id": format!("{}/directoryObjects/{manager}", call.base_url()),
    })))
}

/// `PUT /users/{id}/manager/$ref`
pub fn set(call: &Call<'_>) -> Result<Reply, Problem> {
    let reference = Reference::of_body(&call.body("")?)?;
    call.write(|tx, context| {
        let user = lookup::user(call, tx)?.entry.id;
        let manager = reference.resolve(call, tx)?.entry.id;
        users::set_manager(tx, context, user, manager)
    })?;
    Ok(Reply::no_content())
}

/// `DELETE /users/{id}/manager/$ref`
pub fn remove(call: &Call<'_>) -> Result<Reply, Problem> {
    call.write(|tx, context| {
        let user = lookup::user(call, tx)?.entry.id;
        users::remove_manager(tx, context, user)
    })?;
    Ok(Reply::no_content())
}

fn manager(call: &Call<'_>, reader: &Reader<'_>) -> Result<Stored, Problem> {
    let user = lookup::user(call, reader)?.entry.id;
    users::manager(reader, call.tenant(), user)?.ok_or_else(|| Problem::not_found("manager"))
}
