//! Deciding where others wait for it: in steps, and whoever asks for it says after each of them whether it goes on.

use syncline_engine::Subject;
use syncline_engine::evidence::EvidenceForm;
use syncline_model::{Problem, id_set};

use super::claims::Claims;
use super::promised::Promised;
use super::{Decided, View};

/// A step has as many look-ups as are worth asking together.
const AT_ONCE: usize = 128;

impl View<'_, '_> {
    /// As [`View::decide`]. While some are left, `goes_on` is asked after each step, and ends it with an error.
    /// No step has more than all before it, so that deciding lasts twice as long as it may at most, as a rule.
    pub(crate) fn decide_in_steps(
        &self,
        subjects: &[Subject],
        goes_on: impl Fn() -> Result<(), Problem>,
    ) -> Result<Vec<Decided>, Problem> {
        let mut seen = id_set(subjects.len());
        let distinct: Vec<&Subject> = subjects.iter().filter(|it| seen.insert(it.id)).collect();
        let mut claims = Claims::default();
        let mut promised = Promised::default();
        let mut decided = Vec::with_capacity(distinct.len());
        let mut left = distinct.as_slice();
        loop {
            let step = decided.len().clamp(1, AT_ONCE).min(left.len());
            let (now, later) = left.split_at(step);
            let form = EvidenceForm::Open;
            decided.extend(self.decide_distinct(now, &mut claims, &mut promised, form)?);
            left = later;
            if left.is_empty() {
                return Ok(decided);
            }
            goes_on()?;
        }
    }
}
