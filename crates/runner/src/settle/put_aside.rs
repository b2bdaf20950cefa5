//! What a page leaves until everybody was gone through.

use syncline_engine::Action;
use syncline_model::job::{CycleKind, CyclePhase};
use syncline_model::{IdSet, Link, ObjectId, Problem};

use super::Ledger;
use super::staged::put_staged;
use crate::configuration::Configuration;
use crate::page::Page;
use crate::view::Decided;

/// Who is still to be matched in the walk that matches everybody anew, by the link. Later, nobody is.
pub(crate) fn still_to_come(
    configuration: &Configuration,
    walk: Option<(CycleKind, CyclePhase)>,
) -> impl Fn(&Link) -> bool + use<> {
    let matching = configuration.connected.facts.matching;
    let is_matching = is_matching(walk);
    move |link| is_matching && link.matching < matching
}

/// Whether everybody is gone through still, each found in the target anew, or made there.
pub(crate) fn is_matching(walk: Option<(CycleKind, CyclePhase)>) -> bool {
    matches!(walk, Some((CycleKind::Initial, CyclePhase::Source)))
}

/// What a page puts aside, and what it carries out. Removals wait until they are counted. What goes by a link
/// of an earlier matching waits until everybody was matched, when it is known whose target object that is; so
/// does what goes by one beside somebody who is matched with the same target object, in vain or not.
pub(crate) fn put_aside(
    walk: Option<(CycleKind, CyclePhase)>,
    decided: Vec<Decided>,
) -> (Vec<Decided>, Vec<Decided>) {
    let is_matching = is_matching(walk);
    let matched: IdSet<ObjectId> = if decided.iter().any(Decided::goes_by_old_link) {
        let claimed = decided.iter().filter(|it| !it.goes_by_old_link());
        claimed
            .filter_map(|it| it.decision.action.adopts().or(it.matched_in_vain()))
            .collect()
    } else {
        IdSet::default()
    };
    let is_matched = |it: &Decided| {
        let link = it.link.as_ref();
        link.is_some_and(|link| matched.contains(&link.target))
    };
    // Who is released, or as he should be, stays as he is in the target, whosever that is.
    let stays = |it: &Decided| {
        let action = &it.decision.action;
        let is_in_step = action.is_silent() && it.decision.references.is_empty();
        matches!(action, Action::Release { changes, .. } if changes.is_empty()) || is_in_step
    };
    let waits =
        |it: &Decided| it.goes_by_old_link() && !stays(it) && (is_matching || is_matched(it));
    decided
        .into_iter()
        .partition(|it| it.decision.action.is_removal() || waits(it))
}

/// Puts decisions aside. Returns those who are matched anew, and to be switched off, with the target objects that
/// are theirs: that must be known before others lose theirs.
pub(super) fn stage(
    page: &mut Page<'_, '_>,
    staged: Vec<Decided>,
    ledger: &mut Ledger,
) -> Result<Vec<(Decided, ObjectId)>, Problem> {
    // Found in the target, and to be switched off there: linked when that is carried out.
    let unlinked = staged.iter().filter(|it| it.link.is_none());
    ledger.note_unlinked(unlinked);
    put_staged(page, &staged)?;
    let anew = staged.into_iter();
    let anew = anew.filter_map(|it| Some((it.matched_anew()?, it)));
    Ok(anew.map(|(target, it)| (it, target)).collect())
}
