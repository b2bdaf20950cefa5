//! Applications that may hand out permissions or roles, or hold a directory role. Whoever can sign in as one
//! becomes what it is, or anything, so giving it a secret or certificate asks for the permission to hand
//! them out, and so does all else that decides whether it can sign in: taking its credentials, enabling
//! it, sending it to the recycle bin and fetching it back. Where people let an application hand them out
//! for them, as much is asked for changing where their codes are sent, and for letting it in the first place:
//! whoever decides on the redirect URIs may be somebody else.
//! (Entra lets every Application Administrator do it, and warns of it.)

mod bin;

use std::collections::BTreeSet;

use syncline_access::grants::{self, Grant};
use syncline_access::{CallerKind, permission_ids, permissions, roles};
use syncline_directory::service_principals;
use syncline_model::{AppId, Attr, EntityKind, ObjectId, Problem, ProblemKind, Value};
use syncline_store::{Reader, Stored};

use crate::Call;
use crate::wire::entity_in::Changes;

pub(crate) use bin::Bin;

/// What decides whether somebody can sign in as an application.
const SENSITIVE: [Attr; 2] = [Attr::ACCOUNT_ENABLED, Attr::KEY_CREDENTIALS];

const AT_ONCE: usize = 1000;

type IsDecisive = fn(&Call<'_>, &Reader<'_>, ObjectId) -> Result<bool, Problem>;

/// 403 for a change of a sensitive attribute of such an application or service principal. `changes` are
/// merged into what is stored, and differ from it.
pub fn check_update(
    call: &Call<'_>,
    reader: &Reader<'_>,
    holder: &Stored,
    changes: &[(Attr, Option<Value>)],
) -> Result<(), Problem> {
    if changes.iter().any(is_sensitive) {
        check(call, reader, holder)?;
    }
    if changes.iter().any(|it| leads_elsewhere(holder, it)) {
        check_if(call, reader, holder, is_granted)?;
    }
    Ok(())
}

/// [`look_into_bin`], where [`check_update`] would ask for it. Clients send much of what is there with whatever they change,
/// so that is told by what is stored: `changes` are those of it, as [`check_update`] is given them.
pub fn look_into_bin_for(
    call: &Call<'_>,
    find: impl FnOnce(&Reader<'_>) -> Result<Stored, Problem>,
    changes: impl FnOnce(&Stored) -> Result<Changes, Problem>,
) -> Result<(), Problem> {
    look_into_bin_if(call, find, |holder| {
        // What can not be merged is refused where it is written.
        changes(holder).is_ok_and(|changes| {
            let asks = |it| is_sensitive(it) || leads_elsewhere(holder, it);
            changes.iter().any(asks)
        })
    })
}

fn is_sensitive((attr, _): &(Attr, Option<Value>)) -> bool {
    SENSITIVE.contains(attr)
}

/// Whether a change decides who gets the tokens of the people that use an application: where their codes
/// are sent, and whether the client proves who it is.
fn leads_elsewhere(holder: &Stored, (attr, value): &(Attr, Option<Value>)) -> bool {
    let stored = holder.entry.get(*attr);
    match *attr {
        Attr::WEB | Attr::SPA | Attr::PUBLIC_CLIENT => {
            redirect_uris(stored) != redirect_uris(value.as_ref())
        }
        Attr::REPLY_URLS => texts(stored) != texts(value.as_ref()),
        Attr::IS_FALLBACK_PUBLIC_CLIENT => {
            // None is false.
            let is_public = |value: Option<&Value>| value == Some(&Value::Bool(true));
            is_public(stored) != is_public(value.as_ref())
        }
        _ => false,
    }
}

fn redirect_uris(platform: Option<&Value>) -> BTreeSet<&str> {
    texts(platform.and_then(|it| it.member("redirectUris")))
}

/// The order of addresses means nothing.
fn texts(list: Option<&Value>) -> BTreeSet<&str> {
    let values = list.map(Value::as_slice).unwrap_or_default();
    values.iter().filter_map(Value::as_text).collect()
}

/// 403 when this application or service principal, live or in the recycle bin, is such a one and the
/// caller may not give it a credential.
pub fn check(call: &Call<'_>, reader: &Reader<'_>, holder: &Stored) -> Result<(), Problem> {
    check_if(call, reader, holder, is_decisive)
}

fn check_if(
    call: &Call<'_>,
    reader: &Reader<'_>,
    holder: &Stored,
    is_decisive: IsDecisive,
) -> Result<(), Problem> {
    let Some(app_id) = asked_about(call, holder) else {
        return Ok(());
    };
    let decisive = |principal: ObjectId| is_decisive(call, reader, principal);
    let decides = if holder.entry.kind == EntityKind::ServicePrincipal {
        decisive(holder.entry.id)?
    } else {
        live(call, reader, app_id)?.map_or(Ok(false), decisive)?
            || any(&bin::recycled(call, reader, app_id)?, decisive)?
    };
    match decides {
        true => call.authorize(&permissions::DECISIVE_CREDENTIALS_WRITE),
        false => Ok(()),
    }
}

/// The application that it matters of what it may do: not where nothing is looked for.
fn asked_about(call: &Call<'_>, holder: &Stored) -> Option<AppId> {
    let app_id = AppId(holder.entry.guid(Attr::APP_ID)?);
    // An application may renew its own.
    let by_itself = matches!(call.caller.kind, CallerKind::Application { .. })
        && call.caller.app_id() == app_id;
    // Whoever may give a credential to any of them may whatever they hold.
    let asked = !by_itself && !call.holds(&permissions::DECISIVE_CREDENTIALS_WRITE);
    asked.then_some(app_id)
}

/// Walks through the recycle bin for what [`check`] asks of an application, so that nobody who waits to write waits for that as
/// well: to be called before the transaction. What can not be found is said where it is asked for.
pub fn look_into_bin(
    call: &Call<'_>,
    find: impl FnOnce(&Reader<'_>) -> Result<Stored, Problem>,
) -> Result<(), Problem> {
    look_into_bin_if(call, find, |_| true)
}

fn look_into_bin_if(
    call: &Call<'_>,
    find: impl FnOnce(&Reader<'_>) -> Result<Stored, Problem>,
    asks: impl FnOnce(&Stored) -> bool,
) -> Result<(), Problem> {
    let seen = call.read(|reader| {
        let found = find(reader).ok();
        let application = found.filter(|it| it.entry.kind == EntityKind::Application && asks(it));
        let app_id = application.and_then(|it| asked_about(call, &it));
        app_id.map(|it| Bin::seen(call, reader, it)).transpose()
    })?;
    if let Some(seen) = seen {
        // Asked for once in a request; a second look would tell of the same.
        let _ = call.bin.set(seen);
    }
    Ok(())
}

fn any(
    principals: &[ObjectId],
    decisive: impl Fn(ObjectId) -> Result<bool, Problem>,
) -> Result<bool, Problem> {
    for principal in principals {
        if decisive(*principal)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The live service principal of an application.
fn live(call: &Call<'_>, reader: &Reader<'_>, app_id: AppId) -> Result<Option<ObjectId>, Problem> {
    match service_principals::find_by_app_id(reader, call.tenant(), app_id) {
        Ok(live) => Ok(Some(live.entry.id)),
        Err(problem) if problem.kind == ProblemKind::NotFound => Ok(None),
        Err(problem) => Err(problem),
    }
}

/// 403 for adding one of these permissions to what an application may use for others, from whoever may not
/// hand them out. What people let it do for themselves alone is theirs, but they say so themselves, on the page of
/// consent: an application that acts for them says it for them only with one of these permissions.
/// `before`: what it may use already.
pub fn check_grant(call: &Call<'_>, grant: &Grant, before: &[String]) -> Result<(), Problem> {
    let is_new = |scope: &&String| !before.iter().any(|it| it.eq_ignore_ascii_case(scope));
    let mut added = grant.scopes.iter().filter(is_new);
    if !added.any(|scope| permissions::is_decisive(scope)) {
        return Ok(());
    }
    let asked = &permissions::DECISIVE_GRANTS_WRITE;
    let own = grant.principal.is_some() && grant.principal == call.signed_in_user();
    if own && call.holds_of_oneself(asked) {
        return Ok(());
    }
    call.authorize(asked)
}

/// Whether a service principal holds one of these permissions, or a directory role.
fn is_decisive(call: &Call<'_>, reader: &Reader<'_>, principal: ObjectId) -> Result<bool, Problem> {
    // The ids are Microsoft Graph's own, so whose roles they are need not be asked.
    let held = reader.assignments_of_principal(call.tenant(), principal)?;
    let mut names = held
        .iter()
        .filter_map(|it| permission_ids::role_value(it.role));
    Ok(names.any(|name| permissions::DECISIVE.contains(&name))
        || roles::is_privileged(reader, call.tenant(), principal)?)
}

/// Whether somebody, or an administrator for all, let it use one of these permissions for him.
fn is_granted(call: &Call<'_>, reader: &Reader<'_>, principal: ObjectId) -> Result<bool, Problem> {
    let mut after = None;
    loop {
        let page = grants::of_client(reader, call.tenant(), principal, after.as_ref(), AT_ONCE)?;
        let mut scopes = page.iter().flat_map(|grant| &grant.scopes);
        if scopes.any(|scope| permissions::is_decisive(scope)) {
            return Ok(true);
        }
        let is_last = page.len() < AT_ONCE;
        after = page.into_iter().next_back();
        if is_last {
            return Ok(false);
        }
    }
}
