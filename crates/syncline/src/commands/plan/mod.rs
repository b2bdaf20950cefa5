//! `syncline plan`: what the next cycle would do.

mod next;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use syncline_engine::impact::KeptFlow;
use syncline_expression::Limits;
use syncline_model::Text;
use syncline_model::job::{CycleKind, ScheduleState};
use syncline_runner::{self as runner, GroupPlan, PlannedObject, Reach};

use super::Action;
use crate::app::App;
use crate::failure::Failure;
use crate::given::Given;
use crate::output;
use crate::progress::{Planning, Progress};
use crate::{report, schema_file};

/// Longer values are cut in tables; JSON has them whole.
const LONGEST: usize = 40;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Plan {
    pub job: String,
    /// A schema that is not saved yet.
    pub file: Option<Given>,
    /// How many objects are named.
    pub show: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Planned {
    #[serde(flatten)]
    plan: runner::Plan,
    service_principal: String,
    /// Whether the job was ever started, and whether its cycles run: it is neither paused nor disabled.
    started: bool,
    #[serde(default)]
    active: bool,
    /// It is paused or disabled in the middle of a cycle, with which it would go on.
    #[serde(default)]
    paused_in_cycle: bool,
    /// The schema that is not saved yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    file: Option<PathBuf>,
}

impl Action for Plan {
    type Output = Planned;

    fn execute(&self, app: &App, progress: &dyn Progress) -> Result<Planned, Failure> {
        let before = app.replaceable(&self.job)?;
        let limits = Limits::with_length(app.settings.expression_length);
        let proposed = match &self.file {
            Some(file) => {
                let schema = schema_file::read(file, &before)?;
                Some(schema_file::judge(&file.path, &before, schema, &limits)?)
            }
            None => None,
        };
        let job = before.job;
        let show = usize::try_from(self.show).unwrap_or(usize::MAX);
        let watching = Planning {
            progress,
            cycles: &app.cycles,
        };
        let plan = app
            .runner
            .plan(job.tenant, &job.id, proposed, show, &watching)?;
        Ok(Planned {
            plan,
            service_principal: job.service_principal.to_string(),
            started: job.started_at.is_some(),
            active: job.state == ScheduleState::Active,
            paused_in_cycle: job.state != ScheduleState::Active && job.to_go_on().is_some(),
            file: self.file.as_ref().map(|it| it.path.clone()),
        })
    }

    fn text(output: &Planned) -> String {
        let plan = &output.plan;
        let mut text = String::new();
        if let Some((code, message)) = &plan.refused {
            text.push_str(&format!(
                "The cycle would fail and write nothing.\n{code}: {message}\n"
            ));
            return text;
        }
        text.push_str(&headline(plan));
        text.push('\n');
        text.push_str(&report::counts(&plan.counts, &plan.skipped_by_reason));
        text.push_str(&taken_up(plan));
        text.push_str(&attributes(plan));
        text.push_str(&kept(plan));
        text.push_str(&objects(plan));
        text.push_str(&group_table(&plan.groups, plan.groups_of));
        text.push_str(&left_behind(plan));
        text.push_str(&next::text(output));
        text
    }

    fn is_good(output: &Planned) -> bool {
        output.plan.refused.is_none()
    }
}

fn headline(plan: &runner::Plan) -> String {
    let kind = match plan.kind {
        CycleKind::Initial => "initial",
        CycleKind::Incremental => "incremental",
    };
    let when = if plan.proposed {
        "if this schema is saved"
    } else {
        "as configured now"
    };
    let mut text = format!("The next cycle of {}, {when}: {kind}\n", plan.job_id);
    for change in &plan.changed {
        text.push_str(&format!("  changed: {change}\n"));
    }
    let (affected, objects) = (plan.affected, plan.objects);
    text.push_str(&match plan.reach {
        Reach::Nobody => {
            format!("The configuration affects 0 of {objects} objects; no object is evaluated again because of it.\n")
        }
        Reach::Linked | Reach::Some => {
            format!("The configuration affects {affected} of {objects} objects, which are evaluated again.\n")
        }
        Reach::Everybody => format!("All {objects} objects are evaluated.\n"),
    });
    let others = plan.evaluated.saturating_sub(affected);
    if others > 0 && plan.reach != Reach::Everybody {
        text.push_str(&format!(
            "Evaluated in all: {}, with what changed in the source.\n",
            plan.evaluated
        ));
    }
    text
}

/// Undoing the change would not let go of them again.
fn taken_up(plan: &runner::Plan) -> String {
    match plan.taken_up {
        0 => String::new(),
        1 => "\nOne object that was let go would be kept in step again. When it leaves the scope then, it is removed, unless deletions are off.\n".to_owned(),
        count => format!(
            "\n{count} objects that were let go would be kept in step again. When they leave the scope then, they are removed, unless deletions are off.\n"
        ),
    }
}

fn attributes(plan: &runner::Plan) -> String {
    if plan.attributes.is_empty() {
        return String::new();
    }
    let rows = plan
        .attributes
        .iter()
        .map(|it| {
            let examples: Vec<String> = it
                .examples
                .iter()
                .map(|it| change(&it.old, &it.new))
                .collect();
            vec![
                it.name.to_string(),
                it.changed.to_string(),
                it.cleared.to_string(),
                it.created.to_string(),
                examples.join("; "),
            ]
        })
        .collect();
    let header = ["attribute", "changed", "cleared", "at creation", "examples"];
    format!("\n{}", output::table(&header, rows))
}

/// Values that nobody puts back, a line for each attribute.
fn kept(plan: &runner::Plan) -> String {
    let mut text = String::new();
    for it in &plan.kept {
        let now = match it.flows {
            KeptFlow::Never => "is taken away",
            KeptFlow::AtCreation => "flows at creation only from now on",
            KeptFlow::WhenEmpty => "flows from now on only where the target has no value",
            KeptFlow::Adding => "removes no value from now on",
        };
        let whom = match it.linked {
            1 => format!("1 linked {} keeps", it.kind.to_lowercase()),
            count => format!("{count} linked {}s keep", it.kind.to_lowercase()),
        };
        text.push_str(&format!(
            "{}: the mapping of {} {now}: {whom} what it gave; nothing puts back what was there before.\n",
            it.kind, it.name
        ));
    }
    if !text.is_empty() {
        text.insert(0, '\n');
    }
    text
}

fn objects(plan: &runner::Plan) -> String {
    if plan.shown.is_empty() {
        return String::new();
    }
    let changed = |object: &PlannedObject| match object.action.as_str() {
        "create" => String::new(),
        "link" => "nothing differs".to_owned(),
        _ => {
            let changes = object.changes.iter();
            let changes: Vec<String> = changes
                .map(|it| format!("{}: {}", it.name, change(&it.old, &it.new)))
                .collect();
            changes.join("; ")
        }
    };
    let what = |object: &PlannedObject| {
        // Of what fails, the reason says it all.
        let is_refused = matches!(object.action.as_str(), "fail" | "disable");
        match (&object.reason, changed(object)) {
            (Some(reason), changed) if is_refused || changed.is_empty() => reason.clone(),
            (Some(reason), changed) => format!("{changed} ({reason})"),
            (None, changed) => changed,
        }
    };
    let rows = plan
        .shown
        .iter()
        .map(|it| vec![it.action.clone(), it.name.to_string(), what(it)])
        .collect();
    let table = output::table(&["", "object", "change"], rows);
    format!("\n{table}{}", more_objects(plan.shown_of, plan.shown.len()))
}

/// That there are more than are named.
pub(super) fn more_objects(all: u64, named: usize) -> String {
    match all.saturating_sub(named as u64) {
        0 => String::new(),
        more => format!("and {more} more (--show N names more)\n"),
    }
}

/// Groups and their members: `+ ana, bo and 3 more; - cleo`.
pub(super) fn group_table(groups: &[GroupPlan], all: u64) -> String {
    if groups.is_empty() {
        return String::new();
    }
    let some = |sign: char, first: &[Text], count: u64| {
        let more = count.saturating_sub(first.len() as u64);
        let names: Vec<&str> = first.iter().map(Text::as_str).collect();
        let rest = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        (count > 0).then(|| format!("{sign} {}{rest}", names.join(", ")))
    };
    let who = |it: &GroupPlan| {
        let added = some('+', &it.first_added, it.added);
        let removed = some('-', &it.first_removed, it.removed);
        let both: Vec<String> = added.into_iter().chain(removed).collect();
        both.join("; ")
    };
    let rows = groups
        .iter()
        .map(|it| {
            vec![
                it.name.to_string(),
                it.added.to_string(),
                it.removed.to_string(),
                who(it),
            ]
        })
        .collect();
    let header = ["group", "added", "removed", "members"];
    let mut text = format!("\n{}", output::table(&header, rows));
    let more = all.saturating_sub(groups.len() as u64);
    if more > 0 {
        text.push_str(&format!("and {more} more groups (--show N names more)\n"));
    }
    text
}

/// Whom the job has linked and not in its target: what nobody finds in any cycle, in the target that it had before and
/// in the one that it has.
fn left_behind(plan: &runner::Plan) -> String {
    let Some(left) = &plan.left_behind else {
        return String::new();
    };
    let some = |count: u64, one: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        _ => Some(format!("{count} {one}s")),
    };
    let whom = [some(left.users, "account"), some(left.groups, "group")];
    let whom: Vec<String> = whom.into_iter().flatten().collect();
    let (target, targets) = match left.targets.as_slice() {
        [one] => ("target", one.to_string()),
        more => {
            let more: Vec<String> = more.iter().map(ToString::to_string).collect();
            ("targets", more.join(", "))
        }
    };
    let are = match left.users + left.groups {
        1 => "is",
        _ => "are",
    };
    format!(
        "\n{} that the job has linked {are} not in its present target. What is in the former {target} ({targets}) stays as it is, and no job keeps it in step: not even who leaves is switched off there.\nAccounts that came into the present target before are linked to whom they are found for. `syncline links --job {} --unlinked` lists the others when the cycle has ended.\n",
        whom.join(" and "),
        plan.job_id
    )
}

pub(super) fn change(old: &Option<Text>, new: &Option<Text>) -> String {
    let shown = |value: &Option<Text>| match value {
        None => "(none)".to_owned(),
        Some(text) if text.chars().count() > LONGEST => {
            let start: String = text.chars().take(LONGEST).collect();
            format!("{start}…")
        }
        Some(text) => text.to_string(),
    };
    format!("{} → {}", shown(old), shown(new))
}
