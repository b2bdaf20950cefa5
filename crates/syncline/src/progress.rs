//! How far long work is: told by commands, shown as a bar on a terminal.

use indicatif::{ProgressBar, ProgressStyle};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use crate::output;

/// One report of long work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What is being done now, e.g. `checking users.csv`.
    pub label: String,
    pub done: u64,
    pub total: u64,
}

/// Told while a command works.
pub trait Progress: Send + Sync {
    fn step(&self, step: Step);

    /// Whether nobody waits for the command any more, or the server stops that does it. What only reads may stop then, and a
    /// backup, and what writes page by page and can be gone on with; what else writes goes on.
    fn gone(&self) -> bool {
        false
    }
}

/// Nobody watches.
#[derive(Debug)]
pub struct Silent;

impl Progress for Silent {
    fn step(&self, _step: Step) {}
}

/// A bar on stderr, only when that is a terminal.
#[derive(Debug)]
pub struct Bar(Option<Mutex<ProgressBar>>);

impl Bar {
    pub fn new() -> Self {
        if !output::watched() {
            return Self(None);
        }
        let bar = ProgressBar::new(0);
        if let Ok(style) =
            ProgressStyle::with_template("{msg:28} {bar:32} {percent:>3} %  {pos}/{len}")
        {
            bar.set_style(style);
        }
        Self(Some(Mutex::new(bar)))
    }

    /// Takes the bar off the terminal.
    pub fn finish(&self) {
        if let Some(bar) = &self.0 {
            bar.lock().finish_and_clear();
        }
    }
}

impl Progress for Bar {
    fn step(&self, step: Step) {
        if let Some(bar) = &self.0 {
            let bar = bar.lock();
            bar.set_length(step.total);
            bar.set_position(step.done);
            bar.set_message(step.label);
        }
    }
}

/// Shows a cycle's pages.
pub struct Cycle<'p>(pub &'p dyn Progress);

impl std::fmt::Debug for Cycle<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cycle")
    }
}

impl syncline_runner::Observer for Cycle<'_> {
    fn page_done(&self, progress: &syncline_runner::Progress) {
        self.0.step(step(progress));
    }
}

/// Shows how far a plan is, and stops it when nobody waits for it.
pub struct Planning<'p> {
    pub progress: &'p dyn Progress,
    pub cycles: &'p crate::cycles::Running,
}

impl std::fmt::Debug for Planning<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Planning")
    }
}

impl syncline_runner::Observer for Planning<'_> {
    fn page_done(&self, progress: &syncline_runner::Progress) {
        self.progress.step(step(progress));
    }

    fn must_stop(&self) -> bool {
        self.progress.gone() || self.cycles.stopping()
    }
}

/// Shows how far an undoing is, and stops it at a page when nobody waits for it.
pub struct Undoing<'p> {
    pub progress: &'p dyn Progress,
    pub cycles: &'p crate::cycles::Running,
}

impl std::fmt::Debug for Undoing<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Undoing")
    }
}

impl syncline_runner::Observer for Undoing<'_> {
    fn page_done(&self, progress: &syncline_runner::Progress) {
        self.progress.step(Step {
            label: "entries of the log".to_owned(),
            ..step(progress)
        });
    }

    fn must_stop(&self) -> bool {
        self.progress.gone() || self.cycles.stopping()
    }
}

fn step(progress: &syncline_runner::Progress) -> Step {
    use syncline_model::job::CyclePhase;
    let label = match progress.phase {
        CyclePhase::Escrows | CyclePhase::Retries => "retrying failed objects",
        CyclePhase::Source => "reading the source",
        CyclePhase::Reevaluation => "following the configuration",
        CyclePhase::Links => "looking for what is gone",
        CyclePhase::References => "setting references",
        CyclePhase::Memberships => "members of groups",
        CyclePhase::Staged => "deletes and disables",
    };
    Step {
        label: label.to_owned(),
        done: progress.done,
        total: progress.total,
    }
}
