//! Who is in which group of a hosted tenant, apart from the groups themselves.

use syncline_connector::{Cursor, Membership, MembershipChanges, SourceMemberships};
use syncline_engine::Fault;
use syncline_model::ObjectId;
use syncline_model::job::Watermark;
use syncline_store::{Edge, EdgeKind, Reader};

use super::{LocalSource, bad_cursor, broken};

impl SourceMemberships for LocalSource {
    fn changes(
        &self,
        page: &Reader<'_>,
        since: &Watermark,
        until: &Watermark,
        cursor: &Cursor,
        limit: usize,
    ) -> Result<MembershipChanges, Fault> {
        let after = if cursor.0.is_empty() {
            since.sequence
        } else {
            cursor.0.parse().map_err(|_| bad_cursor(cursor))?
        };
        let changed = page
            .edge_changes(self.tenant, after, until.sequence, limit)
            .map_err(broken)?;
        let next = match changed.last() {
            Some(last) if changed.len() == limit => Some(Cursor(last.sequence.to_string())),
            _ => None,
        };
        let memberships = changed
            .into_iter()
            .filter(|change| change.edge.kind == EdgeKind::Member)
            .map(|change| {
                let membership = Membership {
                    group: change.edge.from,
                    member: change.edge.to,
                };
                (membership, !change.removed)
            });
        Ok(MembershipChanges {
            changes: memberships.collect(),
            next,
        })
    }

    fn members(
        &self,
        page: &Reader<'_>,
        group: ObjectId,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Vec<ObjectId>, Fault> {
        page.edges_from(self.tenant, EdgeKind::Member, group, after, limit)
            .map_err(broken)
    }

    fn groups(
        &self,
        page: &Reader<'_>,
        member: ObjectId,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Vec<ObjectId>, Fault> {
        page.edges_to(self.tenant, EdgeKind::Member, member, after, limit)
            .map_err(broken)
    }

    fn exist(&self, page: &Reader<'_>, asked: &[Membership]) -> Result<Vec<bool>, Fault> {
        let edges: Vec<Edge> = asked.iter().map(edge).collect();
        page.edges_exist(self.tenant, &edges).map_err(broken)
    }
}

fn edge(membership: &Membership) -> Edge {
    Edge {
        kind: EdgeKind::Member,
        from: membership.group,
        to: membership.member,
    }
}
