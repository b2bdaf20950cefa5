//! What this process keeps in memory of the database, and when it forgets it.

pub(crate) mod recent_keys;
pub(crate) mod referred;
pub(crate) mod refusal;
pub(crate) mod room;
pub(crate) mod taken_keys;
mod trials;
