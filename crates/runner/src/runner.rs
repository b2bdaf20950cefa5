//! The runner: everything a cycle needs from outside, in one place.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use syncline_connector::Connectors;
use syncline_model::{Clock, Ids, JobId, Timestamp};
use syncline_store::Store;

use crate::running::Running;

/// Runs cycles of jobs. Shared by the scheduler, the Graph face and the command line; all methods
/// block and may be called from any thread.
#[derive(Clone)]
pub struct Runner {
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn Ids>,
    pub(crate) connectors: Arc<dyn Connectors>,
    pub(crate) running: Arc<Running>,
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
            on_demand_calls: Arc::new(Mutex::new(HashMap::new())),
        }
    }
}
