//! Decides what a synchronization job does with each source object, and why.
//!
//! Two pure halves around one look-up: [`begin`] either decides at once or names a look-up in the
//! target; [`Pending::resume`] takes what was found and decides (or asks for one more look-up).
//! Every [`Decision`] carries its [`Evidence`], from which the provisioning log and the on-demand
//! answer are rendered ([`steps`]).
//!
//! Deliberately absent: async, clocks, randomness, input and output, logging.

pub mod decide;
pub mod decision;
pub mod escrow;
pub mod evidence;
pub mod failure;
pub mod gate;
pub mod impact;
pub mod operation;
pub mod quarantine;
mod random_key;
pub mod rule;
pub mod schema;
mod semantics;
pub mod skip_reason;
pub mod steps;
pub mod subject;
pub mod template;
pub mod trial;

pub use decide::{Pending, REDACTED, Step, begin};
pub use decision::{Action, Change, Decision, Reference};
pub use evidence::Evidence;
pub use failure::Failure;
pub use gate::Gate;
pub use impact::Impact;
pub use operation::{Creation, Fault, FaultKind, Operation, Outcome};
pub use random_key::RandomKey;
pub use rule::{JobFacts, Rule};
pub use schema::SynchronizationSchema;
pub use semantics::SEMANTICS;
pub use skip_reason::SkipReason;
pub use subject::{Lifecycle, LookupQuery, Subject, TargetObject};
