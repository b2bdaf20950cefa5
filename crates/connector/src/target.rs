//! Where decisions are carried out.

use std::fmt;

use syncline_engine::{Fault, LookupQuery, Operation, Outcome, TargetObject};
use syncline_model::TenantId;
use syncline_model::policy::PolicyRefusal;
use syncline_store::{Reader, Tx};

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

/// A system that is kept in step.
pub trait Target: Send + Sync + fmt::Debug {
    fn capability(&self) -> TargetCapability;

    /// The hosted tenant that operations write into, which a page enters before it begins; `None` for
    /// an external system.
    fn hosted(&self) -> Option<TenantId> {
        None
    }

    /// Asked at every page, inside its transaction: does the target still let this source in, and
    /// are both sides' policies switched on?
    fn permits(&self, page: &Reader<'_>) -> Result<Result<(), PolicyRefusal>, Fault>;

    /// Answers a page's look-ups, in the order asked. `linked_source` of what it returns is left
    /// empty: links are the runner's.
    fn find(
        &self,
        page: &Reader<'_>,
        queries: &[LookupQuery],
    ) -> Result<Vec<Vec<TargetObject>>, Fault>;

    /// Carries out a page's operations, in order. One that fails leaves nothing behind and does
    /// not stop the others.
    fn apply(&self, page: &mut Tx<'_>, operations: &[Operation]) -> Result<Vec<Outcome>, Fault>;
}
