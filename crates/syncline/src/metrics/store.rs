//! The store: transactions, the wait for the writer, and the size of the files.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use syncline_model::Problem;
use syncline_store::{Meter, Store, Written};

use super::known::Known;
use super::whole;
use crate::outage::Outage;
use crate::seam::Stopwatch;

const SECONDS: [f64; 11] = [
    0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 5.0,
];

/// A database that takes nothing is said once; again for whoever looks at the last hours of the log only.
const SAY_AGAIN_AFTER: Duration = Duration::from_secs(15 * 60);

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Kind {
    kind: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    kind: &'static str,
    result: &'static str,
}

/// Figures about the store.
pub(super) struct StoreFigures {
    running: Stopwatch,
    full_disk: Outage,
    refusal: Outage,
    transactions: Family<Ended, Counter>,
    durations: Family<Kind, Histogram, fn() -> Histogram>,
    writer_wait: Histogram,
    database: Known,
    wal: Known,
}

impl StoreFigures {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let figures = Self {
            running: Stopwatch::start(),
            full_disk: Outage::new(SAY_AGAIN_AFTER),
            refusal: Outage::new(SAY_AGAIN_AFTER),
            transactions: Family::default(),
            durations: Family::new_with_constructor(|| Histogram::new(SECONDS)),
            writer_wait: Histogram::new(SECONDS),
            database: Known::default(),
            wal: Known::default(),
        };
        registry.register(
            "store_transactions",
            "Transactions, by `kind` (`read`, `write`) and `result` (`ended` for reads, `committed` or `rolled_back` for writes)",
            figures.transactions.clone(),
        );
        registry.register_with_unit(
            "store_transaction_duration",
            "How long transactions were open, without the wait for the writer, by `kind`",
            Unit::Seconds,
            figures.durations.clone(),
        );
        registry.register_with_unit(
            "store_writer_wait",
            "How long writing transactions waited for their turn: for the writer of the file, or for other writers of their tenant on this node and for a connection",
            Unit::Seconds,
            figures.writer_wait.clone(),
        );
        registry.register_with_unit(
            "store_database_size",
            "The database; 0 when its server does not tell",
            Unit::Bytes,
            figures.database.clone(),
        );
        registry.register_with_unit(
            "store_wal_size",
            "The write-ahead log beside it",
            Unit::Bytes,
            figures.wal.clone(),
        );
        figures
    }

    pub(super) fn sample(&self, store: &Store) -> Result<(), Problem> {
        let sizes = store.sizes()?;
        self.database.set(whole(sizes.database.unwrap_or(0)));
        self.wal.set(whole(sizes.wal));
        Ok(())
    }

    /// What a store has that does not answer is not known.
    pub(super) fn forget(&self) {
        self.database.forget();
        self.wal.forget();
    }

    #[cfg(test)]
    pub(super) fn use_all(&self) {
        self.database.set(0);
        self.wal.set(0);
    }

    fn ended(&self, kind: &'static str, result: &'static str, took: Duration) {
        self.transactions
            .get_or_create(&Ended { kind, result })
            .inc();
        self.durations
            .get_or_create(&Kind { kind })
            .observe(took.as_secs_f64());
    }
}

impl Meter for StoreFigures {
    fn now(&self) -> Duration {
        self.running.elapsed()
    }

    fn read(&self, took: Duration) {
        self.ended("read", "ended", took);
    }

    fn wrote(&self, written: &Written) {
        self.writer_wait.observe(written.waited.as_secs_f64());
        let result = if written.committed {
            "committed"
        } else {
            "rolled_back"
        };
        self.ended("write", result, written.took);
    }

    fn room(&self, there: bool) {
        if there {
            if self.full_disk.works() {
                tracing::info!("the disk of the database has room again");
            }
        } else if self.full_disk.fails(self.running.elapsed()) {
            tracing::warn!(
                "the disk of the database is full: requests that write are refused, and cycles wait at their last page; make room there, then all goes on by itself"
            );
        }
    }

    fn writing_refused(&self, why: &str) {
        if self.refusal.fails(self.running.elapsed()) {
            tracing::error!(
                why,
                "the database takes no writes: requests that write are refused, and cycles wait at their last page; see to its disk or its server, then all goes on by itself"
            );
        }
    }

    fn writing_taken(&self) {
        if self.refusal.works() {
            tracing::info!("the database takes writes again");
        }
    }
}
