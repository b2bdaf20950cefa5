//! The project's own chores.
//!
//! [`Checkout`] is what the chores look at: the files of the repository and what cargo knows about
//! its packages. [`tidy`] holds one file per check, [`sizes`] measures, [`generate`] writes the
//! pages that follow from the code. All of them are functions of a `Checkout`, so that their own
//! tests need no files.

pub mod checkout;
pub mod generate;
pub mod sizes;
pub mod source;
pub mod tidy;

pub use checkout::{Checkout, Dependency, DependencyKind, Package};
pub use source::Source;

/// What a chore answers; the error is a sentence for the person who ran it.
pub type Result<T> = std::result::Result<T, String>;
