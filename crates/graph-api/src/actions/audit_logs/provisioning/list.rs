//! `GET /auditLogs/provisioning`: newest first, `$filter`, `$select`, `$orderby=activityDateTime`, `$top` up
//! to 1,000, `Prefer: odata.maxpagesize`, `$count=true`. A page is full with 4 MiB of events, however few they are.

use syncline_model::{EntityKind, ObjectId, Problem, Schema};
use syncline_odata::skiptoken::PageToken;
use syncline_odata::{QueryOptions, Rules};

use super::count;
use super::select::Selection;
use super::show::show;
use super::walk::{End, walk};
use crate::list::{FULL, page_size};
use crate::wire::collection::Collection;
use crate::{Call, Reply};

const RESOURCE: &str = "auditLogs/provisioning";

pub fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let token = match &call.query.skiptoken {
        Some(text) => Some(PageToken::decode(text, RESOURCE, call.tenant())?),
        None => None,
    };
    let options = match &token {
        Some(token) => QueryOptions::from_texts(&token.texts)?,
        None => call.query.clone(),
    };
    let query = options.bind(
        Schema::core().of(EntityKind::ProvisioningEvent),
        &Rules::provisioning_log(),
    )?;
    let selection = Selection::bind(&options, call.version)?;
    let from = match &token {
        Some(token) => Some(position(&token.last_key)?),
        None => None,
    };
    let top = page_size(call, query.top);
    let (mut items, mut room) = (Vec::new(), FULL);
    let (end, count) = call.read(|reader| {
        let end = walk(call, reader, &query, from, |event| {
            // Written at once: as a tree it takes several times as much.
            let item = selection.apply(show(event, call.version)).to_string();
            room = room.saturating_sub(item.len());
            items.push(item);
            items.len() < top && room > 0
        })?;
        // Graph counts on the first page only.
        let count = match query.count && token.is_none() {
            true => Some(count::all(call, reader, &query)?),
            false => None,
        };
        Ok::<_, Problem>((end, count))
    })?;
    let next = match end {
        End::Done => None,
        End::Behind(id) => {
            let token = PageToken {
                resource: RESOURCE.to_owned(),
                last_key: id.as_bytes().to_vec(),
                texts: options.texts.clone(),
            };
            Some(call.link(&options.next_link_query(&token.encode(call.tenant()))))
        }
    };
    Ok(Collection::new(call, &selection.context(RESOURCE), items)
        .count(count)
        .next_link(next)
        .reply())
}

fn position(key: &[u8]) -> Result<ObjectId, Problem> {
    key.try_into()
        .map(ObjectId::from_bytes)
        .map_err(|_| syncline_odata::skiptoken::expired_page())
}
