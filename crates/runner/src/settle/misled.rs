//! In the cycle that matches everybody anew, a reference may be written or left by a link of before, and that
//! link turn out to lead to somebody else's target object. When it makes room, whoever was decided by it loses
//! the reference, as everybody does who is decided behind it, and waits for the object referred to. Where a reference
//! flows at creation only, whoever has one by a link that moved waits, too, and where it fills only, it is removed:
//! nothing else would replace it.
//!
//! All that made room on a page are gone through together, in slices. How many there are in one transaction depends
//! on how many refer to them.

use syncline_engine::evidence::{EvidenceOutcome, ReferenceEvidence, ReferenceState};
use syncline_engine::{Failure, Operation, Outcome};
use syncline_model::{Attr, EntityKind, IdMap, IdSet, Ids, Link, ObjectId, Problem};

use super::drain::evidence;
use super::links::{Wrong, delta};
use super::log::Event;
use super::references::{failure, name};
use super::referrers::{Led, Misled, Referrers, misled_by, owners};
use super::{Ledger, still_to_come};
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

/// Removes the references by wrong links. `decided`: those whose references this page has settled,
/// with the links as they are now.
pub(super) fn let_go(
    page: &mut Page<'_, '_>,
    wrong: &Wrong,
    decided: &IdSet<ObjectId>,
    ids: &dyn Ids,
    ledger: &mut Ledger,
) -> Result<LetGo, Problem> {
    let mut all = LetGo::default();
    for (mut referrers, led, amends) in misled_by(wrong, page.configuration) {
        while let Some(misled) = next(page, &mut referrers, decided, &led)? {
            if amends.wait {
                wait(page, &referrers, &misled, ledger)?;
            }
            if amends.remove {
                remove(page, misled, &referrers, ids, ledger, &mut all)?;
            }
        }
    }
    let moved: Vec<ObjectId> = wrong.moved.iter().map(|it| it.source).collect();
    page.tx.wake_waiting(page.tenant, page.job, &moved)?;
    Ok(all)
}

/// A slice of those whom these links misled.
fn next(
    page: &Page<'_, '_>,
    referrers: &mut Referrers,
    decided: &IdSet<ObjectId>,
    led: &Led,
) -> Result<Option<Vec<Misled>>, Problem> {
    let view = page.view();
    let Some(found) = referrers.next(&view)? else {
        return Ok(None);
    };
    let links = view.of(&owners(&found))?;
    let still_to_come = still_to_come(view.configuration, page.walk);
    let misled = referrers.misled(&found, &links, still_to_come, decided, led);
    leading(&view, misled, referrers.target_attr()).map(Some)
}

fn wait(
    page: &mut Page<'_, '_>,
    referrers: &Referrers,
    misled: &[Misled],
    ledger: &mut Ledger,
) -> Result<(), Problem> {
    let waiting = referrers.waiting_misled(misled);
    ledger.waiting += delta(page.tx.insert_waiting(page.tenant, page.job, &waiting)?);
    Ok(())
}

/// Those of these whose reference leads where the wrong link led.
pub(crate) fn leading(
    view: &View<'_, '_>,
    mut misled: Vec<Misled>,
    attr: Attr,
) -> Result<Vec<Misled>, Problem> {
    let kind = |link: &Link| view.configuration.target_kind(link.kind);
    let asked: Vec<(EntityKind, ObjectId)> = misled
        .iter()
        .map(|it| (kind(&it.owner), it.owner.target))
        .collect();
    let mut leading: IdMap<ObjectId, Vec<ObjectId>> = IdMap::default();
    look(view, asked, |target, found| {
        let live = found.filter(|it| !it.soft_deleted);
        let references = live.into_iter().flat_map(|it| &it.references);
        let of_attr = references.filter(|(it, _)| *it == attr);
        let to = of_attr.flat_map(|(_, ids)| ids).copied();
        leading.entry(target).or_default().extend(to);
    })?;
    let leads = |it: &Misled| {
        let to = leading.get(&it.owner.target);
        to.is_some_and(|ids| ids.contains(&it.to))
    };
    misled.retain(leads);
    Ok(misled)
}

fn remove(
    page: &mut Page<'_, '_>,
    misled: Vec<Misled>,
    referrers: &Referrers,
    ids: &dyn Ids,
    ledger: &mut Ledger,
    all: &mut LetGo,
) -> Result<(), Problem> {
    let attr = referrers.target_attr();
    let operations: Vec<Operation> = misled
        .iter()
        .map(|it| Operation::RemoveReference {
            kind: page.configuration.target_kind(it.owner.kind),
            target: it.owner.target,
            attr,
            to: it.to,
        })
        .collect();
    let outcomes = page.apply(&operations)?;
    let known: Vec<(EntityKind, ObjectId, ObjectId)> = misled
        .iter()
        .map(|it| (it.owner.kind, it.owner.source, it.owner.target))
        .collect();
    let evidence = evidence(page.configuration, page.tx, &known)?;
    for ((Misled { owner, to, .. }, outcome), mut evidence) in
        misled.into_iter().zip(outcomes).zip(evidence)
    {
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
                    fills: false,
                });
            }
        }
        all.events.push(Event::new(ids.object_id(), evidence));
    }
    Ok(())
}
