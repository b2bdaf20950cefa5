//! Objects that the job let go and would keep in step again: their links are as everybody's then, and whatever removes
//! others removes them, also who undoes the change that took them up.

use syncline_model::link::LinkState;
use syncline_model::{Attr, EntityKind, ObjectId, Timestamp};

use crate::configuration::Configuration;
use crate::settle::{Fate, fate};
use crate::view::Decided;

/// Whether a decision about this target object takes up again what was let go.
pub(super) fn is_taken_up(now: Timestamp, decided: &Decided, target: Option<ObjectId>) -> bool {
    let before = decided.link.as_ref();
    let Some(let_go) = before.filter(|link| link.state == LinkState::Released) else {
        return false;
    };
    match fate(now, decided, target) {
        Fate::Put(link) => link.state == LinkState::Live && link.target == let_go.target,
        Fate::Same | Fate::Removed => false,
    }
}

/// What is to be known of one.
pub(super) fn reason(configuration: &Configuration, kind: EntityKind) -> &'static str {
    let keeps = configuration.connected.facts.skip_out_of_scope_deletions;
    let rule = configuration.rule_for(kind).filter(|_| !keeps);
    if rule.is_some_and(|it| it.flow.delete && it.mapping(Attr::IS_SOFT_DELETED).is_some()) {
        "was let go; is kept in step again, and removed when it leaves the scope"
    } else {
        "was let go; is kept in step again"
    }
}
