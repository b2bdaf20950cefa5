//! Whom the objects of a page refer to, brought forward. A full read meets many people before their
//! managers. Those managers are read and decided with the page that refers to them and, where they
//! are to be created, created in it: then the reference is written with the object, instead of
//! waiting until the walk is over.
//!
//! INVARIANT: nobody is looked at twice, nor left out. Only who is to be created is brought forward;
//! the transaction that creates him notes that the cycle has looked at him, and leaves him out if
//! somebody else was quicker. All others, and whoever can not be created, are decided when the walk
//! comes to them; if they are not linked then, that is noted too: they may be to be created a moment
//! later.

use std::collections::VecDeque;

use syncline_engine::rule::MappingSource;
use syncline_engine::{Action, Lifecycle, Subject};
use syncline_model::{Attr, EntityKind, IdSet, ObjectId, Problem};

use super::page_size::UNCOMMITTED;
use crate::configuration::Configuration;
use crate::unavailable::unavailable;
use crate::view::promised::Promised;
use crate::view::{Decided, View};

/// So many objects are remembered; beyond, the links are asked again. With those of one more page they are not more than a table
/// of 65,536 places holds before it doubles.
const REMEMBERED: usize = 54_000;

/// What one walk knows of those that others refer to.
#[derive(Default)]
pub(crate) struct Forward {
    /// Need not be brought forward: they are linked, or it was tried.
    done_with: IdSet<ObjectId>,
    /// The pages before, which may not be committed yet; the newest last.
    before: VecDeque<Before>,
    /// What they and the page in hand were promised.
    pub(super) promised: Promised,
}

/// What a page before this one has looked at.
struct Before {
    read: IdSet<ObjectId>,
    brought: IdSet<ObjectId>,
}

/// What a page decides, and who of these was brought forward into it.
type WithForward = (Vec<Decided>, Vec<(EntityKind, ObjectId)>);

impl Forward {
    /// Decides about a page of a full read, and about those whom it brings forward, before it.
    pub(super) fn decide(
        &mut self,
        view: &View<'_, '_>,
        page: Vec<Subject>,
    ) -> Result<WithForward, Problem> {
        let page = self.not_looked_at(view, page)?;
        let mut promised = std::mem::take(&mut self.promised);
        let decide = |all| view.decide_ahead(all, &mut promised);
        let decided = self.decide_by(view, page, |_| false, decide);
        self.promised = promised;
        decided
    }

    /// The same by `decide`, about a page of those who were not looked at. Of whom the view shows no
    /// link `is_linked` may know of one.
    pub(crate) fn decide_by(
        &mut self,
        view: &View<'_, '_>,
        page: Vec<Subject>,
        is_linked: impl Fn(&ObjectId) -> bool,
        decide: impl FnOnce(Vec<Subject>) -> Result<Vec<Decided>, Problem>,
    ) -> Result<WithForward, Problem> {
        let referred = self.referred(view, &page, is_linked)?;
        let tried: IdSet<ObjectId> = referred.iter().map(|subject| subject.id).collect();
        let read = page.iter().map(|subject| subject.id).collect();
        let mut decided = decide(referred.into_iter().chain(page).collect())?;
        decided.retain(|it| {
            !tried.contains(&it.decision.source)
                || matches!(it.decision.action, Action::Create { .. })
        });
        let brought: Vec<(EntityKind, ObjectId)> = decided
            .iter()
            .map(|it| (it.decision.kind, it.decision.source))
            .filter(|(_, id)| tried.contains(id))
            .collect();
        if self.before.len() == UNCOMMITTED {
            self.before.pop_front();
        }
        self.before.push_back(Before {
            read,
            brought: brought.iter().map(|(_, id)| *id).collect(),
        });
        Ok((decided, brought))
    }

    /// Without those whom the cycle has looked at, as far as can be told before the pages before are
    /// committed.
    fn not_looked_at(
        &self,
        view: &View<'_, '_>,
        mut page: Vec<Subject>,
    ) -> Result<Vec<Subject>, Problem> {
        let looked_at = match users(page.iter().map(|subject| (subject.kind, subject.id))) {
            Some((first, last)) => {
                view.reader
                    .evaluated_between(view.tenant, view.job, first, last)?
            }
            None => return Ok(page),
        };
        let brought = |id: &ObjectId| self.before.iter().any(|page| page.brought.contains(id));
        page.retain(|it| !looked_at.contains(&it.id) && !brought(&it.id));
        Ok(page)
    }

    /// Those whom the objects of a page refer to and who are not linked, and whom these refer to in
    /// turn; as many as the page has objects at most.
    fn referred(
        &mut self,
        view: &View<'_, '_>,
        page: &[Subject],
        is_linked: impl Fn(&ObjectId) -> bool,
    ) -> Result<Vec<Subject>, Problem> {
        if self.done_with.len() > REMEMBERED {
            self.done_with.clear();
        }
        let of_page: IdSet<ObjectId> = page.iter().map(|subject| subject.id).collect();
        let mut found: Vec<Subject> = Vec::new();
        let mut asked_from = 0;
        loop {
            let referring = if found.is_empty() {
                page
            } else {
                &found[asked_from..]
            };
            let mut ids = Vec::new();
            for id in referring.iter().flat_map(|it| managers(view, it)) {
                let room = found.len() + ids.len() < page.len();
                let mut before = self.before.iter();
                let is_read = of_page.contains(&id) || before.any(|page| page.read.contains(&id));
                if room && !is_read && self.done_with.insert(id) {
                    ids.push(id);
                }
            }
            let links = view.reader.links_for(view.tenant, view.job, &ids)?;
            let unlinked: Vec<(EntityKind, ObjectId)> = ids
                .into_iter()
                .zip(links)
                .filter(|(id, link)| link.is_none() && !is_linked(id))
                .map(|(id, _)| (EntityKind::User, id))
                .collect();
            if unlinked.is_empty() {
                return Ok(found);
            }
            let source = &view.configuration.connected.source;
            let subjects = source.by_id(view.reader, &unlinked).map_err(unavailable)?;
            asked_from = found.len();
            found.extend(
                subjects
                    .into_iter()
                    .filter(|subject| subject.lifecycle == Lifecycle::Live),
            );
            if asked_from == found.len() {
                return Ok(found);
            }
        }
    }
}

/// Whom an object reports to, if its rule maps that.
fn managers<'s>(
    view: &View<'_, '_>,
    subject: &'s Subject,
) -> impl Iterator<Item = ObjectId> + use<'s> {
    let mapped = maps_managers(view.configuration, subject.kind);
    let references = subject
        .references
        .iter()
        .filter(move |(attr, _)| mapped && *attr == Attr::MANAGER);
    references.flat_map(|(_, ids)| ids.iter().copied())
}

pub(super) fn maps_managers(configuration: &Configuration, kind: EntityKind) -> bool {
    configuration.rule_for(kind).is_some_and(|rule| {
        let mut sources = rule.mappings.iter().map(|it| &it.source);
        sources.any(|it| matches!(it, MappingSource::Reference(Attr::MANAGER)))
    })
}

/// The first and the last user of a page, by id. Nobody else is noted, and others may stand anywhere among
/// the users.
pub(super) fn users(
    page: impl Iterator<Item = (EntityKind, ObjectId)>,
) -> Option<(ObjectId, ObjectId)> {
    let users = page.filter(|(kind, _)| *kind == EntityKind::User);
    users.fold(None, |range, (_, id)| match range {
        None => Some((id, id)),
        Some((first, last)) => Some((id.min(first), id.max(last))),
    })
}
