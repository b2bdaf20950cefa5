//! Creates that the target would refuse, as it says when it is asked beforehand: a value that is no
//! good, a name that another object has. Whoever fails because of an object of this job is tried once
//! more behind the removals, as in a cycle; who gives up his name before that is known by then.

use std::collections::{BTreeMap, HashSet};

use syncline_connector::Refused;
use syncline_engine::{Action, Change, Failure, Operation};
use syncline_model::{Attr, EntityKind, ObjectId, Problem};

use crate::page::unavailable;
use crate::view::{Decided, View};

/// Attributes whose values one object has at a time.
const NAMES: [Attr; 3] = [Attr::USER_PRINCIPAL_NAME, Attr::MAIL, Attr::PROXY_ADDRESSES];

#[derive(Debug, Default)]
pub(super) struct Refusals {
    /// Who is tried once more.
    again: BTreeMap<ObjectId, EntityKind>,
    /// Target objects that would be removed, or have other names.
    freed: HashSet<ObjectId>,
    /// Nobody is tried once more after this.
    is_last: bool,
}

impl Refusals {
    /// Asks the target about the creates of a page: those that would fail do, and those that are tried
    /// once more are taken out.
    pub(super) fn of_page(
        &mut self,
        view: &View<'_, '_>,
        decided: Vec<Decided>,
    ) -> Result<Vec<Decided>, Problem> {
        for it in &decided {
            self.note(&it.decision.action);
        }
        let target = &view.configuration.connected.target;
        let creates: Vec<_> = decided
            .iter()
            .filter_map(|it| match &it.decision.action {
                Action::Create { attrs } => {
                    let kind = view.configuration.target_kind(it.decision.kind);
                    Some((kind, attrs))
                }
                _ => None,
            })
            .collect();
        if creates.is_empty() {
            return Ok(decided);
        }
        let refused = target.foresee(view.reader, &creates);
        let mut refused = refused.map_err(unavailable)?.into_iter();
        let mut left = Vec::with_capacity(decided.len());
        for mut it in decided {
            let refused = match it.decision.action {
                Action::Create { .. } => refused.next().flatten(),
                _ => None,
            };
            match refused {
                Some(refused) if !self.may_pass(&refused) => fail(view, &mut it, refused),
                Some(_) if !self.is_last => {
                    self.again.insert(it.decision.source, it.decision.kind);
                    continue;
                }
                _ => {}
            }
            left.push(it);
        }
        Ok(left)
    }

    /// Whether what is in the way may be gone when it is tried for the last time; then, whether it is.
    fn may_pass(&self, refused: &Refused) -> bool {
        let Some(holder) = refused.holder.filter(|_| refused.fault.transient) else {
            return false;
        };
        !self.is_last || self.freed.contains(&holder)
    }

    fn note(&mut self, action: &Action) {
        let renames = |changes: &[Change]| changes.iter().any(|it| NAMES.contains(&it.attr));
        match action {
            Action::SoftDelete { target } | Action::HardDelete { target } => {
                self.freed.insert(*target);
            }
            Action::Update {
                target, changes, ..
            }
            | Action::Disable { target, changes }
                if renames(changes) =>
            {
                self.freed.insert(*target);
            }
            _ => {}
        }
    }

    /// Those who are tried once more, which is the last time.
    pub(super) fn for_the_last_time(&mut self) -> Vec<(EntityKind, ObjectId)> {
        self.is_last = true;
        let again = std::mem::take(&mut self.again);
        again.into_iter().map(|(id, kind)| (kind, id)).collect()
    }
}

fn fail(view: &View<'_, '_>, decided: &mut Decided, refused: Refused) {
    let decision = &mut decided.decision;
    let mut fault = refused.fault;
    if let (Some(rule), Action::Create { attrs }) =
        (view.configuration.rule_for(decision.kind), &decision.action)
    {
        let create = Operation::Create {
            kind: rule.target,
            attrs: attrs.clone(),
        };
        fault = rule.hiding(&create, fault);
    }
    **decision = decision.clone().failed(Failure::from(fault));
}
