//! The runner: everything a cycle needs from outside, in one place.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use syncline_connector::Connectors;
use syncline_engine::quarantine::Thresholds;
use syncline_engine::{Impact, JobFacts, Rule};
use syncline_model::{Clock, Ids, JobId, Schema, TenantId, Timestamp};
use syncline_store::{NodeId, Store};

use crate::cycle::Slow;
use crate::remembered::Remembered;
use crate::threads::running::Running;
use crate::threads::wait::PATIENCE_MS;

/// A part of a full read takes some seconds: few enough rows to keep account of, small enough that
/// nodes end at about the same time.
const PART: usize = 10_000;

/// Who this process is, among the nodes that share a database. An embedded database has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    pub id: NodeId,
    /// A node that is not heard of for so long has lost its work to others.
    pub lease_seconds: u32,
}

impl Default for Node {
    fn default() -> Self {
        Self {
            id: NodeId::NIL,
            lease_seconds: 30,
        }
    }
}

/// When the job was made, the generation of its configuration, and what may be inside the objects of
/// both ends; and the rules that were compiled from all this. What was inside before a change of it is not kept for them.
pub(crate) struct Compiled {
    pub(crate) created_at: Timestamp,
    pub(crate) generation: u64,
    pub(crate) schema_digest: u64,
    pub(crate) source: Weak<Schema>,
    pub(crate) target: Weak<Schema>,
    pub(crate) rules: Arc<Vec<Rule>>,
}

/// What a change of the configuration led from, and to.
///
/// A standby that took over may not know the last changes, and gives their numbers once more: so what they consist of
/// tells them apart, too.
#[derive(PartialEq, Eq)]
pub(crate) struct Version {
    pub(crate) created_at: Timestamp,
    pub(crate) evaluated: u64,
    pub(crate) in_force: u64,
    pub(crate) schema_digest: u64,
    /// What secrets say of scope and target.
    pub(crate) facts: JobFacts,
}

type Compared = (Version, Option<Arc<Impact>>);

/// How many objects a page of a cycle has. Within these, pages follow the time they take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSizes {
    pub first: usize,
    pub smallest: usize,
    pub largest: usize,
    /// A walk through no more changes than this is one page, which is decided inside its transaction where
    /// one process has the database; 0: none is.
    pub few: usize,
    /// So many pages at most are written in one transaction, if they are ready and it lasts no longer
    /// for that than one may.
    pub in_one: usize,
    /// For each object that a page may have, so many references that only waited for theirs: writing
    /// one is less work.
    pub references: usize,
    /// On a database that several nodes share, a full read is cut into parts of so many objects,
    /// which the nodes take one by one.
    pub part: usize,
}

impl PageSizes {
    /// All pages of one size, decided ahead.
    pub const fn fixed(size: usize) -> Self {
        Self {
            first: size,
            smallest: size,
            largest: size,
            few: 0,
            in_one: 1,
            references: 1,
            part: PART,
        }
    }
}

impl Default for PageSizes {
    fn default() -> Self {
        Self {
            first: 250,
            smallest: 250,
            largest: 2500,
            few: 1000,
            in_one: crate::cycle::IN_ONE,
            references: 4,
            part: PART,
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
    /// How much may fail before a job is held back.
    pub(crate) thresholds: Thresholds,
    /// Decide a page while the one before it is written.
    pub(crate) ahead: bool,
    pub(crate) node: Node,
    /// Keep the leases of a shared database also between pages.
    pub(crate) heartbeats: bool,
    /// So long a cycle waits for a shared database that is gone, or for room on the disk; pauses only.
    pub(crate) patience_ms: u64,
    /// Compiled schemas.
    pub(crate) compiled: Arc<Remembered<Compiled>>,
    /// Jobs that are not decided where others wait for them.
    pub(crate) slow: Arc<Slow>,
    /// Whom changes of the configuration concern.
    pub(crate) impacts: Arc<Remembered<Compared>>,
    /// Jobs whose next cycle somebody plans on this node now, and whose they are.
    pub(crate) planning: Arc<Mutex<HashMap<JobId, TenantId>>>,
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
            thresholds: Thresholds::default(),
            ahead: true,
            node: Node::default(),
            heartbeats: true,
            patience_ms: PATIENCE_MS,
            compiled: Arc::default(),
            slow: Arc::default(),
            impacts: Arc::default(),
            planning: Arc::default(),
            on_demand_calls: Arc::new(Mutex::new(HashMap::new())),
        }
    }

    /// The same runner with other page sizes.
    #[must_use]
    pub fn with_page_sizes(self, page_sizes: PageSizes) -> Self {
        Self { page_sizes, ..self }
    }

    /// The same runner, holding a job back when more fails, or less, than Entra lets pass.
    #[must_use]
    pub fn with_thresholds(self, thresholds: Thresholds) -> Self {
        Self { thresholds, ..self }
    }

    /// The same runner as one node among several.
    #[must_use]
    pub fn with_node(self, node: Node) -> Self {
        Self { node, ..self }
    }

    /// The same runner, waiting so many milliseconds for a shared database that is gone, or for room on
    /// the disk, and not two minutes. A cycle that has waited in vain stays as its last page left it.
    #[must_use]
    pub fn with_patience_ms(self, patience_ms: u64) -> Self {
        Self {
            patience_ms,
            ..self
        }
    }

    /// The same runner, keeping the leases of a shared database also between pages, as is usual, or not: then it is to
    /// others like a node that stands still, or is cut off, whenever a page takes longer than a lease.
    #[must_use]
    pub fn with_heartbeats(self, heartbeats: bool) -> Self {
        Self { heartbeats, ..self }
    }

    /// The same runner, deciding pages ahead of their turn or not: with it, deciding and writing
    /// overlap; without it, everything happens on the caller's thread, in one order.
    #[must_use]
    pub fn with_deciding_ahead(self, ahead: bool) -> Self {
        Self { ahead, ..self }
    }
}
