//! What the log says of the memberships of groups.

use std::collections::BTreeMap;

use syncline_engine::evidence::{EvidenceOutcome, ReferenceEvidence, ReferenceState};
use syncline_engine::{Failure, steps};
use syncline_model::{Attr, EntityKind, IdMap, Ids, Link, ObjectId, Problem};

use crate::memberships::Write;
use crate::page::Page;
use crate::settle::drain::evidence;
use crate::settle::log::Event;
use crate::settle::references::name;

/// What the log says of one group.
#[derive(Default)]
pub(super) struct Said {
    pub(super) written: Vec<ReferenceEvidence>,
    pub(super) failure: Option<Failure>,
}

pub(super) fn told(write: &Write) -> ReferenceEvidence {
    let to = write.target.member;
    ReferenceEvidence {
        name: name(Attr::MEMBERS),
        source: write.adds.then_some(write.source.member),
        state: if write.adds {
            ReferenceState::Set(to)
        } else {
            ReferenceState::Removed(to)
        },
        fills: false,
    }
}

/// Events of each group, and another one for what failed in it.
pub(super) fn events(
    page: &Page<'_, '_>,
    mut said: BTreeMap<ObjectId, Said>,
    links: &IdMap<ObjectId, Link>,
    ids: &dyn Ids,
) -> Result<Vec<Event>, Problem> {
    said.retain(|group, _| links.contains_key(group));
    let groups: Vec<(EntityKind, ObjectId, ObjectId)> = said
        .keys()
        .filter_map(|group| links.get(group))
        .map(|link| (link.kind, link.source, link.target))
        .collect();
    let evidence = evidence(page.configuration, page.tx, &groups)?;
    let mut events = Vec::new();
    for (evidence, said) in evidence.into_iter().zip(said.into_values()) {
        if let Some(failure) = said.failure {
            let mut failed = evidence.clone();
            failed.outcome = EvidenceOutcome::Failed(failure);
            events.push(Event::new(ids.object_id(), failed));
        }
        // As many to a line as a line names.
        for some in said.written.chunks(steps::NAMED) {
            let mut written = evidence.clone();
            written.references = some.to_vec();
            events.push(Event::new(ids.object_id(), written));
        }
    }
    Ok(events)
}
