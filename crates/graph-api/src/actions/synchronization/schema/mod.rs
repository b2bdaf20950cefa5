//! `…/synchronization/jobs/{jobId}/schema`, and what it and a template's schema are made of:
//! functions, filter operators, and a place to try an expression.

pub mod delete;
pub mod discover;
pub mod filter_operators;
pub mod functions;
pub mod get;
pub mod parse_expression;
pub mod previous;
pub mod put;
mod test_object;

use syncline_engine::SynchronizationSchema;
use syncline_model::Problem;
use syncline_runner::StoredSchema;

use super::options::Resource;
use crate::actions::synchronization::resolve;
use crate::{Call, precondition};

/// Directories are inline, expanded or not, as in Graph's own bodies.
pub(super) const RESOURCE: Resource = Resource {
    name: "synchronizationSchema",
    expandable: &["directories"],
};

/// The job or the template whose schema is asked for must be there.
fn known(call: &Call<'_>) -> Result<(), Problem> {
    if call.captures.key("jobId").is_some() {
        call.read(|reader| resolve::job(call, reader)).map(|_| ())
    } else {
        call.read(|reader| resolve::configuration(call, reader))?;
        resolve::template(call)
    }
}

/// 412 when the caller wants to change another state of the schema than there is: two who save what they
/// read would undo what the other one did.
fn check_tag(call: &Call<'_>, schema: &SynchronizationSchema) -> Result<(), Problem> {
    precondition::holds(call.headers, &StoredSchema::entity_tag(schema)?)
}
