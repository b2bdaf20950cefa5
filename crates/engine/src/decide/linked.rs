//! What becomes of a target object that is there: the one that the link leads to, or that matching has found.

use syncline_model::link::LinkState;
use syncline_model::{Link, ObjectId};

use super::explain::Explained;
use super::standing::Standing;
use super::{Case, Step, flow, meter};
use crate::{Action, Change, Failure, Lifecycle, SkipReason, TargetObject};

impl<'a> Case<'a> {
    /// Linked, and the target object is there.
    pub(super) fn resume_linked(&self, target: &TargetObject) -> Step<'a> {
        let explained = Explained::linked(target);
        let id = target.entry.id;
        if self.subject.lifecycle == Lifecycle::HardDeleted {
            let action = if self.rule.flow.delete {
                Action::HardDelete { target: id }
            } else {
                self.release(id, self.switching_off(target))
            };
            return self.conclude(action, explained);
        }
        let asks_soft_delete = match self.asks_soft_delete() {
            Ok(asks) => asks,
            Err(failure) => {
                let adopt = self.standing.wanted() && self.is_taken_back(target);
                return self.fail_in_step(target, adopt, failure, explained);
            }
        };
        let action = match (
            self.standing.wanted() && !asks_soft_delete,
            target.soft_deleted,
        ) {
            (true, _) => return self.keep_in_step(target, false, explained),
            (false, true) if self.is_restored_as_released() => Action::Restore {
                target: id,
                changes: Vec::new(),
                adopt: false,
                lets_go: true,
            },
            (false, true) => Action::Unchanged {
                target: id,
                adopt: false,
            },
            (false, false) if asks_soft_delete && self.may_delete() => {
                Action::SoftDelete { target: id }
            }
            (false, false) => match self.marks(target) {
                Ok(changes) => self.release(id, changes),
                Err(failure) => return self.fail_in_step(target, false, failure, explained),
            },
        };
        self.conclude(action, explained)
    }

    /// Brings a target object in step with its wanted source object.
    pub(super) fn keep_in_step(
        &self,
        target: &TargetObject,
        adopting: bool,
        explained: Explained,
    ) -> Step<'a> {
        let flow = self.rule.flow;
        let adopt = adopting || self.is_taken_back(target);
        let changes = match flow::changes(self, &target.entry.attrs) {
            Ok(changes) => changes,
            Err(failure) => return self.fail_in_step(target, adopt, failure, explained),
        };
        let id = target.entry.id;
        let action = if target.soft_deleted {
            if flow.add || flow.update {
                let changes = if flow.update { changes } else { Vec::new() };
                Action::Restore {
                    target: id,
                    changes,
                    adopt: adopting,
                    lets_go: false,
                }
            } else {
                Action::Skip(SkipReason::ActionDisabled)
            }
        } else if changes.is_empty() || (adopt && !flow.update) {
            Action::Unchanged { target: id, adopt }
        } else if !flow.update {
            Action::Skip(SkipReason::ActionDisabled)
        } else {
            Action::changing(id, changes, adopt)
        };
        self.conclude(action, explained)
    }

    /// A link that was released, or whose object somebody else took out of the recycle bin, is made live again by adopting the
    /// object anew.
    fn is_taken_back(&self, target: &TargetObject) -> bool {
        !target.soft_deleted && self.link.is_some_and(|link| link.state != LinkState::Live)
    }

    /// Somebody had been released, was deleted in the source and in the target, and is back in the source: his target object
    /// comes back as it was. Nobody else who is to be kept does: when he was deleted, he was not.
    fn is_restored_as_released(&self) -> bool {
        let marked = |link: &Link| link.state == LinkState::SoftDeleted && link.was_released;
        let may = self.rule.flow.add || self.rule.flow.update;
        may && self.is_kept() && self.link.is_some_and(marked)
    }

    /// A mapping fails of an object whose target object is there: when its account is to be switched off, that is done.
    fn fail_in_step(
        &self,
        target: &TargetObject,
        adopt: bool,
        failure: Failure,
        explained: Explained,
    ) -> Step<'a> {
        let is_kept = !self.standing.wanted() && self.is_kept();
        let may = self.rule.flow.update && !target.soft_deleted && !is_kept;
        let off = may.then(|| flow::switching_off(self, &target.entry.attrs));
        let Some(changes) = off.flatten() else {
            return self.fail(failure, explained);
        };
        let target = target.entry.id;
        let action = if adopt {
            Action::Update {
                target,
                changes,
                adopt,
            }
        } else {
            Action::Disable { target, changes }
        };
        let mut decision = self.decision(action, explained);
        decision.references.clear();
        decision.besides = Some(Box::new(failure));
        Step::Decided(Box::new(decision))
    }

    /// What is still written of somebody who is deleted for good while deletions are off: nobody would switch his account off
    /// after that. Nothing else of him can be told any more.
    fn switching_off(&self, target: &TargetObject) -> Vec<Change> {
        let may = self.rule.flow.update && !target.soft_deleted;
        let off = may.then(|| flow::switching_off(self, &target.entry.attrs));
        off.flatten().unwrap_or_default()
    }

    /// Deletions are off for this object: stop managing it, once.
    fn release(&self, target: ObjectId, changes: Vec<Change>) -> Action {
        match self.link {
            Some(link) if link.state == LinkState::Released && changes.is_empty() => {
                Action::Unchanged {
                    target,
                    adopt: false,
                }
            }
            _ => Action::Release { target, changes },
        }
    }

    /// What the target object of somebody who is not wanted shows of that, by the mappings that read `IsSoftDeleted`: in
    /// place of a deletion an account may be switched off. Whoever is to be kept as he is, is. Who is wanted and asked to leave
    /// has not left the scope: that he is disabled flows as ever, whatever keeps those who left. Nobody is let go with his
    /// account on because the mapping of it fails.
    fn marks(&self, target: &TargetObject) -> Result<Vec<Change>, Failure> {
        let current = &target.entry.attrs;
        if !self.rule.flow.update {
            return Ok(Vec::new());
        }
        if self.standing.wanted() {
            return flow::disabling(&self.asked_to_leave(), current);
        }
        if self.is_kept() {
            return Ok(Vec::new());
        }
        flow::marks(self, current)
    }

    /// The same case, as mappings see somebody in scope whom the one of `IsSoftDeleted` asks to leave.
    fn asked_to_leave(&self) -> Self {
        Self {
            standing: Standing {
                asked_to_leave: true,
                ..self.standing.clone()
            },
            context: self.context.clone(),
            meter: meter(),
            ..*self
        }
    }
}
