//! What let removals through ends with the configuration that it was given for. So there is one verb that makes it another
//! one, and nobody counts its generation up beside it.

use super::{Check, Finding};
use crate::Checkout;

pub(super) const CHECK: Check = Check {
    name: "generations",
    rule: "the generation of a job's configuration grows by `Job::configured_anew` alone",
    run,
};

const COUNTS: &str = "configuration_generation +=";
/// Where the verb is.
const HOME: &str = "crates/model/src/job/";

fn run(checkout: &Checkout) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, source) in checkout
        .production("crates/")
        .filter(|(path, _)| path.contains("/src/") && !path.starts_with(HOME))
    {
        let code = source.production_code();
        let lines = code.match_indices(COUNTS).map(|(at, _)| source.line_of(at));
        findings.extend(lines.map(|line| {
            Finding::line(
                path,
                line,
                "call `Job::configured_anew`: a permission for removals ends there as well",
            )
        }));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_verb_counts() {
        let text = "fn note(job: &mut Job) { job.configuration_generation += 1; }";
        assert_eq!(
            run(&Checkout::of(&[("crates/runner/src/note.rs", text)])).len(),
            1
        );
        assert_eq!(
            run(&Checkout::of(&[("crates/model/src/job/mod.rs", text)])),
            []
        );
    }
}
