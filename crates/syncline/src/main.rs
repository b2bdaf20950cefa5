//! The `syncline` binary: the command line, the wiring of the other crates, and the server.
//!
//! Read [`cli`] for what can be typed, [`commands`] for what each command does, [`app`] for the
//! wiring, [`server`] for what `serve` runs, [`import`] for CSV files, [`demo`] for the demo,
//! [`telemetry`] and [`metrics`] for what an operator sees.

mod administrator;
mod app;
mod begun;
mod cli;
mod commands;
mod cycles;
mod data_dir;
mod declared;
mod demo;
mod elsewhere;
mod ended;
mod expression;
mod failure;
mod given;
mod import;
mod interrupt;
#[cfg(test)]
mod large_people;
mod metrics;
mod named;
mod named_job;
mod nodes;
mod outage;
mod output;
mod owner;
mod progress;
mod replace_key;
mod report;
mod restore;
mod schema_file;
mod schema_test;
mod seam;
mod server;
mod session;
mod telemetry;
mod tls;

use std::process::ExitCode;

/// A page of a cycle makes and frees its objects by the million; see ARCHITECTURE.md, Libraries.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    cli::main()
}
