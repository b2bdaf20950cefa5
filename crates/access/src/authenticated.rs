//! A caller, and what tells later whether it is the same one still.

use std::fmt;
use std::sync::Arc;

use syncline_model::Problem;
use syncline_store::Reader;

use crate::authenticate::{caller_of, check_lifetime};
use crate::verified_tokens::VerifiedToken;
use crate::{Access, Caller};

/// A caller as the directory of its tenant had it when its token was looked at.
pub struct Authenticated {
    pub caller: Arc<Caller>,
    /// The tenant's sequence then.
    pub(crate) sequence: u64,
    pub(crate) token: Arc<VerifiedToken>,
}

impl fmt::Debug for Authenticated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authenticated")
            .field("caller", &self.caller)
            .field("sequence", &self.sequence)
            .finish_non_exhaustive()
    }
}

impl Access {
    /// Whether a caller is what it was: holds the same permissions and directory roles. For a transaction that may have
    /// waited for its turn; in it the tenant's newest `sequence` is this one. Only where that has moved, the directory is
    /// asked again.
    ///
    /// # Errors
    /// 401 as for [`Access::authenticate`]: the token has ended meanwhile, or its owner is gone.
    pub fn is_as_it_was(
        &self,
        reader: &Reader<'_>,
        authenticated: &Authenticated,
        sequence: u64,
    ) -> Result<bool, Problem> {
        let Authenticated { caller, token, .. } = authenticated;
        check_lifetime(token, self.clock.now())?;
        Ok(sequence == authenticated.sequence || caller_of(reader, token)? == **caller)
    }
}
