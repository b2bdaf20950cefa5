//! `syncline doctor`: looks for damage, and says what to do about it.

use std::path::Path;

use serde::{Deserialize, Serialize};
use syncline_model::link::LinkState;
use syncline_model::{EntityKind, Job, ObjectId, Problem, TenantId};
use syncline_runner::Secrets;
use syncline_store::{Changed, EdgeKind, ObjectState, Reader};

use super::Action;
use crate::app::App;
use crate::failure::Failure;
use crate::progress::{Progress, Step};
use crate::tls::Generated;

/// Rows read at once.
const PAGE: usize = 2000;
/// A write-ahead log larger than this was not folded into the database for long.
const LARGE_WAL_BYTES: u64 = 512 << 20;

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
        let mut checks = vec![key_file(app), write_ahead_log(app)];
        checks.extend(certificate(app));
        let (tenants, jobs) = app
            .store
            .read(|reader| Ok::<_, Failure>((reader.tenants()?, reader.all_jobs()?)))?;
        let total = (tenants.len() + jobs.len()) as u64;
        for (done, tenant) in tenants.iter().enumerate() {
            progress.step(Step {
                label: format!("looking at {}", tenant.display_name),
                done: done as u64,
                total,
            });
            checks.push(
                app.store
                    .read(|reader| sequences(reader, tenant.id, &tenant.display_name))?,
            );
            checks.push(
                app.store
                    .read(|reader| references(reader, tenant.id, &tenant.display_name))?,
            );
        }
        for (done, job) in jobs.iter().enumerate() {
            progress.step(Step {
                label: "looking at jobs".to_owned(),
                done: (tenants.len() + done) as u64,
                total,
            });
            checks.push(app.store.read(|reader| links(reader, job))?);
        }
        Ok(Diagnosis {
            healthy: checks.iter().all(|check| check.ok),
            checks,
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

/// The database opened, so the key is readable; nobody else should be able to read it.
fn key_file(app: &App) -> Check {
    use std::os::unix::fs::PermissionsExt as _;
    let name = "key file";
    let path = app.data.key_file();
    match std::fs::metadata(&path) {
        Ok(found) if found.permissions().mode() & 0o077 == 0 => {
            Check::ok(name, "readable by its owner only")
        }
        Ok(found) => Check::problem(
            name,
            format!(
                "others may read it (mode {:o})",
                found.permissions().mode() & 0o777
            ),
            format!(
                "chmod 600 {}; if somebody read it, make new secrets for all applications",
                path.display()
            ),
        ),
        Err(error) => Check::problem(
            name,
            format!("{}: {error}", path.display()),
            "put it back from your backup",
        ),
    }
}

fn write_ahead_log(app: &App) -> Check {
    let name = "write-ahead log";
    let path = app.data.database_file().with_extension("db-wal");
    let size = std::fs::metadata(&path).map_or(0, |found| found.len());
    if size <= LARGE_WAL_BYTES {
        return Check::ok(name, format!("{} MiB", size >> 20));
    }
    Check::problem(
        name,
        format!("{} MiB", size >> 20),
        "a reader has kept it from being folded in for long; restart the server",
    )
}

/// `None` when no server with generated TLS was ever started.
fn certificate(app: &App) -> Option<Check> {
    let name = "certificate";
    let files = Generated::files(&app.data.tls());
    if !files.exist() {
        return None;
    }
    let remove = |folder: &Path| {
        format!(
            "remove {} and restart the server; clients must trust the new CA",
            folder.display()
        )
    };
    let now = app.clock.now();
    Some(match (files.ends(), files.server_config()) {
        (Ok(end), Ok(_)) if end > now => {
            Check::ok(name, format!("good until {}", end.to_seconds_text()))
        }
        (Ok(end), Ok(_)) => Check::problem(
            name,
            format!("ended {}", end.to_seconds_text()),
            remove(&app.data.tls()),
        ),
        (Err(failure), _) | (_, Err(failure)) => {
            Check::problem(name, failure.message, remove(&app.data.tls()))
        }
    })
}

/// No row may be newer than its tenant's counter: readers of changes would miss it.
fn sequences(reader: &Reader<'_>, tenant: TenantId, display_name: &str) -> Result<Check, Failure> {
    let name = format!("changes of {display_name}");
    let last = reader.sequence(tenant)?;
    // The counter is stored as a signed number.
    let newer = reader.changes_since(tenant, last, i64::MAX as u64, 1)?;
    Ok(match newer.first() {
        None => Check::ok(&name, format!("{last} changes")),
        Some(change) => Check::problem(
            &name,
            format!(
                "{} is newer than the counter, which is at {last}",
                describe(&change.what)
            ),
            "restore the database from a backup, and report this: it can not happen by use",
        ),
    })
}

fn describe(what: &Changed) -> String {
    match what {
        Changed::Object { kind, id } => format!("the {} {id}", kind.graph_name()),
        Changed::Edge { edge, .. } => format!("the reference from {} to {}", edge.from, edge.to),
        Changed::Assignment { principal, .. } => format!("the assignment of {principal}"),
    }
}

/// References of live objects to objects that are gone for good.
fn references(reader: &Reader<'_>, tenant: TenantId, display_name: &str) -> Result<Check, Failure> {
    let name = format!("references of {display_name}");
    let mut looked_at = 0;
    let mut broken = 0;
    let mut example = None;
    for (kind, edge) in [
        (EntityKind::User, EdgeKind::Manager),
        (EntityKind::Group, EdgeKind::Member),
    ] {
        let mut after = None;
        loop {
            let page = reader.scan(tenant, kind, ObjectState::Live, after, PAGE)?;
            let Some(last) = page.last() else { break };
            after = Some(last.entry.id);
            for object in &page {
                for to in ends(reader, tenant, edge, object.entry.id)? {
                    looked_at += 1;
                    if reader
                        .object(tenant, to)?
                        .is_none_or(|found| found.state == ObjectState::Purged)
                    {
                        broken += 1;
                        example.get_or_insert((object.entry.id, to));
                    }
                }
            }
        }
    }
    Ok(match example {
        None => Check::ok(&name, format!("{looked_at} references")),
        Some((from, to)) => Check::problem(
            &name,
            format!(
                "{broken} of {looked_at} lead to objects that are gone, e.g. from {from} to {to}"
            ),
            "remove them over Graph (DELETE …/manager/$ref, …/members/{id}/$ref), and report this",
        ),
    })
}

fn ends(
    reader: &Reader<'_>,
    tenant: TenantId,
    kind: EdgeKind,
    from: ObjectId,
) -> Result<Vec<ObjectId>, Failure> {
    let mut all = Vec::new();
    loop {
        let page = reader.edges_from(tenant, kind, from, all.last().copied(), PAGE)?;
        let complete = page.len() < PAGE;
        all.extend(page);
        if complete {
            return Ok(all);
        }
    }
}

/// Links whose target object is gone although the job did not remove it.
fn links(reader: &Reader<'_>, job: &Job) -> Result<Check, Failure> {
    let name = format!("links of {}", job.id);
    let secrets =
        Secrets::load(reader, job.tenant, job.service_principal).map_err(Failure::from)?;
    let target = secrets
        .values
        .get("CompanyId")
        .and_then(|id| id.parse::<TenantId>().ok());
    let Some(target) = target else {
        return Ok(Check::ok(&name, "no target tenant yet"));
    };
    if reader.tenant(target)?.is_none() {
        return Ok(Check::problem(
            &name,
            format!("the target tenant {target} does not exist here"),
            "correct CompanyId with PUT …/synchronization/secrets",
        ));
    }
    let mut looked_at = 0;
    let mut foreign = 0;
    let mut after = None;
    loop {
        let page = reader.links(job.tenant, &job.id, after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = Some(last.source);
        for link in page.iter().filter(|link| link.state == LinkState::Live) {
            looked_at += 1;
            let found = reader
                .objects(target, link.kind, &[link.target])
                .map_err(Problem::from)?
                .pop();
            if found.is_none_or(|found| found.state == ObjectState::Purged) {
                foreign += 1;
            }
        }
    }
    Ok(if foreign == 0 {
        Check::ok(&name, format!("{looked_at} live links"))
    } else {
        Check::problem(
            &name,
            format!("the target object of {foreign} of {looked_at} live links is gone"),
            format!(
                "syncline jobs restart --job {} --scope Watermark: the next cycle makes them anew",
                job.id
            ),
        )
    })
}
