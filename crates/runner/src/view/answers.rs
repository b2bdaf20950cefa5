//! What the target answers to a batch's look-ups, which go out together.

use syncline_engine::{LookupQuery, TargetObject};
use syncline_model::{ObjectId, Problem};

use super::View;
use crate::unavailable::unavailable;

/// The answer to one look-up.
pub(super) enum Answer {
    Found(Vec<TargetObject>),
    /// The target does not say who has the value: nobody of this source could have it.
    Withheld,
}

impl View<'_, '_> {
    /// The answers, in the order asked. What the target withholds is not looked for.
    pub(super) fn ask(&self, mut queries: Vec<LookupQuery>) -> Result<Vec<Answer>, Problem> {
        let target = &self.configuration.connected.target;
        let is_value = |query: &LookupQuery| matches!(query, LookupQuery::Taken { .. });
        let withheld = if queries.iter().any(is_value) {
            let withheld = target.withholds(self.reader, &queries);
            withheld.map_err(unavailable)?
        } else {
            vec![false; queries.len()]
        };
        let mut is_withheld = withheld.iter();
        queries.retain(|_| is_withheld.next() != Some(&true));
        let mut found = target.find(self.reader, &queries).map_err(unavailable)?;
        self.mark_linked(&mut found)?;
        let mut found = found.into_iter();
        let answers = withheld.into_iter().map(|withheld| match withheld {
            true => Answer::Withheld,
            false => Answer::Found(found.next().unwrap_or_default()),
        });
        Ok(answers.collect())
    }

    /// Tells the engine which of the found objects this job has linked already.
    fn mark_linked(&self, found: &mut [Vec<TargetObject>]) -> Result<(), Problem> {
        let targets: Vec<ObjectId> = found
            .iter()
            .flatten()
            .map(|object| object.entry.id)
            .collect();
        let links = self.reader.links_to(self.tenant, self.job, &targets)?;
        let matching = self.configuration.connected.facts.matching;
        for (object, link) in found.iter_mut().flatten().zip(links) {
            // Whoever was linked by an earlier matching has no right to it before he is matched again.
            let link = link.filter(|it| it.matching >= matching);
            object.linked_source = link.map(|link| link.source);
        }
        Ok(())
    }
}
