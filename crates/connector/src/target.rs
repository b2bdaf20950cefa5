//! Where decisions are carried out.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use syncline_engine::{Creation, Fault, LookupQuery, Operation, Outcome, TargetObject};
use syncline_model::policy::PolicyRefusal;
use syncline_model::{EntityKind, ObjectId, TenantId};
use syncline_store::{Reader, Tx};

use crate::TargetMemberships;

/// What a target can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetCapability {
    /// Carries our source anchor, so that a repeated create finds what the first one made.
    pub anchors: bool,
    /// Has a recycle bin.
    pub soft_delete: bool,
    /// Writes inside the page's transaction (hosted): outcomes and links commit together.
    pub transactional: bool,
}

/// What a target has worked out of one create ahead of its page; only the target can read it.
#[derive(Clone)]
pub struct Draft(Arc<dyn Any + Send + Sync>);

impl Draft {
    pub fn new(worked_out: impl Any + Send + Sync) -> Self {
        Self(Arc::new(worked_out))
    }

    /// What was put in, if it was a `T`.
    pub fn read<T: Any>(&self) -> Option<&T> {
        self.0.downcast_ref()
    }
}

impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Draft")
    }
}

/// Why a create would fail, for those who foresee a cycle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub fault: Fault,
    /// The object that has one of its unique values.
    pub holder: Option<ObjectId>,
}

/// A page of account discovery.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Discovered {
    /// Maybe none, although there are more.
    pub objects: Vec<TargetObject>,
    /// How many objects were looked at for that, those of others among them.
    pub looked_at: usize,
    /// After which object the next page begins; `None` when that was the last.
    pub next: Option<ObjectId>,
}

/// A system that is kept in step.
pub trait Target: Send + Sync + fmt::Debug {
    fn capability(&self) -> TargetCapability;

    /// The hosted tenant that operations write into, which a page enters before it begins; `None` for
    /// an external system.
    fn hosted(&self) -> Option<TenantId> {
        None
    }

    /// Who is in which group, where the target tells that apart from the groups.
    fn memberships(&self) -> Option<&dyn TargetMemberships> {
        None
    }

    /// Asked at every page, before its transaction enters the hosted tenant and again inside: does the
    /// target still let this source in, and are both sides' policies switched on?
    fn permits(&self, page: &Reader<'_>) -> Result<Result<(), PolicyRefusal>, Fault>;

    /// Why nothing of this kind would be written now, for those who foresee a cycle; [`Target::apply`] says
    /// the same of each operation. `None` where one consent is for all kinds.
    fn refuses(&self, page: &Reader<'_>, kind: EntityKind) -> Result<Option<Fault>, Fault> {
        let _ = (page, kind);
        Ok(None)
    }

    /// Why each of these creates would fail now, in the order asked, for those who foresee a cycle; of values
    /// that others of them want nothing is said. A target that knows only when it writes says nothing.
    fn foresee(
        &self,
        snapshot: &Reader<'_>,
        creates: &[Creation<'_>],
    ) -> Result<Vec<Option<Refused>>, Fault> {
        let _ = snapshot;
        Ok(vec![None; creates.len()])
    }

    /// Why each of these updates and restores would be refused now, whoever else has what it wants, in the order asked; for
    /// those who foresee a cycle. Of a value that is taken nothing is said, and of other operations neither.
    fn foresee_changes(
        &self,
        snapshot: &Reader<'_>,
        operations: &[Operation],
    ) -> Result<Vec<Option<Fault>>, Fault> {
        let _ = snapshot;
        Ok(vec![None; operations.len()])
    }

    /// The live objects of one kind that came from this source, whoever keeps them in step, in order of id after
    /// `after`, of at most `limit` looked at. They may have no more than what a list shows (`userPrincipalName`,
    /// `displayName`, `accountEnabled`), and no references. `None` of a target that can not tell which these are.
    fn discover(
        &self,
        snapshot: &Reader<'_>,
        kind: EntityKind,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Option<Discovered>, Fault> {
        let _ = (snapshot, kind, after, limit);
        Ok(None)
    }

    /// Of each look-up, in the order asked: whether it is for a unique value ([`LookupQuery::Taken`]) that nobody of this
    /// source could have, whoever does. It counts as taken and is not looked for, so that a source does not learn by
    /// trying which names and addresses others have. Looks at no object. A target that keeps no source from any value says no.
    fn withholds(&self, page: &Reader<'_>, queries: &[LookupQuery]) -> Result<Vec<bool>, Fault> {
        let _ = page;
        Ok(vec![false; queries.len()])
    }

    /// Answers a page's look-ups, in the order asked. `linked_source` of what it returns is left
    /// empty: links are the runner's.
    fn find(
        &self,
        page: &Reader<'_>,
        queries: &[LookupQuery],
    ) -> Result<Vec<Vec<TargetObject>>, Fault>;

    /// Carries out a page's operations, in order. One that fails leaves nothing behind and does
    /// not stop the others. A reference that [`Target::find`] shows as standing is answered with
    /// [`Outcome::Stands`]: who foresees a cycle looks there, and counts none. So is the removal of a manager
    /// whom it does not show any more, because somebody else was quicker: nobody may log or count it.
    fn apply(&self, page: &mut Tx<'_>, operations: &[Operation]) -> Result<Vec<Outcome>, Fault>;

    /// Works creates out before they are carried out, from a snapshot that may be that of the page's own transaction; in
    /// the order asked. What was drafted is asked for without attributes later. A target that has nothing to
    /// gain by that drafts nothing.
    fn draft(
        &self,
        snapshot: &Reader<'_>,
        creates: &[Creation<'_>],
    ) -> Result<Vec<Option<Draft>>, Fault> {
        let _ = snapshot;
        Ok(vec![None; creates.len()])
    }

    /// As [`Target::apply`], with the drafts there are of the operations; whatever is asked of a create's
    /// attributes is asked of its draft. What they were made of may have changed since, and others may have
    /// taken the values they want: then the page fails, and is decided again and applied without them.
    fn apply_drafted(
        &self,
        page: &mut Tx<'_>,
        operations: &[Operation],
        drafts: &[Option<Draft>],
    ) -> Result<Vec<Outcome>, Fault> {
        let _ = drafts;
        self.apply(page, operations)
    }
}
