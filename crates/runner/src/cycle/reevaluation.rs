//! After a change of the configuration, or some time where mappings go by the clock: the objects that it concerns, and no others. They are found
//! by going through the source, or through the links and those who failed where nobody else can be concerned; the
//! question is answered without asking anything of the target.
//!
//! INVARIANT: whoever is passed over is as the configuration in force wants him. A change in the
//! middle of it begins the way anew, and leaves the rest to the next cycle.

use std::sync::Arc;

use syncline_connector::{Cursor, SubjectPage};
use syncline_engine::{Impact, Lifecycle, Subject};
use syncline_model::{EntityKind, IdSet, Job, ObjectId, Problem, Timestamp};
use syncline_store::{Escrow, Reader};

use crate::Runner;
use crate::configuration::Configuration;
use crate::configuration::superseded;
use crate::runner::Version;
use crate::unavailable::unavailable;

/// So many objects are passed over before the place is noted.
pub(super) const AT_ONCE: u64 = 20_000;

/// What a cycle looks at.
pub(crate) enum Extent {
    /// All of the source.
    Everything,
    /// What changed behind the watermark.
    Changes,
    /// The same, and whom a change of the configuration concerns, or the time that has passed.
    Concerned(Arc<Impact>),
}

impl Extent {
    /// Whether it may be unknown what changed in groups that are linked.
    pub(crate) fn walks_groups(&self) -> bool {
        match self {
            Self::Everything => true,
            Self::Changes => false,
            Self::Concerned(impact) => impact.begins_to_follow_members(),
        }
    }
}

/// A page of objects that are concerned.
pub(crate) struct Concerned {
    pub(crate) page: SubjectPage,
    pub(crate) passed_over: u64,
}

/// Where the way goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way<'a> {
    /// Through what lives in the source, from a cursor of its own.
    Source(&'a str),
    /// Through links, after a source object.
    Links(Option<ObjectId>),
    /// Through those who failed and are not linked, after a source object: where not all of the source is gone
    /// through, nothing else meets them.
    Failed(Option<ObjectId>),
}

impl Runner {
    /// What the next cycle of a job looks at; `by_clock`: also those for whom a mapping reads the clock.
    pub(crate) fn extent(
        &self,
        reader: &Reader<'_>,
        job: &Job,
        configuration: &Configuration,
        by_clock: bool,
    ) -> Result<Extent, Problem> {
        if job.watermark.is_none() {
            return Ok(Extent::Everything);
        }
        if job.evaluated_generation == job.configuration_generation && !by_clock {
            return Ok(Extent::Changes);
        }
        Ok(match self.impact(reader, job, configuration, by_clock)? {
            None => Extent::Everything,
            Some(impact) => extent_of(impact),
        })
    }

    /// About how many objects are asked for whether they are concerned.
    pub(crate) fn to_go_through(
        &self,
        reader: &Reader<'_>,
        job: &Job,
        configuration: &Configuration,
        extent: &Extent,
    ) -> Result<u64, Problem> {
        match extent {
            Extent::Concerned(impact) if impact.concerns_unlinked() => {
                let source = &configuration.connected.source;
                let kinds = configuration.kinds();
                source.count(reader, &kinds).map_err(unavailable)
            }
            Extent::Concerned(_) => Ok(job.status.synchronized_entries.values().sum()),
            Extent::Everything | Extent::Changes => Ok(0),
        }
    }

    /// A page of the way, from `from`.
    pub(super) fn concerned(
        &self,
        reader: &Reader<'_>,
        job: &Job,
        configuration: &Configuration,
        from: &str,
        limit: usize,
    ) -> Result<Concerned, Problem> {
        let by_clock = job.running.as_ref().is_some_and(|it| it.by_clock);
        let impact = self.impact(reader, job, configuration, by_clock)?;
        self.concerned_by(reader, job, configuration, impact.as_deref(), from, limit)
    }

    /// The same, by an impact that is known; `None`: everybody is concerned.
    pub(crate) fn concerned_by(
        &self,
        reader: &Reader<'_>,
        job: &Job,
        configuration: &Configuration,
        impact: Option<&Impact>,
        from: &str,
        limit: usize,
    ) -> Result<Concerned, Problem> {
        let source = &configuration.connected.source;
        let generation = configuration.generation;
        let unlinked = impact.is_none_or(Impact::concerns_unlinked);
        let way = match parse(from, generation) {
            Some(way) => way,
            None if unlinked => Way::Source(""),
            None => Way::Links(None),
        };
        let (subjects, next) = match way {
            Way::Source(cursor) => {
                let kinds = configuration.kinds();
                let cursor = Cursor(cursor.to_owned());
                let page = source.all(reader, &kinds, &cursor, &Cursor::default(), limit);
                let SubjectPage { subjects, next } = page.map_err(unavailable)?;
                let deleted = impact.is_none_or(Impact::concerns_deleted);
                let next = match next {
                    Some(next) => Some(format!("{generation}:source:{}", next.0)),
                    // What is linked and lives no more was not met.
                    None if deleted => Some(format!("{generation}:links:")),
                    None => None,
                };
                (subjects, next)
            }
            Way::Links(after) => {
                let links = reader.links(job.tenant, &job.id, after, limit)?;
                let objects: Vec<(EntityKind, ObjectId)> =
                    links.iter().map(|link| (link.kind, link.source)).collect();
                let mut subjects = source.by_id(reader, &objects).map_err(unavailable)?;
                if unlinked {
                    subjects.retain(|subject| subject.lifecycle != Lifecycle::Live);
                }
                subjects.retain(|subject| configuration.rule_for(subject.kind).is_some());
                let full = links.len() == limit;
                let last = links.last().filter(|_| full);
                let next = match last {
                    Some(link) => Some(format!("{generation}:links:{}", link.source)),
                    None if unlinked || !reader.any_escrow(job.tenant, &job.id)? => None,
                    None => Some(format!("{generation}:failed:")),
                };
                (subjects, next)
            }
            Way::Failed(after) => {
                let never = Escrow::NEVER;
                let failed = reader.due_escrows(job.tenant, &job.id, never, never, after, limit)?;
                let full = failed.len() == limit;
                let last = failed.last().filter(|_| full);
                let next = last.map(|row| format!("{generation}:failed:{}", row.source));
                let ids: Vec<ObjectId> = failed.iter().map(|row| row.source).collect();
                let links = reader.links_for(job.tenant, &job.id, &ids)?;
                let rows = failed.iter().zip(links);
                let objects: Vec<(EntityKind, ObjectId)> = rows
                    .filter(|(_, link)| link.is_none())
                    .map(|(row, _)| (row.kind, row.source))
                    .collect();
                let mut subjects = source.by_id(reader, &objects).map_err(unavailable)?;
                subjects.retain(|subject| configuration.rule_for(subject.kind).is_some());
                (subjects, next)
            }
        };
        let read = subjects.len();
        let subjects = self.only_concerned(reader, job, impact, subjects)?;
        Ok(Concerned {
            passed_over: (read - subjects.len()) as u64,
            page: SubjectPage {
                subjects,
                next: next.map(Cursor),
            },
        })
    }

    /// Those of these objects that an impact concerns; all where it is `None`.
    pub(crate) fn only_concerned(
        &self,
        reader: &Reader<'_>,
        job: &Job,
        impact: Option<&Impact>,
        subjects: Vec<Subject>,
    ) -> Result<Vec<Subject>, Problem> {
        let Some(impact) = impact else {
            return Ok(subjects);
        };
        let ids: Vec<ObjectId> = subjects.iter().map(|subject| subject.id).collect();
        let links = reader.links_for(job.tenant, &job.id, &ids)?;
        let now = self.clock.now();
        let failed = failed(reader, job, &ids, now)?;
        let asked = subjects.into_iter().zip(links);
        Ok(asked
            .filter(|(subject, link)| {
                impact.concerns(subject, link.as_ref(), failed.contains(&subject.id), now)
            })
            .map(|(subject, _)| subject)
            .collect())
    }

    /// Whom the configuration in force concerns; with `by_clock`, and whom the time that has passed does.
    pub(crate) fn impact(
        &self,
        reader: &Reader<'_>,
        job: &Job,
        configuration: &Configuration,
        by_clock: bool,
    ) -> Result<Option<Arc<Impact>>, Problem> {
        if !by_clock {
            return self.compared(reader, job, configuration);
        }
        let impact = if job.evaluated_generation == job.configuration_generation {
            Some(superseded::no_impact(configuration))
        } else {
            let compared = self.compared(reader, job, configuration)?;
            compared.map(Arc::unwrap_or_clone)
        };
        let with_time = |it: Impact| Arc::new(it.with_time_passed(job.clock_read_at));
        Ok(impact.map(with_time))
    }

    /// Whom it concerns but for the time. Worked out once for each change of it: it compiles all that is compared, and a cycle
    /// that begins does that before the transaction for which writers of the tenant wait.
    fn compared(
        &self,
        reader: &Reader<'_>,
        job: &Job,
        configuration: &Configuration,
    ) -> Result<Option<Arc<Impact>>, Problem> {
        let version = Version {
            created_at: job.created_at,
            evaluated: job.evaluated_generation,
            in_force: job.configuration_generation,
            schema_digest: job.schema_digest,
            facts: configuration.connected.facts.clone(),
        };
        let known = self.impacts.find(&job.id, |(of, impact)| {
            (*of == version).then(|| impact.clone())
        });
        if let Some(impact) = known {
            return Ok(impact);
        }
        let impact = superseded::impact(reader, job, configuration)?.map(Arc::new);
        let bytes = impact.as_ref().map_or(0, |it| it.bytes());
        self.impacts.keep(&job.id, (version, impact.clone()), bytes);
        Ok(impact)
    }
}

/// Which of these objects waited for another try, or were given up, when the cycle in progress began: what was met
/// and found to fail since is not to be tried twice in it.
fn failed(
    reader: &Reader<'_>,
    job: &Job,
    ids: &[ObjectId],
    now: Timestamp,
) -> Result<IdSet<ObjectId>, Problem> {
    // Mostly nobody has failed: then nobody is looked for.
    if !reader.any_escrow(job.tenant, &job.id)? {
        return Ok(IdSet::default());
    }
    let until = job.running.as_ref().map(|cycle| cycle.began);
    let failed = reader.escrows_for(job.tenant, &job.id, ids)?;
    let failed = failed.into_iter().flatten();
    let is_before =
        |at: Timestamp| at.is_told_too_early(now) || until.is_none_or(|until| at < until);
    let before = failed.filter(|row| is_before(row.first_failed));
    Ok(before.map(|row| row.source).collect())
}

/// What a cycle looks at when the configuration has changed so.
pub(crate) fn extent_of(impact: Arc<Impact>) -> Extent {
    if impact.is_of_another_job() {
        Extent::Everything
    } else if impact.is_nothing() {
        Extent::Changes
    } else {
        Extent::Concerned(impact)
    }
}

/// `<generation>:source:<cursor>`, `<generation>:links:<id>` or `<generation>:failed:<id>`; `None` at the start, and for a way
/// that began with another configuration.
fn parse(cursor: &str, generation: u64) -> Option<Way<'_>> {
    let (of, way) = cursor.split_once(':')?;
    if of != generation.to_string() {
        return None;
    }
    match way.split_once(':')? {
        ("source", from) => Some(Way::Source(from)),
        ("links", after) => Some(Way::Links(after.parse().ok())),
        ("failed", after) => Some(Way::Failed(after.parse().ok())),
        _ => None,
    }
}
