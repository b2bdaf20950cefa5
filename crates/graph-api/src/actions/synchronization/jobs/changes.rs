//! What a body asks of a job, made or changed: its interval and settings. Whoever sends back what he read
//! asks for nothing. A setting whose value is null is taken away.

use syncline_engine::escrow;
use syncline_engine::gate::deletes_setting::{self, DELETES_THRESHOLD};
use syncline_engine::template::JOB_SETTINGS;
use syncline_model::job::{CONTINUOUS_MODE, INTERVAL_SECONDS, refuse_many_settings};
use syncline_model::{Job, Problem, Timestamp, duration};

use crate::Body;

/// What a body may hold. `status` is passed over: it changes by itself, so that what was read differs from
/// what is there when it is sent back.
const PROPERTIES: &[&str] = &[
    "id",
    "templateId",
    "schedule",
    "status",
    "synchronizationJobSettings",
];
const SCHEDULE: &[&str] = &["expiration", "interval", "state"];

/// A job is read at every page of its cycles: what is kept in it stays small.
const LONGEST_SETTING: usize = 1024;

/// Read from a body, and not yet compared with the job.
#[derive(Debug)]
pub(super) struct Changes {
    id: Option<String>,
    template: Option<String>,
    interval: Option<u32>,
    /// Shown in the schedule, changed by `start` and `pause`.
    state: Option<String>,
    /// Without a value: to be taken away.
    settings: Vec<(String, Option<String>)>,
}

impl Changes {
    /// # Errors
    /// 400 for what no job has, and for values that none can have.
    pub(super) fn read(body: &Body) -> Result<Self, Problem> {
        body.only(PROPERTIES)?;
        let owned = |name: &str| Ok::<_, Problem>(body.text(name)?.map(str::to_owned));
        let mut changes = Self {
            id: owned("id")?,
            template: owned("templateId")?,
            interval: None,
            state: None,
            settings: settings(body)?,
        };
        if let Some(schedule) = body.object("schedule")? {
            schedule.only(SCHEDULE)?;
            if schedule.value("expiration").is_some() {
                return Err(Problem::bad_request(
                    "A schedule has no expiration here: leave it out, and send POST …/pause to stop the job.",
                ));
            }
            changes.interval = schedule.text("interval")?.map(seconds).transpose()?;
            changes.state = schedule.text("state")?.map(str::to_owned);
        }
        Ok(changes)
    }

    /// Changes the job.
    ///
    /// # Errors
    /// 400 when the body says otherwise of what can not be changed in this way, and for too many settings.
    pub(super) fn apply(self, job: &mut Job, now: Timestamp) -> Result<(), Problem> {
        let fixed = [
            ("id", self.id, job.id.as_str()),
            ("templateId", self.template, &job.template),
        ];
        for (name, sent, there) in fixed {
            if sent.is_some_and(|sent| sent != there) {
                return Err(Problem::bad_request(format!(
                    "The property '{name}' of a job cannot be set. It is '{there}'."
                )));
            }
        }
        let there = job.state.name();
        if let Some(sent) = self.state.filter(|it| !it.eq_ignore_ascii_case(there)) {
            return Err(Problem::bad_request(format!(
                "The state '{sent}' of the schedule cannot be set; it is '{there}'. Send POST …/jobs/{{id}}/start to start the job, and POST …/jobs/{{id}}/pause to stop it."
            )));
        }
        if let Some(interval) = self.interval {
            job.set_interval(interval, now);
        }
        for (name, value) in self.settings {
            // What an earlier build took may be sent back.
            let is_there = |(known, it): &(String, String)| {
                known.eq_ignore_ascii_case(&name) && Some(it) == value.as_ref()
            };
            if let Some(value) = &value
                && !job.settings.iter().any(is_there)
            {
                deletes_setting::check(&name, value).map_err(|wrong| {
                    Problem::bad_request(format!("The job cannot have this setting: {wrong}."))
                })?;
            }
            if is_own(&name) {
                // An earlier build kept it as it was spelled, and did not look at it.
                let other = |known: &str| known != name && known.eq_ignore_ascii_case(&name);
                job.settings.retain(|(known, _)| !other(known));
            }
            match (name.as_str(), value) {
                (CONTINUOUS_MODE, value) => job.set_continuous(value, now),
                (_, Some(value)) => job.set_setting(name, value),
                (_, None) if is_of_template(&name) => job.set_setting(name, String::new()),
                (_, None) => job.remove_setting(&name),
            }
        }
        job.check_settings()
    }
}

fn settings(body: &Body) -> Result<Vec<(String, Option<String>)>, Problem> {
    let mut settings = Vec::new();
    for setting in body
        .objects("synchronizationJobSettings")?
        .unwrap_or_default()
    {
        let name = spelled(setting.required_text("name")?);
        let value = setting.text("value")?;
        for (member, text) in [("name", name), ("value", value.unwrap_or_default())] {
            if text.chars().count() > LONGEST_SETTING {
                return Err(setting.invalid(member));
            }
        }
        if let Some(value) = value {
            check(name, value)?;
        }
        settings.push((name.to_owned(), value.map(str::to_owned)));
        refuse_many_settings(settings.len())?;
    }
    Ok(settings)
}

/// A name as we read it, if it is one of ours in whatever case; else as it is.
fn spelled(name: &str) -> &str {
    let mut own = own();
    own.find(|known| known.eq_ignore_ascii_case(name))
        .unwrap_or(name)
}

/// The settings that are read here.
fn own() -> impl Iterator<Item = &'static str> {
    [CONTINUOUS_MODE, DELETES_THRESHOLD]
        .into_iter()
        .chain(escrow::SETTINGS)
}

fn is_own(name: &str) -> bool {
    own().any(|known| known == name)
}

/// Every job has those of its template.
fn is_of_template(name: &str) -> bool {
    JOB_SETTINGS.iter().any(|(known, _)| *known == name)
}

fn check(name: &str, value: &str) -> Result<(), Problem> {
    let is_truth = ["true", "false"]
        .iter()
        .any(|it| value.eq_ignore_ascii_case(it));
    if name == CONTINUOUS_MODE && !is_truth {
        return Err(Problem::bad_request(format!(
            "The setting '{CONTINUOUS_MODE}' is 'True' or 'False', not '{value}'."
        )));
    }
    escrow::check(name, value).map_err(|expected| {
        Problem::bad_request(format!(
            "The setting '{name}' cannot be '{value}'. Expected: {expected}."
        ))
    })
}

fn seconds(text: &str) -> Result<u32, Problem> {
    duration::parse(text).filter(|seconds| INTERVAL_SECONDS.contains(seconds)).ok_or_else(|| {
        Problem::bad_request(format!(
            "The interval '{text}' is not valid. Use an ISO 8601 duration from PT5M to PT24H, e.g. PT40M."
        ))
    })
}
