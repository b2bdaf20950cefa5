//! The crate through its public door.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod expand;
mod filter_evaluates;
mod filter_problems;
mod filter_text;
mod fuzz;
mod how_to;
mod options;
mod orderby;
mod pattern;
mod resolve;
mod router;
mod search;
mod select;
mod tokens;
mod totality;
mod values_of;

use syncline_model::{EntityKind, EntityType, Predicate, Problem, ProblemKind, Schema};
use syncline_odata::Rules;

fn users() -> &'static EntityType {
    Schema::core().of(EntityKind::User)
}

fn log() -> &'static EntityType {
    Schema::core().of(EntityKind::ProvisioningEvent)
}

fn bind_user(text: &str) -> Result<Predicate, Problem> {
    syncline_odata::filter::bind(text, users(), &Rules::users())
}

fn bind_log(text: &str) -> Result<Predicate, Problem> {
    syncline_odata::filter::bind(text, log(), &Rules::provisioning_log())
}

/// One call site for every "this is refused so" table.
#[track_caller]
fn check_problem<T: std::fmt::Debug>(result: Result<T, Problem>, code: &str, message_part: &str) {
    let problem = result.expect_err(message_part);
    assert_eq!(problem.kind, ProblemKind::BadRequest, "{problem}");
    assert_eq!(problem.code, code, "{problem}");
    assert!(
        problem.message.contains(message_part),
        "`{problem}` does not say `{message_part}`"
    );
}
