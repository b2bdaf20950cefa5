//! Takes an app role away.

use syncline_model::Problem;
use syncline_store::{Assignment, Tx};

use super::id_text;
use crate::Context;

/// Removes an assignment; 404 when there is none (any more).
pub fn unassign(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    assignment: &Assignment,
) -> Result<(), Problem> {
    if tx.remove_assignment(context.tenant_id(), assignment)? {
        Ok(())
    } else {
        Err(Problem::not_found(id_text(&assignment.id)))
    }
}

/// Removes many; those that there are not (any more) are passed over. Says how many there were.
pub fn unassign_many(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    assignments: &[Assignment],
) -> Result<u64, Problem> {
    Ok(tx.remove_assignments(context.tenant_id(), assignments)?)
}
