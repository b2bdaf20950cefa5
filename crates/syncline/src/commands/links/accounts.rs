//! `syncline links --unlinked`: accounts of the target that came from the source, and that no job keeps in step.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use syncline_model::EntityKind;
use syncline_runner::{Account, End, Why};

use super::listed::Listed;
use super::{Unread, table};
use crate::app::App;
use crate::commands::Action;
use crate::failure::Failure;
use crate::output;
use crate::progress::{Progress, Step};

/// Target objects looked at at once.
const PAGE: usize = 2000;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Accounts {
    pub job: String,
    pub kind: Option<EntityKind>,
    pub top: usize,
    /// All of them go there. Absolute: the server has a working directory of its own.
    pub csv: Option<PathBuf>,
}

/// The answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Output {
    pub job_id: String,
    /// What was looked at: `user`, `group`, or both.
    pub kinds: Vec<String>,
    /// How many there are, listed or not.
    pub count: u64,
    /// Objects of the target that came from the source and that this job keeps in step, and other jobs do.
    pub kept: u64,
    pub kept_by_other_jobs: u64,
    /// How many of both are kept by jobs that were not started, are paused, disabled, in quarantine, or can not work as
    /// they are configured.
    pub kept_by_jobs_standing_still: u64,
    /// Those listed here; none where they went to a file.
    pub value: Vec<Row>,
    pub file: Option<PathBuf>,
    /// What was not looked at for want of consent.
    pub unread: Vec<Unread>,
}

/// An account.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// Of the target object: `user` or `group`.
    pub kind: String,
    pub target: End,
    /// `None` of a group.
    pub account_enabled: Option<bool>,
    pub why: Why,
    /// The job that has let go of it last, when it did, and whom it was linked to.
    pub link: Option<Link>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Link {
    pub job_id: String,
    pub since: String,
    pub source: End,
}

impl Action for Accounts {
    type Output = Output;

    fn execute(&self, app: &App, progress: &dyn Progress) -> Result<Output, Failure> {
        let mut listed = Listed::begin(app, self.top, self.csv.as_deref(), &table::ACCOUNTS)?;
        let mut output = app.store.read(|reader| {
            let job = app.job(reader, &self.job)?;
            let mut discovery = app.runner.discovery_on(reader, &job)?.map_err(|obstacle| {
                Failure::new(format!(
                    "the target is not read: {}",
                    table::why_unreadable(&obstacle)
                ))
            })?;
            let wanted = |kind: &EntityKind| self.kind.is_none_or(|it| it == *kind);
            let unread = discovery.unread.iter().filter(|it| wanted(&it.kind));
            let mut output = Output {
                job_id: job.id.to_string(),
                kinds: Vec::new(),
                count: 0,
                kept: 0,
                kept_by_other_jobs: 0,
                kept_by_jobs_standing_still: 0,
                value: Vec::new(),
                file: None,
                unread: unread.map(Unread::of).collect(),
            };
            for kind in discovery.kinds().into_iter().filter(wanted) {
                output.kinds.push(kind.graph_name().to_owned());
                let total = discovery.to_look_at(kind)?.unwrap_or_default();
                let (mut after, mut done) = (None, 0);
                loop {
                    let Some(page) = discovery.page(kind, after, PAGE)? else {
                        return Err(Failure::new(
                            "this target does not tell which of its objects came from the source",
                        )
                        .with_help("list the links instead, without --unlinked, and compare them with the accounts of the target"));
                    };
                    output.count += page.value.len() as u64;
                    output.kept += page.kept;
                    output.kept_by_other_jobs += page.kept_by_others;
                    output.kept_by_jobs_standing_still += page.standing_still;
                    for account in page.value {
                        listed.add(Row::of(account), Row::cells)?;
                    }
                    done += page.looked_at as u64;
                    progress.step(Step {
                        label: format!("looking at {}s of the target", kind.graph_name()),
                        done,
                        total,
                    });
                    listed.refuse_to_go_on_for_nobody(app, progress)?;
                    after = page.next;
                    if after.is_none() {
                        break;
                    }
                }
            }
            Ok::<_, Failure>(output)
        })?;
        (output.value, output.file) = listed.end()?;
        Ok(output)
    }

    fn text(output: &Output) -> String {
        let mut text = String::new();
        if !output.value.is_empty() {
            let rows = output.value.iter().map(Row::columns).collect();
            let mut rows: Vec<Vec<String>> = rows;
            let mut header = vec!["KIND", "ACCOUNT", "ENABLED", "WHY", "SOURCE", "ID"];
            let job = |row: &Row| row.link.as_ref().map(|it| it.job_id.clone());
            let is_other = |row: &Row| job(row).is_some_and(|it| it != output.job_id);
            if output.value.iter().any(is_other) {
                header.push("JOB");
                for (columns, row) in rows.iter_mut().zip(&output.value) {
                    columns.push(job(row).unwrap_or_default());
                }
            }
            text.push_str(&output::table(&header, rows));
        }
        let file = output.file.as_deref();
        if output.count > 0 || file.is_some() {
            text.push_str(&table::ending(
                output.count,
                output.value.len(),
                file,
                "account",
            ));
        }
        for it in &output.unread {
            text.push_str(&it.text(""));
        }
        text.push_str(&headline(output));
        let still = output.kept_by_jobs_standing_still;
        if still > 0 {
            text.push_str(&format!(
                "{still} of these are kept by jobs that stand still now: not started, paused, disabled, in quarantine, or not able to work as configured. `syncline jobs list` shows them.\n"
            ));
        }
        if output.count > 0 {
            text.push_str(ADVICE);
        }
        text
    }
}

const ADVICE: &str = "\
What becomes of each, and what to do: docs/recipes/review-who-has-an-account.md. What somebody has restored is removed again by the next cycle that looks at
it, unless the person is in scope or deletions are off. `syncline explain --job J --user ID`, with the job that let go of it, says which it would be.
";

/// How many there are, and how many others are as they should be.
fn headline(output: &Output) -> String {
    let Output {
        count,
        kept,
        kept_by_other_jobs: others,
        ..
    } = output;
    if output.kinds.is_empty() {
        return String::new();
    }
    let one = output.kinds.join(" or ");
    let kept_by = format!("{kept} by this job, {others} by other jobs");
    match (*count, kept + others) {
        (0, 0) => format!("No {one} in the target came from the source.\n"),
        (0, _) => {
            format!("Every {one} that came from the source is kept in step: {kept_by}.\n")
        }
        (1, _) => format!(
            "1 {one} came from the source and is kept in step by no job; others are kept: {kept_by}.\n"
        ),
        (count, _) => format!(
            "{count} ({}) came from the source and are kept in step by no job; others are kept: {kept_by}.\n",
            output
                .kinds
                .iter()
                .map(|it| format!("{it}s"))
                .collect::<Vec<_>>()
                .join(" or ")
        ),
    }
}

impl Row {
    fn of(account: Account) -> Self {
        Self {
            kind: account.kind.graph_name().to_owned(),
            target: account.target,
            account_enabled: account.enabled,
            why: account.why,
            link: account.link.map(|(job, since, source)| Link {
                job_id: job.to_string(),
                since: since.to_seconds_text(),
                source,
            }),
        }
    }

    /// In the order of [`table::ACCOUNTS`].
    fn cells(&self) -> Vec<String> {
        let enabled = self.account_enabled.map(|it| it.to_string());
        let mut cells = vec![
            self.kind.clone(),
            self.target.id.to_string(),
            self.target.name.clone(),
            self.target.display_name.clone(),
            enabled.unwrap_or_default(),
            table::word(self.why),
        ];
        if let Some(link) = &self.link {
            cells.extend([link.job_id.clone(), link.since.clone()]);
            cells.extend(table::cells(&link.source));
        }
        cells.resize(table::ACCOUNTS.len(), String::new());
        cells
    }

    /// For people.
    fn columns(&self) -> Vec<String> {
        let enabled = match self.account_enabled {
            None => "",
            Some(true) => "yes",
            Some(false) => "no",
        };
        let source = self.link.as_ref().map(|it| table::end(&it.source));
        vec![
            self.kind.clone(),
            table::end(&self.target),
            enabled.to_owned(),
            self.because(),
            source.unwrap_or_default(),
            self.target.id.to_string(),
        ]
    }

    fn because(&self) -> String {
        let since = self.link.as_ref().map_or("", |it| it.since.as_str());
        match self.why {
            Why::NotLinked => "no job links it".to_owned(),
            Why::Released => format!("left as it is since {since}"),
            Why::Restored => format!("removed at {since}, and restored by somebody"),
            Why::NotMapped => "its job does not map its kind any more".to_owned(),
            Why::OtherTarget => "its job works on another target now".to_owned(),
            Why::Held => "its removal is held by the deletion threshold".to_owned(),
            Why::GivenUp => "its job has failed with it for too long".to_owned(),
        }
    }
}
