//! Permissions that open some objects only: oneself, and the applications that one owns. The one place
//! that asks, before any action begins and once more where it writes, so that no action can forget to.

use syncline_access::{CallerKind, Permission, permissions};
use syncline_model::{ObjectId, Problem, ProblemKind};
use syncline_store::{Edge, EdgeKind, Reader};

use crate::Call;
use crate::actions::lookup;
use crate::actions::synchronization::resolve;
use crate::actions::upsert::Upsert;
use crate::route::Route;

/// How a caller was let in.
#[derive(Clone, Copy, Debug)]
pub(crate) enum LetIn {
    /// The permission opens every object.
    ToAll,
    /// Only to what the path of this route names: it is the caller's own.
    ToItsOwn(&'static Route),
}

/// What the path of a route names that may be a caller's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Named {
    User,
    Application,
    ServicePrincipal,
    /// The service principal whose synchronization the path leads to, by its own id or its application's.
    Configuration,
}

impl Named {
    fn by(pattern: &str) -> Option<Self> {
        let segments: Vec<&str> = pattern.trim_start_matches('/').split('/').collect();
        match segments.as_slice() {
            ["users", "{id}", ..] => Some(Self::User),
            [_, "{id}", "synchronization", ..] => Some(Self::Configuration),
            ["applications", "{id}", ..] => Some(Self::Application),
            ["servicePrincipals", "{id}", ..] => Some(Self::ServicePrincipal),
            _ => None,
        }
    }
}

/// 403 when the caller may not take this route, or not with the object that the path names.
pub(crate) fn authorize(call: &Call<'_>, route: &'static Route) -> Result<LetIn, Problem> {
    let permission = route.permission;
    if call.holds(permission) {
        return Ok(LetIn::ToAll);
    }
    // Whoever has nothing of the kind is refused unread.
    let access = &call.api.access;
    if !call.holds_of_oneself(permission) && !access.holds_of_owned(call.caller, permission) {
        call.authorize(permission)?;
    }
    call.read(|reader| check(call, reader, route))?;
    Ok(LetIn::ToItsOwn(route))
}

/// The same in the transaction that is about to write: it may have waited for its turn, and the object, or the name by which
/// the path has it, may be somebody else's by now. What else the caller holds was confirmed.
pub(crate) fn confirm(call: &Call<'_>, reader: &Reader<'_>) -> Result<(), Problem> {
    match call.let_in {
        LetIn::ToAll => Ok(()),
        LetIn::ToItsOwn(route) => check(call, reader, route),
    }
}

fn check(call: &Call<'_>, reader: &Reader<'_>, route: &Route) -> Result<(), Problem> {
    let permission = route.permission;
    let Some(named) = Named::by(route.pattern) else {
        return call.authorize(permission);
    };
    if is_oneself(call, reader, named, permission)? || is_owned(call, reader, named, route)? {
        return Ok(());
    }
    // Says so in the log.
    call.authorize(permission)
}

/// Whether the caller means his own user object, by id or by name. Somebody else's name and one that
/// nobody has are refused alike.
fn is_oneself(
    call: &Call<'_>,
    reader: &Reader<'_>,
    named: Named,
    permission: &Permission,
) -> Result<bool, Problem> {
    let access = &call.api.access;
    let Some(user) = call.signed_in_user() else {
        return Ok(false);
    };
    if named != Named::User || !access.holds_of_oneself(call.caller, permission) {
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
    match lookup::user(call, reader) {
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
    }
}

/// Whether the application owns what the path names, or will own what it makes by this name. All may be listed, so that
/// one which is not there is 404 as it is for everybody.
fn is_owned(
    call: &Call<'_>,
    reader: &Reader<'_>,
    named: Named,
    route: &Route,
) -> Result<bool, Problem> {
    if !call
        .api
        .access
        .holds_of_owned(call.caller, route.permission)
    {
        return Ok(false);
    }
    let may_be_made = may_be_made(call, route)?;
    let object = match named {
        Named::User => return Ok(false),
        Named::Configuration => {
            resolve::configuration(call, reader).map(|found| found.service_principal)
        }
        Named::Application => lookup::application(call, reader).map(|found| found.entry.id),
        Named::ServicePrincipal => {
            lookup::service_principal(call, reader).map(|found| found.entry.id)
        }
    };
    match object {
        Ok(object) => owns(call, reader, object),
        Err(problem) if problem.kind == ProblemKind::NotFound && may_be_made => Ok(true),
        Err(problem) => Err(problem),
    }
}

/// Whether what the path names is made where there is none.
fn may_be_made(call: &Call<'_>, route: &Route) -> Result<bool, Problem> {
    let upsert = match (route.method, route.pattern) {
        ("PATCH", "/applications/{id}") => Upsert::by_unique_name(call)?,
        ("PATCH", "/servicePrincipals/{id}") => Upsert::by_app_id(call)?,
        _ => None,
    };
    Ok(upsert.is_some() && call.holds(&permissions::APPLICATIONS_CREATE))
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
