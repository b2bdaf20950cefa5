//! In the cycle that matches everybody anew, a reference may be written or left by a link of before, and that
//! link turn out to lead to somebody else's target object. When it makes room, whoever was decided by it loses
//! the reference, as everybody does who is decided behind it, and waits for the object referred to.

use syncline_engine::evidence::{EvidenceOutcome, ReferenceEvidence, ReferenceState};
use syncline_engine::{Failure, Operation, Outcome};
use syncline_model::{Attr, EntityKind, IdSet, Ids, Link, ObjectId, Problem};

use super::drain::evidence;
use super::log::Event;
use super::references::{failure, name};
use super::{Ledger, Referrers, still_to_come};
use crate::memberships::Links as _;
use crate::page::Page;
use crate::view::View;
use crate::view::absent::look;

/// What became of those references.
#[derive(Default)]
pub(super) struct LetGo {
    pub(super) events: Vec<Event>,
    /// Owners of references that could not be removed.
    pub(super) failures: Vec<(ObjectId, EntityKind, Failure)>,
}

/// Removes the references by these links, which made room. `decided`: those whose references this page has
/// settled, with the links as they are now.
pub(super) fn let_go(
    page: &mut Page<'_, '_>,
    made_room: &[Link],
    decided: &IdSet<ObjectId>,
    ids: &dyn Ids,
    ledger: &mut Ledger,
) -> Result<LetGo, Problem> {
    let mut all = LetGo::default();
    let walk = page.walk;
    for link in made_room {
        for mut referrers in Referrers::of(page.configuration, &[link.source]) {
            while let Some(owners) = referrers.next(&page.view())? {
                let misled = {
                    let view = page.view();
                    let links = view.of(&owners)?;
                    let still_to_come = still_to_come(view.configuration, walk);
                    let owners = referrers.misled(links, still_to_come, decided);
                    leading(&view, owners, referrers.target_attr(), link.target)?
                };
                remove(page, misled, &referrers, link.target, ids, ledger, &mut all)?;
            }
        }
    }
    Ok(all)
}

/// Those of these whose reference leads to this target object.
pub(crate) fn leading(
    view: &View<'_, '_>,
    owners: Vec<Link>,
    attr: Attr,
    to: ObjectId,
) -> Result<Vec<Link>, Problem> {
    let kind = |link: &Link| view.configuration.target_kind(link.kind);
    let asked: Vec<(EntityKind, ObjectId)> =
        owners.iter().map(|it| (kind(it), it.target)).collect();
    let mut leading = IdSet::default();
    look(view, asked, |target, found| {
        let live = found.filter(|it| !it.soft_deleted);
        let references = live.into_iter().flat_map(|it| &it.references);
        let mut of_attr = references.filter(|(it, _)| *it == attr);
        if of_attr.any(|(_, ids)| ids.contains(&to)) {
            leading.insert(target);
        }
    })?;
    let leads = |link: &Link| leading.contains(&link.target);
    Ok(owners.into_iter().filter(leads).collect())
}

fn remove(
    page: &mut Page<'_, '_>,
    owners: Vec<Link>,
    referrers: &Referrers,
    to: ObjectId,
    ids: &dyn Ids,
    ledger: &mut Ledger,
    all: &mut LetGo,
) -> Result<(), Problem> {
    let attr = referrers.target_attr();
    let operations: Vec<Operation> = owners
        .iter()
        .map(|owner| Operation::RemoveReference {
            kind: page.configuration.target_kind(owner.kind),
            target: owner.target,
            attr,
            to,
        })
        .collect();
    let outcomes = page.apply(&operations)?;
    let known: Vec<(EntityKind, ObjectId, ObjectId)> = owners
        .iter()
        .map(|owner| (owner.kind, owner.source, owner.target))
        .collect();
    let evidence = evidence(page.configuration, page.tx, &known)?;
    for ((owner, outcome), mut evidence) in owners.into_iter().zip(outcomes).zip(evidence) {
        match outcome {
            Outcome::Failed(fault) => {
                let failure = failure(fault);
                evidence.outcome = EvidenceOutcome::Failed(failure.clone());
                all.failures.push((owner.source, owner.kind, failure));
                ledger.references_failed += 1;
            }
            Outcome::Stands(_) => continue,
            Outcome::Done(_) => {
                ledger.counts.references_removed += 1;
                evidence.references.push(ReferenceEvidence {
                    name: name(attr),
                    source: None,
                    state: ReferenceState::Removed(to),
                });
            }
        }
        all.events.push(Event::new(ids.object_id(), evidence));
    }
    Ok(())
}
