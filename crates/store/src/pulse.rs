//! Whether somebody gets on who is watched over from another thread.
//!
//! What a thread does counts in the pulse that was put there: each answer of a server, and whatever its caller says is
//! done ([`Pulse::beat`]). Nothing is kept for a thread that nobody watches over.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

thread_local! {
    static HERE: RefCell<Option<Pulse>> = const { RefCell::new(None) };
}

/// A count of what some threads have got done together.
#[derive(Clone, Debug, Default)]
pub struct Pulse(Arc<AtomicU64>);

/// Until it is dropped, what this thread does counts; afterwards it counts where it did before.
#[derive(Debug)]
pub struct Counting {
    before: Option<Pulse>,
    /// It stays on its thread.
    _here: PhantomData<*const ()>,
}

impl Pulse {
    /// The one in which this thread's doings count; one of its own, in which nothing counts yet, where there is none.
    pub fn here() -> Self {
        HERE.with_borrow(Clone::clone).unwrap_or_default()
    }

    /// From now on what this thread does counts here.
    #[must_use]
    pub fn counts_here(&self) -> Counting {
        let before = HERE.replace(Some(self.clone()));
        Counting {
            before,
            _here: PhantomData,
        }
    }

    /// Something is done on this thread.
    pub fn beat() {
        HERE.with_borrow(|pulse| {
            if let Some(pulse) = pulse {
                pulse.0.fetch_add(1, Ordering::Relaxed);
            }
        });
    }

    /// How much was done so far.
    pub fn beats(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for Counting {
    fn drop(&mut self) {
        HERE.set(self.before.take());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_counts_where_the_thread_was_told_last() {
        Pulse::beat();
        let outer = Pulse::here();
        assert_eq!(outer.beats(), 0, "nobody watches");
        let counting = outer.counts_here();
        Pulse::beat();
        let inner = Pulse::default();
        {
            let _counting = inner.counts_here();
            Pulse::beat();
            assert_eq!((outer.beats(), Pulse::here().beats()), (1, 1));
        }
        Pulse::beat();
        assert_eq!((outer.beats(), inner.beats()), (2, 1));
        let beside = Pulse::here();
        std::thread::spawn(move || {
            Pulse::beat();
            let _counting = beside.counts_here();
            Pulse::beat();
        })
        .join()
        .unwrap();
        assert_eq!(outer.beats(), 3, "of another thread, once it was told");
        drop(counting);
        Pulse::beat();
        assert_eq!(outer.beats(), 3);
    }
}
