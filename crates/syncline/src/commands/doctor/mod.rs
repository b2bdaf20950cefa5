//! `syncline doctor`: looks for damage, and says what to do about it.
//!
//! It only reads, in pages, each a snapshot of its own, so that it can be asked at any time of a server
//! that works: a long snapshot would keep the write-ahead log from beginning anew. Only the database's
//! own check of a file is one (`broken_pages`).

mod data_dir;
mod links;
mod roles;
mod rows;
mod settings;
mod watermark;

use serde::{Deserialize, Serialize};
use syncline_model::Clock as _;

use super::Action;
use crate::app::App;
use crate::data_dir::DataDir;
use crate::failure::{self, Failure};
use crate::progress::{Progress, Step};
use crate::seam::SystemClock;

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

impl Diagnosis {
    fn of(checks: Vec<Check>) -> Self {
        Self {
            healthy: checks.iter().all(|check| check.ok),
            checks,
        }
    }
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
        let mut checks = data_dir::checks(&app.data, app.clock.now());
        if app.store.is_shared() {
            checks.push(data_dir::database_server(app));
        }
        let mut walk = Walk {
            app,
            progress,
            done: 0,
            total: rows::STEPS as u64,
            checks,
        };
        // Rows of damaged pages tell nothing: what is wrong between them is not to be mended.
        if rows::pages_are_whole(&mut walk) {
            look_inside(&mut walk)?;
        }
        Ok(Diagnosis::of(walk.checks))
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

/// What can be told of a data directory whose database can not be opened.
pub fn without_database(data: &DataDir, why: Failure) -> Diagnosis {
    let mut checks = data_dir::checks(data, SystemClock.now());
    // That the key can not be read was found already.
    if checks.iter().all(|check| check.finding != why.message) {
        let advice = why.help.unwrap_or_else(|| failure::RESTORE.to_owned());
        checks.push(Check::problem("database", why.message, advice));
    }
    Diagnosis::of(checks)
}

fn look_inside(walk: &mut Walk<'_>) -> Result<(), Failure> {
    let app = walk.app;
    let tenants = app.store.read(|reader| reader.tenants())?;
    let jobs = app.store.read(|reader| reader.all_jobs());
    let count = jobs.as_ref().map_or(0, Vec::len);
    walk.total += (tenants.len() * 3 + 1 + count * 4) as u64;
    rows::look(walk, &tenants);
    for tenant in &tenants {
        let name = format!("directory roles of {}", tenant.display_name);
        walk.check(&name, || roles::check(app, tenant, &name));
    }
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
        let name = format!("watermark of {}", job.id);
        walk.check(&name, || watermark::check(app, job, tenant, &name));
        walk.check(&format!("links of {}", job.id), || links::check(app, job));
    }
    Ok(())
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
                format!("cannot be read: {}", failure.message),
                failure.help.unwrap_or_else(|| failure::RESTORE.to_owned()),
            )
        }));
    }
}
