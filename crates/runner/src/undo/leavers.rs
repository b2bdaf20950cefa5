//! What was right, and is undone with the rest: who left the source, or was disabled there, while the target went wrong.

use syncline_engine::{Action, Lifecycle, Subject};
use syncline_model::{Attr, EntityKind, ObjectId, Problem, Value};

use super::decide::Verdict;
use super::done::Done;
use super::judge::Judged;
use crate::unavailable::unavailable;
use crate::view::View;

const DELETED: &str = "it is deleted in the source as well";

const DISABLED: &str = "it is disabled in the source as well";

/// Those who would be brought back or switched on, and whom the source has deleted or disabled, each with what is so.
pub(super) fn leavers<'d>(
    view: &View<'_, '_>,
    dones: &'d [Done],
    judged: &[Judged],
) -> Result<Vec<(&'d Done, &'static str)>, Problem> {
    let of_each = dones.iter().zip(judged);
    let asked: Vec<(&Done, Back)> = of_each
        .filter_map(|(done, judged)| Some((done, back(judged)?)))
        .collect();
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let ids = asked
        .iter()
        .map(|(done, _)| (done.last.kind, done.source()));
    let ids: Vec<(EntityKind, ObjectId)> = ids.collect();
    let source = &view.configuration.connected.source;
    let subjects = source.by_id(view.reader, &ids).map_err(unavailable)?;
    let found = asked.into_iter().zip(&subjects);
    let leavers =
        found.filter_map(|((done, back), subject)| Some((done, has_left(back, subject)?)));
    Ok(leavers.collect())
}

/// How somebody would be in the target again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Back {
    /// There, and switched on.
    On,
    /// There, and switched off as before.
    Off,
}

/// `None` of who is there already, and not switched on.
fn back(judged: &Judged) -> Option<Back> {
    let Verdict::Undo(reversal) = &judged.verdict else {
        return None;
    };
    let (Action::Restore { changes, .. }
    | Action::Update { changes, .. }
    | Action::Release { changes, .. }) = &reversal.action
    else {
        return None;
    };
    let mut changes = changes.iter();
    let switched = changes.find(|it| it.attr == Attr::ACCOUNT_ENABLED);
    let is_switched_on = switched.map(|it| it.new == Some(Value::Bool(true)));
    let was_on = || {
        let object = judged.object.as_ref();
        object.and_then(|it| it.entry.bool(Attr::ACCOUNT_ENABLED)) == Some(true)
    };
    match &reversal.action {
        Action::Restore { .. } if is_switched_on.unwrap_or_else(was_on) => Some(Back::On),
        Action::Restore { .. } => Some(Back::Off),
        _ => is_switched_on.filter(|it| *it).map(|_| Back::On),
    }
}

fn has_left(back: Back, subject: &Subject) -> Option<&'static str> {
    if subject.lifecycle != Lifecycle::Live {
        return Some(DELETED);
    }
    let entry = subject.entry.as_ref();
    let enabled = entry.and_then(|it| it.bool(Attr::ACCOUNT_ENABLED));
    (back == Back::On && enabled == Some(false)).then_some(DISABLED)
}
