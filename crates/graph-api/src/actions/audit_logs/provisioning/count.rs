//! `GET /auditLogs/provisioning/$count`.

use syncline_model::{EntityKind, Problem, Schema};
use syncline_odata::Rules;

use super::walk::{End, walk};
use crate::{Call, Reply};

pub fn count(call: &Call<'_>) -> Result<Reply, Problem> {
    let query = call.query.bind(
        Schema::core().of(EntityKind::ProvisioningEvent),
        &Rules::provisioning_log(),
    )?;
    let mut count: u64 = 0;
    call.read(|reader| {
        let mut from = None;
        loop {
            let end = walk(reader, call.tenant(), &query, from, |_| {
                count += 1;
                true
            })?;
            match end {
                End::Done => return Ok::<_, Problem>(()),
                End::Behind(id) => from = Some(id),
            }
        }
    })?;
    Ok(Reply::text(count.to_string()))
}
