//! A source and a target that live in memory: the smallest connectors that keep the contract, for
//! tests of whatever stands on it. They play the part of external systems, so they ignore the
//! page's transaction: what they wrote stays when the page is rolled back.
//!
//! A clone is another handle on the same system. A test keeps one and hands the other out.

mod source;
mod target;

pub use source::MemorySource;
pub use target::MemoryTarget;
