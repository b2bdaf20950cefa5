//! What the actions work with.

use std::sync::Arc;

use syncline_access::Access;
use syncline_model::{Clock, Ids, Problem, TenantId};
use syncline_runner::Runner;
use syncline_store::Store;

use crate::Limits;
use crate::graph_throttle::GraphThrottle;
use crate::throttle::{Full, Throttle};
use crate::walked::Walked;

/// Everything an action may need; built once at start.
pub struct Api {
    pub store: Arc<Store>,
    pub access: Arc<Access>,
    pub runner: Runner,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub settings: GraphSettings,
    pub(crate) throttle: Throttle,
    pub(crate) graph_throttle: GraphThrottle,
    pub(crate) walked: Walked,
}

/// How this face behaves.
#[derive(Clone, Debug)]
pub struct GraphSettings {
    /// Scheme, host and port as clients see them, without a trailing slash. Links and contexts are
    /// made from it, never from a Host header.
    pub public_url: String,
    /// Refuse what real Graph refuses although this directory could answer it: advanced queries
    /// without `ConsistencyLevel: eventual` and `$count=true`.
    pub strict_graph: bool,
    /// Refuse what is more than Graph lets an application do in a tenant, in resource units and writes.
    pub graph_throttling: bool,
    /// How many characters an expression of a schema may have; Entra's limit is 10,000.
    pub expression_length: usize,
}

impl Api {
    pub fn new(
        store: Arc<Store>,
        access: Arc<Access>,
        runner: Runner,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
        settings: GraphSettings,
    ) -> Self {
        let public_url = settings.public_url.trim_end_matches('/').to_owned();
        Self {
            store,
            access,
            runner,
            clock,
            ids,
            settings: GraphSettings {
                public_url,
                ..settings
            },
            throttle: Throttle::new(Limits::default()),
            graph_throttle: GraphThrottle::default(),
            walked: Walked::default(),
        }
    }

    /// The same with other limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self {
            throttle: Throttle::new(limits),
            ..self
        }
    }
}

impl Api {
    /// A place among the requests of a tenant that are worked on, for what this server does for it at another door.
    /// Given back when it is dropped.
    ///
    /// # Errors
    /// 429 while the tenant has as many as it may have, 503 while all together have; with the time after which to try
    /// again.
    pub fn place(&self, tenant: TenantId) -> Result<impl Drop + Send + use<>, Problem> {
        self.throttle
            .requests
            .take(tenant, 1)
            .map_err(Full::problem)
    }
}

impl std::fmt::Debug for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Api")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
