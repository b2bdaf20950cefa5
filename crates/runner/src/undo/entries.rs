//! Which entries of the log are undone: their ids, in the order in which their objects are put back.

use std::ops::Range;

use syncline_engine::Evidence;
use syncline_engine::evidence::{EvidenceOutcome, ReferenceState};
use syncline_model::{IdSet, JobId, ObjectId, Problem, TenantId, Timestamp};
use syncline_store::{LogFilter, LogRow};

use super::Span;
use crate::Runner;
use crate::observer::Observer;

/// So many rows of the log are looked at in one go.
const PAGE: usize = 1000;

/// So many entries are undone at a time: 160 MB of ids.
const MOST: usize = 4_000_000;

/// A clock that was set back by less than this leaves out no entry of a cycle.
const A_DAY: i64 = 24 * 60 * 60;

/// When something is put back. What holds names that others had goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    /// Came into the target by what is undone, and goes.
    Goes,
    Stays,
    /// Went by what is undone, and comes back.
    Comes,
}

/// What an entry says of where its object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Says {
    Came,
    Went,
    Other,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    source: ObjectId,
    id: ObjectId,
    says: Says,
    turn: Turn,
    has_references: bool,
}

/// Those that changed something, all of one object side by side, oldest first.
pub(super) struct Entries {
    list: Vec<Entry>,
    /// Rows that nobody can read any more.
    pub(super) unreadable: u64,
    /// Since when the job's log has entries, where that is later than what was asked for.
    pub(super) begins: Option<Timestamp>,
}

impl Runner {
    /// `None` when it is to stop.
    pub(super) fn entries(
        &self,
        tenant: TenantId,
        job: &JobId,
        span: &Span,
        observer: &dyn Observer,
    ) -> Result<Option<Entries>, Problem> {
        let filter = LogFilter {
            job: Some(job.clone()),
            from: from(span),
            until: None,
        };
        let mut entries = Entries {
            list: Vec::new(),
            unreadable: 0,
            begins: self.begins(tenant, job, span)?,
        };
        let mut after = None;
        loop {
            if observer.must_stop() {
                return Ok(None);
            }
            let page = self.patiently(observer, || {
                let read = |reader: &syncline_store::Reader<'_>| {
                    reader.log_ascending(tenant, &filter, after, PAGE)
                };
                Ok(self.store.read(read)?)
            })?;
            let Some(last) = page.last else { break };
            after = Some(last);
            for row in page.rows.iter().filter(|row| is_of(span, row)) {
                match Evidence::decode(&row.evidence) {
                    Some(evidence) => entries.list.extend(entry(row.id, &evidence)),
                    None => entries.unreadable += 1,
                }
            }
            if entries.list.len() > MOST {
                return Err(Problem::bad_request(format!(
                    "More than {MOST} entries of the log would be undone. Undo them in parts, the latest first."
                )));
            }
        }
        entries.arrange();
        Ok(Some(entries))
    }

    fn begins(
        &self,
        tenant: TenantId,
        job: &JobId,
        span: &Span,
    ) -> Result<Option<Timestamp>, Problem> {
        let Span::Since(since) = span else {
            return Ok(None);
        };
        let filter = LogFilter {
            job: Some(job.clone()),
            ..LogFilter::default()
        };
        let read =
            |reader: &syncline_store::Reader<'_>| reader.log_ascending(tenant, &filter, None, 1);
        let first = self.store.read(read)?.rows.pop();
        Ok(first.map(|row| row.at).filter(|at| at > since))
    }
}

fn is_of(span: &Span, row: &LogRow) -> bool {
    match span {
        Span::Cycles(cycles) => cycles.contains(&row.cycle),
        Span::Since(since) => row.at >= *since,
    }
}

/// A cycle's id says when it began, and all of its entries were made later.
fn from(span: &Span) -> Option<Timestamp> {
    match span {
        Span::Since(since) => Some(*since),
        Span::Cycles(cycles) => {
            let oldest = cycles.iter().min()?;
            let mut milliseconds = [0; 8];
            milliseconds[2..].copy_from_slice(&oldest.as_bytes()[..6]);
            let began = Timestamp::from_seconds(i64::from_be_bytes(milliseconds) / 1000);
            Some(began.plus_seconds(-A_DAY))
        }
    }
}

/// `None` of what changed nothing in the target, and no link.
fn entry(id: ObjectId, evidence: &Evidence) -> Option<Entry> {
    let says = match &evidence.outcome {
        EvidenceOutcome::Created | EvidenceOutcome::Restored => Says::Came,
        EvidenceOutcome::SoftDeleted => Says::Went,
        outcome if super::done::changes_something(outcome) => Says::Other,
        _ => return None,
    };
    let is_written = |state| matches!(state, ReferenceState::Set(_) | ReferenceState::Removed(_));
    let has_references = evidence.references.iter().any(|it| is_written(it.state));
    Some(Entry {
        source: evidence.source,
        id,
        says,
        turn: Turn::Stays,
        has_references,
    })
}

impl Entries {
    fn arrange(&mut self) {
        self.list.sort_unstable_by_key(|it| (it.source, it.id));
        for object in self
            .list
            .chunk_by_mut(|one, other| one.source == other.source)
        {
            let where_it_is = || {
                object
                    .iter()
                    .map(|it| it.says)
                    .filter(|it| *it != Says::Other)
            };
            let turn = match (where_it_is().next(), where_it_is().next_back()) {
                (Some(Says::Came), _) => Turn::Goes,
                (_, Some(Says::Went)) => Turn::Comes,
                _ => Turn::Stays,
            };
            object.iter_mut().for_each(|it| it.turn = turn);
        }
        self.list.sort_by_key(|it| (it.turn, it.source));
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// Whole objects, with about so many entries together.
    pub(super) fn slices(&self, about: usize) -> impl Iterator<Item = Range<usize>> + '_ {
        let mut from = 0;
        std::iter::from_fn(move || {
            if from >= self.list.len() {
                return None;
            }
            let mut end = (from + about.max(1)).min(self.list.len());
            while end < self.list.len() && self.list[end].source == self.list[end - 1].source {
                end += 1;
            }
            let slice = from..end;
            from = end;
            Some(slice)
        })
    }

    /// The places of the entries of these objects, whole objects with so many at most together. Names that went round in a
    /// ring come back together or not at all, so nothing else stands between them.
    pub(super) fn of_objects(&self, objects: &IdSet<ObjectId>, most: usize) -> Vec<Vec<usize>> {
        let asked = (0..self.list.len()).filter(|at| objects.contains(&self.list[*at].source));
        let asked: Vec<usize> = asked.collect();
        let mut pages: Vec<Vec<usize>> = Vec::new();
        for object in
            asked.chunk_by(|one, other| self.list[*one].source == self.list[*other].source)
        {
            match pages.last_mut() {
                Some(page) if page.len() + object.len() <= most => page.extend(object),
                _ => pages.push(object.to_vec()),
            }
        }
        pages
    }

    pub(super) fn have_references(&self, slice: &Range<usize>) -> bool {
        self.list[slice.clone()].iter().any(|it| it.has_references)
    }

    pub(super) fn ids(&self, places: &[usize]) -> Vec<ObjectId> {
        places.iter().map(|at| self.list[*at].id).collect()
    }
}
