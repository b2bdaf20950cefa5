//! The public walk-through of cross-tenant synchronization in twelve steps, and what can go wrong
//! at each.
//!
//! Every assertion carries the number of its line in the checklist (`2.3` is the third of step 2),
//! so that a failure says which line of which variant broke. Steps 2 to 12 are walked in three
//! variants (versions as printed, all v1.0, all beta), each with delegated and with app-only
//! tokens.
//!
//! Where a decision of the project and a line of the checklist disagree, the decision stands and the
//! step says so. Today no line disagrees.
//!
//! The clock stands still until a step moves it, so whatever a line says about time is exact.

mod assertion;
pub mod browser;
mod callers;
pub mod setup;
mod walk;

mod step_01_sign_in;
mod step_02_allow_synchronization;
mod step_03_redeem_inbound;
mod step_04_redeem_outbound;
mod step_05_configuration;
mod step_06_test_connection;
mod step_07_create_job;
mod step_08_credentials;
mod step_09_assign;
mod step_10_on_demand;
mod step_11_start;
mod step_12_monitor;
mod steps;

mod counts;
mod external_users;
mod isolation;
mod jobs;
mod microsofts_own;
mod on_demand;
mod policies;
mod provisioning_log;
mod query_options;
mod schema;
mod secrets;
mod tenant_information;
mod troubleshooting;
mod validate_credentials;
