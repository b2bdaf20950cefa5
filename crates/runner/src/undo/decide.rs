//! What is to be done with one object so that it is as it was before: a table, and pure.

use syncline_engine::evidence::Modified;
use syncline_engine::{Action, Change, TargetObject};
use syncline_model::link::LinkState;
use syncline_model::{EntityType, JobId, Link, ObjectId, Text};

use super::done::{Done, Standing};
use super::values::{Put, put_back};

/// What there is now.
#[derive(Clone, Copy, Debug)]
pub(super) struct Now<'n> {
    /// Of this job.
    pub(super) link: Option<&'n Link>,
    pub(super) object: Option<&'n TargetObject>,
    /// Another job that keeps the target object in step.
    pub(super) holder: Option<&'n JobId>,
}

/// What is done about one object.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verdict {
    /// Nothing; it is as it was, but for this.
    AsBefore {
        left: Vec<String>,
    },
    Undo(Reversal),
    /// Nothing, although it is not as it was, because of this.
    Impossible(String),
}

/// What puts an object back.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reversal {
    pub(super) action: Action,
    /// As the log shows it.
    pub(super) modified: Vec<Modified>,
    /// The job keeps it in step now, and did not before.
    pub(super) lets_go: bool,
    /// What stays as it is, and why.
    pub(super) left: Vec<String>,
}

impl Verdict {
    fn impossible(why: &str) -> Self {
        Self::Impossible(why.to_owned())
    }

    fn nothing() -> Self {
        Self::AsBefore { left: Vec::new() }
    }
}

const UNSURE: &str = "it stays linked: the log does not say whether the job kept it in step before it was matched anew";

const NOT_THERE: &str = "it is not in the target that the job leads to: it was deleted for good there, or it is in the one that the job led to then";

const DELETED_LATER: &str = "it is in the recycle bin since, by a later cycle (undo that as well: --since) or by somebody else";

const LET_GO_DELETED: &str = "it is in the recycle bin, and the job has let go of it since: restore it in the target, if it is to be there";

/// INVARIANT: nothing is done to an object that this job has no link to.
pub(super) fn decide(done: &Done, now: Now<'_>, types: &EntityType) -> Verdict {
    let came = matches!(done.before, Standing::NotThere | Standing::InRecycleBin);
    if done.is_another {
        return match done.before {
            Standing::NotThere => Verdict::impossible(
                "it was made more than once: the earlier accounts and the last one stay as they are",
            ),
            _ => Verdict::impossible(
                "the target object that it had is gone for good: the one that it has now stays",
            ),
        };
    }
    let Some(target) = done.target else {
        return Verdict::impossible("the log does not say which object of the target it was");
    };
    let link = now.link.filter(|it| it.target == target);
    let Some(object) = now.object else {
        // The job may lead to another target by now, which says nothing of this one.
        let has_gone = done.after == Standing::Gone
            || link.is_some_and(|it| it.state == LinkState::SoftDeleted);
        return match came && has_gone {
            true => Verdict::nothing(),
            false => Verdict::impossible(NOT_THERE),
        };
    };
    let Some(link) = link else {
        return Verdict::impossible("the job has no link to it any more");
    };
    let verdict = if came {
        remove(done, target, object, link)
    } else {
        keep(done, target, object, link, types)
    };
    match (now.holder, verdict) {
        (Some(job), Verdict::Undo(_)) => {
            Verdict::Impossible(format!("the job {job} keeps it in step"))
        }
        (_, verdict) => verdict,
    }
}

/// Of one who was not there before, or in the recycle bin.
fn remove(done: &Done, target: ObjectId, object: &TargetObject, link: &Link) -> Verdict {
    if object.soft_deleted {
        return match link.state {
            // Somebody else has put it there; the link has to say so.
            LinkState::Live | LinkState::Released => undo(
                Action::Unchanged {
                    target,
                    adopt: false,
                },
                Vec::new(),
            ),
            LinkState::SoftDeleted => Verdict::nothing(),
        };
    }
    match (done.after, link.state) {
        (Standing::InRecycleBin | Standing::Gone, _) | (_, LinkState::SoftDeleted) => {
            Verdict::impossible("it was taken out of the recycle bin since")
        }
        // In a cycle that is not undone: whose it is now, others say.
        (Standing::Kept, LinkState::Released) => {
            Verdict::impossible("the job has let go of it since")
        }
        _ => undo(Action::SoftDelete { target }, vec![soft_deleted(true)]),
    }
}

/// Of one who was there before.
fn keep(
    done: &Done,
    target: ObjectId,
    object: &TargetObject,
    link: &Link,
    types: &EntityType,
) -> Verdict {
    let Back {
        changes,
        mut modified,
        mut left,
    } = values(done, object, types);
    let went = done.after == Standing::InRecycleBin;
    let is_kept = link.state == LinkState::Live;
    let was_let_go = done.before == Standing::LetGo;
    let lets_go = done.was_let_go();
    // While the link says that the job itself has put it there.
    let is_deleted = link.state == LinkState::SoftDeleted;
    let comes_back = object.soft_deleted && went && is_deleted;
    if was_let_go && done.is_unsure && (is_kept || comes_back) {
        left.push(UNSURE.to_owned());
    }
    let action = match (object.soft_deleted, went) {
        (true, _) if comes_back => {
            modified.insert(0, soft_deleted(false));
            Action::Restore {
                target,
                changes,
                adopt: true,
                lets_go: false,
            }
        }
        (true, false) if changes.is_empty() => return Verdict::nothing(),
        (true, _) if is_deleted => return Verdict::impossible(DELETED_LATER),
        (true, true) if !is_kept => return Verdict::impossible(LET_GO_DELETED),
        (true, _) => {
            return Verdict::impossible("it is in the recycle bin, where somebody else has put it");
        }
        // Out of the recycle bin already, or let go: it is kept in step again, as before.
        (false, _) if !is_kept && !was_let_go && (went || done.after == Standing::LetGo) => {
            match changes.is_empty() {
                true => Action::Unchanged {
                    target,
                    adopt: true,
                },
                false => Action::changing(target, changes, true),
            }
        }
        (false, _) if lets_go && is_kept => Action::Release { target, changes },
        (false, _) if changes.is_empty() => return Verdict::AsBefore { left },
        (false, _) if !is_kept => Action::Release { target, changes },
        (false, _) => Action::changing(target, changes, false),
    };
    let lets_go = lets_go && (is_kept || comes_back);
    Verdict::Undo(Reversal {
        action,
        modified,
        lets_go,
        left,
    })
}

fn undo(action: Action, modified: Vec<Modified>) -> Verdict {
    Verdict::Undo(Reversal {
        action,
        modified,
        lets_go: false,
        left: Vec::new(),
    })
}

/// Values that are put back, and those that are not.
struct Back {
    changes: Vec<Change>,
    modified: Vec<Modified>,
    left: Vec<String>,
}

fn values(done: &Done, object: &TargetObject, types: &EntityType) -> Back {
    let mut back = Back {
        changes: Vec::new(),
        modified: Vec::new(),
        left: Vec::new(),
    };
    for changed in &done.values {
        match put_back(types, &object.entry, changed) {
            Put::Nothing => {}
            Put::Left(why) => back.left.push(why),
            Put::Back(change) => {
                back.modified.push(Modified {
                    name: changed.name.clone(),
                    old: changed.new.clone(),
                    new: changed.old.clone(),
                });
                back.changes.push(change);
            }
        }
    }
    back
}

fn soft_deleted(it: bool) -> Modified {
    let word = |it: bool| Some(Text::fixed(if it { "True" } else { "False" }));
    Modified {
        name: Text::fixed("IsSoftDeleted"),
        old: word(!it),
        new: word(it),
    }
}
