//! Through a tenant's log, from the newest entry on, a page at a time.

use serde_json::Value as Json;
use syncline_engine::Evidence;
use syncline_engine::evidence::ReferenceState;
use syncline_graph_api::actions::audit_logs::provisioning::event::{Event, Jobs};
use syncline_graph_api::actions::audit_logs::provisioning::show::show;
use syncline_model::{Attr, JobId, ObjectId, Problem, TenantId};
use syncline_odata::path::Version;
use syncline_store::{LogFilter, LogRow, Reader};

use super::Logs;
use crate::app::App;
use crate::failure::Failure;
use crate::progress::Progress;

/// Rows read at once, if their evidence does not have more than so many bytes together.
const PAGE: usize = 500;
const PAGE_BYTES: usize = 4 * 1024 * 1024;

/// Bytes of the entries with which an answer is full, however few they are: each may have hundreds of thousands, and all are
/// in the server's memory until they are sent. Ten thousand ordinary ones have room.
pub const FULL: usize = 48 * 1024 * 1024;

/// So many entries that cannot be read are named.
const MOST_UNREADABLE: usize = 1000;

/// One entry in Graph's shape.
pub struct Entry {
    /// Whose log it is of.
    pub tenant: TenantId,
    pub id: ObjectId,
    pub row: Json,
    /// Of the row as text.
    pub bytes: usize,
}

/// What a walk has found.
#[derive(Default)]
pub struct Found {
    /// The newest first.
    pub entries: Vec<Entry>,
    /// Entries on the way that can not be read, whatever they are about; the first thousand.
    pub unreadable: Vec<ObjectId>,
    /// Nothing behind this entry was looked at, as there was no room for it.
    pub full_at: Option<ObjectId>,
    /// Older entries were not looked at, as whoever asked wanted no more to be.
    pub given_up: bool,
}

impl Found {
    /// Of the entries of several logs so many of the newest, as far as they have room and all logs were looked at.
    pub fn keep_newest(&mut self, most: usize) {
        // Ids of entries are time-ordered.
        self.entries.sort_by_key(|it| std::cmp::Reverse(it.id));
        self.entries.truncate(most);
        let mut room = FULL;
        for entry in &self.entries {
            room = room.saturating_sub(entry.bytes);
            if room == 0 {
                self.full_at = self.full_at.max(Some(entry.id));
                break;
            }
        }
        if let Some(end) = self.full_at {
            self.entries.retain(|it| it.id >= end);
        }
        self.unreadable.truncate(MOST_UNREADABLE);
    }

    /// The newest entry.
    pub fn newest(self) -> Option<Json> {
        self.rows().next()
    }

    pub fn rows(self) -> impl Iterator<Item = Json> {
        self.entries.into_iter().map(|it| it.row)
    }
}

/// What has been found, and how far the log has been gone through.
pub struct Walk<'l> {
    wanted: &'l Logs,
    tenant: TenantId,
    filter: LogFilter,
    jobs: Jobs,
    before: Option<ObjectId>,
    found: Found,
    room: usize,
    member: Option<Member>,
    pages_left: usize,
}

/// A member of a group, whose membership an entry of the group is to be about.
pub struct Member {
    pub source: ObjectId,
    pub target: Option<ObjectId>,
}

impl Member {
    fn is_told_by(&self, evidence: &Evidence) -> bool {
        let members = Attr::MEMBERS.core_name().unwrap_or_default();
        let mut of_members = evidence.references.iter().filter(|it| it.name == members);
        of_members.any(|it| {
            let there = match it.state {
                ReferenceState::Set(target) | ReferenceState::Removed(target) => Some(target),
                ReferenceState::Waiting => None,
            };
            it.source == Some(self.source) || there.is_some() && there == self.target
        })
    }
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
            found: Found::default(),
            room: FULL,
            member: None,
            pages_left: usize::MAX,
        }
    }

    /// Only what was written of the memberships of this member, in about so many of the newest entries at most.
    pub fn of_member(mut self, member: Member, most: usize) -> Self {
        self.member = Some(member);
        self.pages_left = most.div_ceil(PAGE);
        self
    }

    /// Goes through a page more. False when there is nothing more to find, or as many as were wanted are, or as have room.
    fn step(&mut self, reader: &Reader<'_>) -> Result<bool, Failure> {
        let (tenant, filter, before) = (self.tenant, &self.filter, self.before);
        let limit = reader.log_fitting(tenant, filter, before, true, PAGE, PAGE_BYTES)?;
        let page = reader.log(tenant, filter, before, limit)?;
        for row in &page.rows {
            if self.found.entries.len() >= self.wanted.top {
                return Ok(false);
            }
            let Some(evidence) = Evidence::decode(&row.evidence) else {
                if self.found.unreadable.len() < MOST_UNREADABLE {
                    self.found.unreadable.push(row.id);
                }
                continue;
            };
            let is_of_member = |it: &Member| it.is_told_by(&evidence);
            if !wants(self.wanted, &evidence) || !self.member.as_ref().is_none_or(is_of_member) {
                continue;
            }
            let entry = self.entry(reader, row, &evidence)?;
            self.room = self.room.saturating_sub(entry.bytes);
            self.found.entries.push(entry);
            if self.room == 0 {
                self.found.full_at = Some(row.id);
                return Ok(false);
            }
        }
        // Also past those that are of another time.
        self.before = page.last.or(before);
        let goes_on = page.looked_at == limit && self.found.entries.len() < self.wanted.top;
        self.pages_left = self.pages_left.saturating_sub(1);
        self.found.given_up = goes_on && self.pages_left == 0;
        Ok(goes_on && !self.found.given_up)
    }

    /// All steps, each from a state of its own: a walk through a long log keeps no old state for all writers. Fails when
    /// nobody waits for them any more.
    pub fn step_by_step(mut self, app: &App, progress: &dyn Progress) -> Result<Found, Failure> {
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

    fn entry(
        &mut self,
        reader: &Reader<'_>,
        row: &LogRow,
        evidence: &Evidence,
    ) -> Result<Entry, Problem> {
        let event = Event {
            row,
            evidence,
            job: self.jobs.facts(reader, self.tenant, row)?,
        };
        let json = show(&event, Version::V1);
        Ok(Entry {
            tenant: self.tenant,
            id: row.id,
            bytes: json.to_string().len(),
            row: json,
        })
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
