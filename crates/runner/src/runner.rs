//! The runner: everything a cycle needs from outside, in one place.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use syncline_connector::Connectors;
use syncline_model::{Clock, Ids, JobId, Timestamp};
use syncline_store::Store;

use crate::running::Running;

/// How many objects a page of a cycle has. Within these, pages follow the time they take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSizes {
    pub first: usize,
    pub smallest: usize,
    pub largest: usize,
}

impl PageSizes {
    /// All pages of one size.
    pub const fn fixed(size: usize) -> Self {
        Self {
            first: size,
            smallest: size,
            largest: size,
        }
    }
}

impl Default for PageSizes {
    fn default() -> Self {
        Self {
            first: 250,
            smallest: 50,
            largest: 2000,
        }
    }
}

/// Runs cycles of jobs. Shared by the scheduler, the Graph face and the command line; all methods
/// block and may be called from any thread.
#[derive(Clone)]
pub struct Runner {
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn Ids>,
    pub(crate) connectors: Arc<dyn Connectors>,
    pub(crate) running: Arc<Running>,
    pub(crate) page_sizes: PageSizes,
    /// Times of recent on-demand calls, per job, for the limit of five in ten seconds.
    pub(crate) on_demand_calls: Arc<Mutex<HashMap<JobId, Vec<Timestamp>>>>,
}

impl std::fmt::Debug for Runner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runner").finish_non_exhaustive()
    }
}

impl Runner {
    pub fn new(
        store: Arc<Store>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
        connectors: Arc<dyn Connectors>,
    ) -> Self {
        Self {
            store,
            clock,
            ids,
            connectors,
            running: Arc::new(Running::default()),
            page_sizes: PageSizes::default(),
            on_demand_calls: Arc::new(Mutex::new(HashMap::new())),
        }
    }

    /// The same runner with other page sizes.
    #[must_use]
    pub fn with_page_sizes(self, page_sizes: PageSizes) -> Self {
        Self { page_sizes, ..self }
    }
}
