//! `POST …/getMemberGroups`, `getMemberObjects`, `checkMemberGroups`, `checkMemberObjects` of users, groups,
//! service principals, and of either by `/directoryObjects`: ids of groups, nested ones included; of
//! objects: of directory roles, too.

use serde_json::json;
use syncline_model::{Attr, EntityKind, ObjectId, Problem};
use syncline_store::{Reader, Stored};

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

fn groups(call: &Call<'_>, reader: &Reader<'_>) -> Result<Vec<Stored>, Problem> {
    let (_, member) = member(call, reader)?;
    member_of::transitive(call, reader, member)
}

/// Groups, and the roles that count for the member.
fn objects(call: &Call<'_>, reader: &Reader<'_>) -> Result<Vec<Stored>, Problem> {
    let (kind, member) = member(call, reader)?;
    let mut found = member_of::transitive(call, reader, member)?;
    found.extend(member_of::held_roles(call, reader, (kind, member))?);
    Ok(found)
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

fn answer<'g>(call: &Call<'_>, found: impl Iterator<Item = &'g Stored>) -> Result<Reply, Problem> {
    let ids = found.map(|it| json!(it.entry.id.to_string())).collect();
    Ok(Collection::new(call, "Collection(Edm.String)", ids).reply())
}
