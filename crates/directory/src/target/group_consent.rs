//! Groups are let in by a switch of their own: a tenant that takes a source's users has not agreed
//! to its groups. Asked where groups are written, so that no schema of the source goes around it, and by plans.

use syncline_engine::{Fault, FaultKind, Operation};
use syncline_model::EntityKind;
use syncline_model::policy::PolicyRefusal;
use syncline_store::Reader;

use super::{LocalTarget, fault};
use crate::policy;

/// Why this page's operations on groups are refused; `None` when they are allowed, or there are
/// none.
pub(super) fn refusal(
    target: &LocalTarget,
    reader: &Reader<'_>,
    operations: &[Operation],
) -> Result<Option<Fault>, Fault> {
    if operations.iter().any(concerns) {
        missing(target, reader)
    } else {
        Ok(None)
    }
}

/// Why nothing of a group is written; `None` when groups are let in.
pub(super) fn missing(target: &LocalTarget, reader: &Reader<'_>) -> Result<Option<Fault>, Fault> {
    let allowed =
        policy::groups_allowed(reader, target.source, target.target).map_err(fault::of_problem)?;
    Ok((!allowed).then(|| Fault {
        kind: FaultKind::Forbidden,
        code: PolicyRefusal::CODE.to_owned(),
        message: "The target tenant has not enabled inbound synchronization of groups (identitySynchronization groupSyncInbound.isSyncAllowed).".to_owned(),
        action: Some("In the target's cross-tenant access policy, set identitySynchronization groupSyncInbound.isSyncAllowed to true for the source tenant; the groups follow with the next cycle."),
        transient: true,
    }))
}

/// Whether an operation writes a group or its members.
pub(super) fn concerns(operation: &Operation) -> bool {
    let (Operation::Create { kind, .. }
    | Operation::Update { kind, .. }
    | Operation::SoftDelete { kind, .. }
    | Operation::Restore { kind, .. }
    | Operation::HardDelete { kind, .. }
    | Operation::AddReference { kind, .. }
    | Operation::RemoveReference { kind, .. }) = operation;
    *kind == EntityKind::Group
}
