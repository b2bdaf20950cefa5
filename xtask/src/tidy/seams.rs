//! Where time, randomness and the environment enter. `clippy.toml` forbids the calls everywhere;
//! this rule says who may be excused.

use super::{Check, Finding};
use crate::Checkout;

pub(super) const CHECK: Check = Check {
    name: "seams",
    rule: "only the binary and the developers' tools may be excused from `clippy::disallowed_methods`",
    run,
};

const EXCUSED: [&str; 4] = ["crates/syncline/", "crates/testkit/", "benches/", "xtask/"];
const LINT: &str = "clippy::disallowed_methods";

fn run(checkout: &Checkout) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, source) in checkout
        .production("crates/")
        .filter(|(path, _)| path.contains("/src/"))
    {
        if EXCUSED.iter().any(|folder| path.starts_with(folder)) {
            continue;
        }
        let code = source.production_code();
        let lines = code.match_indices(LINT).map(|(at, _)| source.line_of(at));
        findings.extend(lines.map(|line| {
            Finding::line(
                path,
                line,
                "take a `Clock`, `Ids` or a setting as an argument; the binary passes the real one",
            )
        }));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_binary_is_excused() {
        let text = "#[expect(clippy::disallowed_methods, reason = \"the seam\")]\nfn now() {}";
        assert_eq!(
            run(&Checkout::of(&[("crates/runner/src/clock.rs", text)])).len(),
            1
        );
        assert_eq!(
            run(&Checkout::of(&[("crates/syncline/src/clock.rs", text)])),
            []
        );
    }
}
