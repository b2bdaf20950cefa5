//! Links after a page, and the exact number of live ones.

use syncline_engine::Action;
use syncline_model::link::LinkState;
use syncline_model::{Link, ObjectId, Problem};

use super::{Ledger, link_after};
use crate::page::{Decided, Page};

pub(super) fn settle(
    page: &mut Page<'_, '_>,
    carried: &[Decided],
    targets: &[Option<ObjectId>],
    ledger: &mut Ledger,
) -> Result<(), Problem> {
    let mut put: Vec<Link> = Vec::new();
    let mut removed: Vec<ObjectId> = Vec::new();
    let mut woken: Vec<ObjectId> = Vec::new();
    let mut silenced: Vec<ObjectId> = Vec::new();
    for (decided, target) in carried.iter().zip(targets) {
        let Some(target) = *target else { continue };
        let was_live = decided
            .link
            .as_ref()
            .is_some_and(|link| link.state == LinkState::Live);
        let state = match decided.decision.action {
            Action::HardDelete { .. } => None,
            Action::SoftDelete { .. } => Some(LinkState::SoftDeleted),
            Action::Release { .. } => Some(LinkState::Released),
            // "Nothing differs" also describes a target that is in the recycle bin, as it should be.
            Action::Unchanged { adopt: false, .. } => decided.link.as_ref().map(|link| link.state),
            _ => Some(LinkState::Live),
        };
        let is_live = state == Some(LinkState::Live);
        if was_live != is_live {
            *ledger.entries.entry(entry_key(page, decided)).or_default() +=
                if is_live { 1 } else { -1 };
        }
        if is_live && !was_live {
            woken.push(decided.decision.source);
        }
        match state {
            None => {
                removed.push(decided.decision.source);
                silenced.push(decided.decision.source);
            }
            Some(state) => {
                let same = decided
                    .link
                    .as_ref()
                    .is_some_and(|link| link.state == state && link.target == target);
                if !same {
                    put.push(link_after(decided, target, state, page.now));
                    if !is_live {
                        silenced.push(decided.decision.source);
                    }
                }
            }
        }
    }
    page.tx.put_links(page.tenant, page.job, &put)?;
    page.tx.delete_links(page.tenant, page.job, &removed)?;
    page.tx.wake_waiting(page.tenant, page.job, &woken)?;
    // An object that is gone from the target waits for nothing; its references are decided anew
    // when it comes back.
    ledger.waiting -= delta(
        page.tx
            .delete_waiting_of(page.tenant, page.job, &silenced)?,
    );
    Ok(())
}

pub(super) fn delta(rows: u64) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// `"user to User"`: the key Graph shows in `synchronizedEntryCountByType`.
fn entry_key(page: &Page<'_, '_>, decided: &Decided) -> String {
    let source = decided.decision.kind.engine_name();
    let target = page
        .configuration
        .rule_for(decided.decision.kind)
        .map_or(decided.decision.kind, |rule| rule.target);
    format!("{source} to {}", target.engine_name())
}
