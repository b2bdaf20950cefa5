//! The suite on the connector in memory, and the switches by which it fails.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod memory;
mod trouble;
mod world;
