//! `syncline doctor`: looks for damage, and says what to do about it.
//!
//! It only reads, in pages, each a snapshot of its own, so that it can be asked at any time of a server
//! that works: a long snapshot would keep the write-ahead log from beginning anew. Only the database's
//! own check of a file is one (`broken_pages`). Between pages it sees whether somebody waits for it still. One looks
//! at a time in a process: each reads the whole database.

mod certificate;
mod configurations;
mod data_dir;
mod domains;
mod known;
mod links;
mod roles;
mod rows;
mod settings;
mod subject;
mod turn;
mod watermark;

use serde::{Deserialize, Serialize};
use syncline_model::{Clock as _, Job, JobId, Problem, TenantId};
use syncline_store::Reader;

use super::Action;
use crate::app::App;
use crate::data_dir::DataDir;
use crate::failure::{self, Failure};
use crate::progress::{Progress, Step};
use crate::seam::SystemClock;

use known::{Few, readable_jobs, schedules, tenants};
use subject::Subject;
use turn::Turn;

/// Rows read at once.
const PAGE: usize = 2000;

/// Bytes of those that are in memory together, as they are stored.
const BYTES: usize = 4 * 1024 * 1024;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Doctor {}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Diagnosis {
    pub healthy: bool,
    pub checks: Vec<Check>,
}

/// One thing looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    /// What is looked at, the same in every version. With the tenant and the job no two checks have the same.
    #[serde(default)]
    pub code: String,
    /// Whose it is, where it is a tenant's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<TenantId>,
    /// The same of a job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_id: Option<JobId>,
    /// For people.
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
    fn ok(of: &Subject, finding: impl Into<String>) -> Self {
        Self::of(of, finding.into(), None)
    }

    fn problem(of: &Subject, finding: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::of(of, finding.into(), Some(advice.into()))
    }

    /// It is well where there is nothing to do.
    fn of(of: &Subject, finding: String, advice: Option<String>) -> Self {
        let Subject {
            code,
            name,
            tenant,
            job,
        } = of.clone();
        Self {
            code: code.to_owned(),
            tenant_id: tenant,
            job_id: job,
            name,
            ok: advice.is_none(),
            finding,
            advice,
        }
    }
}

impl Action for Doctor {
    type Output = Diagnosis;

    fn execute(&self, app: &App, progress: &dyn Progress) -> Result<Diagnosis, Failure> {
        let turn = Turn::wait_for(app, progress)?;
        // A file that can not be read is told below.
        let free_inside = app.store.free_inside().ok().flatten();
        let shown = app.certificate.as_deref();
        let mut checks = data_dir::checks(&app.data, shown, free_inside, app.clock.now());
        if app.store.is_shared() {
            checks.push(data_dir::database_server(app));
        }
        let mut walk = Walk {
            turn: &turn,
            done: 0,
            total: rows::STEPS as u64,
            checks,
        };
        // Rows of damaged pages tell nothing: what is wrong between them is not to be mended.
        if rows::pages_are_whole(&mut walk)? {
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
    let mut checks = data_dir::checks(data, None, None, SystemClock.now());
    // That the key can not be read was found already.
    if checks.iter().all(|check| check.finding != why.message) {
        let advice = advice(&why);
        let of = Subject::new("database", "database");
        checks.push(Check::problem(&of, why.message, advice));
    }
    Diagnosis::of(checks)
}

/// Of what is neither damaged nor says itself what helps: whoever restores a backup then loses what is there.
const SEE_TO_THAT: &str = "nothing says that the database is damaged: see to what the message tells, and run `syncline doctor` again";

/// What to do where something can not be looked at. Only damage is a reason to restore a backup.
fn advice(why: &Failure) -> String {
    let of_its_own = why.help.clone();
    of_its_own.unwrap_or_else(|| match why.damaged_row {
        true => failure::RESTORE.to_owned(),
        false => SEE_TO_THAT.to_owned(),
    })
}

fn look_inside(walk: &mut Walk<'_>) -> Result<(), Failure> {
    let turn = walk.turn;
    let app = turn.app;
    let (tenants, unread) = tenants(app)?;
    let jobs = app.store.read(|reader| reader.job_rows());
    let count = jobs.as_ref().map_or(0, Vec::len);
    walk.total += (2 + tenants.len() * 4 + 3 + count * 4) as u64;
    walk.check(&Subject::new("readableTenants", "tenants"), |_| Ok(unread))?;
    let of = Subject::new("domains", "domains");
    walk.check(&of, |of| domains::check(app, of))?;
    rows::look(walk, &tenants)?;
    for tenant in &tenants {
        let of = Subject::of_tenant("directoryRoles", "directory roles", tenant);
        walk.check(&of, |of| roles::check(app, tenant.id, of))?;
    }
    let mut known = Vec::new();
    let mut unfound = Few::default();
    walk.check(&Subject::new("readableJobs", "jobs"), |_| {
        let (readable, lost, check) = readable_jobs(jobs?);
        (known, unfound) = (readable, lost);
        Ok(check)
    })?;
    let of = Subject::new("jobSchedules", "job schedules");
    walk.check(&of, |of| Ok(schedules(unfound, known.len(), of)))?;
    let of = Subject::new("jobConfigurations", "job configurations");
    walk.check(&of, |of| Ok(configurations::check(&known, of)))?;
    for job in &known {
        let tenant = tenants.iter().find(|tenant| tenant.id == job.tenant);
        let tenant = tenant.map_or("", |tenant| &tenant.name);
        let of = Subject::of_job("secrets", "secrets", job);
        walk.check_job(&of, |of| settings::secrets(app, job, tenant, of))?;
        let of = Subject::of_job("schema", "schema", job);
        walk.check_job(&of, |of| settings::schema(app, job, tenant, of))?;
        let of = Subject::of_job("watermark", "watermark", job);
        walk.check_job(&of, |of| watermark::check(app, job, tenant, of))?;
        let of = Subject::of_job("linkTargets", "links", job);
        walk.check_job(&of, |of| links::check(turn, job, of))?;
    }
    Ok(())
}

/// The job as it is now, to be looked at in the same snapshot; `None`: it was deleted since it was read. Whoever looks
/// at it then finds what its deletion leaves half done, which is no damage.
fn still_there(reader: &Reader<'_>, job: &Job) -> Result<Option<Job>, Problem> {
    Ok(reader.job(job.tenant, &job.id)?)
}

/// What was looked at so far.
struct Walk<'w> {
    turn: &'w Turn<'w>,
    done: u64,
    total: u64,
    checks: Vec<Check>,
}

impl Walk<'_> {
    /// Looks at one thing. That it can not be looked at is a finding like any other.
    ///
    /// # Errors
    /// When nobody waits for it any more.
    fn check(
        &mut self,
        of: &Subject,
        look: impl FnOnce(&Subject) -> Result<Check, Failure>,
    ) -> Result<(), Failure> {
        self.turn.goes_on()?;
        self.turn.progress.step(Step {
            label: format!("looking at {}", of.name),
            done: self.done,
            total: self.total,
        });
        self.done += 1;
        let looked = look(of);
        // What was given up in the midst of it has found nothing.
        self.turn.goes_on()?;
        self.checks.push(looked.unwrap_or_else(|failure| {
            let advice = advice(&failure);
            Check::problem(of, format!("cannot be read: {}", failure.message), advice)
        }));
        Ok(())
    }

    /// The same of what belongs to a job: `None` where that is deleted meanwhile.
    fn check_job(
        &mut self,
        of: &Subject,
        look: impl FnOnce(&Subject) -> Result<Option<Check>, Failure>,
    ) -> Result<(), Failure> {
        self.check(of, |of| {
            Ok(look(of)?.unwrap_or_else(|| Check::ok(of, "deleted meanwhile")))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::mpsc::{Sender, channel};

    use parking_lot::Mutex;

    use super::*;
    use crate::app::Settings;

    fn app() -> (tempfile::TempDir, App) {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::new(folder.path().join("data"));
        data.create().unwrap();
        let app = App::open(data, Settings::default()).unwrap();
        (folder, app)
    }

    /// Who waits for the doctor until it looks at this.
    struct GoesAt {
        label: &'static str,
        gone: AtomicBool,
        seen: Mutex<Vec<String>>,
    }

    impl GoesAt {
        fn new(label: &'static str) -> Self {
            Self {
                label,
                gone: AtomicBool::new(false),
                seen: Mutex::default(),
            }
        }
    }

    impl Progress for GoesAt {
        fn step(&self, step: Step) {
            if step.label == self.label {
                self.gone.store(true, Ordering::Relaxed);
            }
            self.seen.lock().push(step.label);
        }

        fn gone(&self) -> bool {
            self.gone.load(Ordering::Relaxed)
        }
    }

    #[test]
    fn a_doctor_whom_nobody_waits_for_any_more_looks_at_nothing_else() {
        let (_folder, app) = app();
        for label in [
            "looking at database pages",
            "looking at documents",
            "looking at jobs",
        ] {
            let client = GoesAt::new(label);
            let failure = Doctor {}.execute(&app, &client).unwrap_err();
            assert!(failure.message.contains("given up"), "{label}: {failure}");
            assert_eq!(client.seen.lock().last().unwrap(), label);
        }
        // Nobody is in the way of the next one.
        assert!(
            Doctor {}
                .execute(&app, &crate::progress::Silent)
                .unwrap()
                .healthy
        );
        app.cycles.stop();
        let failure = Doctor {}.execute(&app, &crate::progress::Silent);
        assert!(failure.unwrap_err().message.contains("given up"));
    }

    /// Deletes a job when the doctor is about to look at this.
    struct DeletesAt<'a> {
        app: &'a App,
        job: Job,
        label: String,
    }

    impl Progress for DeletesAt<'_> {
        fn step(&self, step: Step) {
            if step.label == self.label {
                let delete =
                    |tx: &mut syncline_store::Tx<'_>| tx.delete_job(self.job.tenant, &self.job.id);
                self.app.store.write(delete).unwrap();
            }
        }
    }

    #[test]
    fn a_job_that_is_deleted_while_the_doctor_looks_is_no_damage() {
        for (what, then) in [
            ("secrets", 4),
            ("schema", 3),
            ("watermark", 2),
            ("links", 1),
        ] {
            let (_folder, app) = app();
            let job = crate::metrics::due(&app);
            let client = DeletesAt {
                label: format!("looking at {what} of {}", job.id),
                job,
                app: &app,
            };
            let found = Doctor {}.execute(&app, &client).unwrap();
            // It was made without one.
            let meant = |it: &&Check| !it.ok && !it.finding.ends_with("has no schema");
            assert_eq!(found.checks.iter().find(meant), None, "{what}");
            let gone = |it: &&Check| it.finding == "deleted meanwhile";
            assert_eq!(found.checks.iter().filter(gone).count(), then, "{what}");
        }
    }

    /// Tells each step, and goes on when somebody says so.
    struct StepByStep(Mutex<(Sender<String>, std::sync::mpsc::Receiver<()>)>);

    impl Progress for StepByStep {
        fn step(&self, step: Step) {
            let line = self.0.lock();
            let _ = line.0.send(step.label);
            let _ = line.1.recv();
        }
    }

    #[test]
    fn one_doctor_at_a_time_looks_and_another_says_that_it_waits() {
        let (_folder, app) = app();
        let begin = || {
            let ((tell, told), (go, wait)) = (channel(), channel());
            (StepByStep(Mutex::new((tell, wait))), told, go)
        };
        std::thread::scope(|scope| {
            let (first, at_first, go_first) = begin();
            let (second, at_second, go_second) = begin();
            let first = scope.spawn(|| {
                let first = first;
                Doctor {}.execute(&app, &first).unwrap()
            });
            assert_eq!(at_first.recv().unwrap(), "looking at database pages");
            let second = scope.spawn(|| {
                let second = second;
                Doctor {}.execute(&app, &second).unwrap()
            });
            assert_eq!(
                at_second.recv().unwrap(),
                "waiting for another doctor to end"
            );
            // From here on it need not be told to go on.
            drop(go_first);
            assert!(first.join().unwrap().healthy);
            drop(go_second);
            assert!(second.join().unwrap().healthy);
            assert_eq!(at_second.recv().unwrap(), "looking at database pages");

            // Who has gone does not wait, either.
            let gone = GoesAt::new("waiting for another doctor to end");
            let (third, at_third, go_third) = begin();
            let third = scope.spawn(|| {
                let third = third;
                Doctor {}.execute(&app, &third).unwrap()
            });
            at_third.recv().unwrap();
            assert!(Doctor {}.execute(&app, &gone).is_err());
            drop(go_third);
            assert!(third.join().unwrap().healthy);
        });
    }
}
