//! `syncline undo`: the target as it was before cycles that nobody wanted.

use serde::{Deserialize, Serialize};
use syncline_model::{CycleId, Timestamp};
use syncline_runner::{self as runner, Left, Span, Undone};

use super::Action;
use super::plan::{change, group_table, more_objects};
use crate::app::App;
use crate::failure::Failure;
use crate::output;
use crate::progress::{Progress, Undoing};
use crate::report;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Undo {
    pub job: String,
    /// These, or else everything since a time.
    pub cycles: Vec<CycleId>,
    pub since: Option<Timestamp>,
    /// Say what would be done.
    pub dry_run: bool,
    /// How many objects are named.
    pub show: u32,
    /// Go past the deletion threshold.
    pub force_deletes: bool,
}

impl Action for Undo {
    type Output = Undone;

    fn execute(&self, app: &App, progress: &dyn Progress) -> Result<Undone, Failure> {
        let job = app.store.read(|reader| app.job(reader, &self.job))?;
        let watching = Undoing {
            progress,
            cycles: &app.cycles,
        };
        let undo = runner::Undo {
            span: match self.since {
                Some(since) => Span::Since(since),
                None => Span::Cycles(self.cycles.clone()),
            },
            dry_run: self.dry_run,
            show: usize::try_from(self.show).unwrap_or(usize::MAX),
            force_deletes: self.force_deletes,
        };
        Ok(app.runner.undo(job.tenant, &job.id, &undo, &watching)?)
    }

    fn text(output: &Undone) -> String {
        if let Some((code, message)) = &output.refused {
            return format!(
                "Nothing was undone: the target does not let the job in.\n{code}: {message}\n"
            );
        }
        let mut text = headline(output);
        if output.entries == 0 {
            return text;
        }
        text.push_str(&counts(output));
        text.push_str(&attributes(output));
        text.push_str(&objects(output));
        text.push_str(&group_table(&output.groups, output.groups_of));
        text.push_str(&left(output));
        text.push_str(&leavers(output));
        text.push_str(&next(output));
        text
    }

    fn is_good(output: &Undone) -> bool {
        let held = is_held_back(output) && !output.dry_run;
        output.refused.is_none() && !output.stopped && !held && output.left_of == 0
    }
}

/// Nothing was written because too much would be deleted, or would be.
fn is_held_back(output: &Undone) -> bool {
    output.held && output.cycle_id.is_none()
}

fn headline(output: &Undone) -> String {
    let job = &output.job_id;
    let entries = match output.entries {
        0 if output.stopped => return "Stopped before anything was written.\n".to_owned(),
        0 => {
            return format!(
                "The log has no entries of the job {job} that changed anything then. Entries are kept for {} days, unless `syncline serve --log-retention-days` says otherwise.\n",
                runner::LOG_DAYS
            );
        }
        1 => "1 entry".to_owned(),
        count => format!("{count} entries"),
    };
    let mut text = match &output.cycle_id {
        Some(cycle) => format!("Undone: {entries} of the log of {job}, in cycle {cycle}\n"),
        None if output.dry_run || output.held => {
            let since = output.since.as_ref();
            let since = since.map(|at| format!(" since {at}")).unwrap_or_default();
            format!("To be undone: {entries} of the log of {job}{since}; nothing was written\n")
        }
        None => format!(
            "Nothing was written: there is nothing to put back of {entries} of the log of {job}\n"
        ),
    };
    if let Some(begins) = &output.log_begins {
        text.push_str(&format!(
            "The log of the job goes back to {begins}: if anything was done before, it stays.\n"
        ));
    }
    if output.unreadable > 0 {
        text.push_str(&format!(
            "{} more cannot be read; `syncline doctor` says where the damage is.\n",
            output.unreadable
        ));
    }
    text
}

fn counts(output: &Undone) -> String {
    let counts = &output.counts;
    let rows = [
        ("deleted (had been created)", counts.deleted, true),
        ("restored (had been deleted)", counts.restored, true),
        ("put back", counts.updated, true),
        ("disabled", counts.disabled, false),
        ("let go (had been taken over)", output.let_go, false),
        ("references set", counts.references_set, false),
        ("references removed", counts.references_removed, false),
        ("as before already", output.already, true),
        ("not or not wholly put back", output.left_of, true),
        ("back, gone in the source too", output.leavers_of, false),
    ];
    let shown = rows
        .iter()
        .filter(|(_, count, always)| *always || *count > 0);
    shown
        .map(|(name, count, _)| format!("  {name:<30} {count:>9}\n"))
        .collect()
}

fn attributes(output: &Undone) -> String {
    if output.attributes.is_empty() {
        return String::new();
    }
    let rows = output
        .attributes
        .iter()
        .map(|it| {
            let examples = it.examples.iter();
            let examples: Vec<String> = examples.map(|it| change(&it.old, &it.new)).collect();
            vec![
                it.name.to_string(),
                it.changed.to_string(),
                it.cleared.to_string(),
                examples.join("; "),
            ]
        })
        .collect();
    let header = ["attribute", "changed", "cleared", "examples"];
    format!("\n{}", output::table(&header, rows))
}

fn objects(output: &Undone) -> String {
    if output.shown.is_empty() {
        return String::new();
    }
    let rows = output
        .shown
        .iter()
        .map(|it| {
            let changes = it.changes.iter();
            let changes: Vec<String> = changes
                .map(|it| format!("{}: {}", it.name, change(&it.old, &it.new)))
                .collect();
            vec![it.action.clone(), it.name.to_string(), changes.join("; ")]
        })
        .collect();
    let table = output::table(&["", "object", "change"], rows);
    format!(
        "\n{table}{}",
        more_objects(output.shown_of, output.shown.len())
    )
}

/// What stays as it is, a line for each.
fn left(output: &Undone) -> String {
    reasons(["stays", "why"], &output.left, output.left_of)
}

/// What was right, and is undone with the rest, a line for each.
fn leavers(output: &Undone) -> String {
    reasons(["comes back", "but"], &output.leavers, output.leavers_of)
}

fn reasons(header: [&str; 2], told: &[Left], of: u64) -> String {
    if told.is_empty() {
        return String::new();
    }
    let rows = told
        .iter()
        .map(|it| vec![it.name.to_string(), it.reason.clone()])
        .collect();
    let table = output::table(&header, rows);
    format!("\n{table}{}", more_objects(of, told.len()))
}

/// What to do about it.
fn next(output: &Undone) -> String {
    let job = &output.job_id;
    let mut text = format!(
        "\nAccidental-deletion threshold: {}.\n",
        report::threshold(&output.threshold)
    );
    if let Some(problem) = report::misread(&output.threshold) {
        text.push_str(&format!("{problem}\n"));
    }
    if is_held_back(output) {
        let (reach, are) = match output.removals {
            1 => ("reaches", "it is"),
            _ => ("reach", "they are"),
        };
        text.push_str(&format!(
            "{} {reach} it{}: nothing is done without --force-deletes, which lets them through if {are} meant.\n",
            report::removals(output.removals),
            match output.removed_before {
                0 => String::new(),
                others => format!(", with {others} carried out before"),
            }
        ));
    }
    if output.stopped {
        text.push_str("Stopped before the end: the same command does what is missing.\n");
    }
    if output.left_of > 0 {
        text.push_str(
            "Mend what keeps an object from being put back, and the same command does what is missing; what others have changed is theirs.\n",
        );
    }
    if output.leavers_of > 0 {
        text.push_str(&format!(
            "Those whom the source has deleted or disabled as well are back with the others. `syncline plan` names whom of them the next cycle removes, {} at most for its threshold; where the job does not delete or disable such people, do it in the target.\n",
            report::removals(output.leavers_of)
        ));
    }
    if output.dry_run {
        text.push_str("The same command without --dry-run does it.\n");
    } else if !is_held_back(output) {
        text.push_str(&format!(
            "The job stays paused: as it is configured it would do the same again. Put the schema right, and see that the plan has nothing to do that you do not want, before you start it:
  syncline schema previous --job {job}
  syncline schema export --job {job} --previous 1 > good.json
  syncline schema import --job {job} good.json --force
  syncline plan --job {job}
  syncline jobs start --job {job}
"
        ));
    }
    text
}
