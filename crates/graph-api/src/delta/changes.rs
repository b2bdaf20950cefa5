//! Later rounds: what changed since a sequence. Properties without a value are null, since one of
//! them may just have been cleared.
//!
//! Deliberately absent: leaving out objects of which no selected property changed, as Graph does ("Only
//! properties included in `$select` are tracked for changes", learn.microsoft.com/graph/delta-query-users).
//! The store has one number per object and no history of its properties; telling too much is safe.

use serde_json::json;
use serde_json::value::RawValue;
use syncline_directory::delta::{self, Asked, DeltaItem, Place};
use syncline_model::Problem;
use syncline_store::{ObjectState, Reader};

use super::relations;
use super::request::Request;
use super::token::Stage;
use crate::Call;
use crate::list::{FULL, page_size};
use crate::wire::credentials;
use crate::wire::entity_out::{Columns, Object};

/// One page, and what follows it.
pub(super) fn page(
    call: &Call<'_>,
    reader: &Reader<'_>,
    request: &Request,
    since: Place,
    until: u64,
) -> Result<(Vec<Box<RawValue>>, Stage), Problem> {
    let asked = Asked {
        kind: request.kind,
        references: request.follows(Request::reference(request.kind)),
        only: request.only.as_ref(),
        since,
        until,
        limit: page_size(call, None),
        bytes: FULL,
    };
    let has_read = |changes| call.has_read(changes);
    let changed = delta::changes(reader, call.tenant(), &asked, has_read)?;
    let mut items = Vec::new();
    for item in &changed.items {
        items.push(json(call, reader, request, item)?);
    }
    let next = match changed.next {
        Some(place) => Stage::Changes { place },
        None => Stage::Round { since: until },
    };
    Ok((items, next))
}

fn json(
    call: &Call<'_>,
    reader: &Reader<'_>,
    request: &Request,
    item: &DeltaItem,
) -> Result<Box<RawValue>, Problem> {
    let reason = match item.state() {
        ObjectState::Live => None,
        ObjectState::Deleted => Some("changed"),
        ObjectState::Purged => Some("deleted"),
    };
    if let Some(reason) = reason {
        let columns = Columns::default();
        let mut object = Object::new(&item.object, &columns);
        object.insert("id", item.id.to_string());
        object.insert("@removed", json!({ "reason": reason }));
        return object.written();
    }
    let mut json = Object::new(&item.object, &request.columns);
    json.insert("id", item.id.to_string());
    credentials::fill(call, reader, &item.object, &mut json)?;
    if item.manager_added.is_some() || !item.managers_removed.is_empty() {
        relations::add_manager(
            reader,
            call.tenant(),
            &mut json,
            item.manager_added,
            &item.managers_removed,
        )?;
    }
    if !(item.members_added.is_empty() && item.members_removed.is_empty()) {
        relations::add_member_changes(
            reader,
            call.tenant(),
            &mut json,
            &item.members_added,
            &item.members_removed,
        )?;
    }
    json.written()
}
