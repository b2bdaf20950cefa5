//! Whether so much of a cycle failed that its job is quarantined: its target, its mappings or its source
//! need somebody, and trying everything again every few minutes helps nobody.

/// How much is too much. The default is Entra's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// Fewer failed objects than this are never a reason.
    pub fewest: u64,
    /// More failed objects than this are, whatever else went well.
    pub most: u64,
    /// So many failures, those of references among them, are as well.
    pub most_in_all: u64,
    /// More than so many of a hundred, when they are not too few.
    pub percent: u64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            fewest: 5_000,
            most: 40_000,
            most_in_all: 60_000,
            percent: 40,
        }
    }
}

/// What a cycle met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Failures {
    /// Objects that failed.
    pub objects: u64,
    /// References that failed, of objects that are counted as what else became of them.
    pub references: u64,
    /// Objects that were looked at, those that failed among them.
    pub looked_at: u64,
    /// Objects that the job has after it: linked, or escrowed. A cycle through changes looks at few of them.
    pub known: u64,
}

impl Failures {
    /// Of how many objects so many failed.
    pub fn of(&self) -> u64 {
        self.looked_at.max(self.known)
    }
}

/// Why a job is quarantined for what failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threshold {
    /// Too many objects.
    Base,
    /// Too many objects and references together.
    Total,
    /// Too many of those that were looked at, or that the job has.
    Proportion,
}

impl Threshold {
    /// Graph's `quarantineReason`.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Base => "EncounteredBaseEscrowThreshold",
            Self::Total => "EncounteredTotalEscrowThreshold",
            Self::Proportion => "EncounteredEscrowProportionThreshold",
        }
    }

    /// The threshold that a `quarantineReason` tells of; `None` for another reason.
    pub fn of_reason(reason: &str) -> Option<Self> {
        [Self::Base, Self::Total, Self::Proportion]
            .into_iter()
            .find(|it| it.reason() == reason)
    }
}

impl Thresholds {
    /// The one that a cycle has passed; `None` when it has passed none.
    pub fn verdict(self, failures: Failures) -> Option<Threshold> {
        let Failures {
            objects,
            references,
            ..
        } = failures;
        if objects > self.most {
            Some(Threshold::Base)
        } else if objects.saturating_add(references) >= self.most_in_all {
            Some(Threshold::Total)
        } else if objects >= self.fewest && self.are_most(objects, failures.of()) {
            Some(Threshold::Proportion)
        } else {
            None
        }
    }

    /// Whether a quarantine goes on while so many objects of `known` wait for another try: a cycle in which none of
    /// them is due shows nothing.
    pub fn goes_on(self, threshold: Threshold, waiting: u64, known: u64) -> bool {
        let are_many = match threshold {
            Threshold::Base | Threshold::Total => true,
            Threshold::Proportion => self.are_most(waiting, known),
        };
        waiting >= self.fewest && are_many
    }

    fn are_most(self, objects: u64, of: u64) -> bool {
        objects.saturating_mul(100) > of.saturating_mul(self.percent)
    }
}

#[cfg(test)]
mod tests {
    use super::Threshold::{Base, Proportion, Total};
    use super::*;

    #[test]
    fn the_worked_examples() {
        for (objects, references, fine, expected) in [
            (45_000, 0, 1_000_000, Some(Base)),
            (40_000, 0, 1_000_000, None),
            (30_000, 0, 5_000, Some(Proportion)),
            (20_000, 0, 100_000, None),
            (40_000, 21_000, 1_000_000, Some(Total)),
            (0, 60_000, 1_000_000, Some(Total)),
            (0, 59_999, 1_000_000, None),
            (5_000, 0, 0, Some(Proportion)),
            (4_000, 0, 0, None),
            (4_999, 30_000, 0, None),
            (5_000, 0, 7_500, None),
            (5_000, 0, 7_499, Some(Proportion)),
            (0, 0, 0, None),
        ] {
            let failures = Failures {
                objects,
                references,
                looked_at: objects + fine,
                known: 0,
            };
            let entra = Thresholds::default();
            assert_eq!(entra.verdict(failures), expected, "{failures:?}");
            // It does not matter how many of them this cycle looked at.
            let later = Failures {
                looked_at: objects,
                known: objects + fine,
                ..failures
            };
            assert_eq!(entra.verdict(later), expected, "{later:?}");
        }
    }

    #[test]
    fn it_goes_on_while_too_many_wait() {
        for (threshold, waiting, known, expected) in [
            (Base, 5_000, 1_000_000, true),
            (Base, 4_999, 4_999, false),
            (Total, 5_000, 1_000_000, true),
            (Proportion, 5_000, 12_499, true),
            (Proportion, 5_000, 12_500, false),
            (Proportion, 4_999, 4_999, false),
        ] {
            let case = (threshold, waiting, known);
            let goes_on = Thresholds::default().goes_on(threshold, waiting, known);
            assert_eq!(goes_on, expected, "{case:?}");
        }
    }
}
