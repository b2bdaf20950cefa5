//! What a cycle did, for people.

use std::collections::BTreeMap;

use syncline_model::JobId;
use syncline_model::job::{Counts, CycleKind, CycleReport, CycleState};
use syncline_runner::{DeletionThreshold, WrongSchema};

use crate::commands::jobs_list::state_name;

/// What is wrong with the schema that a job has, and what to do.
pub fn wrong_schema(job: &JobId, wrong: &WrongSchema) -> (String, String) {
    let (found, meanwhile) = match wrong {
        WrongSchema::CyclesFail(found) => (found, "cycles fail"),
        WrongSchema::SomeFail(found) => (
            found,
            "groups that have to be looked for in the target fail (thousands of them hold back the whole job)",
        ),
    };
    let advice = format!(
        "{meanwhile} until it is corrected: syncline schema export --job {job} > schema.json, change the file, syncline schema import --job {job} schema.json"
    );
    (found.clone(), advice)
}

/// A cycle's report: a headline and the table of counts.
pub fn cycle(report: &CycleReport) -> String {
    let kind = match report.kind {
        CycleKind::Initial => "initial",
        CycleKind::Incremental => "incremental",
    };
    let mut text = format!(
        "{kind} cycle {}: {} in {}\n",
        report.cycle_id,
        state_name(report.state),
        duration(report.duration_ms)
    );
    if let Some((code, message)) = &report.error {
        text.push_str(&format!("{code}: {message}\n"));
    }
    // One that failed or stopped has not looked at everything.
    if report.state == CycleState::Succeeded && nothing(&report.counts) {
        text.push_str("Nothing to do: the target is in step.\n");
    }
    text.push_str(&counts(&report.counts, &report.skipped_by_reason));
    let ended = matches!(
        report.state,
        CycleState::Succeeded | CycleState::EntryLevelErrors
    );
    if report.counts.staged > 0 && ended {
        text.push_str(&held(&report.job_id, report.counts.staged));
    }
    text.push_str(&to_do(report));
    if report.job_disabled {
        text.push_str(&disabled(&report.job_id));
    }
    text
}

/// What whoever runs the job should do, besides what is said of removals that are held.
fn to_do(report: &CycleReport) -> String {
    let job = &report.job_id;
    match report.state {
        CycleState::Succeeded => String::new(),
        CycleState::EntryLevelErrors => format!(
            "What failed is tried again later by itself. `syncline logs --job {job} --status failure` says why each object failed.\n"
        ),
        CycleState::Failed if report.job_disabled => String::new(),
        CycleState::Failed => format!(
            "Fix the problem above; `syncline jobs run --job {job} --wait` then tries again, and so does a running server by itself.\n"
        ),
        CycleState::Stopped => format!(
            "The job was paused: `syncline jobs start --job {job}` goes on where it stopped.\n"
        ),
    }
}

/// Deletes and disables, so many of them.
pub fn removals(count: u64) -> String {
    if count == 1 {
        "1 delete or disable".to_owned()
    } else {
        format!("{count} deletes and disables")
    }
}

/// Deletes and disables of which nobody knows yet whether they are too many: the open cycle puts them aside, or an earlier one
/// and calls on demand have.
pub fn put_aside(count: u64, is_open: bool, are_forced: bool) -> String {
    let them = if count == 1 { "it" } else { "them" };
    let cycle = if is_open { "open" } else { "next" };
    let limit = if are_forced {
        ""
    } else {
        " below the threshold"
    };
    format!(
        "put aside  {}: the {cycle} cycle counts {them} at its end and carries {them} out{limit}\n",
        removals(count)
    )
}

/// References, so many of them.
pub fn references(count: u64) -> String {
    if count == 1 {
        "1 reference".to_owned()
    } else {
        format!("{count} references")
    }
}

/// From how many deletes and disables on a cycle holds them.
pub fn threshold(threshold: &DeletionThreshold) -> String {
    if threshold.enabled {
        // With none the first is held as well.
        removals(threshold.value.max(1))
    } else {
        "off: deletes and disables are never held".to_owned()
    }
}

/// That the threshold holds nothing for once, and how that is taken back.
pub fn forced(job: &JobId) -> String {
    format!(
        "ForceDeletes: the next cycle lets deletes and disables through, however many. `syncline jobs pause --job {job}` takes that back, and so does a restart without ForceDeletes; a change of the configuration (schema, scope, SkipOutOfScopeDeletions, target) ends it, and so does what gives the schema another meaning: a new version of Syncline, or a directory extension that is registered anew."
    )
}

/// Why that is not the threshold that somebody wanted.
pub fn misread(threshold: &DeletionThreshold) -> Option<String> {
    threshold.problem.as_ref().map(|problem| {
        format!(
            "What is stored for the deletion threshold is wrong and not followed: {problem}. Correct SyncNotificationSettings with PUT …/synchronization/secrets, and a setting of the job with PATCH …/synchronization/jobs/{{id}}."
        )
    })
}

/// What to do about a job that was in quarantine for too long.
pub fn disabled(job: &JobId) -> String {
    format!(
        "The job was in quarantine for 4 weeks and is disabled: no cycle begins by itself. Fix what made it fail, then `syncline jobs start --job {job}` starts it again.\n"
    )
}

/// What to do about objects that failed for too long.
pub fn given_up(job: &JobId, count: u64, patience: &str) -> String {
    let (objects, are, them) = match count {
        1 => ("1 object".to_owned(), "is", "it"),
        _ => (format!("{count} objects"), "are", "them"),
    };
    format!(
        "given up   {objects} failed for {patience} and {are} not tried again until the source or the configuration changes\n           `syncline jobs restart --job {job} --scope Escrows` tries {them} again; `syncline logs --job {job} --status failure` says why\n"
    )
}

/// What to do about removals that the gate holds.
pub fn held(job: &JobId, count: u64) -> String {
    let removals = removals(count);
    let (reach, them) = if count == 1 {
        ("reaches", "it")
    } else {
        ("reach", "them")
    };
    format!(
        "{removals} {reach} the accidental-deletion threshold: the job is in quarantine and holds {them}; everything else goes on. {}",
        meant_or_not(job, count)
    )
}

/// The same of a job that is not in quarantine for them.
pub fn held_beside(job: &JobId, count: u64) -> String {
    let removals = removals(count);
    let (reach, are) = if count == 1 {
        ("reaches", "is")
    } else {
        ("reach", "are")
    };
    format!(
        "{removals} that {reach} the accidental-deletion threshold {are} held. {}",
        meant_or_not(job, count)
    )
}

fn meant_or_not(job: &JobId, count: u64) -> String {
    let (them, they) = if count == 1 {
        ("it", "it is")
    } else {
        ("them", "they are")
    };
    format!(
        "If {they} meant, {}. If not, undo what removes {them} in the source or in the scope, and the next cycle lets go of {them}.\n",
        way_out(job, count)
    )
}

/// How removals get past the gate.
pub fn way_out(job: &JobId, count: u64) -> String {
    let them = if count == 1 { "it" } else { "them" };
    format!("`syncline jobs restart --job {job} --scope ForceDeletes` lets {them} through")
}

/// The table of counts: what everybody asks for always, the rest when there is any.
pub fn counts(counts: &Counts, skipped_by_reason: &BTreeMap<String, u64>) -> String {
    let mut text = String::new();
    let mut row = |name: &str, count: u64, always: bool| {
        if always || count > 0 {
            text.push_str(&format!("  {name:<30} {count:>9}\n"));
        }
    };
    row("created", counts.created, true);
    row("updated", counts.updated, true);
    row("disabled", counts.disabled, true);
    row("deleted", counts.deleted, true);
    row("restored", counts.restored, false);
    row("unchanged", counts.unchanged, false);
    row("skipped", counts.skipped, true);
    for (reason, count) in skipped_by_reason {
        row(&format!("  {reason}"), *count, false);
    }
    row("escrowed (tried again later)", counts.escrowed, true);
    row("held by the deletion gate", counts.staged, false);
    row("references set", counts.references_set, false);
    row("references removed", counts.references_removed, false);
    row("references pending", counts.references_pending, false);
    text
}

/// Nothing was written and nothing waits for anybody.
fn nothing(counts: &Counts) -> bool {
    let Counts {
        created,
        updated,
        disabled,
        deleted,
        restored,
        escrowed,
        staged,
        references_set,
        references_removed,
        ..
    } = counts;
    [
        created,
        updated,
        disabled,
        deleted,
        restored,
        escrowed,
        staged,
        references_set,
        references_removed,
    ]
    .into_iter()
    .all(|count| *count == 0)
}

fn duration(milliseconds: u64) -> String {
    if milliseconds < 1000 {
        return format!("{milliseconds} ms");
    }
    format!("{}.{} s", milliseconds / 1000, milliseconds % 1000 / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_says_what_it_holds_and_why_it_is_not_what_was_stored() {
        let of = |enabled, value| DeletionThreshold {
            enabled,
            value,
            problem: None,
        };
        assert_eq!(threshold(&of(true, 500)), "500 deletes and disables");
        assert_eq!(threshold(&of(true, 0)), "1 delete or disable");
        assert!(threshold(&of(false, 500)).starts_with("off"));
        assert_eq!(misread(&of(true, 5)), None);
        let wrong = DeletionThreshold {
            problem: Some("`x` is not a member of it".to_owned()),
            ..of(true, 500)
        };
        let told = misread(&wrong).unwrap_or_default();
        assert!(
            told.contains("`x` is not a member of it") && told.contains("PUT"),
            "{told}"
        );
    }

    #[test]
    fn a_job_that_quarantine_disables_is_told_with_the_way_back() {
        let job = JobId("Azure2Azure.x".to_owned());
        let report = CycleReport {
            job_id: job,
            cycle_id: syncline_model::CycleId::from_bytes([0; 16]),
            kind: CycleKind::Incremental,
            state: CycleState::Failed,
            counts: Counts::default(),
            skipped_by_reason: BTreeMap::new(),
            duration_ms: 1,
            error: None,
            job_disabled: true,
            in_between: false,
        };
        let told = cycle(&report);
        assert!(told.contains("is disabled"), "{told}");
        assert!(
            told.contains("`syncline jobs start --job Azure2Azure.x`"),
            "{told}"
        );
        assert!(!told.contains("tries again"), "{told}");
        let still = CycleReport {
            job_disabled: false,
            in_between: false,
            ..report
        };
        assert!(!cycle(&still).contains("is disabled"));
    }

    #[test]
    fn what_was_skipped_is_told_by_reason_and_zeros_only_where_everybody_looks() {
        let done = Counts {
            created: 8064,
            skipped: 1936,
            references_pending: 2926,
            ..Counts::default()
        };
        let reasons = BTreeMap::from([("NotEffectivelyEntitled".to_owned(), 1936)]);
        let text = counts(&done, &reasons);
        let lines: Vec<String> = text
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(
            lines,
            [
                "created 8064",
                "updated 0",
                "disabled 0",
                "deleted 0",
                "skipped 1936",
                "NotEffectivelyEntitled 1936",
                "escrowed (tried again later) 0",
                "references pending 2926",
            ]
        );
        assert!(
            !nothing(&done)
                && nothing(&Counts {
                    skipped: 3,
                    ..Counts::default()
                })
        );
    }
}
