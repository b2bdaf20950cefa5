//! What the writing thread has done with and another one takes apart: freeing a page's objects takes
//! as long as writing some of them, and costs least on the thread that made them. It frees some now and
//! then, as it needs memory for others: freed all at once, much of it would go back to the system and be
//! asked for again.

use parking_lot::Mutex;

/// So many of each list are freed at a time.
const AT_ONCE: usize = 160;

#[derive(Default)]
pub(crate) struct Discarded(Mutex<Option<Vec<Box<dyn List>>>>);

/// What is taken apart, of whatever kind.
trait List: Send {
    /// Frees the last few; whether any are left.
    fn free_some(&mut self) -> bool;
}

impl<T: Send> List for Vec<T> {
    fn free_some(&mut self) -> bool {
        self.truncate(self.len().saturating_sub(AT_ONCE));
        !self.is_empty()
    }
}

impl Discarded {
    /// From now on somebody empties it.
    pub(crate) fn open(&self) {
        self.0.lock().get_or_insert_default();
    }

    /// Nobody empties it any more: what is put in goes at once.
    pub(crate) fn close(&self) {
        let left = self.0.lock().take();
        drop(left);
    }

    pub(crate) fn put(&self, what: Vec<impl Send + 'static>) {
        // Without anybody to take it, it goes at the end, when the lock is given back.
        if let Some(kept) = &mut *self.0.lock() {
            kept.push(Box::new(what));
        }
    }

    /// Frees some of what is in it.
    pub(crate) fn free_some(&self) {
        let mut taken = self.take();
        taken.retain_mut(|list| list.free_some());
        if let Some(kept) = &mut *self.0.lock() {
            kept.append(&mut taken);
        }
    }

    /// Frees what is in it.
    pub(crate) fn empty(&self) {
        drop(self.take());
    }

    fn take(&self) -> Vec<Box<dyn List>> {
        self.0
            .lock()
            .as_mut()
            .map(std::mem::take)
            .unwrap_or_default()
    }
}
