//! `syncline doctor`: looks for damage, and says what to do about it.
//!
//! It only reads, in pages, each a snapshot of its own, so that it can be asked at any time of a server
//! that works: a long snapshot would keep the write-ahead log from beginning anew. Only the database's
//! own check of a file is one (`broken_pages`).

mod data_dir;
mod links;
mod rows;
mod settings;

use serde::{Deserialize, Serialize};

use super::Action;
use crate::app::App;
use crate::failure::Failure;
use crate::progress::{Progress, Step};

/// Rows read at once.
const PAGE: usize = 2000;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Doctor {}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Diagnosis {
    pub healthy: bool,
    pub checks: Vec<Check>,
}

/// One thing looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    pub name: String,
    pub ok: bool,
    /// What was found.
    pub finding: String,
    /// What to do, when it is not well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

impl Check {
    fn ok(name: &str, finding: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            ok: true,
            finding: finding.into(),
            advice: None,
        }
    }

    fn problem(name: &str, finding: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            ok: false,
            finding: finding.into(),
            advice: Some(advice.into()),
        }
    }
}

impl Action for Doctor {
    type Output = Diagnosis;

    fn execute(&self, app: &App, progress: &dyn Progress) -> Result<Diagnosis, Failure> {
        let tenants = app.store.read(|reader| reader.tenants())?;
        let jobs = app.store.read(|reader| reader.all_jobs());
        let count = jobs.as_ref().map_or(0, Vec::len);
        let steps = rows::STEPS + tenants.len() * 2 + 1 + count * 3;
        let mut walk = Walk {
            app,
            progress,
            done: 0,
            total: steps as u64,
            checks: data_dir::checks(app),
        };
        rows::look(&mut walk, &tenants);
        let mut known = Vec::new();
        walk.check("jobs", || {
            known = jobs?;
            Ok(Check::ok("jobs", format!("{count} can be read")))
        });
        for job in &known {
            let tenant = tenants.iter().find(|tenant| tenant.id == job.tenant);
            let tenant = tenant.map_or("", |tenant| &tenant.display_name);
            let name = format!("secrets of {}", job.id);
            walk.check(&name, || settings::secrets(app, job, tenant, &name));
            let name = format!("schema of {}", job.id);
            walk.check(&name, || settings::schema(app, job, tenant, &name));
            walk.check(&format!("links of {}", job.id), || links::check(app, job));
        }
        Ok(Diagnosis {
            healthy: walk.checks.iter().all(|check| check.ok),
            checks: walk.checks,
        })
    }

    fn text(output: &Diagnosis) -> String {
        let mut text = String::new();
        for check in &output.checks {
            let word = if check.ok { "ok     " } else { "problem" };
            text.push_str(&format!("{word}  {}: {}\n", check.name, check.finding));
            if let Some(advice) = &check.advice {
                text.push_str(&format!("         → {advice}\n"));
            }
        }
        text.push_str(if output.healthy {
            "All is well.\n"
        } else {
            "There are problems.\n"
        });
        text
    }

    fn is_good(output: &Diagnosis) -> bool {
        output.healthy
    }
}

/// What was looked at so far.
struct Walk<'w> {
    app: &'w App,
    progress: &'w dyn Progress,
    done: u64,
    total: u64,
    checks: Vec<Check>,
}

impl Walk<'_> {
    /// Looks at one thing. That it can not be looked at is a finding like any other.
    fn check(&mut self, name: &str, look: impl FnOnce() -> Result<Check, Failure>) {
        self.progress.step(Step {
            label: format!("looking at {name}"),
            done: self.done,
            total: self.total,
        });
        self.done += 1;
        self.checks.push(look().unwrap_or_else(|failure| {
            Check::problem(
                name,
                format!("can not be read: {}", failure.message),
                failure.help.unwrap_or_else(|| rows::RESTORE.to_owned()),
            )
        }));
    }
}
