//! `/users/{id}/sponsors` and its `$ref`s: who answers for a guest.

use syncline_model::{EntityKind, ObjectId, Problem};
use syncline_store::{Edge, EdgeKind, ObjectState, Peeked, Reader};

use crate::actions::{cast, lookup};
use crate::list::{AT_ONCE, List, rows};
use crate::{Call, Reference, Reply};

const KINDS: [EntityKind; 2] = [EntityKind::User, EntityKind::Group];

/// Graph's limit.
const MAX_SPONSORS: usize = 5;

/// `GET /users/{id}/sponsors`
pub fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    call.read(|reader| {
        let user = lookup::user(call, reader)?.entry.id;
        let kinds = cast::kinds(call, &KINDS)?;
        let rows = rows::edges_from(reader, call.tenant(), EdgeKind::Sponsor, user, kinds);
        List::related(call, format!("{user}/sponsors"), kinds, &rows).reply(call, reader)
    })
}

/// `POST /users/{id}/sponsors/$ref`
pub fn add(call: &Call<'_>) -> Result<Reply, Problem> {
    let reference = Reference::of_body(&call.body("")?)?;
    call.write(|tx, _| {
        let user = lookup::user(call, tx)?.entry.id;
        let sponsor = reference.resolve(call, tx)?;
        if !KINDS.contains(&sponsor.entry.kind) {
            return Err(Problem::bad_request("A sponsor is a user or a group."));
        }
        if live(call, tx, user)? >= MAX_SPONSORS {
            return Err(Problem::bad_request(format!("A user has {MAX_SPONSORS} sponsors at most.")));
        }
        let edge = Edge { kind: EdgeKind::Sponsor, from: user, to: sponsor.entry.id };
        if tx.add_edges(call.tenant(), &[edge])? == [false] {
            return Err(Problem::bad_request(
                "One or more added object references already exist for the following modified properties: 'sponsors'.",
            ));
        }
        Ok(())
    })?;
    Ok(Reply::no_content())
}

/// `DELETE /users/{id}/sponsors/{sponsorId}/$ref` and `DELETE /users/{id}/sponsors/$ref?@id={url}`
pub fn remove(call: &Call<'_>) -> Result<Reply, Problem> {
    let reference = Reference::to_remove(call, "sponsorId")?;
    call.write(|tx, _| {
        let user = lookup::user(call, tx)?.entry.id;
        let sponsor = reference.id(call, tx)?;
        let edge = Edge {
            kind: EdgeKind::Sponsor,
            from: user,
            to: sponsor,
        };
        if tx.remove_edges(call.tenant(), &[edge])? == [false] {
            return Err(Problem::not_found(sponsor));
        }
        Ok(())
    })?;
    Ok(Reply::no_content())
}

/// How many live sponsors a user has, up to the limit. Those in the recycle bin are nobody's sponsors, though they may
/// come back.
fn live(call: &Call<'_>, reader: &Reader<'_>, user: ObjectId) -> Result<usize, Problem> {
    let (mut live, mut after) = (0, None);
    loop {
        let (tenant, kind) = (call.tenant(), EdgeKind::Sponsor);
        let sponsors = reader.edges_from(tenant, kind, user, after, AT_ONCE)?;
        call.has_read(sponsors.len())?;
        let found = rows::peek(reader, tenant, &sponsors, &KINDS, [])?;
        let is_live = |it: &&Peeked<0>| it.state == ObjectState::Live;
        live += found.values().filter(is_live).count();
        after = sponsors.last().copied();
        if live >= MAX_SPONSORS || sponsors.len() < AT_ONCE {
            return Ok(live);
        }
    }
}
