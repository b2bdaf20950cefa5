//! The walk through what changed behind a watermark.
//!
//! Changes are mapped to the subjects they affect. A group whose assignment or state changed
//! affects each of its members: those are walked through page by page, the place in the group
//! being part of the cursor, so that memory stays bounded however large the group is. So are all who are assigned
//! with a role when the app roles of the service principal changed, which may have other names now.

use std::collections::HashSet;

use syncline_connector::{Cursor, SubjectPage};
use syncline_engine::Fault;
use syncline_model::{EntityKind, ObjectId};
use syncline_store::{Changed, EdgeKind, Reader, Result};
use uuid::Uuid;

use super::cursor::{AssignedPlace, ChangePlace, GroupPlace};
use super::{LocalSource, broken, subjects};
use crate::app_role_assignments::DEFAULT_ACCESS;
use crate::load;
use crate::service_principals::roles_changed;

/// So many changes are looked at for each subject a page may have: a page over changes that affect
/// nobody ends, too.
const CHANGES_PER_SUBJECT: usize = 4;

/// A page of the subjects affected by the changes after `since` and up to `until`, each once per
/// page.
pub(super) fn page(
    source: &LocalSource,
    page: &Reader<'_>,
    kinds: &[EntityKind],
    since: u64,
    until: u64,
    cursor: &Cursor,
    limit: usize,
) -> std::result::Result<SubjectPage, Fault> {
    let place = ChangePlace::parse(cursor, since)?;
    let mut walk =
        Walk::begin(source, page, place, (since, until), limit.max(1)).map_err(broken)?;
    let next = walk.run(page).map_err(broken)?;
    let objects = load::many(page, source.tenant, kinds, &walk.affected).map_err(broken)?;
    let subjects = subjects::of(source, page, objects).map_err(broken)?;
    Ok(SubjectPage {
        subjects,
        next: next.map(ChangePlace::cursor),
    })
}

struct Walk<'a> {
    source: &'a LocalSource,
    place: ChangePlace,
    since: u64,
    until: u64,
    limit: usize,
    /// Groups whose members a change may concern: assigned ones, and those that scoping filters ask
    /// for. Those whose assignment was removed count too: a
    /// member who left before the removal is no member any more when the removal is looked at.
    groups: HashSet<ObjectId>,
    /// In order of the first change that affects them.
    affected: Vec<ObjectId>,
    seen: HashSet<ObjectId>,
}

/// Assignments looked at together. More than one principal has, so that each comes as a whole.
const ASSIGNMENTS: usize = 500;

/// Whom a change affects.
enum Affects {
    Nobody,
    One(ObjectId),
    MembersOf(ObjectId),
    /// Where app roles are what changed.
    AllAssigned,
}

impl<'a> Walk<'a> {
    fn begin(
        source: &'a LocalSource,
        page: &Reader<'_>,
        place: ChangePlace,
        (since, until): (u64, u64),
        limit: usize,
    ) -> Result<Self> {
        let groups = page.groups_ever_assigned(source.tenant, source.service_principal)?;
        Ok(Self {
            source,
            place,
            since,
            until,
            limit,
            groups: groups
                .into_iter()
                .chain(source.asked_groups.iter().copied())
                .collect(),
            affected: Vec::new(),
            seen: HashSet::new(),
        })
    }

    /// Fills the page; says where to go on, or `None` when all changes are done.
    fn run(&mut self, page: &Reader<'_>) -> Result<Option<ChangePlace>> {
        let mut budget = self.limit.saturating_mul(CHANGES_PER_SUBJECT);
        loop {
            if let Some(group) = self.place.group {
                self.place.group = self.walk_members(page, group)?;
            }
            if self.place.group.is_some() || self.room() == 0 || budget == 0 {
                return Ok(Some(self.place));
            }
            if let Some(place) = self.place.assigned {
                self.place.assigned = self.walk_assigned(page, place)?;
                budget = budget.saturating_sub(ASSIGNMENTS);
                continue;
            }
            let at_once = budget.min(self.limit);
            let changes =
                page.changes_since(self.source.tenant, self.place.sequence, self.until, at_once)?;
            budget -= changes.len();
            let last = changes.len() < at_once;
            let mut interrupted = false;
            for change in changes {
                if self.room() == 0 {
                    return Ok(Some(self.place));
                }
                self.place.sequence = change.sequence;
                match self.affects(&change.what) {
                    Affects::Nobody => {}
                    Affects::One(id) => self.note(id),
                    Affects::MembersOf(group) => {
                        // The group itself is a subject too, where groups are synchronized.
                        self.note(group);
                        self.place.group = Some(GroupPlace { group, after: None });
                        interrupted = true;
                        break;
                    }
                    Affects::AllAssigned if !self.roles_may_have_changed(page)? => {}
                    Affects::AllAssigned => {
                        self.place.assigned = Some(AssignedPlace::default());
                        interrupted = true;
                        break;
                    }
                }
            }
            if last && !interrupted {
                return Ok(None);
            }
        }
    }

    fn roles_may_have_changed(&self, page: &Reader<'_>) -> Result<bool> {
        let LocalSource {
            tenant,
            service_principal,
            ..
        } = *self.source;
        roles_changed::may_have_changed(page, tenant, service_principal, self.since)
    }

    fn room(&self) -> usize {
        self.limit - self.affected.len().min(self.limit)
    }

    fn note(&mut self, id: ObjectId) {
        if self.seen.insert(id) {
            self.affected.push(id);
        }
    }

    /// Notes as many members as there is room for; says where to go on, or `None` after the last.
    fn walk_members(&mut self, page: &Reader<'_>, place: GroupPlace) -> Result<Option<GroupPlace>> {
        let mut after = place.after;
        loop {
            let room = self.room();
            if room == 0 {
                return Ok(Some(GroupPlace {
                    group: place.group,
                    after,
                }));
            }
            let members = page.edges_from(
                self.source.tenant,
                EdgeKind::Member,
                place.group,
                after,
                room,
            )?;
            after = members.last().copied().or(after);
            let last = members.len() < room;
            for member in members {
                self.note(member);
            }
            if last {
                return Ok(None);
            }
        }
    }

    /// Notes those who are assigned with a role that has a name of its own, as many as there is room for, up to the
    /// first group, whose members come next; says where to go on, or `None` after the last.
    fn walk_assigned(
        &mut self,
        page: &Reader<'_>,
        place: AssignedPlace,
    ) -> Result<Option<AssignedPlace>> {
        let LocalSource {
            tenant,
            service_principal,
            ..
        } = *self.source;
        let mut noted = place.after;
        // Behind all roles of the one before.
        let after = noted.map(|principal| (principal, Uuid::max()));
        let rows = page.assignments_of_resource(tenant, service_principal, after, ASSIGNMENTS)?;
        // What else the last one is assigned may stand behind these rows.
        let cut = rows.last().filter(|_| rows.len() == ASSIGNMENTS);
        let cut = cut.map(|row| row.principal());
        let whole = match cut.and_then(|cut| rows.iter().position(|row| row.principal() == cut)) {
            None | Some(0) => rows.as_slice(),
            Some(at) => &rows[..at],
        };
        for row in whole.iter().filter(|row| row.role != DEFAULT_ACCESS) {
            if self.room() == 0 {
                return Ok(Some(AssignedPlace { after: noted }));
            }
            let principal = row.principal();
            self.note(principal);
            noted = Some(principal);
            if row.principal_kind == EntityKind::Group {
                self.place.group = Some(GroupPlace {
                    group: principal,
                    after: None,
                });
                return Ok(Some(AssignedPlace { after: noted }));
            }
        }
        let done = whole.last().filter(|_| cut.is_some());
        Ok(done.map(|row| AssignedPlace {
            after: Some(row.principal()),
        }))
    }

    fn affects(&self, what: &Changed) -> Affects {
        match *what {
            Changed::Object {
                kind: EntityKind::Group,
                id,
            } if self.groups.contains(&id) => Affects::MembersOf(id),
            Changed::Object {
                kind: EntityKind::User | EntityKind::Group,
                id,
            } => Affects::One(id),
            Changed::Object {
                kind: EntityKind::ServicePrincipal,
                id,
            } if id == self.source.service_principal => Affects::AllAssigned,
            Changed::Edge { edge, .. } => match edge.kind {
                EdgeKind::Manager => Affects::One(edge.from),
                EdgeKind::Member if self.groups.contains(&edge.from) => Affects::One(edge.to),
                EdgeKind::Member | EdgeKind::Owner | EdgeKind::Sponsor => Affects::Nobody,
            },
            Changed::Assignment {
                resource,
                principal,
                principal_kind,
                ..
            } if resource == self.source.service_principal => match principal_kind {
                EntityKind::Group => Affects::MembersOf(principal),
                _ => Affects::One(principal),
            },
            Changed::Object { .. } | Changed::Assignment { .. } => Affects::Nobody,
        }
    }
}
