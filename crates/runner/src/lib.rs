//! Carries decisions out: cycles, on-demand provisioning, escrow, gates, schedules, retention.
//!
//! Read `cycle/mod.rs` from top to bottom to learn what a cycle is. The other rooms:
//!
//! ```text
//! configuration   what a job does: schema, secrets, and what no longer is in force
//! view            deciding about a page of subjects; writes nothing
//! page            what happens in one page: consent, and carrying operations out
//! settle          what is written down of a page
//! refused_kinds   of what the target takes nothing now
//! remembered      what was worked out for jobs, as long as there is room for it
//! beside          whom another job between the same tenants has in the target
//! memberships     members of groups, membership by membership
//! plan            what the next cycle would do
//! explain         why one subject is or is not in the target
//! links           who is linked to what, and what nobody keeps in step
//! on_demand       one subject through the same page, now
//! undo            the target as it was before cycles that nobody wanted
//! jobs            a job's life
//! departure       a tenant that is deleted
//! threads         who goes first, who waits, who is running
//! ```
//!
//! A transaction holds one page, or two that were ready together. Targets and sources are known only
//! through `syncline-connector`.
//!
//! Deliberately absent: the real clock and randomness. Time and ids come in as
//! [`syncline_model::Clock`] and [`syncline_model::Ids`]; callers bring the thread. The places that
//! need more threads are `cycle/ahead.rs` (deciding pages ahead), `view/drafter.rs` (working out what
//! was decided) and `cycle/ready.rs` (references that waited); `threads/wait.rs` makes a thread wait for
//! another node.

mod admission;
mod beside;
mod configuration;
mod cycle;
mod departure;
mod ends;
mod explain;
mod jobs;
mod links;
mod memberships;
mod observer;
mod on_demand;
mod page;
mod plan;
mod refused_kinds;
mod remembered;
mod retention;
mod runner;
mod settle;
mod shown;
mod signal;
mod threads;
mod unavailable;
mod undo;
mod view;

pub use admission::Obstacle;
pub use beside::jobs_towards;
pub use configuration::StoredSchema;
pub use configuration::deletion_threshold::DeletionThreshold;
pub use configuration::previous::PreviousSchema;
pub use configuration::replacement::{Replaceable, Replacement, Unfit};
pub use configuration::secrets::Secrets;
pub use configuration::superseded::other_targets;
pub use configuration::wrong_schema::WrongSchema;
pub use cycle::Rehearsed;
pub use departure::Losses;
pub use ends::{End, EndState};
pub use explain::{
    Bringer, Bringing, Explanation, HeldBy, Holder, InSource, InTarget, Leaves, MembersKept,
    MembershipExplanation, MembershipVerdict, Verdict, Waiting, Which,
};
pub use jobs::due::Due;
pub use jobs::let_in::LetIn;
pub use jobs::make_due::MadeDue;
pub use links::accounts::{Account, Accounts, Discovery, Why};
pub use links::{Linked, Links, Unread};
pub use observer::{Observer, PageReport, Progress, Silent};
pub use on_demand::{OnDemand, OnDemandSubject};
pub use plan::{
    AttributePlan, Example, GroupPlan, KeptValues, LeftBehind, Plan, PlannedChange, PlannedObject,
    Reach,
};
pub use retention::{LOG_DAYS, Swept};
pub use runner::{Node, PageSizes, Runner};
pub use signal::Signal;
pub use undo::{Left, Span, Undo, Undone};
