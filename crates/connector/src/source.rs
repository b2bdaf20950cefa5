//! Where subjects come from.

use std::fmt;

use syncline_engine::{Fault, FaultKind, REDACTED, Subject};
use syncline_model::job::Watermark;
use syncline_model::{Attr, EntityKind, ObjectId, Text};
use syncline_store::Reader;

use crate::SourceMemberships;

/// What a source can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceCapability {
    /// Knows what changed behind a watermark; otherwise every cycle reads everything.
    pub changes: bool,
    /// Can serve single subjects by id: on-demand, escrow, staged work, a page that is decided again and
    /// managers who are brought forward need it.
    pub by_id: bool,
}

/// Where to go on in a walk through the source; opaque to everyone but the source that made it.
/// Empty: from the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor(pub String);

/// One page of subjects.
#[derive(Clone, Debug, PartialEq)]
pub struct SubjectPage {
    pub subjects: Vec<Subject>,
    /// `None`: this was the last page.
    pub next: Option<Cursor>,
}

/// What the log calls an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    pub display_name: Text,
    /// userPrincipalName of a user, display name of anything else.
    pub name: Text,
}

impl Names {
    pub fn of(
        kind: EntityKind,
        display_name: Option<Text>,
        user_principal_name: Option<Text>,
    ) -> Self {
        let display_name = display_name.unwrap_or_default();
        let name = if kind == EntityKind::User {
            user_principal_name.unwrap_or_default()
        } else {
            display_name.clone()
        };
        Self { display_name, name }
    }

    /// Without those that stand in an attribute which must not be written down.
    #[must_use]
    pub fn hiding(self, kind: EntityKind, hides: impl Fn(Attr) -> bool) -> Self {
        let shown = |attr: Attr, name: Text| {
            if !name.is_empty() && hides(attr) {
                REDACTED
            } else {
                name
            }
        };
        let named_by = match kind {
            EntityKind::User => Attr::USER_PRINCIPAL_NAME,
            _ => Attr::DISPLAY_NAME,
        };
        Self {
            display_name: shown(Attr::DISPLAY_NAME, self.display_name),
            name: shown(named_by, self.name),
        }
    }
}

/// One that refers to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Referrer {
    /// Whom it refers to.
    pub to: ObjectId,
    pub kind: EntityKind,
    pub id: ObjectId,
}

/// A system that people and groups come from. `entitlement` asks for the roles each subject holds
/// in the configuration with that service principal.
pub trait Source: Send + Sync + fmt::Debug {
    fn capability(&self) -> SourceCapability;

    /// Scoping filters ask which subjects are direct members of these groups, if any: from now on
    /// each subject names those it is in under [`Attr::MEMBER_OF`], and what changes a membership
    /// affects the member. Replaces what was asked before. A source that can not tell
    /// refuses: nobody would be in scope.
    fn ask_memberships(&mut self, groups: &[ObjectId]) -> Result<(), Fault> {
        if groups.is_empty() {
            return Ok(());
        }
        Err(Fault {
            kind: FaultKind::Invalid,
            code: "schemaInvalid".to_owned(),
            message:
                "this source cannot tell who is in which group; remove the clauses with IsMemberOf"
                    .to_owned(),
            action: None,
            transient: false,
        })
    }

    /// Who is in which group, where the source tells that apart from the groups. Elsewhere the subjects of
    /// groups list their members under [`Attr::MEMBERS`], all of them.
    fn memberships(&self) -> Option<&dyn SourceMemberships> {
        None
    }

    /// Called before the page's transaction opens: an external source fetches here and answers
    /// [`Source::all`] and [`Source::changes`] from what it fetched, and [`Source::by_id`] of those, should
    /// their page be decided again. It is asked by id for their managers, too.
    fn prepare(&self, _cursor: &Cursor, _limit: usize) -> Result<(), Fault> {
        Ok(())
    }

    /// The place the source's changes have reached now.
    fn watermark(&self, page: &Reader<'_>) -> Result<Watermark, Fault>;

    /// How many live objects of these kinds there are, for progress and the short-source check.
    fn count(&self, page: &Reader<'_>, kinds: &[EntityKind]) -> Result<u64, Fault>;

    /// How many objects of these kinds changed between the two at most, for progress.
    fn count_changes(
        &self,
        page: &Reader<'_>,
        kinds: &[EntityKind],
        since: &Watermark,
        until: &Watermark,
    ) -> Result<u64, Fault> {
        let numbers = until.sequence.saturating_sub(since.sequence);
        Ok(numbers.min(self.count(page, kinds)?))
    }

    /// Cuts the walk through all live objects into parts of about so many objects, which may be
    /// walked at the same time: each from a cursor to the last place that belongs to it. A source
    /// that can not tell answers with none, and is walked in one.
    fn split(
        &self,
        _page: &Reader<'_>,
        _kinds: &[EntityKind],
        _size: usize,
    ) -> Result<Vec<(Cursor, Cursor)>, Fault> {
        Ok(Vec::new())
    }

    /// A page of a walk through all live objects of these kinds; in a part of it, not beyond `last`
    /// (empty: to the end).
    fn all(
        &self,
        page: &Reader<'_>,
        kinds: &[EntityKind],
        cursor: &Cursor,
        last: &Cursor,
        limit: usize,
    ) -> Result<SubjectPage, Fault>;

    /// A page of a walk through the subjects affected by what changed after `since` and up to
    /// `until`: changed objects, changed references, changed assignments, members of groups whose
    /// assignment changed. A subject may appear more than once.
    fn changes(
        &self,
        page: &Reader<'_>,
        kinds: &[EntityKind],
        since: &Watermark,
        until: &Watermark,
        cursor: &Cursor,
        limit: usize,
    ) -> Result<SubjectPage, Fault>;

    /// For each of these objects, in the order asked, up to `limit` of those that refer to it by this reference
    /// attribute, by id after the one that stands beside it: asked when target objects had to be made
    /// anew, so that they can refer to the new ones. A source that can not tell answers with none; they
    /// follow when they are looked at again.
    fn referrers(
        &self,
        _page: &Reader<'_>,
        _attr: Attr,
        _to: &[(ObjectId, Option<ObjectId>)],
        _limit: usize,
    ) -> Result<Vec<Referrer>, Fault> {
        Ok(Vec::new())
    }

    /// What the log calls these objects, in the order asked; empty texts for one without a name.
    fn names(
        &self,
        page: &Reader<'_>,
        ids: &[(EntityKind, ObjectId)],
    ) -> Result<Vec<Names>, Fault> {
        let subjects = self.by_id(page, ids)?;
        Ok(subjects
            .iter()
            .map(|subject| {
                let text = |attr| subject.entry.as_ref()?.get(attr)?.to_text();
                Names::of(
                    subject.kind,
                    text(Attr::DISPLAY_NAME),
                    text(Attr::USER_PRINCIPAL_NAME),
                )
            })
            .collect())
    }

    /// These subjects as they are now, in the order asked. One the source does not know at all
    /// comes back as hard-deleted.
    fn by_id(
        &self,
        page: &Reader<'_>,
        ids: &[(EntityKind, ObjectId)],
    ) -> Result<Vec<Subject>, Fault>;
}
