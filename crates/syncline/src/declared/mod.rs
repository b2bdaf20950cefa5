//! Configurations as a file has them: read, compared with what there is, shown as a difference, written.
//! Comparing can not write; what it finds is all that is written.

mod asked;
mod assigned;
mod assignments;
mod changes;
mod difference;
mod ends;
mod file;
mod files;
mod groups;
mod names;
mod notifications;
mod policies;
mod present;
mod renamed;
mod resumed;
mod retries;
mod schedule;
mod schema;
mod schema_changes;
mod secrets;
mod text;
mod write;
pub mod yaml;

pub use asked::{Asked, Needed};
pub use difference::Differences;
pub use files::Files;
pub use text::text;
