//! Which phases a cycle has, and in which order: for those who carry it out, and for a plan, which walks
//! through the same.

use syncline_model::job::{CycleKind, CyclePhase, RunningCycle};

use crate::configuration::Configuration;
use crate::memberships::Flowing;

/// What the phases depend on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Course {
    pub(crate) kind: CycleKind,
    /// Before it began, objects were linked, or had failed.
    pub(crate) had_links: bool,
    /// A restart has made links old, and some may be still. What goes by one is put aside beside somebody who
    /// is matched, and what a page has staged by one may be nobody's any more behind another page.
    pub(crate) was_restarted: bool,
    /// A change of the configuration concerns some.
    pub(crate) reevaluates: bool,
    pub(crate) members_flow: bool,
}

impl Course {
    pub(super) fn of(cycle: &RunningCycle, configuration: &Configuration) -> Self {
        Self {
            kind: cycle.kind,
            had_links: cycle.had_links,
            was_restarted: configuration.connected.facts.matching > 0,
            reevaluates: cycle.reevaluates,
            members_flow: Flowing::of(configuration).is_some(),
        }
    }

    /// A full read meets the failed objects anyway; and a cycle in between leaves them to the scheduled ones, which are
    /// what their timetable goes by.
    pub(crate) fn first(kind: CycleKind, in_between: bool) -> CyclePhase {
        match kind {
            CycleKind::Incremental if !in_between => CyclePhase::Escrows,
            CycleKind::Incremental | CycleKind::Initial => CyclePhase::Source,
        }
    }

    /// The phase after this one. Not said here, for it depends on what was done: a cycle whose removals have made no
    /// room ends without retries, and after those the members and removals that became due with them follow
    /// once more.
    pub(crate) fn after(self, phase: CyclePhase) -> Option<CyclePhase> {
        Some(match phase {
            CyclePhase::Escrows => CyclePhase::Source,
            CyclePhase::Source if self.kind == CycleKind::Initial && self.had_links => {
                CyclePhase::Links
            }
            CyclePhase::Source if self.reevaluates => CyclePhase::Reevaluation,
            CyclePhase::Source | CyclePhase::Reevaluation
                if self.kind == CycleKind::Incremental && self.was_restarted =>
            {
                CyclePhase::Links
            }
            CyclePhase::Source | CyclePhase::Links | CyclePhase::Reevaluation => {
                CyclePhase::References
            }
            CyclePhase::References if self.members_flow => CyclePhase::Memberships,
            CyclePhase::References | CyclePhase::Memberships => CyclePhase::Staged,
            CyclePhase::Staged => CyclePhase::Retries,
            CyclePhase::Retries => return None,
        })
    }
}
