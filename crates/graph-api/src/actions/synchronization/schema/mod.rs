//! `…/synchronization/jobs/{jobId}/schema`, and what it and a template's schema are made of:
//! functions, filter operators, and a place to try an expression.

pub mod delete;
pub mod discover;
pub mod filter_operators;
pub mod functions;
pub mod get;
pub mod parse_expression;
pub mod put;
mod test_object;

use syncline_model::Problem;

use super::options::Resource;
use crate::Call;
use crate::actions::synchronization::resolve;

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
