//! Figures for Prometheus: counted where things happen, or sampled when somebody asks. Names and
//! meanings stand in `docs/operations/metrics-and-health.md`, which a test compares with the registry.
//!
//! Labels are bounded: routes are templates, methods and errors are those we know, jobs are counted
//! one by one up to a hundred (a job's id holds its tenant's id). No user or domain is ever
//! a label.

mod certificate;
mod cycles;
mod http;
mod jobs;
mod known;
mod process;
mod ready;
mod retention;
mod sign_ins;
mod store;
mod tokens;
mod waiting;

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use syncline_access::Access;
use syncline_model::{Problem, Timestamp};
use syncline_store::Meter;

use crate::app::App;

#[cfg(test)]
pub(crate) use jobs::testing::due;

pub use cycles::{CycleEnd, Cycles, kind_name, phase_name};
pub use http::{Answered, Http, METHODS};
pub use ready::Stored;
pub use retention::{Removed, Retention};
pub use sign_ins::SignIns;
pub use tokens::Tokens;

/// What `/metrics` answers with.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// All figures of this process.
pub struct Metrics {
    registry: Registry,
    pub http: Http,
    pub tokens: Tokens,
    pub sign_ins: SignIns,
    pub cycles: Cycles,
    pub retention: Retention,
    pub certificate: certificate::Certificate,
    store: Arc<store::StoreFigures>,
    ready: ready::Ready,
    jobs: jobs::Jobs,
    process: process::Process,
    /// One sampling at a time: gauges are set and read in one go.
    sampling: Mutex<()>,
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics")
    }
}

impl Metrics {
    /// `now`: when the process started.
    pub fn new(now: Timestamp) -> Self {
        let mut registry = Registry::default();
        let process = process::Process::register(&mut registry, now);
        let ours = registry.sub_registry_with_prefix("syncline");
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        ours.register("build", "The version of this binary", build);
        Self {
            http: Http::register(ours),
            tokens: Tokens::register(ours),
            sign_ins: SignIns::register(ours),
            cycles: Cycles::register(ours),
            jobs: jobs::Jobs::register(ours),
            store: Arc::new(store::StoreFigures::register(ours)),
            ready: ready::Ready::register(ours),
            retention: Retention::register(ours),
            certificate: certificate::Certificate::register(ours),
            process,
            registry,
            sampling: Mutex::new(()),
        }
    }

    /// Measures the transactions of this store.
    pub fn watch(&self, store: &syncline_store::Store) {
        store.measure(Arc::clone(&self.store) as Arc<dyn Meter>);
    }

    /// Counts the passwords that are typed.
    pub fn watch_sign_ins(&self, access: &Access) {
        let figures = self.sign_ins.clone();
        access.count_sign_ins(move |result| figures.count(result));
    }

    /// Since these figures are counted.
    pub fn running(&self) -> Duration {
        self.store.now()
    }

    /// Everything, in the OpenMetrics text format. `stored`: what was just found out about the store; one that does
    /// not answer is asked for no figures.
    ///
    /// # Errors
    /// The figures can not be written as text. What can not be asked for is left out: who is told nothing at all
    /// when the database is away would not be told that it is.
    pub fn render_with(&self, app: &App, stored: Stored) -> Result<String, Problem> {
        let _alone = self.sampling.lock();
        let mut stored = stored;
        if stored.store
            && let Err(problem) = self.ask(app)
        {
            tracing::error!(%problem, "the figures of the store cannot be read");
            stored.store = false;
        }
        if !stored.store {
            self.jobs.forget();
            self.store.forget();
        }
        self.ready.set(stored);
        self.process.sample();
        let mut text = String::new();
        encode(&mut text, &self.registry)
            .map_err(|_| Problem::internal("the figures cannot be written as text"))?;
        Ok(text)
    }

    fn ask(&self, app: &App) -> Result<(), Problem> {
        self.jobs.sample(app)?;
        self.store.sample(&app.store)
    }

    /// With a store that is well.
    #[cfg(test)]
    pub fn render(&self, app: &App) -> Result<String, Problem> {
        let well = Stored {
            store: true,
            migrations: true,
            writes: true,
            room: true,
        };
        self.render_with(app, well)
    }
}

fn whole(count: impl TryInto<i64>) -> i64 {
    count.try_into().unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use syncline_identity::TokenRequested;
    use syncline_model::job::{Counts, CycleKind, CyclePhase};
    use syncline_runner::PageReport;

    use super::*;

    /// Figures that were all used: a family without a member is not written.
    fn used() -> Metrics {
        let metrics = Metrics::new(Timestamp(0));
        metrics.http.begins();
        metrics.http.ended(Answered {
            method: "GET",
            route: "/".to_owned(),
            status: Some(200),
            took: Duration::ZERO,
        });
        metrics.http.item("GET", "/", 200);
        metrics.http.sent("/".to_owned(), 0);
        metrics.tokens.count(&TokenRequested {
            grant: "other",
            error: None,
        });
        metrics.cycles.begins(CycleKind::Initial);
        metrics.cycles.page(
            &PageReport {
                phase: CyclePhase::Source,
                counts: Counts::default(),
                skipped_by_reason: [("ExternalUser".to_owned(), 1)].into(),
            },
            Duration::ZERO,
        );
        let end = CycleEnd::Interrupted;
        metrics
            .cycles
            .ended(CycleKind::Initial, end, Duration::ZERO);
        metrics.jobs.use_all();
        metrics.store.read(Duration::ZERO);
        metrics.store.use_all();
        metrics.ready.set(Stored {
            store: true,
            migrations: true,
            writes: true,
            room: true,
        });
        metrics
    }

    /// The table of `docs/operations/metrics-and-health.md` as the registry has it.
    fn table() -> String {
        let metrics = used();
        let mut text = String::new();
        encode(&mut text, &metrics.registry).unwrap();
        let mut rows = Vec::new();
        let mut help = None;
        // A figure is described by HELP, TYPE and perhaps UNIT, in this order.
        for line in text.lines() {
            if let Some(line) = line.strip_prefix("# HELP ") {
                let (name, meaning) = line.split_once(' ').unwrap();
                help = Some((name.to_owned(), meaning.trim_end_matches('.').to_owned()));
            } else if let Some(line) = line.strip_prefix("# TYPE ") {
                let (name, kind) = line.split_once(' ').unwrap();
                let (_, meaning) = help.take().filter(|(known, _)| known == name).unwrap();
                let suffix = match kind {
                    "counter" => "_total",
                    "info" => "_info",
                    _ => "",
                };
                rows.push((format!("{name}{suffix}"), kind.to_owned(), meaning));
            }
        }
        let registered = format!("{:?}", metrics.registry);
        assert_eq!(
            rows.len(),
            registered.matches("Descriptor {").count(),
            "a figure is registered that `used` does not use"
        );
        let mut table = String::from("| name | type | what |\n| --- | --- | --- |\n");
        for (name, kind, meaning) in rows {
            writeln!(table, "| `{name}` | {kind} | {meaning} |").unwrap();
        }
        table
    }

    #[test]
    fn the_reference_lists_every_figure_as_it_is() {
        let page = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../docs/operations/metrics-and-health.md"
        );
        let text = std::fs::read_to_string(page).unwrap();
        let (_, rest) = text.split_once("<!-- metrics -->\n").unwrap();
        let (listed, _) = rest.split_once("<!-- end -->").unwrap();
        let table = table();
        assert!(
            listed == table,
            "put this between the marks of docs/operations/metrics-and-health.md:\n{table}"
        );
    }

    #[test]
    fn names_have_our_prefix_and_say_their_unit() {
        for row in table().lines().skip(2) {
            let name = row.split('`').nth(1).unwrap();
            assert!(
                name.starts_with("syncline_") || name.starts_with("process_"),
                "{name}"
            );
            for (word, unit) in [
                ("duration", "_seconds"),
                ("size", "_bytes"),
                ("memory", "_bytes"),
            ] {
                assert!(!name.contains(word) || name.ends_with(unit), "{name}");
            }
        }
    }
}
