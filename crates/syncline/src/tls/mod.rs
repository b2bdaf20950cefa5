//! TLS of the server: the pair of files with certificate and key, the one that is shown to clients, and those that are made
//! where the operator has none.

mod generated;
mod in_use;
mod pair;

pub use generated::{Fault, Generated};
pub use in_use::{End, InUse, Origin};
pub use pair::{Pair, Validity};
