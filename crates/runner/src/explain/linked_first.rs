//! Whoever is matched anew and is to be switched off is linked when that is put aside, and switched off by the new link
//! when its turn comes. So the log has another word for it than whoever decides once has.

use syncline_engine::Subject;
use syncline_model::{IdMap, Link, ObjectId, Problem};

use crate::settle::{Fate, fate};
use crate::view::{Decided, View};

/// What is decided of these subjects when it is carried out, and how they were matched, which only the first decision
/// knows. `first`: their first decisions, in the same order.
pub(super) fn decided_last(
    view: &View<'_, '_>,
    subjects: &[Subject],
    first: Vec<Decided>,
) -> Result<Vec<Decided>, Problem> {
    let removals = first.iter().filter(|it| it.decision.action.is_removal());
    let links: IdMap<ObjectId, Option<Link>> = removals
        .filter_map(|it| match fate(view.now, it, Some(it.matched_anew()?)) {
            Fate::Put(link) => Some((link.source, Some(link))),
            Fate::Same | Fate::Removed => None,
        })
        .collect();
    if links.is_empty() {
        return Ok(first);
    }
    let behind = View {
        reader: view.reader,
        tenant: view.tenant,
        job: view.job,
        configuration: view.configuration,
        now: view.now,
        drafter: None,
        forgotten: Some(&links),
    };
    let mut last = behind.decide(subjects)?;
    for (it, first) in last.iter_mut().zip(first) {
        it.decision.evidence.matching = first.decision.evidence.matching;
    }
    Ok(last)
}
