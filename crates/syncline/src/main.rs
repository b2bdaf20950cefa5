//! The `syncline` binary: the command line, the wiring of the other crates, and the server.
//!
//! Read [`cli`] for what can be typed, [`commands`] for what each command does, [`app`] for the
//! wiring, [`server`] for what `serve` runs, [`import`] for CSV files and [`demo`] for the demo.

mod app;
mod cli;
mod commands;
mod data_dir;
mod demo;
mod failure;
mod import;
mod nodes;
mod output;
mod progress;
mod report;
mod restore;
mod seam;
mod server;
mod session;
mod tls;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
