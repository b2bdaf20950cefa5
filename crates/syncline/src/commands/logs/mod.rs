//! `syncline logs`: the provisioning log, newest first; with a user, that person's steps.

mod names;
pub mod walk;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use syncline_model::{JobId, ObjectId, TenantId, Timestamp};
use syncline_store::Reader;

use self::names::Names;
use self::walk::{Found, Walk};
use super::Action;
use crate::app::App;
use crate::failure::Failure;
use crate::output;
use crate::progress::Progress;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Logs {
    pub job: Option<String>,
    /// userPrincipalName or object id, in the source or in the target.
    pub user: Option<String>,
    /// `provisioningAction`.
    pub action: Option<String>,
    /// `provisioningStatusInfo/status`.
    pub status: Option<String>,
    pub since: Option<Timestamp>,
    pub top: usize,
}

/// Rows in the shape of Graph's `auditLogs/provisioning`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Rows {
    pub value: Vec<Json>,
    /// Of few entries, what the objects are called now that the references of each wait for. Empty where none of them has
    /// such a reference.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<Names>,
    /// Entries that can not be read, whatever they are about: they hold up no other. The first thousand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<ObjectId>,
    /// Fewer than were wanted, for want of room: older ones may be there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
}

impl Action for Logs {
    type Output = Rows;

    fn execute(&self, app: &App, progress: &dyn Progress) -> Result<Rows, Failure> {
        let (tenants, job) = app.store.read(|reader| match &self.job {
            Some(id) => {
                let (tenant, job) = whose(app, reader, id)?;
                Ok::<_, Failure>((vec![tenant], Some(job)))
            }
            None => Ok((reader.tenant_ids()?, None)),
        })?;
        let mut all = Found::default();
        for tenant in &tenants {
            let found = Walk::new(self, *tenant, job.as_ref()).step_by_step(app, progress)?;
            all.unreadable.extend(found.unreadable);
            all.entries.extend(found.entries);
            all.full_at = all.full_at.max(found.full_at);
            // At once: where there are many tenants, so many of each are too many.
            all.keep_newest(self.top);
        }
        let more = all.full_at.is_some() && all.entries.len() < self.top;
        let unreadable = std::mem::take(&mut all.unreadable);
        let names = match all.entries.len() <= MOST_WITH_STEPS {
            true => app.store.read(|reader| names::of(reader, &all.entries))?,
            false => Vec::new(),
        };
        Ok(Rows {
            value: all.rows().collect(),
            names,
            unreadable,
            more,
        })
    }

    fn text(output: &Rows) -> String {
        let mut text = entries(output);
        if output.more {
            text.push_str("\nOlder entries have no room here: ask for fewer, of one job, person, action or status.\n");
        }
        text.push_str(&output::unreadable("log entry", &output.unreadable));
        text
    }
}

/// The tenant and the id of a job that is there, or is gone and has left a log.
fn whose(app: &App, reader: &Reader<'_>, id: &str) -> Result<(TenantId, JobId), Failure> {
    let job = JobId(id.trim().to_owned());
    let is_known = |tenant: &TenantId| -> Result<bool, Failure> {
        Ok(reader.tenant(*tenant)?.is_some() && reader.knows_job(*tenant, &job)?)
    };
    if let Some(tenant) = job.tenant()
        && is_known(&tenant)?
    {
        return Ok((tenant, job));
    }
    let job = app.job(reader, id)?;
    Ok((job.tenant, job.id))
}

fn entries(output: &Rows) -> String {
    if output.value.is_empty() {
        return "The log has no such entry.\n".to_owned();
    }
    // A row has steps to show when it is one of few.
    if output.value.len() <= MOST_WITH_STEPS {
        let none = Names::new();
        let names = output.names.iter().chain(std::iter::repeat(&none));
        let named = output.value.iter().zip(names);
        let steps: Vec<String> = named.map(|(row, names)| named_steps(row, names)).collect();
        return steps.join("\n");
    }
    let rows = output.value.iter().map(|row| {
        vec![
            when(row),
            text(row, "/provisioningAction"),
            text(row, "/provisioningStatusInfo/status"),
            text(row, "/sourceIdentity/details/UserPrincipalName"),
            changed(row),
            reason(row),
        ]
    });
    let mut text = output::table(
        &["TIME", "ACTION", "STATUS", "WHO", "CHANGED", "REASON"],
        rows.collect(),
    );
    text.push_str(&format!(
        "\nFewer entries are shown with their steps and values: --top {MOST_WITH_STEPS}, or --user for one person.\n"
    ));
    text
}

/// So many entries are shown with all their steps.
const MOST_WITH_STEPS: usize = 5;

/// So many names of changed attributes have room in a table.
const MOST_CHANGED: usize = 3;

/// Of an update, what it changed, and where no value did what else it was; a creation sets everything.
fn changed(row: &Json) -> String {
    if text(row, "/provisioningAction") != "update" {
        return String::new();
    }
    let names: Vec<String> = list(row, "/modifiedProperties")
        .iter()
        .map(|property| text(property, "/displayName"))
        .collect();
    if names.is_empty() {
        return without_values(row).to_owned();
    }
    let shown = names.len().min(MOST_CHANGED);
    let mut said = names[..shown].join(", ");
    if names.len() > shown {
        said.push_str(&format!(" and {} more", names.len() - shown));
    }
    said
}

fn without_values(row: &Json) -> &'static str {
    let mut steps = list(row, "/provisioningSteps").iter();
    if !was_carried_out(row) {
        ""
    } else if steps.any(|it| text(it, "/provisioningStepType") == "export") {
        "references"
    } else {
        "linked; nothing differs"
    }
}

/// Why something was not done. What is held has no error information, for nothing went wrong.
pub fn reason(row: &Json) -> String {
    if text(row, "/provisioningAction") == "stagedDelete" {
        return "held: deletion threshold".to_owned();
    }
    text(row, "/provisioningStatusInfo/errorInformation/errorCode")
}

/// One entry, step by step.
pub fn steps(row: &Json) -> String {
    named_steps(row, &Names::new())
}

fn named_steps(row: &Json, names: &Names) -> String {
    let mut lines = format!(
        "{}  {} {}  {}\n",
        when(row),
        text(row, "/provisioningAction"),
        text(row, "/provisioningStatusInfo/status"),
        text(row, "/sourceIdentity/details/UserPrincipalName"),
    );
    lines.push_str(&named_details(row, was_carried_out(row), names));
    lines
}

/// The steps of an entry, what to do, and what was changed, or would be.
pub fn details(row: &Json, was_carried_out: bool) -> String {
    named_details(row, was_carried_out, &Names::new())
}

fn named_details(row: &Json, was_carried_out: bool, names: &Names) -> String {
    let mut lines = String::new();
    for (at, step) in list(row, "/provisioningSteps").iter().enumerate() {
        lines.push_str(&format!(
            "  {}. {} [{}, {}]\n     {}\n",
            at + 1,
            text(step, "/name"),
            text(step, "/provisioningStepType"),
            text(step, "/status"),
            text(step, "/description")
        ));
        for (key, value) in step
            .pointer("/details")
            .and_then(Json::as_object)
            .into_iter()
            .flatten()
        {
            lines.push_str(&format!(
                "       {key}: {}\n",
                names::shown(value.as_str().unwrap_or_default(), names)
            ));
        }
    }
    let advice = text(
        row,
        "/provisioningStatusInfo/errorInformation/recommendedAction",
    );
    if !advice.is_empty() {
        lines.push_str(&format!("  {}: {advice}\n", reason(row)));
    }
    let modified = list(row, "/modifiedProperties");
    if !modified.is_empty() {
        lines.push_str(if was_carried_out {
            "  changed:\n"
        } else {
            "  would change:\n"
        });
    }
    for property in modified {
        let (old, new) = (text(property, "/oldValue"), text(property, "/newValue"));
        let old = if old.is_empty() {
            "(none)".to_owned()
        } else {
            old
        };
        lines.push_str(&format!(
            "       {}: {old} → {new}\n",
            text(property, "/displayName")
        ));
    }
    lines
}

/// Of what failed or is held the log names what was to be written.
fn was_carried_out(row: &Json) -> bool {
    text(row, "/provisioningStatusInfo/status") == "success"
}

/// For people: in whole seconds. `--since` such a time finds the entry.
pub fn when(row: &Json) -> String {
    let exact = text(row, "/activityDateTime");
    Timestamp::parse(&exact).map_or(exact, Timestamp::to_seconds_text)
}

fn list<'r>(json: &'r Json, pointer: &str) -> &'r [Json] {
    let found = json.pointer(pointer).and_then(Json::as_array);
    found.map(Vec::as_slice).unwrap_or_default()
}

fn text(json: &Json, pointer: &str) -> String {
    json.pointer(pointer)
        .and_then(Json::as_str)
        .unwrap_or_default()
        .to_owned()
}
