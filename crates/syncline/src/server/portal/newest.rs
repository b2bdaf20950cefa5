//! The newest entries of a tenant's log, each as a line of the page.

use syncline_engine::Evidence;
use syncline_graph_api::actions::audit_logs::provisioning::event::{Event, Jobs};
use syncline_graph_api::actions::audit_logs::provisioning::show::show;
use syncline_model::{Problem, TenantId};
use syncline_odata::path::Version;
use syncline_store::{LogFilter, Reader};

use crate::commands::logs;

/// So many are shown.
const MOST: usize = 50;
/// So many are looked at for them, however many of those cannot be read.
const MOST_LOOKED_AT: usize = 5_000;
/// As many as are shown are read at once, if their evidence does not have more than so many bytes together.
const AT_ONCE_BYTES: usize = 4 * 1024 * 1024;

/// Time, action, status, who, and the reason why something was not done.
pub type Line = [String; 5];

#[derive(Clone, Debug, Default)]
pub struct Newest {
    pub lines: Vec<Line>,
    /// How many entries that are as new can not be read.
    pub unreadable: usize,
    /// There are so many of those that older entries were not looked at.
    pub gave_up: bool,
}

pub fn read(reader: &Reader<'_>, tenant: TenantId) -> Result<Newest, Problem> {
    let (all, mut jobs) = (LogFilter::default(), Jobs::default());
    let (mut newest, mut before, mut looked_at) = (Newest::default(), None, 0);
    loop {
        let limit = reader.log_fitting(tenant, &all, before, true, MOST, AT_ONCE_BYTES)?;
        let page = reader.log(tenant, &all, before, limit)?;
        for row in &page.rows {
            let Some(evidence) = Evidence::decode(&row.evidence) else {
                newest.unreadable += 1;
                continue;
            };
            let job = jobs.facts(reader, tenant, row)?;
            newest.lines.push(line(&Event {
                row,
                evidence: &evidence,
                job,
            }));
            if newest.lines.len() == MOST {
                return Ok(newest);
            }
        }
        if page.looked_at < limit {
            return Ok(newest);
        }
        before = page.last.or(before);
        looked_at += page.looked_at;
        if looked_at >= MOST_LOOKED_AT {
            newest.gave_up = true;
            return Ok(newest);
        }
    }
}

/// Of what Graph shows of an entry, which may be very much, as little as has room in a line.
fn line(event: &Event<'_>) -> Line {
    let row = show(event, Version::V1);
    let text = |place: &str| {
        let text = row.pointer(place).and_then(serde_json::Value::as_str);
        text.unwrap_or_default().to_owned()
    };
    [
        logs::when(&row),
        text("/provisioningAction"),
        text("/provisioningStatusInfo/status"),
        text("/sourceIdentity/details/UserPrincipalName"),
        logs::reason(&row),
    ]
}

#[cfg(test)]
mod tests {
    use syncline_model::CycleId;
    use syncline_store::LogRow;

    use super::*;
    use crate::server::sweeper::testing::{job, opened, with_recycled};

    #[test]
    fn a_log_that_nobody_can_read_is_not_gone_through_to_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let app = opened(&folder);
        let contoso = with_recycled(&app, "contoso.example", 0);
        let job = job(&app, &contoso);
        let append = |count: usize| {
            let rows: Vec<LogRow> = (0..count)
                .map(|_| LogRow {
                    id: app.ids.object_id(),
                    job: job.id.clone(),
                    cycle: CycleId::from_bytes([1; 16]),
                    change: app.ids.object_id(),
                    at: app.clock.now(),
                    duration_ms: 1,
                    evidence: vec![0],
                })
                .collect();
            app.store
                .write(|tx| tx.append_log(contoso.id, &job.id, &rows))
                .unwrap();
            let newest = app.store.read(|reader| read(reader, contoso.id)).unwrap();
            assert!(newest.lines.is_empty());
            (newest.unreadable, newest.gave_up)
        };
        assert_eq!(append(4_999), (4_999, false));
        assert_eq!(append(2), (5_000, true));
    }
}
