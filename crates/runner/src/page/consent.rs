//! Whether the target lets a job's tenant in: asked before its tenant is entered, and again inside.
//!
//! INVARIANT: a tenant without consent is never in the way of the target's own writers. Anybody may
//! name anybody as his target.

use syncline_connector::Target;
use syncline_model::policy::PolicyRefusal;
use syncline_model::{Problem, TenantId};
use syncline_store::{Store, Tx};

use crate::unavailable::unavailable;

/// What the target has said outside of any transaction.
pub(crate) struct Consent<'t> {
    target: &'t dyn Target,
    said: Result<(), PolicyRefusal>,
}

impl<'t> Consent<'t> {
    /// Asks on a snapshot, which makes nobody wait.
    pub(crate) fn ask(store: &Store, target: &'t dyn Target) -> Result<Self, Problem> {
        let said = store.read(|reader| target.permits(reader).map_err(unavailable))?;
        Ok(Self { target, said })
    }

    /// Enters the source, and the target if that has consented. In this order: nobody in the target
    /// waits for those who write in the source.
    pub(crate) fn enter(&self, tx: &Tx<'_>, source: TenantId) -> Result<(), Problem> {
        let target = self.target.hosted().filter(|_| self.said.is_ok());
        let tenants: Vec<TenantId> = [Some(source), target].into_iter().flatten().collect();
        Ok(tx.enter(&tenants)?)
    }

    /// What counts: consent may have been withdrawn while its turn was waited for.
    pub(crate) fn confirm(&self, tx: &Tx<'_>) -> Result<Result<(), PolicyRefusal>, Problem> {
        match self.said {
            Ok(()) => self.target.permits(tx).map_err(unavailable),
            refused => Ok(refused),
        }
    }
}
