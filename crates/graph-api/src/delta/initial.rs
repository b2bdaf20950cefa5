//! The first round: every live object once, in order of id, as if it were new.

use serde_json::value::RawValue;
use syncline_model::{EntityKind, ObjectId, Problem};
use syncline_store::{EdgeKind, ObjectState, Reader, Stored};

use super::relations;
use super::request::Request;
use super::token::{Position, Stage};
use crate::Call;
use crate::actions::cast::PRINCIPALS;
use crate::list::{AT_ONCE, BUDGET, Batch, FULL, page_size, rows};
use crate::wire::credentials;
use crate::wire::entity_out::Object;

/// Members per page, of all its groups together. A larger group goes on on the next page.
const MEMBERS: usize = 1_000;

/// One page, and what follows it.
pub(super) fn page(
    call: &Call<'_>,
    reader: &Reader<'_>,
    request: &Request,
    sequence: u64,
    position: Option<Position>,
) -> Result<(Vec<Box<RawValue>>, Stage), Problem> {
    let mut items = Vec::new();
    let (mut budget, mut room) = (MEMBERS, FULL);
    let after = |object, member| Stage::Initial {
        sequence,
        position: Position { object, member },
    };
    // A group whose members did not fit on the page before comes first, and again as a whole.
    if let Some(Position {
        object,
        member: Some(member),
    }) = position
    {
        let group = reader
            .objects(call.tenant(), request.kind, &[object])?
            .pop();
        if let Some(group) = group.filter(|it| it.state == ObjectState::Live) {
            room = room.saturating_sub(group.bytes());
            let (json, rest) = item(call, reader, request, &group, Some(member), &mut budget)?;
            items.push(json);
            if rest.is_some() {
                return Ok((items, after(object, rest)));
            }
        }
    }
    let mut last = position.map(|it| it.object);
    let mut left = page_size(call, None);
    let (mut seen, mut left_out) = (0, 0);
    loop {
        // Where many are left out, more and more at a time, or it would take long to pass them over.
        let at_once = left.min(AT_ONCE).max(left_out.min(AT_ONCE));
        let batch = objects(call, reader, request, last, at_once)?;
        seen += batch.looked_at;
        left_out += batch.looked_at.saturating_sub(batch.rows.len());
        for (at, stored) in batch.rows.iter().enumerate() {
            let object = stored.entry.id;
            room = room.saturating_sub(stored.bytes());
            left = left.saturating_sub(1);
            let (json, rest) = item(call, reader, request, stored, None, &mut budget)?;
            items.push(json);
            let more = at + 1 < batch.rows.len() || batch.next.is_some();
            if rest.is_some() || ((room == 0 || left == 0) && more) {
                return Ok((items, after(object, rest)));
            }
        }
        match batch.next {
            None => return Ok((items, Stage::Round { since: sequence })),
            Some(next) if seen >= BUDGET => return Ok((items, after(next, None))),
            Some(next) => last = Some(next),
        }
    }
}

fn objects(
    call: &Call<'_>,
    reader: &Reader<'_>,
    request: &Request,
    after: Option<ObjectId>,
    limit: usize,
) -> Result<Batch, Problem> {
    let Some(only) = &request.only else {
        return rows::scan(reader, call.tenant(), request.kind)(after, limit);
    };
    let ids: Vec<ObjectId> = only.iter().copied().collect();
    rows::of_ids_at_hand(reader, call.tenant(), &ids, &[request.kind])(after, limit)
}

/// One object, and where its members go on when they did not fit.
fn item(
    call: &Call<'_>,
    reader: &Reader<'_>,
    request: &Request,
    stored: &Stored,
    member_after: Option<ObjectId>,
    budget: &mut usize,
) -> Result<(Box<RawValue>, Option<ObjectId>), Problem> {
    // In the first round a property without a value is left out.
    let mut json = Object::new(stored, &request.columns).without_nulls();
    json.insert("id", stored.entry.id.to_string());
    credentials::fill(call, reader, stored, &mut json)?;
    let mut rest = None;
    match request.kind {
        EntityKind::User if request.follows("manager") => {
            let manager = reader
                .single_edges(call.tenant(), EdgeKind::Manager, &[stored.entry.id])?
                .pop()
                .flatten();
            if let Some(manager) = manager {
                relations::add_manager(reader, call.tenant(), &mut json, Some(manager), &[])?;
            }
        }
        EntityKind::Group if request.follows("members") => {
            // At least one more than nothing, or a page could make no progress.
            let limit = (*budget).max(1);
            let members = rows::edges_from(
                reader,
                call.tenant(),
                EdgeKind::Member,
                stored.entry.id,
                &PRINCIPALS,
            )(member_after, limit)?;
            *budget = budget.saturating_sub(members.looked_at);
            relations::add_members(&mut json, &members.rows);
            rest = members.next;
        }
        _ => {}
    }
    Ok((json.written()?, rest))
}
