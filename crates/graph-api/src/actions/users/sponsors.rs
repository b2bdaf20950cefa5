//! `/users/{id}/sponsors` and its `$ref`s: who answers for a guest.

use syncline_model::{EntityKind, Problem};
use syncline_store::{Edge, EdgeKind};

use crate::actions::{cast, lookup};
use crate::list::{List, rows};
use crate::{Call, Reference, Reply};

const KINDS: [EntityKind; 2] = [EntityKind::User, EntityKind::Group];

/// Graph's limit.
const MAX_SPONSORS: u64 = 5;

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
        if tx.count_edges_from(call.tenant(), EdgeKind::Sponsor, user)? >= MAX_SPONSORS {
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
