//! `syncline links`: who is linked to what, and which accounts of the target nobody keeps in step.

mod accounts;
mod listed;
mod table;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use syncline_model::EntityKind;
use syncline_model::link::LinkState;
use syncline_runner::{End, EndState, Linked, Obstacle};
use syncline_store::{LinkCounts, LinkFilter};

pub use self::accounts::Accounts;
use self::listed::Listed;
use super::Action;
use crate::app::App;
use crate::failure::Failure;
use crate::output;
use crate::progress::{Progress, Step};

/// Links read at once.
const PAGE: usize = 1000;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Links {
    pub job: String,
    pub kind: Option<EntityKind>,
    pub state: Option<State>,
    pub top: usize,
    /// All of them go there. Absolute: the server has a working directory of its own.
    pub csv: Option<PathBuf>,
}

/// What the job did last with the linked target object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "camelCase")]
#[value(rename_all = "camelCase")]
pub enum State {
    /// It is kept in step
    Kept,
    /// It was removed, and is followed until the person is gone from the source
    Removed,
    /// The job has let go of it, and left it as it is
    Released,
}

/// The answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Output {
    pub job_id: String,
    /// How many links of the kind that was asked for there are, listed or not.
    pub counts: Counts,
    /// How many are as was asked for, listed or not.
    pub count: u64,
    /// Those listed here; none where they went to a file.
    pub value: Vec<Row>,
    pub file: Option<PathBuf>,
    /// Why nothing was read in the target.
    pub obstacle: Option<Obstacle>,
    /// Which of the kinds that were listed were not read there for want of consent.
    pub unread: Vec<Unread>,
    /// How many of those listed are kept in step, but nothing is there.
    pub kept_and_gone: u64,
    /// Everybody is matched anew: links that wait for that are those of before.
    pub matching_anew: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub kept: u64,
    pub removed: u64,
    pub released: u64,
}

/// A link.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// Of the source object: `user` or `group`.
    pub kind: String,
    pub state: State,
    /// When the state changed last.
    pub since: String,
    /// No cycle has come to it since everybody is matched anew.
    pub waits_for_matching: bool,
    pub source: End,
    /// Without names and state where it is not read.
    pub target: End,
}

/// Objects of the target that it does not let the job read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Unread {
    /// `user` or `group`.
    pub kind: String,
    pub message: String,
}

impl Action for Links {
    type Output = Output;

    fn execute(&self, app: &App, progress: &dyn Progress) -> Result<Output, Failure> {
        let filter = LinkFilter {
            kind: self.kind,
            state: self.state.map(State::stored),
        };
        let mut listed = Listed::begin(app, self.top, self.csv.as_deref(), &table::LINKS)?;
        // One snapshot: nobody is in the list twice, or left out.
        let mut output = app.store.read(|reader| {
            let job = app.job(reader, &self.job)?;
            let links = app.runner.links_on(reader, &job)?;
            let counts = Counts::of(reader.count_links(job.tenant, &job.id, self.kind)?);
            let count = counts.of_state(self.state);
            let mut output = Output {
                job_id: job.id.to_string(),
                counts,
                count,
                value: Vec::new(),
                file: None,
                obstacle: links.obstacle.clone(),
                unread: Vec::new(),
                kept_and_gone: 0,
                matching_anew: links.is_matching_anew()?,
            };
            let (mut after, mut done) = (None, 0);
            while listed.wants_more() {
                let page = links.page(filter, after, listed.at_most(PAGE))?;
                let Some(last) = page.last() else { break };
                after = Some(last.link.source);
                done += page.len() as u64;
                for row in page.into_iter().map(Row::of) {
                    output.note(&row, &links.unread);
                    listed.add(row, Row::cells)?;
                }
                progress.step(Step {
                    label: "listing links".to_owned(),
                    done,
                    total: count,
                });
                listed.refuse_to_go_on_for_nobody(app, progress)?;
            }
            Ok::<_, Failure>(output)
        })?;
        (output.value, output.file) = listed.end()?;
        Ok(output)
    }

    fn text(output: &Output) -> String {
        let mut text = String::new();
        if !output.value.is_empty() {
            let rows = output.value.iter().map(|it| {
                vec![
                    it.kind.clone(),
                    table::word(it.state),
                    it.since.clone(),
                    table::end(&it.source),
                    table::end(&it.target),
                ]
            });
            text.push_str(&output::table(
                &["KIND", "STATE", "SINCE", "SOURCE", "TARGET"],
                rows.collect(),
            ));
        }
        text.push_str(&table::ending(
            output.count,
            output.value.len(),
            output.file.as_deref(),
            "link",
        ));
        let Counts {
            kept,
            removed,
            released,
        } = output.counts;
        text.push_str(&format!(
            "In all: {kept} kept in step, {removed} removed, {released} released.\n"
        ));
        if output.matching_anew {
            text.push_str("Everybody is matched anew: of whoever no cycle has come to yet, this is the link that he had before.\n");
        }
        if output.kept_and_gone > 0 {
            text.push_str("What is kept but gone from the target was deleted there for good, or is in the tenant that the job worked on before its CompanyId was changed.\n");
        }
        if let Some(obstacle) = &output.obstacle {
            text.push_str(&format!(
                "The target was not read, so its names are missing: {}\n",
                table::why_unreadable(obstacle)
            ));
        }
        for it in &output.unread {
            text.push_str(&it.text(", so their names are missing"));
        }
        text
    }
}

impl Output {
    /// What is to be said of all that are listed, here or in a file.
    fn note(&mut self, row: &Row, unread: &[syncline_runner::Unread]) {
        let is_gone = row.target.state == Some(EndState::Gone);
        self.kept_and_gone += u64::from(row.state == State::Kept && is_gone);
        let known = |it: &Unread| it.kind == row.kind;
        if row.target.state.is_none() && !self.unread.iter().any(known) {
            let unread = unread.iter().map(Unread::of);
            self.unread.extend(unread.filter(known));
        }
    }
}

impl State {
    fn stored(self) -> LinkState {
        match self {
            Self::Kept => LinkState::Live,
            Self::Removed => LinkState::SoftDeleted,
            Self::Released => LinkState::Released,
        }
    }

    fn of(stored: LinkState) -> Self {
        match stored {
            LinkState::Live => Self::Kept,
            LinkState::SoftDeleted => Self::Removed,
            LinkState::Released => Self::Released,
        }
    }
}

impl Counts {
    fn of(counts: LinkCounts) -> Self {
        Self {
            kept: counts.live,
            removed: counts.soft_deleted,
            released: counts.released,
        }
    }

    fn of_state(self, state: Option<State>) -> u64 {
        match state {
            None => self.kept + self.removed + self.released,
            Some(State::Kept) => self.kept,
            Some(State::Removed) => self.removed,
            Some(State::Released) => self.released,
        }
    }
}

impl Unread {
    fn of(unread: &syncline_runner::Unread) -> Self {
        Self {
            kind: unread.kind.graph_name().to_owned(),
            message: unread.message.clone(),
        }
    }

    fn text(&self, consequence: &str) -> String {
        let Self { kind, message } = self;
        let message = message.trim_end_matches('.');
        format!("The {kind}s of the target were not read{consequence}: {message}.\n")
    }
}

impl Row {
    fn of(linked: Linked) -> Self {
        Self {
            kind: linked.link.kind.graph_name().to_owned(),
            state: State::of(linked.link.state),
            since: linked.link.since.to_seconds_text(),
            waits_for_matching: linked.waits_for_matching,
            source: linked.source,
            target: linked.target,
        }
    }

    /// In the order of [`table::LINKS`].
    fn cells(&self) -> Vec<String> {
        let mut cells = vec![
            self.kind.clone(),
            table::word(self.state),
            self.since.clone(),
        ];
        cells.extend(table::cells(&self.source));
        cells.extend(table::cells(&self.target));
        cells.push(self.waits_for_matching.to_string());
        cells
    }
}
