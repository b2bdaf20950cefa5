//! `GET /auditLogs/provisioning/$count`.

use syncline_model::{EntityKind, Problem, Query, Schema};
use syncline_odata::Rules;
use syncline_store::Reader;

use super::walk::{End, walk};
use crate::{Call, Reply};

pub fn count(call: &Call<'_>) -> Result<Reply, Problem> {
    let query = call.query.bind(
        Schema::core().of(EntityKind::ProvisioningEvent),
        &Rules::provisioning_log(),
    )?;
    let count = call.read(|reader| all(call, reader, &query))?;
    Ok(Reply::text(count.to_string()))
}

/// How many events match, however many slices of the log that takes.
pub(super) fn all(call: &Call<'_>, reader: &Reader<'_>, query: &Query) -> Result<u64, Problem> {
    let mut count: u64 = 0;
    let mut from = None;
    loop {
        let end = walk(call, reader, query, from, |_| {
            count += 1;
            true
        })?;
        match end {
            End::Done => return Ok(count),
            End::Behind(id) => from = Some(id),
        }
    }
}
