//! References by links of an earlier matching that were wrong.

use syncline_model::job::Counts;
use syncline_model::{Attr, IdSet, ObjectId, Problem};

use super::Waiting;
use crate::settle::{Led, Misled, Referrers, Wrong, leading, misled_by, owners, still_to_come};
use crate::view::View;

impl Waiting {
    /// Counts the references by wrong links that would be removed.
    pub(super) fn let_go(
        &mut self,
        view: &View<'_, '_>,
        wrong: &Wrong,
        decided: &IdSet<ObjectId>,
        counts: &mut Counts,
    ) -> Result<(), Problem> {
        for (mut referrers, led, amends) in misled_by(wrong, view.configuration) {
            while let Some(misled) = self.misled(view, &mut referrers, decided, &led)? {
                if amends.wait {
                    self.add(view, referrers.waiting_misled(&misled))?;
                }
                if amends.remove {
                    self.forget(misled, referrers.target_attr(), counts);
                }
            }
        }
        Ok(())
    }

    /// References that would be removed.
    fn forget(&mut self, misled: Vec<Misled>, attr: Attr, counts: &mut Counts) {
        counts.references_removed += misled.len() as u64;
        let owners = misled.into_iter().map(|it| it.owner.source);
        self.led.extend(owners.map(|owner| ((owner, attr), None)));
    }

    /// A slice of those whom these links would have misled.
    fn misled(
        &self,
        view: &View<'_, '_>,
        referrers: &mut Referrers,
        decided: &IdSet<ObjectId>,
        led: &Led,
    ) -> Result<Option<Vec<Misled>>, Problem> {
        let Some(found) = referrers.next(view)? else {
            return Ok(None);
        };
        let attr = referrers.target_attr();
        let links = self.links.of(view, &owners(&found))?;
        let still_to_come = still_to_come(view.configuration, self.walk);
        let misled = referrers.misled(&found, &links, still_to_come, decided, led);
        let planned = |it: &Misled| self.led.get(&(it.owner.source, attr));
        let (planned_ones, others): (Vec<Misled>, Vec<Misled>) =
            misled.into_iter().partition(|it| planned(it).is_some());
        let mut misled = leading(view, others, attr)?;
        let leads = |it: &Misled| planned(it) == Some(&Some(it.to));
        misled.extend(planned_ones.into_iter().filter(leads));
        Ok(Some(misled))
    }
}
