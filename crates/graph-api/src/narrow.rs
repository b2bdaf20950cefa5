//! Permissions that open some objects only: oneself, and the applications that one owns. The one place
//! that asks, before any action begins, so that no action can forget to.

use syncline_access::{CallerKind, Permission};
use syncline_model::{ObjectId, Problem, ProblemKind};
use syncline_store::{Edge, EdgeKind, Reader};

use crate::Call;
use crate::actions::lookup;
use crate::actions::synchronization::resolve;
use crate::route::Route;

/// 403 when the caller may not take this route, or not with the object that the path names.
pub(crate) fn authorize(call: &Call<'_>, route: &Route) -> Result<(), Problem> {
    let permission = route.permission;
    if call.holds(permission)
        || is_oneself(call, route.pattern, permission)?
        || is_owned(call, route.pattern, permission)?
    {
        return Ok(());
    }
    // Says so in the log.
    call.authorize(permission)
}

/// Whether the caller reads his own user object, by id or by name. Somebody else's name and one that
/// nobody has are refused alike.
fn is_oneself(call: &Call<'_>, pattern: &str, permission: &Permission) -> Result<bool, Problem> {
    let access = &call.api.access;
    let Some(user) = call.signed_in_user() else {
        return Ok(false);
    };
    if !pattern.starts_with("/users/{id}") || !access.holds_of_oneself(call.caller, permission) {
        return Ok(false);
    }
    let id = user.to_string();
    if call
        .captures
        .id("id")
        .is_some_and(|it| it.eq_ignore_ascii_case(&id))
    {
        return Ok(true);
    }
    call.read(|reader| match lookup::user(call, reader) {
        Ok(found) => Ok(found.entry.id == user),
        // Nobody, or no name at all.
        Err(problem)
            if matches!(
                problem.kind,
                ProblemKind::NotFound | ProblemKind::BadRequest
            ) =>
        {
            Ok(false)
        }
        // Whether it is his own is not known.
        Err(problem) => Err(problem),
    })
}

/// Whether the application owns what the path names. All may be listed, so that one which is not there is
/// 404 as it is for everybody.
fn is_owned(call: &Call<'_>, pattern: &str, permission: &Permission) -> Result<bool, Problem> {
    if !call.api.access.holds_of_owned(call.caller, permission) {
        return Ok(false);
    }
    let named = |reader: &Reader<'_>| {
        if pattern.contains("/{id}/synchronization") {
            Ok(Some(
                resolve::configuration(call, reader)?.service_principal,
            ))
        } else if pattern.starts_with("/applications/{id}") {
            Ok(Some(lookup::application(call, reader)?.entry.id))
        } else if pattern.starts_with("/servicePrincipals/{id}") {
            Ok(Some(lookup::service_principal(call, reader)?.entry.id))
        } else {
            Ok::<_, Problem>(None)
        }
    };
    call.read(|reader| match named(reader)? {
        Some(object) => owns(call, reader, object),
        None => Ok(false),
    })
}

/// Whether the calling application is among the owners of an object.
pub(crate) fn owns(
    call: &Call<'_>,
    reader: &Reader<'_>,
    object: ObjectId,
) -> Result<bool, Problem> {
    let CallerKind::Application {
        service_principal, ..
    } = &call.caller.kind
    else {
        return Ok(false);
    };
    let edge = Edge {
        kind: EdgeKind::Owner,
        from: object,
        to: *service_principal,
    };
    Ok(reader.edges_exist(call.tenant(), &[edge])? == [true])
}
