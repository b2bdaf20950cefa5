//! `POST /users/{id}/getMemberGroups`, `getMemberObjects`, `checkMemberGroups`,
//! `checkMemberObjects`: ids of groups, nested ones included.

use serde_json::json;
use syncline_model::{Attr, Problem};
use syncline_store::{Reader, Stored};

use crate::actions::{lookup, member_of};
use crate::wire::collection::Collection;
use crate::{Call, Reply};

/// Most groups one check may ask about.
const MAX_CHECKED: usize = 20;

/// `POST …/getMemberGroups`, `POST …/getMemberObjects`
pub fn get(call: &Call<'_>) -> Result<Reply, Problem> {
    let body = call.optional_body("")?;
    body.only(&["securityEnabledOnly"])?;
    let security_only = body.boolean("securityEnabledOnly")?.unwrap_or(false);
    let groups = call.read(|reader| groups(call, reader))?;
    let wanted = groups
        .iter()
        .filter(|it| !security_only || it.entry.bool(Attr::SECURITY_ENABLED) == Some(true));
    answer(call, wanted)
}

/// `POST …/checkMemberGroups` with `groupIds`, `POST …/checkMemberObjects` with `ids`
pub fn check(call: &Call<'_>) -> Result<Reply, Problem> {
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
    let groups = call.read(|reader| groups(call, reader))?;
    let is_asked = |id: &str| asked.iter().any(|it| it.eq_ignore_ascii_case(id));
    answer(
        call,
        groups
            .iter()
            .filter(|it| is_asked(&it.entry.id.to_string())),
    )
}

fn groups(call: &Call<'_>, reader: &Reader<'_>) -> Result<Vec<Stored>, Problem> {
    member_of::transitive(call, reader, lookup::user(call, reader)?.entry.id)
}

fn answer<'g>(call: &Call<'_>, groups: impl Iterator<Item = &'g Stored>) -> Result<Reply, Problem> {
    let ids = groups.map(|it| json!(it.entry.id.to_string())).collect();
    Ok(Collection::new(call, "Collection(Edm.String)", ids).reply())
}
