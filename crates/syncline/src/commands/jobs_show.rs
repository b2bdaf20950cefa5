//! `syncline jobs show`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use syncline_engine::escrow::Timetable;

use super::Action;
use super::begins::Begins;
use super::jobs_list::{Summary, state_name};
use super::waiting::WaitedFor;
use crate::app::App;
use crate::failure::Failure;
use crate::progress::Progress;
use crate::report;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JobsShow {
    pub job: String,
    /// Name for whom references wait.
    #[serde(default)]
    pub waiting: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Shown {
    #[serde(flatten)]
    pub summary: Summary,
    pub created: String,
    pub settings: BTreeMap<String, String>,
    /// Linked objects by mapping.
    pub synchronized: BTreeMap<String, u64>,
    pub references_waiting: u64,
    /// For whom, with `--waiting`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<WaitedFor>,
    pub running: bool,
    /// Who begins the next cycle, once it is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begins: Option<Begins>,
    /// When failed objects are tried again, in words.
    #[serde(default)]
    pub retries: String,
    /// For how long, in words.
    #[serde(default)]
    pub patience: String,
    /// Objects that failed for as long and are not tried again.
    #[serde(default)]
    pub given_up: u64,
    /// What is wrong with the job's schema, and what to do.
    #[serde(default)]
    pub schema_problem: Option<String>,
    #[serde(default)]
    pub schema_advice: Option<String>,
}

impl Action for JobsShow {
    type Output = Shown;

    fn execute(&self, app: &App, _progress: &dyn Progress) -> Result<Shown, Failure> {
        let begins = Begins::of(app)?;
        app.store.read(|reader| {
            let job = app.job(reader, &self.job)?;
            let is_due = job.is_due(app.clock.now());
            let timetable = Timetable::of(&job.settings);
            let summary = Summary::of(app, reader, &job).map_err(Failure::from)?;
            let wrong = match summary.secrets_unreadable {
                // What it may say goes by the target, which nobody knows.
                true => Ok(None),
                false => app.runner.wrong_in_schema(reader, &job),
            };
            let (schema_problem, schema_advice) = match wrong {
                Ok(found) => found.map(|it| report::wrong_schema(&job.id, &it)).unzip(),
                // All else is shown all the same.
                Err(problem) => (Some(format!("cannot be read: {}", problem.message)), None),
            };
            Ok(Shown {
                summary,
                created: job.created_at.to_seconds_text(),
                settings: job.settings.iter().cloned().collect(),
                synchronized: job.status.synchronized_entries.clone(),
                references_waiting: job.references_waiting,
                waiting: match self.waiting {
                    true => Some(WaitedFor::of(reader, &job)?),
                    false => None,
                },
                running: app.is_worked_on(reader, &job).map_err(Failure::from)?,
                begins: is_due.then_some(begins),
                retries: timetable.to_string(),
                patience: timetable.patience(),
                given_up: reader.count_given_up(job.tenant, &job.id)?,
                schema_problem,
                schema_advice,
            })
        })
    }

    fn text(output: &Shown) -> String {
        let summary = &output.summary;
        let state = match &summary.open_cycle {
            Some(cycle) => format!(", {}", cycle.state()),
            None if output.running => ", a cycle runs now".to_owned(),
            None => String::new(),
        };
        let mut text = format!(
            "job        {}\nname       {}\nfrom       {} ({})\nto         {}\nstatus     {}{}\nevery      {}\nnext cycle {}\nthreshold  {}\nretries    {}\n",
            summary.job_id,
            summary.name,
            summary.source,
            summary.source_tenant_id,
            match (&summary.target, summary.secrets_unreadable) {
                (None, false) if summary.target_tenant_id.is_some() => {
                    "a tenant that is not here: PUT synchronization/secrets with the CompanyId of another"
                }
                (None, false) => "no target yet: PUT synchronization/secrets with CompanyId",
                _ => summary.to(),
            },
            summary.status,
            match summary.started {
                true => state,
                false => format!(", never started{state}"),
            },
            summary.every("min"),
            output.next_cycle(),
            summary.threshold(),
            output.retries,
        );
        if summary.deletes_are_forced {
            text.push_str(&format!("           {}\n", report::forced(&summary.job_id)));
        }
        if let Some(problem) = summary.misread() {
            text.push_str(&format!("           {problem}\n"));
        }
        if let Some(cycle) = summary.open_cycle.as_ref().filter(|it| !it.running) {
            text.push_str(&format!(
                "open cycle {}, begun {}, {} of {} objects done: {}\n",
                cycle.cycle_id,
                cycle.began,
                cycle.done,
                cycle.total,
                cycle.way_on(&summary.job_id)
            ));
        }
        for (mapping, count) in &output.synchronized {
            text.push_str(&format!("linked     {count} ({mapping})\n"));
        }
        if output.references_waiting > 0 {
            text.push_str(&format!(
                "waiting    {} to objects that are not in the target\n",
                report::references(output.references_waiting)
            ));
            match &output.waiting {
                Some(waiting) => text.push_str(&waiting.text()),
                None => text.push_str(&format!(
                    "           `syncline jobs show --job {} --waiting` tells to which, and why\n",
                    summary.job_id
                )),
            }
        }
        if summary.held > 0 {
            let until = if summary.deletes_are_forced {
                ", which the next cycle lets through"
            } else {
                ""
            };
            text.push_str(&format!(
                "held       {}{until}\n",
                report::removals(summary.held)
            ));
        }
        if summary.put_aside() > 0 {
            text.push_str(&report::put_aside(
                summary.put_aside(),
                summary.open_cycle.is_some(),
                summary.deletes_are_forced,
            ));
        }
        if let Some(problem) = &output.schema_problem {
            text.push_str(&format!("schema     {problem}\n"));
        }
        if let Some(advice) = &output.schema_advice {
            text.push_str(&format!("           {advice}\n"));
        }
        if let Some(reason) = &summary.quarantine_reason {
            text.push_str(&format!("quarantine {reason}\n"));
        }
        if let Some(held) = summary.why_held() {
            text.push_str(&held);
        }
        if let Some(message) = &summary.quarantine_message {
            text.push_str(&format!("           {message}\n"));
        }
        if summary.disabled {
            text.push_str(&report::disabled(&summary.job_id));
        }
        if output.given_up > 0 {
            text.push_str(&report::given_up(
                &summary.job_id,
                output.given_up,
                &output.patience,
            ));
        }
        match &summary.last_cycle {
            Some(cycle) => {
                text.push_str(&format!(
                    "\nlast cycle: {}, ended {}\n",
                    state_name(cycle.state),
                    cycle.ended
                ));
                text.push_str(&report::counts(&cycle.counts, &cycle.skipped_by_reason));
                if let Some((code, message)) = &cycle.error {
                    text.push_str(&format!("{code}: {message}\n"));
                }
            }
            None => text.push_str("\nno cycle yet\n"),
        }
        text
    }
}

impl Shown {
    /// When the next cycle is, and that nobody begins it where it is due.
    fn next_cycle(&self) -> String {
        let mut next = self.summary.next_due.clone();
        let waits = self.begins.filter(|_| !self.running);
        if let Some(nobody) = waits.and_then(|it| it.nobody(&self.summary.job_id)) {
            let nobody = nobody.replace('\n', "\n           ");
            next = next.map(|due| format!("{due}\n           it is due, and {nobody}"));
        }
        next.unwrap_or_else(|| "none by itself".to_owned())
    }
}
