//! Through a tenant's log, from the newest entry on, a page at a time.

use serde_json::Value as Json;
use syncline_engine::Evidence;
use syncline_graph_api::actions::audit_logs::provisioning::event::{Event, Jobs};
use syncline_graph_api::actions::audit_logs::provisioning::show::show;
use syncline_model::{JobId, ObjectId, Problem, TenantId};
use syncline_odata::path::Version;
use syncline_store::{LogFilter, LogRow, Reader};

use super::Logs;
use crate::app::App;
use crate::failure::Failure;
use crate::progress::Progress;

/// Rows read at once.
const PAGE: usize = 500;

/// What has been found, and how far the log has been gone through.
pub struct Walk<'l> {
    wanted: &'l Logs,
    tenant: TenantId,
    filter: LogFilter,
    jobs: Jobs,
    before: Option<ObjectId>,
    found: Vec<(ObjectId, Json)>,
}

impl<'l> Walk<'l> {
    pub fn new(wanted: &'l Logs, tenant: TenantId, job: Option<&JobId>) -> Self {
        Self {
            wanted,
            tenant,
            filter: LogFilter {
                job: job.cloned(),
                from: wanted.since,
                ..LogFilter::default()
            },
            jobs: Jobs::default(),
            before: None,
            found: Vec::new(),
        }
    }

    /// Goes through a page more. False when there is nothing more to find, or as many as were wanted are.
    fn step(&mut self, reader: &Reader<'_>) -> Result<bool, Failure> {
        let page = reader.log(self.tenant, &self.filter, self.before, PAGE)?;
        for row in &page {
            if self.found.len() >= self.wanted.top {
                return Ok(false);
            }
            self.before = Some(row.id);
            if let Some(json) = self.show(reader, row)? {
                self.found.push((row.id, json));
            }
        }
        Ok(page.len() == PAGE && self.found.len() < self.wanted.top)
    }

    /// All steps, from one state of the store.
    pub fn through(mut self, reader: &Reader<'_>) -> Result<Vec<(ObjectId, Json)>, Failure> {
        while self.step(reader)? {}
        Ok(self.found)
    }

    /// All steps, each from a state of its own: a walk through a long log keeps no old state for all writers. Entries in
    /// Graph's shape with their ids, the newest first. Fails when nobody waits for them any more.
    pub fn step_by_step(
        mut self,
        app: &App,
        progress: &dyn Progress,
    ) -> Result<Vec<(ObjectId, Json)>, Failure> {
        loop {
            if progress.gone() || app.cycles.stopping() {
                return Err(Failure::new(
                    "the search was given up, because the server stops or nobody waits for it any more",
                )
                .with_help("ask again when the server runs"));
            }
            if !app.store.read(|reader| self.step(reader))? {
                return Ok(self.found);
            }
        }
    }

    fn show(&mut self, reader: &Reader<'_>, row: &LogRow) -> Result<Option<Json>, Problem> {
        let evidence = Evidence::decode(&row.evidence)
            .ok_or_else(|| Problem::internal(format!("the log entry {} cannot be read", row.id)))?;
        if !wants(self.wanted, &evidence) {
            return Ok(None);
        }
        let facts = self.jobs.facts(reader, self.tenant, &row.job)?;
        Ok(Some(show(
            &Event {
                row,
                evidence: &evidence,
                job: facts,
            },
            Version::V1,
        )))
    }
}

fn wants(wanted: &Logs, evidence: &Evidence) -> bool {
    let is = |wanted: &Option<String>, found: &str| {
        wanted.as_deref().is_none_or(|wanted| wanted == found)
    };
    is(
        &wanted.action,
        syncline_engine::steps::provisioning_action(evidence),
    ) && is(&wanted.status, syncline_engine::steps::status(evidence))
        && wanted
            .user
            .as_deref()
            .is_none_or(|user| names(evidence, user.trim()))
}

fn names(evidence: &Evidence, user: &str) -> bool {
    [&evidence.source_name, &evidence.target_name]
        .into_iter()
        .any(|name| name.eq_ignore_ascii_case(user))
        || evidence.source.to_string().eq_ignore_ascii_case(user)
        || evidence
            .target
            .is_some_and(|target| target.to_string().eq_ignore_ascii_case(user))
}
