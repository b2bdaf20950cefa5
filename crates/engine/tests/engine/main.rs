//! The engine through its public door.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// One test writes a whole schema as a `json!` literal.
#![recursion_limit = "256"]

mod decision_table;
mod escrow;
mod evidence_rows;
mod failures;
mod fitting;
mod flow;
mod full_schema;
mod gate;
mod impact;
mod null_policy;
mod properties;
mod references;
mod schema;
mod scoping;
mod slips;
mod steps;
mod support;
mod template;
mod trial;
mod unique_value;
