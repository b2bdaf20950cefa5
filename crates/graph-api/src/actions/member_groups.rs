//! `POST …/getMemberGroups`, `getMemberObjects`, `checkMemberGroups`, `checkMemberObjects` of users, groups,
//! service principals, and of either by `/directoryObjects`: ids of groups, nested ones included; of
//! objects: of directory roles, too.

use serde_json::json;
use syncline_model::{EntityKind, ObjectId, Problem, Value};
use syncline_store::{Peeked, Reader};

use crate::actions::cast::PRINCIPALS;
use crate::actions::{lookup, member_of};
use crate::wire::collection::Collection;
use crate::{Call, Reply};

/// Most objects one check may ask about.
const MAX_CHECKED: usize = 20;

/// `POST …/getMemberGroups`
pub fn get_groups(call: &Call<'_>) -> Result<Reply, Problem> {
    get(call, groups)
}

/// `POST …/getMemberObjects`
pub fn get_objects(call: &Call<'_>) -> Result<Reply, Problem> {
    get(call, objects)
}

/// `POST …/checkMemberGroups` with `groupIds`
pub fn check_groups(call: &Call<'_>) -> Result<Reply, Problem> {
    check(call, groups)
}

/// `POST …/checkMemberObjects` with `ids`
pub fn check_objects(call: &Call<'_>) -> Result<Reply, Problem> {
    check(call, objects)
}

/// What somebody is in.
struct Container {
    id: ObjectId,
    security_enabled: bool,
}

type Containers = fn(&Call<'_>, &Reader<'_>) -> Result<Vec<Container>, Problem>;

fn get(call: &Call<'_>, containers: Containers) -> Result<Reply, Problem> {
    check_options(call)?;
    let body = call.optional_body("")?;
    body.only(&["securityEnabledOnly"])?;
    let security_only = body.boolean("securityEnabledOnly")?.unwrap_or(false);
    let found = call.read(|reader| containers(call, reader))?;
    let wanted = found
        .iter()
        .filter(|it| !security_only || it.security_enabled);
    answer(call, wanted)
}

fn check(call: &Call<'_>, containers: Containers) -> Result<Reply, Problem> {
    check_options(call)?;
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
    answer(call, found.iter().filter(|it| is_asked(&it.id.to_string())))
}

/// All ids come at once, as they are.
fn check_options(call: &Call<'_>) -> Result<(), Problem> {
    call.query
        .refuse(&["filter", "orderby", "search", "top", "skip", "skiptoken"])
}

fn groups(call: &Call<'_>, reader: &Reader<'_>) -> Result<Vec<Container>, Problem> {
    let (_, member) = member(call, reader)?;
    groups_of(call, reader, member)
}

/// Groups, and the roles that count for the member.
fn objects(call: &Call<'_>, reader: &Reader<'_>) -> Result<Vec<Container>, Problem> {
    let (kind, member) = member(call, reader)?;
    let mut found = groups_of(call, reader, member)?;
    let roles = member_of::held_roles(call, reader, (kind, member))?;
    found.extend(roles.into_iter().map(|it| Container {
        id: it.entry.id,
        // A role is no security group.
        security_enabled: false,
    }));
    Ok(found)
}

fn groups_of(
    call: &Call<'_>,
    reader: &Reader<'_>,
    member: ObjectId,
) -> Result<Vec<Container>, Problem> {
    let groups = member_of::transitive(call, reader, member)?;
    let container = |it: Peeked<1>| Container {
        id: it.id,
        security_enabled: it.values[0].as_ref().and_then(Value::as_bool) == Some(true),
    };
    Ok(groups.into_iter().map(container).collect())
}

/// Whom the path names: by `/directoryObjects` it may be what is in no group.
fn member(call: &Call<'_>, reader: &Reader<'_>) -> Result<(EntityKind, ObjectId), Problem> {
    let entry = lookup::named(call, reader)?.entry;
    if PRINCIPALS.contains(&entry.kind) {
        Ok((entry.kind, entry.id))
    } else {
        Err(Problem::not_found(entry.id))
    }
}

fn answer<'c>(
    call: &Call<'_>,
    found: impl Iterator<Item = &'c Container>,
) -> Result<Reply, Problem> {
    let ids = found.map(|it| json!(it.id.to_string())).collect();
    Ok(Collection::new(call, "Collection(Edm.String)", ids).reply())
}
