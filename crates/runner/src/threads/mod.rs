//! Between threads: who runs already, who goes first, who waits, and who frees what another has done with.

pub(crate) mod courtesy;
pub(crate) mod discarded;
pub(crate) mod running;
pub(crate) mod wait;
