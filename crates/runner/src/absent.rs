//! Target objects that somebody counts on and that are not there as they should be.

use syncline_engine::LookupQuery;
use syncline_model::{EntityKind, IdSet, ObjectId, Problem};

use crate::page::unavailable;
use crate::view::View;

const AT_ONCE: usize = 1000;

#[derive(Debug, Default)]
pub(crate) struct Absent {
    pub(crate) gone: IdSet<ObjectId>,
    /// Whoever is there can be referred to, and refers to nobody.
    pub(crate) in_recycle_bin: IdSet<ObjectId>,
}

impl Absent {
    /// Asks the target for these objects of its, each once.
    pub(crate) fn among(
        view: &View<'_, '_>,
        objects: impl IntoIterator<Item = (EntityKind, ObjectId)>,
    ) -> Result<Self, Problem> {
        let mut met = IdSet::default();
        let objects = objects
            .into_iter()
            .filter(|(_, target)| met.insert(*target));
        let queries: Vec<LookupQuery> = objects
            .map(|(kind, target)| LookupQuery::Linked { kind, target })
            .collect();
        let target = &view.configuration.connected.target;
        let mut absent = Self::default();
        for some in queries.chunks(AT_ONCE) {
            let found = target.find(view.reader, some).map_err(unavailable)?;
            for (query, found) in some.iter().zip(found) {
                let LookupQuery::Linked { target, .. } = query else {
                    continue;
                };
                match found.first() {
                    None => drop(absent.gone.insert(*target)),
                    Some(object) if object.soft_deleted => {
                        absent.in_recycle_bin.insert(*target);
                    }
                    Some(_) => {}
                }
            }
        }
        Ok(absent)
    }

    /// Whether it can refer to others.
    pub(crate) fn lives(&self, target: &ObjectId) -> bool {
        !self.gone.contains(target) && !self.in_recycle_bin.contains(target)
    }
}
