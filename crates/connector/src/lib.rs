//! The contract of sources, look-ups and targets, an in-memory connector, and the suite every connector passes.
