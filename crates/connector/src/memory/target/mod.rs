//! External objects in memory, and a switch for every way in which a target fails.

mod fault;
mod objects;
mod references;
mod trouble;

use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;
use syncline_engine::{Fault, LookupQuery, Operation, Outcome, TargetObject};
use syncline_model::policy::PolicyRefusal;
use syncline_model::{EntityKind, Entry, Ids, ObjectId};
use syncline_store::{Reader, Tx};

use crate::{Discovered, Target, TargetCapability};
use objects::Objects;
use trouble::Trouble;

/// A target in memory: a recycle bin, source anchors, and sign-in names that are unique among the
/// objects outside of the bin.
#[derive(Clone)]
pub struct MemoryTarget {
    ids: Arc<dyn Ids>,
    held: Arc<Mutex<Held>>,
}

#[derive(Debug, Default)]
struct Held {
    objects: Objects,
    trouble: Trouble,
}

impl fmt::Debug for MemoryTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryTarget")
            .field("held", &self.held)
            .finish_non_exhaustive()
    }
}

/// What a test arranges and looks at.
impl MemoryTarget {
    pub fn new(ids: Arc<dyn Ids>) -> Self {
        Self {
            ids,
            held: Arc::default(),
        }
    }

    /// Adds an object that was made in the target itself: no job may touch it.
    pub fn put_own(&self, entry: Entry) {
        self.held.lock().objects.put_own(entry);
    }

    /// Everything there is, by id, the recycle bin included.
    pub fn objects(&self) -> Vec<TargetObject> {
        self.held.lock().objects.all()
    }
}

/// The switches. Each stays as it is until [`MemoryTarget::recover`].
impl MemoryTarget {
    /// The target lets the source in no longer.
    pub fn refuse(&self, refusal: PolicyRefusal) {
        self.held.lock().trouble.refusal = Some(refusal);
    }

    /// Every [`Target::apply`] fails before anything is done.
    pub fn fail_applies(&self, fault: Fault) {
        self.held.lock().trouble.applies = Some(fault);
    }

    /// Every [`Target::apply`] is carried out, but its answer gets lost: what a crash or a broken
    /// connection leaves behind.
    pub fn lose_answers(&self, fault: Fault) {
        self.held.lock().trouble.answers = Some(fault);
    }

    /// Every [`Target::find`] fails.
    pub fn fail_lookups(&self, fault: Fault) {
        self.held.lock().trouble.lookups = Some(fault);
    }

    /// Operations for which `which` names a fault fail with it, each for itself. `which` must not
    /// call this target.
    pub fn fail_operations(
        &self,
        which: impl Fn(&Operation) -> Option<Fault> + Send + Sync + 'static,
    ) {
        self.held.lock().trouble.operations = Some(Box::new(which));
    }

    /// All is well again.
    pub fn recover(&self) {
        self.held.lock().trouble = Trouble::default();
    }
}

impl Target for MemoryTarget {
    fn capability(&self) -> TargetCapability {
        TargetCapability {
            anchors: true,
            soft_delete: true,
            transactional: false,
        }
    }

    fn permits(&self, _page: &Reader<'_>) -> Result<Result<(), PolicyRefusal>, Fault> {
        Ok(self.held.lock().trouble.refusal.map_or(Ok(()), Err))
    }

    fn discover(
        &self,
        _snapshot: &Reader<'_>,
        kind: EntityKind,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Option<Discovered>, Fault> {
        let held = self.held.lock();
        if let Some(fault) = &held.trouble.lookups {
            return Err(fault.clone());
        }
        Ok(Some(held.objects.discover(kind, after, limit)))
    }

    fn find(
        &self,
        _page: &Reader<'_>,
        queries: &[LookupQuery],
    ) -> Result<Vec<Vec<TargetObject>>, Fault> {
        let held = self.held.lock();
        if let Some(fault) = &held.trouble.lookups {
            return Err(fault.clone());
        }
        Ok(queries.iter().map(|it| held.objects.find(it)).collect())
    }

    fn apply(&self, _page: &mut Tx<'_>, operations: &[Operation]) -> Result<Vec<Outcome>, Fault> {
        let mut held = self.held.lock();
        let Held { objects, trouble } = &mut *held;
        if let Some(fault) = &trouble.applies {
            return Err(fault.clone());
        }
        let mut outcomes = Vec::with_capacity(operations.len());
        for operation in operations {
            let stands = objects.stands(operation);
            let done = match trouble.of(operation) {
                Some(fault) => Err(fault),
                None => objects.carry_out(self.ids.as_ref(), operation),
            };
            outcomes.push(match done {
                Ok(id) if stands => Outcome::Stands(id),
                Ok(id) => Outcome::Done(id),
                Err(fault) => Outcome::Failed(fault),
            });
        }
        match &trouble.answers {
            Some(fault) => Err(fault.clone()),
            None => Ok(outcomes),
        }
    }
}
