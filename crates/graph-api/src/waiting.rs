//! Whether whoever asked still waits for the answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use syncline_model::{Problem, ProblemKind};
use syncline_runner::{Observer, Progress};

/// Goes with a request, as an extension of it; ended when its caller hangs up. Work that takes long and
/// writes nothing ends with it.
#[derive(Clone, Debug, Default)]
pub struct Waiting(Arc<AtomicBool>);

impl Waiting {
    pub fn is_over(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// # Errors
    /// When it is over. Nobody reads this.
    pub(crate) fn still(&self) -> Result<(), Problem> {
        if self.is_over() {
            return Err(Problem::new(
                ProblemKind::Unavailable,
                "ServiceUnavailable",
                "The caller hung up before the answer was found.",
            ));
        }
        Ok(())
    }

    /// Ends it when this is dropped: by the future that nobody polls any more.
    pub fn until_dropped(&self) -> impl Drop + use<> {
        Caller(self.clone())
    }
}

struct Caller(Waiting);

impl Drop for Caller {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Relaxed);
    }
}

impl Observer for Waiting {
    fn page_done(&self, _progress: &Progress) {}

    fn must_stop(&self) -> bool {
        self.is_over()
    }
}
