//! A page that is as small as pages get, and over which the database was lost all the same.
//!
//! The server ends a transaction that writes and stands still for some seconds, for it may be a stopped node's. What takes
//! so long to be decided inside looks the same, and would be tried again in vain until nobody has patience any
//! more. So the next try may stand still for minutes. Others wait for it, if it does.

use syncline_model::{Problem, ProblemKind};
use syncline_store::StoreError;

use super::Work;
use crate::Runner;

/// So long such a page may stand still; the server's limit for it is the same.
const AT_MOST_MS: u64 = 300_000;

/// The code of the problem that not even that was enough.
const TOO_SLOW: &str = "PageTooSlow";

impl Runner {
    /// Writes a page, which may stand still where `is_smallest`: it was tried as it is, and can not be smaller.
    pub(super) fn slowly<T>(
        &self,
        work: &Work<'_>,
        is_smallest: bool,
        write: impl FnOnce(&Work<'_>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let began = self.clock.now();
        let work = Work {
            may_stand_still: is_smallest,
            ..*work
        };
        write(&work).map_err(|problem| {
            let took_ms = self.clock.now().milliseconds_since(began);
            let is_lost = self.is_away(&problem) && !StoreError::was_obstacle(&problem);
            if is_smallest && is_lost && took_ms >= AT_MOST_MS {
                return too_slow();
            }
            problem
        })
    }
}

fn too_slow() -> Problem {
    let message = "A page as small as pages get took more than five minutes to be decided, and the database server took it for lost. The mappings, the scoping filters or the target are too slow.";
    Problem::new(ProblemKind::Unavailable, TOO_SLOW, message)
}
