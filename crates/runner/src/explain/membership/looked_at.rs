//! Whether the next cycle looks at an end of a membership before it comes to the membership itself: only then does what it
//! would decide of that end come first.

use syncline_connector::Cursor;
use syncline_model::job::CycleKind;
use syncline_model::{EntityKind, ObjectId, Problem};

use super::super::report::{Explanation, Leaves};
use super::{Asked, CHANGES_AT_ONCE, MOST_CHANGES, MembershipExplanation};
use crate::configuration::clock;
use crate::cycle::reevaluation::Extent;
use crate::unavailable::unavailable;

impl Asked<'_, '_, '_> {
    /// Whether an end is to leave the target, or to be let go of, and the next cycle decides of that. Where that cycle
    /// looks at too much for that to be known, it is taken to.
    pub(super) fn is_decided_first(
        &self,
        adds: bool,
        explanation: &mut MembershipExplanation,
    ) -> Result<bool, Problem> {
        let (group, member) = (&explanation.group, &explanation.member);
        // Who is only to lose a membership loses it, whatever becomes of them.
        let of_member = adds && member.leaves == Some(Leaves::Removed);
        let leaving = [(group, group.leaves.is_some()), (member, of_member)];
        for (end, _) in leaving.into_iter().filter(|(_, leaves)| *leaves) {
            let is_looked_at = self.is_looked_at(end)?;
            if is_looked_at != Some(false) {
                explanation.more_changes |= is_looked_at.is_none();
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// `None`: more has changed in the source than is looked through.
    fn is_looked_at(&self, end: &Explanation) -> Result<Option<bool>, Problem> {
        let tried = end.escrow.as_ref().and_then(|row| self.next_attempt(row));
        if tried.is_some_and(|at| self.is_tried(at)) {
            return Ok(Some(true));
        }
        let asked = (end.kind, end.id);
        if self.extent_has(asked)? {
            return Ok(Some(true));
        }
        self.has_changed(asked)
    }

    /// Whether a cycle goes through everybody, or a change of the configuration concerns this one.
    fn extent_has(&self, asked: (EntityKind, ObjectId)) -> Result<bool, Problem> {
        let (reader, job, configuration) = (self.view.reader, self.job, self.view.configuration);
        let goes_on = job.to_go_on();
        if goes_on.is_some_and(|it| it.kind == CycleKind::Initial) {
            return Ok(true);
        }
        let by_clock = match goes_on {
            Some(cycle) => cycle.by_clock,
            None => !self.next.in_between && clock::is_owed(job, configuration, self.next.begins),
        };
        let extent = self.runner.extent(reader, job, configuration, by_clock)?;
        let impact = match extent {
            Extent::Everything => return Ok(true),
            Extent::Changes => return Ok(false),
            Extent::Concerned(impact) => impact,
        };
        let source = &configuration.connected.source;
        let subjects = source.by_id(reader, &[asked]).map_err(unavailable)?;
        let concerned = self
            .runner
            .only_concerned(reader, job, Some(&impact), subjects)?;
        Ok(!concerned.is_empty())
    }

    /// Whether what has changed in the source since the last cycle affects this one; `None` where that is too much.
    fn has_changed(&self, asked: (EntityKind, ObjectId)) -> Result<Option<bool>, Problem> {
        let (reader, configuration) = (self.view.reader, self.view.configuration);
        let Some(since) = &self.job.watermark else {
            return Ok(Some(true));
        };
        let source = &configuration.connected.source;
        let until = source.watermark(reader).map_err(unavailable)?;
        let kinds = configuration.kinds();
        let mut cursor = Cursor::default();
        for _ in 0..MOST_CHANGES / CHANGES_AT_ONCE {
            let found = source.changes(reader, &kinds, since, &until, &cursor, CHANGES_AT_ONCE);
            let found = found.map_err(unavailable)?;
            let mut affected = found.subjects.iter();
            if affected.any(|it| (it.kind, it.id) == asked) {
                return Ok(Some(true));
            }
            match found.next {
                Some(next) => cursor = next,
                None => return Ok(Some(false)),
            }
        }
        Ok(None)
    }
}
