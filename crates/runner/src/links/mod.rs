//! Who is linked to what, with the names of both ends, and which accounts of the target nobody keeps in step. Read
//! from one snapshot; nothing is written. Of a target that does not let the job in nothing is read, and no groups of one
//! that does not let groups in.

pub(crate) mod accounts;
mod holdings;

use std::fmt;

use syncline_connector::{Connected, Target};
use syncline_engine::LookupQuery;
use syncline_model::link::LinkState;
use syncline_model::{Attr, EntityKind, IdMap, Job, Link, ObjectId, Problem, Value};
use syncline_store::{LinkFilter, Reader};

use crate::Runner;
use crate::admission::Obstacle;
use crate::configuration::Configuration;
use crate::ends::{End, EndState};
use crate::unavailable::unavailable;

/// What a target may be asked for.
const TARGET_KINDS: [EntityKind; 2] = [EntityKind::User, EntityKind::Group];

/// A link and its ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Linked {
    pub link: Link,
    /// Everybody is matched anew, and no cycle has come to this one yet.
    pub waits_for_matching: bool,
    pub source: End,
    pub target: End,
}

/// A kind of target objects that is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    pub kind: EntityKind,
    pub message: String,
}

/// The links of one job, as one snapshot has them.
pub struct Links<'r, 'c> {
    reader: &'r Reader<'c>,
    job: &'r Job,
    connected: Option<Connected>,
    /// Without one that can be worked with, objects are taken to have the same kind in the target.
    configuration: Option<Configuration>,
    /// Why the target is not read.
    pub obstacle: Option<Obstacle>,
    /// What else is not read of it.
    pub unread: Vec<Unread>,
}

impl Runner {
    /// Opens the links of a job for reading.
    pub fn links_on<'r, 'c>(
        &self,
        reader: &'r Reader<'c>,
        job: &'r Job,
    ) -> Result<Links<'r, 'c>, Problem> {
        let (connected, obstacle) = match self.readable(reader, job)? {
            Ok(connected) => (Some(connected), None),
            Err(obstacle) => (None, Some(obstacle)),
        };
        let (mut configuration, mut unread) = (None, Vec::new());
        if let Some(connected) = &connected {
            // Links are read with a schema that can not be worked with, too.
            configuration = self.configuration_or_why(reader, job, &mut Vec::new())?;
            unread = unread_kinds(reader, connected.target.as_ref())?;
        }
        Ok(Links {
            reader,
            job,
            connected,
            configuration,
            obstacle,
            unread,
        })
    }
}

/// What the target has not consented to.
fn unread_kinds(reader: &Reader<'_>, target: &dyn Target) -> Result<Vec<Unread>, Problem> {
    let mut unread = Vec::new();
    for kind in TARGET_KINDS {
        if let Some(fault) = target.refuses(reader, kind).map_err(unavailable)? {
            let message = fault.message;
            unread.push(Unread { kind, message });
        }
    }
    Ok(unread)
}

impl fmt::Debug for Links<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Links")
            .field("job", &self.job.id)
            .field("obstacle", &self.obstacle)
            .field("unread", &self.unread)
            .finish_non_exhaustive()
    }
}

impl Links<'_, '_> {
    /// A page of those that are asked for, in order of the source object's id.
    pub fn page(
        &self,
        filter: LinkFilter,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Vec<Linked>, Problem> {
        let Self { reader, job, .. } = self;
        let links = reader.links_like(job.tenant, &job.id, filter, after, limit)?;
        let sources = sources(reader, job, links.iter())?;
        let targets = self.targets(&links)?;
        let rows = links.into_iter().zip(sources).zip(targets);
        let linked = rows.map(|((link, source), target)| Linked {
            waits_for_matching: waits_for_matching(job, &link),
            link,
            source,
            target,
        });
        Ok(linked.collect())
    }

    /// Whether everybody is matched anew, and some wait for that.
    pub fn is_matching_anew(&self) -> Result<bool, Problem> {
        let Self { reader, job, .. } = self;
        Ok(job.is_matching_anew()
            && reader.any_live_link_before(job.tenant, &job.id, job.matching)?)
    }

    /// What the target shows of these links, in their order.
    fn targets(&self, links: &[Link]) -> Result<Vec<End>, Problem> {
        let mut ends: Vec<End> = links.iter().map(|it| End::unread(it.target)).collect();
        let Some(connected) = &self.connected else {
            return Ok(ends);
        };
        let kind_of = |link: &Link| match &self.configuration {
            Some(it) => it.target_kind(link.kind),
            None => link.kind,
        };
        let is_read = |kind: EntityKind| self.unread.iter().all(|it| it.kind != kind);
        let asked = links.iter().zip(&mut ends).filter_map(|(link, end)| {
            let kind = kind_of(link);
            let target = link.target;
            is_read(kind).then_some((end, LookupQuery::Linked { kind, target }))
        });
        let (asked, queries): (Vec<&mut End>, Vec<LookupQuery>) = asked.unzip();
        let found = connected.target.find(self.reader, &queries);
        for (end, found) in asked.into_iter().zip(found.map_err(unavailable)?) {
            *end = End::of(end.id, found.first());
        }
        Ok(ends)
    }
}

/// What a job has let go of keeps its link as it was, and waits for nothing.
fn waits_for_matching(job: &Job, link: &Link) -> bool {
    job.is_matching_anew() && link.state == LinkState::Live && link.matching < job.matching
}

/// The source objects of these links, in their order.
fn sources<'l>(
    reader: &Reader<'_>,
    job: &Job,
    links: impl Iterator<Item = &'l Link> + Clone,
) -> Result<Vec<End>, Problem> {
    let attrs = [Attr::USER_PRINCIPAL_NAME, Attr::DISPLAY_NAME];
    let mut found: IdMap<ObjectId, End> = IdMap::default();
    for kind in EntityKind::DIRECTORY {
        let of_kind = links.clone().filter(|it| it.kind == kind);
        let ids: Vec<ObjectId> = of_kind.map(|it| it.source).collect();
        if ids.is_empty() {
            continue;
        }
        for it in reader.peek(job.tenant, kind, &ids, attrs)? {
            let [name, display_name] = it.values.each_ref().map(|value| {
                let text = value.as_ref().and_then(Value::as_text);
                text.unwrap_or_default().to_owned()
            });
            let end = End {
                id: it.id,
                name,
                display_name,
                state: Some(EndState::in_source(Some(it.state))),
            };
            found.insert(it.id, end);
        }
    }
    let ends = links.map(|link| match found.get(&link.source) {
        Some(end) => end.clone(),
        None => End {
            state: Some(EndState::Gone),
            ..End::unread(link.source)
        },
    });
    Ok(ends.collect())
}
