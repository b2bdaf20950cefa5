//! What the log says of a cycle that begins here, or goes on here.

use syncline_model::job::{Counts, CyclePhase, RunningCycle};
use syncline_model::{JobId, TenantId};
use syncline_store::{NodeId, Store};
use tracing::field::display;

use crate::app::App;
use crate::nodes;

/// The node that has the job's lease, or had it and did not give it back: whoever goes on with its
/// cycle takes over from that one.
pub(super) fn leader(app: &App, tenant: TenantId, job: &JobId) -> Option<NodeId> {
    if !app.store.is_shared() {
        return None;
    }
    let lease = app.store.read(|reader| reader.job_lease(tenant, job));
    // Only for the log: what goes wrong here, the cycle meets itself.
    let owner = lease.ok().flatten()?.owner;
    (owner != NodeId::NIL && owner != app.node).then_some(owner)
}

pub(super) fn tell(store: &Store, cycle: &RunningCycle, leader: Option<NodeId>) {
    if !has_begun(cycle) && cycle.in_between {
        // Many a day: what one has done is told when it ends.
        tracing::debug!(target: "syncline::cycle", total = cycle.total, "cycle began");
        return;
    }
    if !has_begun(cycle) {
        tracing::info!(target: "syncline::cycle", total = cycle.total, "cycle began");
        return;
    }
    let (done, total) = (cycle.imported, cycle.total);
    let Some(before) = leader else {
        tracing::info!(target: "syncline::cycle", done, total, "cycle goes on where it stopped");
        return;
    };
    let address = store.read(|reader| nodes::address(reader, before));
    let address = address.ok().flatten().map(display);
    tracing::info!(target: "syncline::cycle", done, total, from = %before.0, from_address = address, "cycle taken over from another node, which was not heard of");
}

pub(super) fn tell_helping(leader: Option<NodeId>) {
    let leader = leader.map(|it| display(it.0));
    tracing::info!(target: "syncline::cycle", leader, "helping with the cycle of another node");
}

/// Whether pages of it were written before.
fn has_begun(cycle: &RunningCycle) -> bool {
    let began_with = [CyclePhase::Source, CyclePhase::Escrows];
    cycle.imported + cycle.passed_over > 0
        || !cycle.cursor.is_empty()
        || cycle.counts != Counts::default()
        || !began_with.contains(&cycle.phase)
}
