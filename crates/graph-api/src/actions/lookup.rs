//! The object that `{id}` of a path names: by id, by userPrincipalName, or by an alternate key such
//! as `(appId='…')`. Ids of other tenants do not exist here.

use syncline_directory::{applications, groups, service_principals, users};
use syncline_model::{AppId, EntityKind, Problem};
use syncline_odata::path::Key;
use syncline_store::{KeyName, ObjectState, Reader, Stored};

use crate::Call;

/// `/{collection}/{id}`: what the path names in the collection that it begins with.
pub fn named(call: &Call<'_>, reader: &Reader<'_>) -> Result<Stored, Problem> {
    match call.collection() {
        "users" => user(call, reader),
        "groups" => group(call, reader),
        "applications" => application(call, reader),
        "servicePrincipals" => service_principal(call, reader),
        "directoryObjects" => object(call, reader),
        other => Err(Problem::not_found(other)),
    }
}

/// `/users/{id | userPrincipalName}`.
pub fn user(call: &Call<'_>, reader: &Reader<'_>) -> Result<Stored, Problem> {
    let key = call.key("id")?;
    let found = match (key.id(), key.alternate("userPrincipalName")) {
        (Some(value), _) | (None, Some(value)) => users::find(reader, call.tenant(), value),
        (None, None) => Err(unknown_key(key)),
    };
    Ok(told(call, found?))
}

/// `/groups/{id}`, `/groups(uniqueName='…')`.
pub fn group(call: &Call<'_>, reader: &Reader<'_>) -> Result<Stored, Problem> {
    let key = call.key("id")?;
    let found = match key.alternate("uniqueName") {
        Some(name) => by_unique_name(call, reader, EntityKind::Group, name),
        None if key.id().is_none() => Err(unknown_key(key)),
        None => groups::find(reader, call.tenant(), key.value()),
    };
    Ok(told(call, found?))
}

/// `/applications/{id}`, `/applications(appId='…')`, `/applications(uniqueName='…')`.
pub fn application(call: &Call<'_>, reader: &Reader<'_>) -> Result<Stored, Problem> {
    let key = call.key("id")?;
    let found = match key.alternate("uniqueName") {
        Some(name) => by_unique_name(call, reader, EntityKind::Application, name),
        None => match app_id(key)? {
            Some(app_id) => applications::find_by_app_id(reader, call.tenant(), app_id),
            None => applications::find(reader, call.tenant(), key.value()),
        },
    };
    Ok(told(call, found?))
}

/// `/servicePrincipals/{id}`, `/servicePrincipals(appId='…')`.
pub fn service_principal(call: &Call<'_>, reader: &Reader<'_>) -> Result<Stored, Problem> {
    let key = call.key("id")?;
    let found = match app_id(key)? {
        Some(app_id) => service_principals::find_by_app_id(reader, call.tenant(), app_id),
        None => service_principals::find(reader, call.tenant(), key.value()),
    };
    Ok(told(call, found?))
}

/// `/directoryObjects/{id}`, of whatever kind.
pub fn object(call: &Call<'_>, reader: &Reader<'_>) -> Result<Stored, Problem> {
    let id = call.object_id("id")?;
    let found = reader.object(call.tenant(), id)?;
    found
        .filter(|it| it.state == ObjectState::Live)
        .ok_or_else(|| Problem::not_found(id))
}

/// Whoever asks what happened to an object knows its id, and need not know by which name somebody found it.
fn told(call: &Call<'_>, found: Stored) -> Stored {
    call.trace.names(found.entry.id.0);
    found
}

fn app_id(key: &Key) -> Result<Option<AppId>, Problem> {
    match (key.alternate("appId"), key.id()) {
        (Some(value), _) => value
            .parse()
            .map(Some)
            .map_err(|_| Problem::not_found(value)),
        (None, Some(_)) => Ok(None),
        (None, None) => Err(unknown_key(key)),
    }
}

fn by_unique_name(
    call: &Call<'_>,
    reader: &Reader<'_>,
    kind: EntityKind,
    name: &str,
) -> Result<Stored, Problem> {
    // The store keeps the kind before the name, as both resources share one family of keys.
    let key = syncline_store::Key::new(
        KeyName::UniqueName,
        &format!("{}:{name}", kind.graph_name()),
    );
    let holder = reader
        .holder(call.tenant(), &key)?
        .filter(|(held_by, _)| *held_by == kind);
    let found = match holder {
        Some((_, id)) => reader.objects(call.tenant(), kind, &[id])?.pop(),
        None => None,
    };
    found.ok_or_else(|| Problem::not_found(name))
}

fn unknown_key(key: &Key) -> Problem {
    Problem::malformed(format!(
        "The key '{}' names no property that objects of this kind are found by.",
        key.value()
    ))
}
