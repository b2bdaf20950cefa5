//! The wiring: everything a command or the server works with, built once.

use std::sync::Arc;

use parking_lot::Mutex;
use syncline_access::{Access, AccessSettings, PasswordLimits};
use syncline_connector::Connectors;
use syncline_directory::LocalConnectors;
use syncline_model::fold::fold;
use syncline_model::{Clock, Ids, Job, JobId, Problem, TenantId};
use syncline_runner::{Node, PageSizes, Replaceable, Runner};
use syncline_store::{NodeId, Reader, Store, Tenant};

use crate::begun::Begun;
use crate::commands::Command;
use crate::cycles::Running;
use crate::data_dir::DataDir;
use crate::failure::Failure;
use crate::metrics::Metrics;
use crate::named_job;
use crate::seam::{SystemClock, SystemIds, made_at_ms};
use crate::tls::InUse;

/// What the operator decides at start.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Scheme, host and port under which clients reach us.
    pub public_url: String,
    /// Refuse what real Graph refuses although it is harmless here.
    pub strict_graph: bool,
    /// Refuse what is more than real Graph lets an application do in a tenant.
    pub graph_throttling: bool,
    /// How many characters an expression of a schema may have.
    pub expression_length: usize,
    /// Device codes that one client, or a proxy for many, may ask for in a quarter of an hour.
    pub device_codes_per_address: u32,
    /// Sign-ins that the same may have in progress.
    pub sign_ins_per_address: usize,
    pub retention: Retention,
    /// A node of a shared database that is not heard of for so long loses its cycles to others.
    pub lease_seconds: u32,
    /// On a shared database: the objects of a part of a full read, which nodes take one by one.
    pub part_size: usize,
    pub scheduler: Scheduler,
}

/// Whether this process begins cycles that are due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheduler {
    On,
    /// A server that leaves it to others (`--no-scheduler`).
    Off,
    /// A command of its own, which ends before anything becomes due.
    NoServer,
}

/// How long things are kept that have served their purpose, as it was typed for this process. `None`: as it was typed
/// last on this database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// Provisioning log entries.
    pub log_days: Option<u32>,
    /// Objects in the recycle bin; 0: deleted for good by the next tidying up.
    pub deleted_days: Option<u32>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            public_url: "https://localhost:8443".to_owned(),
            strict_graph: false,
            graph_throttling: false,
            expression_length: syncline_expression::Limits::DEFAULT.length,
            device_codes_per_address: syncline_identity::Settings::DEVICE_CODES_OF_A_NETWORK,
            sign_ins_per_address: PasswordLimits::SIGN_INS_OF_NETWORK,
            retention: Retention::default(),
            lease_seconds: Node::default().lease_seconds,
            part_size: PageSizes::default().part,
            scheduler: Scheduler::NoServer,
        }
    }
}

/// One opened installation.
#[derive(Clone)]
pub struct App {
    pub data: DataDir,
    pub store: Arc<Store>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub access: Arc<Access>,
    pub runner: Runner,
    pub settings: Settings,
    pub metrics: Arc<Metrics>,
    pub cycles: Running,
    pub begun: Begun,
    /// Held by the one `syncline doctor` that looks.
    pub doctor: Arc<Mutex<()>>,
    /// Who this process is among those that share the database.
    pub node: NodeId,
    /// What this process shows to its clients: nothing without TLS, and where it is no server.
    pub certificate: Option<Arc<InUse>>,
    /// A job whose cycle another process runs on this data directory, beside which a command works.
    pub runs_beside: Option<JobId>,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App")
            .field("data", &self.data)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl App {
    /// Opens the data directory. Whoever calls holds its lock.
    pub fn open(data: DataDir, settings: Settings) -> Result<Self, Failure> {
        let store = data.open_store()?;
        Ok(Self::on(store, data, settings))
    }

    /// The same for a command, which changes no older tables.
    pub fn open_for(command: &Command, data: DataDir) -> Result<Self, Failure> {
        let store = data.open_store_with(command.of_older_tables(), command.makes_data())?;
        Ok(Self::on(store, data, Settings::default()))
    }

    /// The same on a disk that nobody can write to: there is no lock to be held.
    pub fn open_read_only_for(command: &Command, data: DataDir) -> Result<Self, Failure> {
        let store = data.open_store_read_only(command.of_older_tables())?;
        Ok(Self::on(store, data, Settings::default()))
    }

    fn on(store: Store, data: DataDir, settings: Settings) -> Self {
        let store = Arc::new(store);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let metrics = Arc::new(Metrics::new(clock.now()));
        metrics.watch(&store);
        let ids: Arc<dyn Ids> = Arc::new(behind_the_log(&store));
        let access = Access::new(
            Arc::clone(&store),
            Arc::clone(&clock),
            Arc::clone(&ids),
            AccessSettings {
                public_url: settings.public_url.clone(),
                strict_graph: settings.strict_graph,
            },
        )
        .with_password_limits(PasswordLimits {
            sign_ins_of_network: settings.sign_ins_per_address,
            ..PasswordLimits::default()
        });
        metrics.watch_sign_ins(&access);
        let connectors: Arc<dyn Connectors> =
            Arc::new(LocalConnectors::new(Arc::clone(&ids), Arc::clone(&clock)));
        // Another at each start: what a process that died had is not this one's until others would
        // get it too.
        let node = NodeId(ids.random_uuid());
        let runner = Runner::new(
            Arc::clone(&store),
            Arc::clone(&clock),
            Arc::clone(&ids),
            connectors,
        )
        .with_page_sizes(PageSizes {
            part: settings.part_size,
            ..PageSizes::default()
        })
        .with_node(Node {
            id: node,
            lease_seconds: settings.lease_seconds,
        });
        Self {
            data,
            store,
            clock,
            ids,
            access: Arc::new(access),
            runner,
            settings,
            metrics,
            cycles: Running::default(),
            begun: Begun::default(),
            doctor: Arc::default(),
            node,
            certificate: None,
            runs_beside: None,
        }
    }

    /// Whether somebody works on the job's cycle now: this process, another node, or a command beside.
    pub fn is_worked_on(&self, reader: &Reader<'_>, job: &Job) -> Result<bool, Problem> {
        Ok(self.runs_beside.as_ref() == Some(&job.id) || self.runner.is_worked_on(reader, job)?)
    }

    /// The tenant with this id or verified domain.
    pub fn tenant(&self, reader: &Reader<'_>, text: &str) -> Result<Tenant, Failure> {
        let text = text.trim();
        let found = match text.parse::<TenantId>() {
            Ok(id) => reader.tenant(id)?,
            Err(_) => reader.tenant_of_domain(&fold(text))?,
        };
        found.ok_or_else(|| {
            Failure::new(format!("there is no tenant `{text}`"))
                .with_help("`syncline tenant list` shows the tenants; name one by its id or by a verified domain")
        })
    }

    /// That job with its schema, before another one takes its place.
    pub fn replaceable(&self, id: &str) -> Result<Replaceable, Failure> {
        self.store.read(|reader| {
            let job = self.job(reader, id)?;
            Ok(self.runner.replaceable(reader, job)?)
        })
    }

    /// The job with this id, whichever tenant owns it; or the only one whose configuration has this display name.
    ///
    /// # Errors
    /// When there is none, and when several configurations have the name.
    pub fn job(&self, reader: &Reader<'_>, id: &str) -> Result<Job, Failure> {
        let id = id.trim();
        match reader.job_of_any_tenant(&JobId(id.to_owned()))? {
            Some(job) => Ok(job),
            None => named_job::of(reader, id),
        }
    }
}

/// So much later than now the newest entry of the log is worth a word.
const AHEAD_MS: i64 = 24 * 60 * 60 * 1000;

/// Ids behind those of all entries of the log, as a process that goes on has them when its clock is set back: the log is in
/// the order of its ids, and so is what is noted of configurations that were changed since.
fn behind_the_log(store: &Store) -> SystemIds {
    let greatest = match store.read(|reader| reader.greatest_log_id()) {
        Ok(greatest) => greatest,
        Err(error) => {
            // Whoever looks for damage opens this, too.
            tracing::warn!(%error, "the newest entry of the log cannot be read: ids begin with the time of the clock");
            None
        }
    };
    let Some(greatest) = greatest else {
        return SystemIds::default();
    };
    let made = i64::try_from(made_at_ms(greatest)).unwrap_or(i64::MAX);
    let ahead_ms = made.saturating_sub(SystemClock.now().milliseconds());
    if ahead_ms > AHEAD_MS {
        tracing::info!(
            days = ahead_ms / AHEAD_MS,
            "entries of the log were written by a clock that was ahead: the next ones have ids that go on from theirs until the clock has caught up"
        );
    }
    SystemIds::above(greatest)
}
