//! What to do about a plan.

use std::path::Path;

use super::Planned;
use crate::report;

pub(super) fn text(output: &Planned) -> String {
    let plan = &output.plan;
    let mut text = format!(
        "\nNothing was written.\nAccidental-deletion threshold: {}.\n",
        report::threshold(&plan.threshold)
    );
    if let Some(problem) = report::misread(&plan.threshold) {
        text.push_str(&format!("{problem}\n"));
    }
    text.push_str(&removals(output));
    let file = output.file.as_deref().map(shell_word);
    if !plan.proposed {
        if let Some(file) = file {
            text.push_str(&format!(
                "{file} has the schema that the job has: there is nothing to save.\n"
            ));
        }
        text.push_str(&begin(output));
        return text;
    }
    let (job, file) = (&plan.job_id, file.unwrap_or_else(|| "FILE".to_owned()));
    text.push_str(&format!(
        "Save it with `syncline schema import --job {job} {file}`, or PUT …/servicePrincipals/{}/synchronization/jobs/{job}/schema; the next cycle follows it, without a restart.\n",
        output.service_principal
    ));
    if plan.held {
        text.push_str(&let_through_when_saved(output));
    }
    text
}

/// Whether deletes and disables would be held; and how they get past the gate, where that can be said at once.
fn removals(output: &Planned) -> String {
    let plan = &output.plan;
    let removals = report::removals(plan.removals);
    if !plan.held {
        return match plan.removals {
            0 => String::new(),
            _ => format!("{removals} would go through.\n"),
        };
    }
    let one = plan.removals == 1;
    let mut text = format!(
        "{removals} {} the accidental-deletion threshold{}: the cycle would hold {}.",
        if one { "reaches" } else { "reach" },
        match plan.removed_before {
            0 => String::new(),
            others => format!(", with {others} carried out before"),
        },
        if one { "it" } else { "them" },
    );
    if !plan.proposed {
        text.push_str(&format!(
            " If {} meant, {}.",
            if one { "it is" } else { "they are" },
            report::way_out(&plan.job_id, plan.removals)
        ));
    }
    text.push('\n');
    text
}

/// A permission is for what the job has: one that is given before ends when the schema is saved. And where the job is paused in
/// the middle of a cycle, a restart would have it go on with that, and let through what that removes.
fn let_through_when_saved(output: &Planned) -> String {
    let (plan, job) = (&output.plan, &output.plan.job_id);
    let they_are = if plan.removals == 1 {
        "it is"
    } else {
        "they are"
    };
    if output.paused_in_cycle {
        return format!(
            "The job is paused in the middle of a cycle, which is given up by that. If {they_are} meant, save it first; then `syncline plan --job {job}` says what the cycle after it removes, and how that is let through.\n"
        );
    }
    format!(
        "If {they_are} meant, save it first; then {}. Given before, that would end when the schema is saved.\n",
        report::way_out(job, plan.removals)
    )
}

/// How the cycle begins that was planned.
fn begin(output: &Planned) -> String {
    let job = &output.plan.job_id;
    match (output.started, output.active) {
        (true, false) => format!(
            "The job is paused or disabled: `syncline jobs start --job {job}` makes this cycle due.\n"
        ),
        (true, true) => format!("Run it now with `syncline jobs run --job {job} --wait`.\n"),
        (false, _) => format!("The job was never started: `syncline jobs start --job {job}`.\n"),
    }
}

/// A path that can be typed as it stands.
fn shell_word(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |letter: char| letter.is_alphanumeric() || "/._-+@%:,".contains(letter);
    if text.chars().all(plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use syncline_model::job::Counts;

    use super::*;

    /// A plan of a schema that is not saved yet, of which the threshold would hold three deletes.
    fn held(paused_in_cycle: bool) -> Planned {
        let plan = json!({
            "jobId": "Azure2Azure.x",
            "proposed": true,
            "kind": "incremental",
            "changed": [],
            "reach": "linked",
            "objects": 9,
            "affected": 3,
            "evaluated": 3,
            "counts": Counts { staged: 3, ..Counts::default() },
            "skippedByReason": {},
            "removals": 3,
            "held": true,
            "attributes": [],
            "shown": [],
            "shownOf": 3,
            "servicePrincipal": "it",
            "started": true,
            "active": !paused_in_cycle,
            "pausedInCycle": paused_in_cycle,
            "file": "it's.json",
        });
        serde_json::from_value(plan).unwrap()
    }

    /// It would go on with that cycle, and let through what that removes.
    #[test]
    fn no_restart_is_advised_for_a_job_that_is_paused_in_the_middle_of_a_cycle() {
        let advice = text(&held(true));
        assert!(!advice.contains("jobs restart"), "{advice}");
        assert!(
            advice.contains("save it first; then `syncline plan --job Azure2Azure.x` says"),
            "{advice}"
        );
        let advice = text(&held(false));
        let places = [
            "would hold them.\n",
            r"schema import --job Azure2Azure.x 'it'\''s.json'",
            "save it first; then `syncline jobs restart --job Azure2Azure.x --scope ForceDeletes` lets them through",
        ];
        let places = places.map(|part| advice.find(part));
        assert!(places.iter().all(Option::is_some), "{advice}");
        assert!(places.is_sorted(), "{advice}");
    }
}
