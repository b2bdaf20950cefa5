//! `syncline links --unlinked`: accounts of the target that came from the source, and that no job keeps in step.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use syncline_model::{EntityKind, ObjectId};
use syncline_runner::{Account, SourceState, Why};

use super::listed::Listed;
use super::{End, table};
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
    /// How many there are, listed or not.
    pub count: u64,
    /// Objects of the target that came from the source and that this job keeps in step, and other jobs do.
    pub kept: u64,
    pub kept_by_other_jobs: u64,
    /// Those listed here; none where they went to a file.
    pub value: Vec<Row>,
    pub file: Option<PathBuf>,
}

/// An account.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// Of the target object: `user` or `group`.
    pub kind: String,
    pub id: ObjectId,
    pub name: String,
    pub display_name: String,
    /// `None` of a group.
    pub account_enabled: Option<bool>,
    pub why: Reason,
    /// When a job let go of it.
    pub since: Option<String>,
    /// Whom it was linked to.
    pub source: Option<End<SourceState>>,
}

/// Why nobody keeps it in step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Reason {
    /// No job that there is links it.
    NotLinked,
    /// The person left the scope, and it is left as it is.
    Released,
    /// A job removed it, and somebody has restored it.
    Restored,
}

impl Action for Accounts {
    type Output = Output;

    fn execute(&self, app: &App, progress: &dyn Progress) -> Result<Output, Failure> {
        let mut listed = Listed::begin(app, self.top, self.csv.as_deref(), &table::ACCOUNTS)?;
        let mut output = app.store.read(|reader| {
            let job = app.job(reader, &self.job)?;
            let links = app.runner.links_on(reader, &job)?;
            if let Some(obstacle) = &links.obstacle {
                return Err(Failure::new(format!(
                    "the target cannot be read: {}",
                    table::why_unreadable(obstacle)
                ))
                .with_help(format!("`syncline jobs show --job {}` says what to do", job.id)));
            }
            let mut output = Output {
                job_id: job.id.to_string(),
                count: 0,
                kept: 0,
                kept_by_other_jobs: 0,
                value: Vec::new(),
                file: None,
            };
            for kind in [EntityKind::User, EntityKind::Group] {
                if self.kind.is_some_and(|it| it != kind) {
                    continue;
                }
                let total = links.accounts_to_look_at(kind)?.unwrap_or_default();
                let (mut after, mut done) = (None, 0);
                loop {
                    let Some(page) = links.accounts(kind, after, PAGE)? else {
                        return Err(Failure::new(
                            "this target does not tell which of its accounts came from the source",
                        )
                        .with_help("list the links instead, without --unlinked, and compare them with the accounts of the target"));
                    };
                    output.count += page.value.len() as u64;
                    output.kept += page.kept;
                    output.kept_by_other_jobs += page.kept_by_others;
                    for account in page.value {
                        listed.add(Row::of(account), Row::cells)?;
                    }
                    done += page.looked_at as u64;
                    progress.step(Step {
                        label: format!("looking at {}s of the target", table::kind(kind)),
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
        let Output {
            job_id,
            count,
            kept,
            kept_by_other_jobs: others,
            ..
        } = output;
        let kept = format!("{kept} by this job, {others} by other jobs");
        if *count == 0 {
            let mut text = match output.kept + others {
                0 => "No account in the target came from the source.\n".to_owned(),
                _ => format!("Every account that came from the source is kept in step: {kept}.\n"),
            };
            if let Some(file) = &output.file {
                text.push_str(&format!("{} has a header only.\n", file.display()));
            }
            return text;
        }
        let mut text = String::new();
        if !output.value.is_empty() {
            let rows = output.value.iter().map(|it| {
                vec![
                    it.kind.clone(),
                    it.name().to_owned(),
                    it.enabled().to_owned(),
                    it.why(),
                    it.source.as_ref().map(table::source).unwrap_or_default(),
                ]
            });
            text.push_str(&output::table(
                &["KIND", "ACCOUNT", "ENABLED", "WHY", "SOURCE"],
                rows.collect(),
            ));
        }
        text.push_str(&table::ending(
            *count,
            output.value.len(),
            output.file.as_deref(),
            "account",
        ));
        text.push_str(&format!(
            "{count} came from the source and no job keeps {} in step; others are kept: {kept}.\n\
             Whoever should be kept in step again is, when a cycle looks at him and he is in scope: `syncline jobs restart --job {job_id} --scope Watermark` lets the next cycle look at everybody.\n\
             Whoever should not be there any more has to be deleted in the target, by its administrators.\n",
            if *count == 1 { "it" } else { "them" },
        ));
        text
    }
}

impl Row {
    fn of(account: Account) -> Self {
        Self {
            kind: table::kind(account.kind).to_owned(),
            id: account.id,
            name: account.target.name,
            display_name: account.target.display_name,
            account_enabled: account.enabled,
            why: match account.why {
                Why::NotLinked => Reason::NotLinked,
                Why::Released => Reason::Released,
                Why::Restored => Reason::Restored,
            },
            since: account.since.map(|at| at.to_seconds_text()),
            source: account.source.map(|(id, end, state)| End {
                id,
                name: end.name,
                display_name: end.display_name,
                state,
            }),
        }
    }

    /// In the order of [`table::ACCOUNTS`].
    fn cells(&self) -> Vec<String> {
        let why = match self.why {
            Reason::NotLinked => "notLinked",
            Reason::Released => "released",
            Reason::Restored => "restored",
        };
        let enabled = self.account_enabled.map(|it| it.to_string());
        let mut cells = vec![
            self.kind.clone(),
            self.id.to_string(),
            self.name.clone(),
            self.display_name.clone(),
            enabled.unwrap_or_default(),
            why.to_owned(),
            self.since.clone().unwrap_or_default(),
        ];
        match &self.source {
            Some(end) => cells.extend([
                end.id.to_string(),
                end.name.clone(),
                end.display_name.clone(),
                table::source_state(end.state).to_owned(),
            ]),
            None => cells.resize(table::ACCOUNTS.len(), String::new()),
        }
        cells
    }

    fn name(&self) -> &str {
        match self.name.is_empty() {
            true => &self.display_name,
            false => &self.name,
        }
    }

    fn enabled(&self) -> &'static str {
        match self.account_enabled {
            None => "",
            Some(true) => "yes",
            Some(false) => "no",
        }
    }

    fn why(&self) -> String {
        let since = self.since.as_deref().unwrap_or_default();
        match self.why {
            Reason::NotLinked => "no job that there is links it".to_owned(),
            Reason::Released => format!("left the scope at {since}, and is left as it is"),
            Reason::Restored => format!("removed at {since}, and restored by somebody"),
        }
    }
}
