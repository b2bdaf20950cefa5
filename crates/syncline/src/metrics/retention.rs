//! What was thrown away because its time was over.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

/// Kinds of things that have their time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removed {
    LogRow,
    /// Sessions, codes, tickets, and what belonged to objects that are gone.
    Document,
    RecycledObject,
    /// What tells readers of changes that something was deleted.
    Tombstone,
    /// What a deleted job has left.
    JobRow,
}

impl Removed {
    const ALL: [Self; 5] = [
        Self::LogRow,
        Self::Document,
        Self::RecycledObject,
        Self::Tombstone,
        Self::JobRow,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::LogRow => "log_row",
            Self::Document => "document",
            Self::RecycledObject => "recycled_object",
            Self::Tombstone => "tombstone",
            Self::JobRow => "job_row",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Kind {
    kind: &'static str,
}

/// Figures about retention.
#[derive(Clone)]
pub struct Retention(Family<Kind, Counter>);

impl Retention {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let figures = Self(Family::default());
        for kind in Removed::ALL {
            figures.count(kind, 0);
        }
        registry.register(
            "retention_removed",
            "What was removed because its time was over, by `kind` (`log_row`, `document`: sessions, codes and tickets, and what belonged to objects that are gone, `recycled_object`, `tombstone`: the trace of a deleted object, reference or assignment, `job_row`: what a deleted job has left)",
            figures.0.clone(),
        );
        figures
    }

    pub fn count(&self, kind: Removed, count: usize) {
        self.0
            .get_or_create(&Kind { kind: kind.name() })
            .inc_by(count as u64);
    }
}
