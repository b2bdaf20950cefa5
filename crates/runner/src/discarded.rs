//! What the writing thread has done with and another one takes apart: freeing a page's objects takes
//! as long as writing some of them, and costs least on the thread that made them.

use std::any::Any;

use parking_lot::Mutex;

#[derive(Default)]
pub(crate) struct Discarded(Mutex<Option<Vec<Box<dyn Any + Send>>>>);

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

    pub(crate) fn put(&self, what: impl Send + 'static) {
        // Without anybody to take it, it goes at the end, when the lock is given back.
        if let Some(kept) = &mut *self.0.lock() {
            kept.push(Box::new(what));
        }
    }

    /// Frees what is in it.
    pub(crate) fn empty(&self) {
        let kept = self.0.lock().as_mut().map(std::mem::take);
        drop(kept);
    }
}
