//! How long a transaction waits on this node, for turns and for connections, all its waits together.

use std::cell::Cell;
use std::time::Duration;

use parking_lot::{Condvar, MutexGuard};

/// Waits are counted in these: nobody here knows what time it is. What is shorter counts for nothing, and
/// of such waits a transaction has a handful.
const SLICE: Duration = Duration::from_secs(1);

/// What is left of it.
#[derive(Debug)]
pub(super) struct Patience(Cell<Duration>);

impl Patience {
    pub(super) fn new(all: Duration) -> Self {
        Self(Cell::new(all))
    }

    /// Returns when it is not so any more; false when there is no patience left and it is so still.
    pub(super) fn wait_while<T>(
        &self,
        told: &Condvar,
        state: &mut MutexGuard<'_, T>,
        mut waits: impl FnMut(&mut T) -> bool,
    ) -> bool {
        while waits(state) {
            if !self.wait_a_slice(told, state, &mut waits) {
                return false;
            }
        }
        true
    }

    /// The same, and returns after a second at the latest, for who tries something else then; false when there was no
    /// patience left.
    pub(super) fn wait_a_slice<T>(
        &self,
        told: &Condvar,
        state: &mut MutexGuard<'_, T>,
        waits: impl FnMut(&mut T) -> bool,
    ) -> bool {
        let left = self.0.get();
        if left.is_zero() {
            return false;
        }
        let slice = left.min(SLICE);
        if told.wait_while_for(state, waits, slice).timed_out() {
            self.0.set(left.saturating_sub(slice));
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use parking_lot::Mutex;

    use super::*;

    #[test]
    fn waits_share_what_there_is() {
        let (told, state) = (Condvar::new(), Mutex::new(()));
        let patience = Patience::new(Duration::from_millis(2));
        assert!(patience.wait_while(&told, &mut state.lock(), |()| false));
        assert_eq!(patience.0.get(), Duration::from_millis(2));
        assert!(!patience.wait_while(&told, &mut state.lock(), |()| true));
        // Nothing is left, and nothing is needed where there is nothing to wait for.
        assert!(!patience.wait_while(&told, &mut state.lock(), |()| true));
        assert!(patience.wait_while(&told, &mut state.lock(), |()| false));
    }
}
