//! Where a request goes on, and the links that say so.

use syncline_directory::delta::Place;
use syncline_directory::tombstones::DELTA_LINK_SECONDS;
use syncline_model::{EntityKind, ObjectId, Problem, Schema};
use syncline_odata::skiptoken::{DeltaToken, expired_page};

use super::position;
use super::request::{self, Request};
use crate::Call;

/// Where a request stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// No token: the first page of all objects.
    First,
    /// `$deltatoken=latest`: no objects, only changes from now on.
    Latest,
    /// A further page of all objects.
    Initial { sequence: u64, position: Position },
    /// A delta link: the first page of changes.
    Round { since: u64 },
    /// A further page of changes.
    Changes { place: Place },
}

impl Stage {
    /// The changes the request is about begin after this one, if it goes on from an earlier one.
    pub(super) fn since(&self) -> Option<u64> {
        match self {
            Self::First | Self::Latest => None,
            Self::Initial { sequence, .. } => Some(*sequence),
            Self::Round { since } => Some(*since),
            Self::Changes { place } => Some(place.sequence),
        }
    }
}

/// After which object the next page begins; or after which member of that object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) object: ObjectId,
    pub(super) member: Option<ObjectId>,
}

/// Reads what the request asks for. Options of the first request come from the token; what a later
/// request repeats does not count.
pub(super) fn read(
    call: &Call<'_>,
    schema: &Schema,
    kind: EntityKind,
) -> Result<(Request, Stage), Problem> {
    let resource = Request::resource(kind);
    let query = &call.query;
    if let Some(text) = &query.deltatoken {
        if text.eq_ignore_ascii_case("latest") {
            request::refuse_unsupported(call)?;
            let request = Request::bind(
                schema,
                kind,
                query.texts.select.clone(),
                query.texts.filter.clone(),
            )?;
            return Ok((request.begun()?, Stage::Latest));
        }
        let token = DeltaToken::decode(text, resource, call.tenant())?;
        token.check_age(call.now, DELTA_LINK_SECONDS)?;
        let since = token.sequence;
        return Ok((
            Request::bind(schema, kind, token.select, token.filter)?,
            Stage::Round { since },
        ));
    }
    if let Some(text) = &query.skiptoken {
        let token = DeltaToken::decode(text, resource, call.tenant())?;
        token.check_age(call.now, DELTA_LINK_SECONDS)?;
        let stage = stage(&token)?;
        return Ok((
            Request::bind(schema, kind, token.select, token.filter)?,
            stage,
        ));
    }
    request::refuse_unsupported(call)?;
    let request = Request::bind(
        schema,
        kind,
        query.texts.select.clone(),
        query.texts.filter.clone(),
    )?;
    Ok((request.begun()?, Stage::First))
}

fn stage(token: &DeltaToken) -> Result<Stage, Problem> {
    let sequence = token.sequence;
    position::stage(sequence, &token.position).ok_or_else(expired_page)
}

/// The link to the next page, or to the next round.
pub(super) fn link(call: &Call<'_>, request: &Request, next: &Stage) -> String {
    let (name, sequence, position) = match next {
        Stage::Initial { sequence, position } => {
            ("$skiptoken", *sequence, position::of_objects(position))
        }
        Stage::Changes { place } => ("$skiptoken", place.sequence, position::of_changes(place)),
        Stage::Round { since } => ("$deltatoken", *since, Vec::new()),
        // Pages are followed by pages or by a delta link; `reply` makes no other stage.
        Stage::First | Stage::Latest => ("$deltatoken", 0, Vec::new()),
    };
    let token = DeltaToken {
        resource: Request::resource(request.kind).to_owned(),
        sequence,
        position,
        select: request.select.clone(),
        filter: request.filter.clone(),
        issued_at: call.now,
    };
    call.link(&format!("{name}={}", token.encode(call.tenant())))
}
