//! Threads of their own for what an operator's machines ask. The threads that requests and cycles block
//! on may all be busy, and that is when somebody wants to know how the server is.

use std::sync::Arc;

use tokio::sync::{Semaphore, oneshot};

/// So many threads at a time; who comes later waits.
#[derive(Clone, Debug)]
pub struct Aside(Arc<Semaphore>);

impl Aside {
    pub fn new(threads: usize) -> Self {
        Self(Arc::new(Semaphore::new(threads)))
    }

    /// Does this on a thread of its own. `None` when there can be none, or the work panicked.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        // Never closed.
        let place = Arc::clone(&self.0).acquire_owned().await.ok()?;
        let (done, outcome) = oneshot::channel();
        let thread = std::thread::Builder::new().name("operations".to_owned());
        thread
            .spawn(move || {
                // Whoever asked may have given up; the place is taken until this ends all the same.
                let _place = place;
                let _ = done.send(work());
            })
            .ok()?;
        outcome.await.ok()
    }
}
