//! Cycles, their pages, and what became of the objects.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use syncline_model::job::{Counts, CycleKind, CyclePhase, CycleState};
use syncline_runner::PageReport;

/// A cycle without changes takes milliseconds, a first one of millions an hour.
const CYCLE_SECONDS: [f64; 10] = [0.01, 0.05, 0.25, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0];
/// Pages follow a budget of a tenth of a second.
const PAGE_SECONDS: [f64; 9] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0];

/// How a cycle ended in this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CycleEnd {
    Ended(CycleState),
    /// The process stops, or the database was waited for in vain; it goes on from the checkpoint.
    Interrupted,
    /// Another node of the database goes on with it, because this one was not heard of for long.
    TakenOver,
    /// Its job was restarted or deleted meanwhile.
    Abandoned,
    /// Not even its end could be written down.
    Broken,
}

impl CycleEnd {
    const ALL: [Self; 8] = [
        Self::Ended(CycleState::Succeeded),
        Self::Ended(CycleState::EntryLevelErrors),
        Self::Ended(CycleState::Failed),
        Self::Ended(CycleState::Stopped),
        Self::Interrupted,
        Self::TakenOver,
        Self::Abandoned,
        Self::Broken,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Ended(CycleState::Succeeded) => "Succeeded",
            Self::Ended(CycleState::EntryLevelErrors) => "EntryLevelErrors",
            Self::Ended(CycleState::Failed) => "Failed",
            Self::Ended(CycleState::Stopped) => "Stopped",
            Self::Interrupted => "Interrupted",
            Self::TakenOver => "TakenOver",
            Self::Abandoned => "Abandoned",
            Self::Broken => "Broken",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Kind {
    kind: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    kind: &'static str,
    state: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Phase {
    phase: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Action {
    action: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reason {
    reason: String,
}

/// Figures about cycles.
#[derive(Clone)]
pub struct Cycles {
    started: Family<Kind, Counter>,
    ended: Family<Ended, Counter>,
    durations: Family<Kind, Histogram, fn() -> Histogram>,
    running: Gauge,
    pages: Family<Phase, Histogram, fn() -> Histogram>,
    exports: Family<Action, Counter>,
    skipped: Family<Reason, Counter>,
    references: Family<Action, Counter>,
}

impl Cycles {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let figures = Self {
            started: Family::default(),
            ended: Family::default(),
            durations: Family::new_with_constructor(|| Histogram::new(CYCLE_SECONDS)),
            running: Gauge::default(),
            pages: Family::new_with_constructor(|| Histogram::new(PAGE_SECONDS)),
            exports: Family::default(),
            skipped: Family::default(),
            references: Family::default(),
        };
        figures.begin_with_zero();
        registry.register(
            "cycles_started",
            "Cycles begun by this process, or taken up where another left them, by `kind` (`initial`, `incremental`)",
            figures.started.clone(),
        );
        registry.register(
            "cycles_ended",
            "Cycles ended in this process, by `kind` and `state` (as in Graph; `Interrupted`: the process stopped, or the database was away or its disk full for long, and it goes on later; `TakenOver`: another node goes on with it; `Abandoned`: its job was restarted or deleted meanwhile; `Broken`: its end could not be written)",
            figures.ended.clone(),
        );
        registry.register_with_unit(
            "cycle_duration",
            "How long cycles ran in this process, by `kind`",
            Unit::Seconds,
            figures.durations.clone(),
        );
        registry.register(
            "cycles_running",
            "Cycles that run in this process now",
            figures.running.clone(),
        );
        registry.register_with_unit(
            "page_duration",
            "Committed transactions of cycles, each of a page or two, by `phase`",
            Unit::Seconds,
            figures.pages.clone(),
        );
        registry.register(
            "exports",
            "Objects evaluated by cycles, by `action` (`created`, `updated`, `disabled`, `deleted`, `restored`, `skipped`, `escrowed`, `staged`, `unchanged`); each once, but whoever failed and is tried again in the same cycle counts as `escrowed` and as what becomes of it then",
            figures.exports.clone(),
        );
        registry.register(
            "skipped",
            "Objects that cycles skipped, by `reason` (as in the provisioning log)",
            figures.skipped.clone(),
        );
        registry.register(
            "references",
            "References that cycles wrote, by `action` (`set`, `removed`)",
            figures.references.clone(),
        );
        figures
    }

    /// A rate needs a first value: what never happened yet is 0, not absent.
    fn begin_with_zero(&self) {
        for kind in [CycleKind::Initial, CycleKind::Incremental].map(kind_name) {
            let _ = self.started.get_or_create(&Kind { kind });
            for state in CycleEnd::ALL.map(CycleEnd::name) {
                let _ = self.ended.get_or_create(&Ended { kind, state });
            }
        }
        self.count(&Counts::default());
    }

    pub fn begins(&self, kind: CycleKind) {
        self.running.inc();
        self.started
            .get_or_create(&Kind {
                kind: kind_name(kind),
            })
            .inc();
    }

    /// Whoever reads in between finds it running and ended rather than nothing of it.
    pub fn ended(&self, kind: CycleKind, end: CycleEnd, took: Duration) {
        let kind = kind_name(kind);
        self.ended
            .get_or_create(&Ended {
                kind,
                state: end.name(),
            })
            .inc();
        self.durations
            .get_or_create(&Kind { kind })
            .observe(took.as_secs_f64());
        self.running.dec();
    }

    pub fn page(&self, page: &PageReport, took: Duration) {
        self.pages
            .get_or_create(&Phase {
                phase: phase_name(page.phase),
            })
            .observe(took.as_secs_f64());
        self.count(&page.counts);
        for (reason, count) in &page.skipped_by_reason {
            // The engine's reasons are an enumeration: few, and none of a stranger's making.
            let reason = reason.clone();
            self.skipped
                .get_or_create(&Reason { reason })
                .inc_by(*count);
        }
    }

    fn count(&self, counts: &Counts) {
        for (action, count) in [
            ("created", counts.created),
            ("updated", counts.updated),
            ("disabled", counts.disabled),
            ("deleted", counts.deleted),
            ("restored", counts.restored),
            ("skipped", counts.skipped),
            ("escrowed", counts.escrowed),
            ("staged", counts.staged),
            ("unchanged", counts.unchanged),
        ] {
            self.exports.get_or_create(&Action { action }).inc_by(count);
        }
        for (action, count) in [
            ("set", counts.references_set),
            ("removed", counts.references_removed),
        ] {
            self.references
                .get_or_create(&Action { action })
                .inc_by(count);
        }
    }
}

pub fn kind_name(kind: CycleKind) -> &'static str {
    match kind {
        CycleKind::Initial => "initial",
        CycleKind::Incremental => "incremental",
    }
}

pub fn phase_name(phase: CyclePhase) -> &'static str {
    match phase {
        CyclePhase::Escrows => "escrows",
        CyclePhase::Source => "source",
        CyclePhase::Reevaluation => "reevaluation",
        CyclePhase::Links => "links",
        CyclePhase::References => "references",
        CyclePhase::Memberships => "memberships",
        CyclePhase::Staged => "staged",
        CyclePhase::Retries => "retries",
    }
}
