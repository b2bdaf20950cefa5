//! Turns, in memory: who writes in a tenant waits here for those of this node that do so already, before
//! there is a connection. On the server they would wait for the tenant's lock, each on a connection, and a
//! tenant with enough of them would have all that the node may open.
//!
//! The lock stays what counts: it is between nodes, too.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use syncline_model::TenantId;

use crate::{Result, StoreError};

/// What only one transaction at a time gets on with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::driver) enum Queue {
    Tenant(TenantId),
    /// What belongs to no tenant.
    NoTenant,
    /// Commits that take others to the disk.
    Settling,
}

/// Who waits for what, in order of arrival; the first is at it.
#[derive(Debug, Default)]
pub(super) struct Turns(Mutex<Waiting>);

type Waiting = BTreeMap<Queue, VecDeque<Arc<Condvar>>>;

impl Turns {
    /// Joins these queues, all at the same moment: whoever waits, waits for those who came before, so that
    /// nobody waits for each other.
    pub(super) fn join(self: &Arc<Self>, queues: &[Queue]) -> Turn {
        let mut queues = queues.to_vec();
        queues.sort_unstable();
        queues.dedup();
        let mine = Arc::<Condvar>::default();
        let mut waiting = self.0.lock();
        for queue in &queues {
            let waiting = waiting.entry(*queue).or_default();
            waiting.push_back(Arc::clone(&mine));
        }
        drop(waiting);
        Turn {
            turns: Arc::clone(self),
            queues,
            mine,
        }
    }
}

/// A place in queues, until it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    turns: Arc<Turns>,
    queues: Vec<Queue>,
    mine: Arc<Condvar>,
}

impl Turn {
    /// Whether there is nothing in these queues to wait for any more once it has come.
    pub(super) fn covers(&self, queues: &[Queue]) -> bool {
        queues.iter().all(|it| self.queues.contains(it))
    }

    pub(super) fn has_come(&self) -> bool {
        self.is_first(&self.turns.0.lock())
    }

    /// Returns when it has come. Busy when that takes too long.
    pub(super) fn wait(&self, patience: Duration) -> Result<()> {
        let mut waiting = self.turns.0.lock();
        let over =
            self.mine
                .wait_while_for(&mut waiting, |waiting| !self.is_first(waiting), patience);
        if over.timed_out() && !self.is_first(&waiting) {
            return Err(StoreError::Busy(
                "too much is being written in the same place".to_owned(),
            ));
        }
        Ok(())
    }

    fn is_first(&self, waiting: &Waiting) -> bool {
        self.queues.iter().all(|queue| {
            let first = waiting.get(queue).and_then(VecDeque::front);
            first.is_some_and(|it| Arc::ptr_eq(it, &self.mine))
        })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut waiting = self.turns.0.lock();
        for queue in &self.queues {
            let Some(others) = waiting.get_mut(queue) else {
                continue;
            };
            others.retain(|it| !Arc::ptr_eq(it, &self.mine));
            match others.front() {
                // It sees for itself whether it waits in another queue, too.
                Some(next) => {
                    next.notify_one();
                }
                None => {
                    waiting.remove(queue);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use uuid::Uuid;

    use super::*;

    const ANN: Queue = Queue::Tenant(TenantId(Uuid::from_u128(1)));
    const BEN: Queue = Queue::Tenant(TenantId(Uuid::from_u128(2)));
    const LONG: Duration = Duration::from_secs(3600);

    #[test]
    fn each_queue_moves_by_itself() {
        let turns = Arc::<Turns>::default();
        let ann = turns.join(&[ANN]);
        let second = turns.join(&[ANN]);
        let ben = turns.join(&[BEN]);
        assert!(ann.has_come() && ben.has_come() && !second.has_come());
        drop(ann);
        assert!(second.has_come());
        drop((ben, second));
        assert!(turns.0.lock().is_empty());
    }

    #[test]
    fn whoever_needs_several_turns_waits_for_those_who_came_before_and_nobody_else() {
        let turns = Arc::<Turns>::default();
        let ann = turns.join(&[ANN]);
        let both = turns.join(&[BEN, ANN, BEN]);
        let other_way = turns.join(&[ANN, BEN]);
        let ben = turns.join(&[BEN]);
        assert!(!both.has_come() && !other_way.has_come() && !ben.has_come());
        drop(ann);
        assert!(both.has_come() && !other_way.has_come() && !ben.has_come());
        drop(both);
        assert!(other_way.has_come() && !ben.has_come());
        drop(other_way);
        assert!(ben.has_come());
    }

    #[test]
    fn a_turn_that_comes_wakes_whoever_waits_for_it() {
        let turns = Arc::<Turns>::default();
        let (ann, ben) = (turns.join(&[ANN]), turns.join(&[BEN]));
        let both = turns.join(&[ANN, BEN]);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| both.wait(LONG));
            drop(ann);
            drop(ben);
            waiting.join().unwrap().unwrap();
        });
    }

    #[test]
    fn whoever_has_waited_too_long_is_told_so_and_is_in_nobodys_way() {
        let turns = Arc::<Turns>::default();
        let ann = turns.join(&[ANN]);
        let second = turns.join(&[ANN]);
        let third = turns.join(&[ANN]);
        let told = second.wait(Duration::ZERO);
        assert!(matches!(told, Err(StoreError::Busy(_))), "{told:?}");
        drop(second);
        assert!(ann.has_come() && !third.has_come());
        drop(ann);
        third.wait(Duration::ZERO).unwrap();
    }
}
