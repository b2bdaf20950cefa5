//! Members of the target's groups, and which of them this source's synchronization added.

use syncline_connector::{Held, Membership, TargetMemberships};
use syncline_engine::Fault;
use syncline_model::ObjectId;
use syncline_store::{Edge, EdgeKind, Reader};

use super::{LocalTarget, fault};

impl TargetMemberships for LocalTarget {
    fn held(&self, page: &Reader<'_>, asked: &[Membership]) -> Result<Vec<Held>, Fault> {
        let edges: Vec<Edge> = asked
            .iter()
            .map(|it| Edge {
                kind: EdgeKind::Member,
                from: it.group,
                to: it.member,
            })
            .collect();
        let found = page
            .edges_added(self.target, &edges, self.source)
            .map_err(fault::broken)?;
        Ok(found
            .into_iter()
            .map(|found| found.map_or(Held::Not, held))
            .collect())
    }

    fn members(
        &self,
        page: &Reader<'_>,
        group: ObjectId,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Vec<(ObjectId, Held)>, Fault> {
        let (target, source) = (self.target, self.source);
        let found = page
            .edges_from_added(target, EdgeKind::Member, group, source, after, limit)
            .map_err(fault::broken)?;
        Ok(all_held(found))
    }

    fn groups(
        &self,
        page: &Reader<'_>,
        member: ObjectId,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Vec<(ObjectId, Held)>, Fault> {
        let (target, source) = (self.target, self.source);
        let found = page
            .edges_to_added(target, EdgeKind::Member, member, source, after, limit)
            .map_err(fault::broken)?;
        Ok(all_held(found))
    }
}

fn all_held(found: Vec<(ObjectId, bool)>) -> Vec<(ObjectId, Held)> {
    let found = found.into_iter();
    found.map(|(id, ours)| (id, held(ours))).collect()
}

fn held(ours: bool) -> Held {
    if ours {
        Held::FromSource
    } else {
        Held::ByOthers
    }
}
