//! Change tracking: `GET /users/delta`, `GET /groups/delta`.
//!
//! The first round walks through all objects in order of id; every later round walks through the
//! tenant's changes in order of their sequence. Both are paged by `$skiptoken` and end in a
//! `@odata.deltaLink`, whose token holds the sequence at which the next round begins. The first
//! round's sequence is taken before its first page, so that a change during it is not lost.

mod changes;
mod initial;
mod position;
mod relations;
mod request;
mod token;

use http::Uri;
use syncline_directory::delta::Place;
use syncline_directory::tombstones;
use syncline_model::{EntityKind, Problem};
use syncline_odata::skiptoken::{self, resync_required};

use crate::wire::collection::Collection;
use crate::{Call, Reply};

use request::Request;
use token::Stage;

/// The path and query that begin again where a token is gone: an empty token, and the options that the
/// gone one carried, as far as it can be read, and a first request may have them.
pub(crate) fn start_again(uri: &Uri) -> String {
    let path = uri.path();
    let groups = path.to_ascii_lowercase().contains("/groups/");
    let kind = if groups {
        EntityKind::Group
    } else {
        EntityKind::User
    };
    let query = uri.query().unwrap_or_default();
    let may_begin = |name: &str| Request::may_begin_with(kind, name);
    let query = skiptoken::start_again(query, Request::resource(kind), may_begin);
    format!("{path}?{query}")
}

/// Answers one page of changes of one kind of object.
pub fn reply(call: &Call<'_>, kind: EntityKind) -> Result<Reply, Problem> {
    let reply = call.read(|reader| {
        let schema = reader.schema(call.tenant())?;
        let (request, stage) = token::read(call, &schema, kind)?;
        let numbers = reader.numbers(call.tenant())?;
        let now = numbers.newest;
        // A slow walk may hold a young link to changes that are long gone; and where an older state of the
        // database was put back, or a standby took over that was behind, links to what never was are still out there.
        let gone = tombstones::gone_until(reader, call.tenant())?;
        if stage
            .since()
            .is_some_and(|since| since < gone || numbers.may_be_lost(since))
        {
            return Err(resync_required());
        }
        let (items, next) = match stage {
            Stage::Latest => (Vec::new(), Stage::Round { since: now }),
            Stage::First => initial::page(call, reader, &request, now, None)?,
            Stage::Initial { sequence, position } => {
                initial::page(call, reader, &request, sequence, Some(position))?
            }
            Stage::Round { since } => {
                changes::page(call, reader, &request, Place::from(since), now)?
            }
            Stage::Changes { place } => changes::page(call, reader, &request, place, now)?,
        };
        let link = Some(token::link(call, &request, &next));
        let collection = Collection::new(call, &request.context(), items);
        Ok(match next {
            Stage::Round { .. } => collection.delta_link(link),
            _ => collection.next_link(link),
        }
        .reply())
    })?;
    // Pages of a cycle reach the disk a little later. After a power cut their numbers are given again,
    // to other changes, which a link from before would pass over.
    call.api.store.settle()?;
    Ok(reply)
}
