//! TLS of the server: the pair of files with certificate and key, and those that are made where the operator has none.

mod generated;
mod pair;

pub use generated::{Fault, Generated};
pub use pair::Pair;
