//! What a cycle did, for people.

use std::collections::BTreeMap;

use syncline_model::job::{Counts, CycleKind, CycleReport};

use crate::commands::jobs_list::state_name;

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
    if nothing(&report.counts) {
        text.push_str("Nothing to do: the target is in step.\n");
    }
    text.push_str(&counts(&report.counts, &report.skipped_by_reason));
    text
}

/// The table of counts; lines that are zero are left out.
pub fn counts(counts: &Counts, skipped_by_reason: &BTreeMap<String, u64>) -> String {
    let mut lines: Vec<(String, u64)> = vec![
        ("created".to_owned(), counts.created),
        ("updated".to_owned(), counts.updated),
        ("disabled".to_owned(), counts.disabled),
        ("deleted".to_owned(), counts.deleted),
        ("restored".to_owned(), counts.restored),
        ("unchanged".to_owned(), counts.unchanged),
        ("skipped".to_owned(), counts.skipped),
    ];
    lines.extend(
        skipped_by_reason
            .iter()
            .map(|(reason, count)| (format!("  {reason}"), *count)),
    );
    lines.extend([
        ("escrowed (tried again later)".to_owned(), counts.escrowed),
        ("held by the deletion gate".to_owned(), counts.staged),
        ("references set".to_owned(), counts.references_set),
        ("references removed".to_owned(), counts.references_removed),
        ("references pending".to_owned(), counts.references_pending),
    ]);
    let mut text = String::new();
    for (name, count) in lines.into_iter().filter(|(_, count)| *count > 0) {
        text.push_str(&format!("  {name:<30} {count:>9}\n"));
    }
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
