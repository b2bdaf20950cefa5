//! `POST …/getMemberGroups`, `getMemberObjects`, `checkMemberGroups`, `checkMemberObjects` of users, groups,
//! service principals, and of either by `/directoryObjects`: ids of groups, nested ones included; of
//! objects: of directory roles, too.

use serde_json::json;
use syncline_model::{Attr, Problem};
use syncline_store::{Reader, Stored};

use crate::actions::cast::PRINCIPALS;
use crate::actions::{lookup, member_of};
use crate::wire::collection::Collection;
use crate::{Call, Reply};

/// Most objects one check may ask about.
const MAX_CHECKED: usize = 20;

/// Whom the path names, by the collection it begins with.
pub trait Member {
    fn find(call: &Call<'_>, reader: &Reader<'_>) -> Result<Stored, Problem>;
}

/// `/users/{id}`
#[derive(Debug)]
pub struct OfUser;
/// `/groups/{id}`
#[derive(Debug)]
pub struct OfGroup;
/// `/servicePrincipals/{id}`
#[derive(Debug)]
pub struct OfServicePrincipal;
/// `/directoryObjects/{id}`
#[derive(Debug)]
pub struct OfObject;

impl Member for OfUser {
    fn find(call: &Call<'_>, reader: &Reader<'_>) -> Result<Stored, Problem> {
        lookup::user(call, reader)
    }
}

impl Member for OfGroup {
    fn find(call: &Call<'_>, reader: &Reader<'_>) -> Result<Stored, Problem> {
        lookup::group(call, reader)
    }
}

impl Member for OfServicePrincipal {
    fn find(call: &Call<'_>, reader: &Reader<'_>) -> Result<Stored, Problem> {
        lookup::service_principal(call, reader)
    }
}

impl Member for OfObject {
    fn find(call: &Call<'_>, reader: &Reader<'_>) -> Result<Stored, Problem> {
        let found = lookup::object(call, reader)?;
        if PRINCIPALS.contains(&found.entry.kind) {
            Ok(found)
        } else {
            Err(Problem::not_found(found.entry.id))
        }
    }
}

/// `POST …/getMemberGroups`
pub fn get_groups<M: Member>(call: &Call<'_>) -> Result<Reply, Problem> {
    get(call, groups::<M>)
}

/// `POST …/getMemberObjects`
pub fn get_objects<M: Member>(call: &Call<'_>) -> Result<Reply, Problem> {
    get(call, objects::<M>)
}

/// `POST …/checkMemberGroups` with `groupIds`
pub fn check_groups<M: Member>(call: &Call<'_>) -> Result<Reply, Problem> {
    check(call, groups::<M>)
}

/// `POST …/checkMemberObjects` with `ids`
pub fn check_objects<M: Member>(call: &Call<'_>) -> Result<Reply, Problem> {
    check(call, objects::<M>)
}

type Containers = fn(&Call<'_>, &Reader<'_>) -> Result<Vec<Stored>, Problem>;

fn get(call: &Call<'_>, containers: Containers) -> Result<Reply, Problem> {
    let body = call.optional_body("")?;
    body.only(&["securityEnabledOnly"])?;
    let security_only = body.boolean("securityEnabledOnly")?.unwrap_or(false);
    let found = call.read(|reader| containers(call, reader))?;
    // A role is no security group.
    let wanted = found
        .iter()
        .filter(|it| !security_only || it.entry.bool(Attr::SECURITY_ENABLED) == Some(true));
    answer(call, wanted)
}

fn check(call: &Call<'_>, containers: Containers) -> Result<Reply, Problem> {
    let body = call.body("")?;
    body.only(&["groupIds", "ids"])?;
    let name = if body.has("groupIds") {
        "groupIds"
    } else {
        "ids"
    };
    let asked = body.texts(name)?.ok_or_else(|| body.missing(name))?;
    if asked.len() > MAX_CHECKED {
        return Err(Problem::bad_request(format!(
            "'{name}' holds more than {MAX_CHECKED} ids."
        )));
    }
    let found = call.read(|reader| containers(call, reader))?;
    let is_asked = |id: &str| asked.iter().any(|it| it.eq_ignore_ascii_case(id));
    answer(
        call,
        found.iter().filter(|it| is_asked(&it.entry.id.to_string())),
    )
}

fn groups<M: Member>(call: &Call<'_>, reader: &Reader<'_>) -> Result<Vec<Stored>, Problem> {
    member_of::transitive(call, reader, M::find(call, reader)?.entry.id)
}

/// Groups, and the roles that count for the member.
fn objects<M: Member>(call: &Call<'_>, reader: &Reader<'_>) -> Result<Vec<Stored>, Problem> {
    let member = M::find(call, reader)?.entry.id;
    let mut found = member_of::transitive(call, reader, member)?;
    found.extend(member_of::held_roles(call, reader, member)?);
    Ok(found)
}

fn answer<'g>(call: &Call<'_>, found: impl Iterator<Item = &'g Stored>) -> Result<Reply, Problem> {
    let ids = found.map(|it| json!(it.entry.id.to_string())).collect();
    Ok(Collection::new(call, "Collection(Edm.String)", ids).reply())
}
