//! Between threads: who runs already, who goes first, who waits, who frees what another has done with, and who keeps its lease.

pub(crate) mod courtesy;
pub(crate) mod discarded;
pub(crate) mod heartbeat;
pub(crate) mod running;
pub(crate) mod wait;
