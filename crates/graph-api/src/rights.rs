//! The rights by which a request was let in, once it is its turn to write: it may have waited for that, or its node may have
//! stood still, while they were taken away. Where they are others by now, nothing is written, and the request is
//! answered once more, by those of now: whatever an action has asked before its transaction is asked again, too.

use syncline_model::{Problem, ProblemKind};
use syncline_store::{StoreError, Tx};

use crate::Call;

/// So often a request is answered whose caller has other rights each time.
pub(crate) const TRIES: usize = 3;

/// The code of what [`confirm`] fails with. Nobody outside of [`dispatch`](crate::dispatch) sees it.
const CHANGED: &str = "RightsChanged";

/// Whether the caller is what it was when the request was let in, in the transaction that is about to write, which has the
/// tenant and finds it at this sequence.
///
/// # Errors
/// 401 when its token is worth nothing any more; and what [`have_changed`] knows when it holds others.
pub(crate) fn confirm(call: &Call<'_>, tx: &Tx<'_>, sequence: u64) -> Result<(), Problem> {
    let access = &call.api.access;
    if access.is_as_it_was(tx, call.authenticated, sequence)? {
        return Ok(());
    }
    Err(Problem::new(
        ProblemKind::Conflict,
        CHANGED,
        "the request is answered once more",
    ))
}

/// Whether nothing was done because the caller has other rights by now.
pub(crate) fn have_changed(problem: &Problem) -> bool {
    problem.code == CHANGED
}

/// They were others each time.
pub(crate) fn never_the_same() -> Problem {
    StoreError::Busy("the rights of the caller were changed again and again".to_owned()).into()
}
