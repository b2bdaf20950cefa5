//! `/servicePrincipals/{id}/synchronization` and its twin under `/applications/{id}`.

pub mod get;
pub mod jobs;
pub mod options;
pub mod resolve;
pub mod schema;
pub mod secrets;
pub mod templates;
pub mod wire;
