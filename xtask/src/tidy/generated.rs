//! What is generated from the code follows the code.

use super::{Check, Finding};
use crate::{Checkout, generate};

pub(super) const CHECK: Check = Check {
    name: "generated",
    rule: "generated pages are current (`cargo run -p xtask -- generate`)",
    run,
};

fn run(checkout: &Checkout) -> Vec<Finding> {
    match generate::stale(checkout) {
        Ok(pages) => pages
            .into_iter()
            .map(|page| Finding::file(page.path, "is stale: run `cargo run -p xtask -- generate`"))
            .collect(),
        Err(message) => vec![Finding::file("xtask/src/generate", message)],
    }
}
