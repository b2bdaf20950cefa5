//! Who is linked to what, with the names of both ends, and which accounts of the target nobody keeps in step. Read
//! from one snapshot; nothing is written. Of a target that does not let the job in nothing is read.

pub(crate) mod accounts;

use syncline_model::{Attr, EntityKind, Entry, IdMap, Job, Link, ObjectId, Problem, Timestamp};
use syncline_store::{LinkFilter, Peeked, Reader};

use crate::Runner;
use crate::admission::Obstacle;
use crate::configuration::Configuration;
use crate::ends::{SourceState, TargetState};
use crate::view::View;
use crate::view::absent::look;

/// What people know one end of a link by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct End {
    /// `userPrincipalName`; empty of a group, of whoever is gone, and where it can not be read.
    pub name: String,
    pub display_name: String,
}

/// A link and its ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Linked {
    pub link: Link,
    /// Everybody is matched anew, and this link was not made by that matching.
    pub of_earlier_matching: bool,
    pub source: End,
    pub source_state: SourceState,
    pub target: End,
    /// `None` where the target does not let the job in.
    pub target_state: Option<TargetState>,
}

/// The links of one job, as one snapshot has them.
pub struct Links<'r, 'c> {
    reader: &'r Reader<'c>,
    job: &'r Job,
    now: Timestamp,
    configuration: Option<Configuration>,
    /// Why the target can not be read.
    pub obstacle: Option<Obstacle>,
}

impl Runner {
    /// Opens the links of a job for reading.
    pub fn links_on<'r, 'c>(
        &self,
        reader: &'r Reader<'c>,
        job: &'r Job,
    ) -> Result<Links<'r, 'c>, Problem> {
        let mut obstacles = Vec::new();
        let configuration = match self.opened(reader, job, &mut obstacles)? {
            Some(connected) => self.admitted(reader, job, &connected, &mut obstacles)?,
            None => None,
        };
        Ok(Links {
            reader,
            job,
            now: self.clock.now(),
            configuration,
            obstacle: obstacles.pop(),
        })
    }
}

impl std::fmt::Debug for Links<'_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Links")
            .field("job", &self.job.id)
            .field("obstacle", &self.obstacle)
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
        let mut sources = self.sources(links.iter().map(|it| (it.kind, it.source)))?;
        let mut targets = self.targets(&links)?;
        let linked = links.into_iter().map(|link| {
            let (source, source_state) = sources.remove(&link.source).unwrap_or_else(gone);
            let target = targets.remove(&link.target);
            let (target, target_state) = target.unwrap_or_default();
            Linked {
                of_earlier_matching: link.matching < job.matching,
                link,
                source,
                source_state,
                target,
                target_state,
            }
        });
        Ok(linked.collect())
    }

    /// The names of these source objects; of whoever is gone there is nothing.
    fn sources(
        &self,
        objects: impl Iterator<Item = (EntityKind, ObjectId)>,
    ) -> Result<IdMap<ObjectId, (End, SourceState)>, Problem> {
        let mut by_kind: Vec<(EntityKind, Vec<ObjectId>)> = Vec::new();
        for (kind, id) in objects {
            match by_kind.iter_mut().find(|(it, _)| *it == kind) {
                Some((_, ids)) => ids.push(id),
                None => by_kind.push((kind, vec![id])),
            }
        }
        let attrs = [Attr::USER_PRINCIPAL_NAME, Attr::DISPLAY_NAME];
        let mut found = IdMap::default();
        for (kind, ids) in by_kind {
            for it in self.reader.peek(self.job.tenant, kind, &ids, attrs)? {
                found.insert(it.id, (End::peeked(&it), SourceState::of(Some(it.state))));
            }
        }
        Ok(found)
    }

    /// What the target shows of these links.
    fn targets(
        &self,
        links: &[Link],
    ) -> Result<IdMap<ObjectId, (End, Option<TargetState>)>, Problem> {
        let mut found = IdMap::default();
        let Some(configuration) = &self.configuration else {
            return Ok(found);
        };
        let view = View {
            reader: self.reader,
            tenant: self.job.tenant,
            job: &self.job.id,
            configuration,
            now: self.now,
            drafter: None,
            forgotten: None,
        };
        let objects = links
            .iter()
            .map(|it| (configuration.target_kind(it.kind), it.target));
        look(&view, objects, |id, object| {
            let end = object.map(|it| End::of(&it.entry)).unwrap_or_default();
            found.insert(id, (end, Some(TargetState::of(object))));
        })?;
        Ok(found)
    }
}

/// Whoever is not stored any more.
fn gone() -> (End, SourceState) {
    (End::default(), SourceState::Gone)
}

impl End {
    fn of(entry: &Entry) -> Self {
        let text = |attr| entry.text(attr).unwrap_or_default().to_owned();
        Self {
            name: text(Attr::USER_PRINCIPAL_NAME),
            display_name: text(Attr::DISPLAY_NAME),
        }
    }

    fn peeked(peeked: &Peeked<2>) -> Self {
        let [name, display_name] = peeked.values.each_ref().map(|value| {
            let text = value.as_ref().and_then(|it| it.as_text());
            text.unwrap_or_default().to_owned()
        });
        Self { name, display_name }
    }
}
