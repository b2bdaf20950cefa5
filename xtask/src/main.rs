//! `cargo run -p xtask -- tidy | sizes | generate [--check]`

#![expect(clippy::print_stdout, reason = "a command line tool")]

use std::process::ExitCode;

use xtask::{Checkout, Result, generate, sizes, tidy};

const USAGE: &str = "\
The project's own chores.

Usage: cargo run -p xtask -- <command>

Commands:
  tidy              check the rules of the house; prints what breaks them
  sizes             how large files and functions are, per crate
  generate          rewrite the pages that follow from the code
  generate --check  only say which of them are stale

Example: cargo run -p xtask -- tidy
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["tidy"] => run_tidy(),
        ["sizes"] => run_sizes(),
        ["generate"] => run_generate(false),
        ["generate", "--check"] => run_generate(true),
        ["--help" | "-h" | "help"] => {
            print!("{USAGE}");
            Ok(true)
        }
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run_tidy() -> Result<bool> {
    let checkout = Checkout::open()?;
    let mut findings = 0;
    for check in tidy::CHECKS {
        let found = (check.run)(&checkout);
        println!(
            "{} {}: {}",
            if found.is_empty() { "ok  " } else { "FAIL" },
            check.name,
            check.rule
        );
        for finding in &found {
            println!("     {finding}");
        }
        findings += found.len();
    }
    println!("{} checks, {findings} findings", tidy::CHECKS.len());
    Ok(findings == 0)
}

fn run_sizes() -> Result<bool> {
    print!("{}", sizes::report(&Checkout::open()?));
    Ok(true)
}

fn run_generate(check_only: bool) -> Result<bool> {
    let checkout = Checkout::open()?;
    let stale = generate::stale(&checkout)?;
    for page in &stale {
        if check_only {
            println!(
                "{} is stale: run `cargo run -p xtask -- generate`",
                page.path
            );
        } else {
            checkout.write(&page.path, &page.text)?;
            println!("wrote {}", page.path);
        }
    }
    if stale.is_empty() {
        println!("everything generated is current");
    }
    Ok(stale.is_empty() || !check_only)
}
