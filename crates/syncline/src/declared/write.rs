//! Makes it as a file says.

use syncline_directory::applications::{self, CROSS_TENANT_SYNCHRONIZATION};
use syncline_directory::{Context, service_principals};
use syncline_engine::template::AZURE2AZURE;
use syncline_model::{AppId, Attr, Job, Problem, ProblemKind, TenantId, Value};
use syncline_runner::{Secrets, StoredSchema};
use syncline_store::{Stored, Tx};

use super::asked::{Asked, Needed};
use super::changes::Change;
use super::difference::{Compared, Differences, compare};
use super::ends::Ends;
use super::file::{File, State};
use super::{assignments, policies, schedule};
use crate::app::App;
use crate::commands::begins::Begins;
use crate::failure::Failure;

impl Differences {
    /// Compares every configuration of a file with what there is and writes the differences, all of them
    /// or none. Where nothing differs, as mostly where a file is applied again and again, nobody who writes waits for it.
    ///
    /// # Errors
    /// As for comparing; and when something has to be asked for that was not.
    pub fn write(app: &App, file: &File, asked: Asked) -> Result<Self, Failure> {
        let compared = app.store.read(|reader| compare(app, reader, file))?;
        let tenants = tenants(&compared);
        let applied = true;
        let before = Self {
            configurations: compared.into_iter().map(|it| it.difference).collect(),
            applied,
        };
        if before.is_empty() {
            return Ok(before);
        }
        Needed::of(&before.configurations, asked).refused()?;
        let begins = Begins::of(app)?;
        app.store.write(|tx| {
            tx.enter(&tenants)?;
            // Others may have written meanwhile.
            let compared = compare(app, tx, file)?;
            Needed::of(compared.iter().map(|it| &it.difference), asked).refused()?;
            let mut all = Self {
                configurations: Vec::with_capacity(compared.len()),
                applied,
            };
            for mut it in compared {
                if !it.difference.changes.is_empty() {
                    let job = write(app, tx, &it)?;
                    it.difference.follow(&job);
                    let is_due = job.is_due(app.clock.now());
                    it.difference.begins = is_due.then_some(begins);
                }
                all.configurations.push(it.difference);
            }
            Ok(all)
        })
    }
}

/// All that are written in: they are entered at once.
fn tenants(compared: &[Compared]) -> Vec<TenantId> {
    let ends = compared.iter().map(|it| &it.ends);
    let mut tenants: Vec<TenantId> = ends.flat_map(|it| [it.source.id, it.target.id]).collect();
    tenants.sort_unstable();
    tenants.dedup();
    tenants
}

fn write(app: &App, tx: &mut Tx<'_>, it: &Compared) -> Result<Job, Failure> {
    let (ends, changes) = (&it.ends, &it.difference.changes);
    let context = Context {
        tenant: &ends.source,
        now: app.clock.now(),
        ids: app.ids.as_ref(),
    };
    policies::write(tx, ends, changes)?;
    let service_principal = match &it.present.service_principal {
        Some(there) => there.clone(),
        None => {
            let name = &it.difference.name;
            applications::instantiate(tx, &context, CROSS_TENANT_SYNCHRONIZATION, name)?.1
        }
    };
    rename(tx, &context, &service_principal, changes)?;
    if !it.secrets.is_empty() {
        let id = service_principal.entry.id;
        Secrets::merge(tx, ends.source.id, id, &it.secrets)?;
    }
    let mut job = match &it.present.job {
        Some(job) => job.clone(),
        None => create_job(app, tx, ends, &service_principal)?,
    };
    job = schedule::write(tx, job, changes, context.now)?;
    assign(tx, &context, &service_principal, changes)?;
    for change in changes {
        match change {
            Change::SaveSchema { .. } => save_schema(app, tx, it, &job)?,
            Change::State { to } => {
                job = match to {
                    State::Started => app.runner.start_in(tx, job.tenant, &job.id)?,
                    State::Paused => app.runner.pause_in(tx, job.tenant, &job.id)?,
                };
            }
            // Written above, all at once.
            Change::UsersAllowed { .. }
            | Change::GroupsAllowed { .. }
            | Change::InboundRedemption { .. }
            | Change::OutboundRedemption { .. }
            | Change::CreateConfiguration
            | Change::Rename { .. }
            | Change::SetTarget
            | Change::CreateJob
            | Change::Scope { .. }
            | Change::AccidentalDeletionThreshold { .. }
            | Change::Notifications { .. }
            | Change::SkipOutOfScopeDeletions { .. }
            | Change::Interval { .. }
            | Change::Continuous { .. }
            | Change::Retries { .. }
            | Change::Assign { .. }
            | Change::Unassign { .. } => {}
        }
    }
    // What shut it out may be what was just written otherwise.
    let let_in = app.runner.go_on_if_let_in(tx, job.tenant, &job.id)?;
    Ok(let_in.unwrap_or(job))
}

/// Assigns and takes away, many at once.
fn assign(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    service_principal: &Stored,
    changes: &[Change],
) -> Result<(), Failure> {
    let (mut more, mut gone) = (Vec::new(), Vec::new());
    for change in changes {
        match change {
            Change::Assign { id, .. } => more.push(*id),
            Change::Unassign { id, .. } => gone.push(*id),
            _ => {}
        }
    }
    assignments::assign(tx, context, service_principal, &more)?;
    assignments::unassign(tx, context, service_principal, &gone)
}

/// The service principal, and its application where that has the same name.
fn rename(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    service_principal: &Stored,
    changes: &[Change],
) -> Result<(), Problem> {
    for change in changes {
        let Change::Rename { from, to } = change else {
            continue;
        };
        let name = [(Attr::DISPLAY_NAME, Some(Value::text(to)))];
        let entry = &service_principal.entry;
        service_principals::update(tx, context, entry.id, &name)?;
        let Some(app_id) = entry.guid(Attr::APP_ID).map(AppId) else {
            continue;
        };
        match applications::find_by_app_id(tx, context.tenant_id(), app_id) {
            Ok(application) if application.entry.text(Attr::DISPLAY_NAME) == Some(from) => {
                applications::update(tx, context, application.entry.id, &name)?;
            }
            Ok(_) => {}
            Err(problem) if problem.kind == ProblemKind::NotFound => {}
            Err(problem) => return Err(problem),
        }
    }
    Ok(())
}

fn create_job(
    app: &App,
    tx: &mut Tx<'_>,
    ends: &Ends,
    service_principal: &Stored,
) -> Result<Job, Problem> {
    let app_id = service_principal.entry.guid(Attr::APP_ID);
    let app_id = app_id.map_or(AppId::NIL, AppId);
    let (tenant, id) = (ends.source.id, service_principal.entry.id);
    let job = app.runner.new_job(tenant, id, app_id, AZURE2AZURE)?;
    app.runner.insert_job_in(tx, &job)
}

/// The schema that was compared. A job that was only made now has rules of its own.
fn save_schema(app: &App, tx: &mut Tx<'_>, it: &Compared, job: &Job) -> Result<(), Failure> {
    if let Some(schema) = &it.schema {
        let replaced = app.runner.replaceable(tx, job.clone())?;
        let mut schema = replaced.own(schema.clone());
        StoredSchema::stamp(&mut schema, app.clock.now(), app.ids.as_ref());
        StoredSchema::store(tx, job, schema)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Settings;
    use crate::commands::Action as _;
    use crate::commands::tenant_create::TenantCreate;
    use crate::data_dir::DataDir;
    use crate::declared::Files;
    use crate::progress::Silent;

    const ASKED: Asked = Asked {
        remove: false,
        resume: false,
    };

    fn opened(folder: &tempfile::TempDir) -> App {
        let data = DataDir::new(folder.path().join("data"));
        data.create().unwrap();
        let app = App::open(data, Settings::default()).unwrap();
        for name in ["contoso", "fabrikam"] {
            let create = TenantCreate {
                domain: format!("{name}.example"),
                display_name: name.to_owned(),
                id: None,
                admin: None,
            };
            create.execute(&app, &Silent).unwrap();
        }
        app
    }

    fn file(folder: &tempfile::TempDir, more: &str) -> File {
        let path = folder.path().join("sync.yaml");
        let text = format!(
            "configurations:\n  - name: Fabrikam\n    source: contoso.example\n    target: fabrikam.example\n{more}"
        );
        std::fs::write(&path, text).unwrap();
        Files::read(&path).unwrap().parse().unwrap()
    }

    /// Whoever writes in a tenant waits for whoever else does.
    #[test]
    fn where_nothing_differs_nobody_who_writes_waits() {
        let folder = tempfile::tempdir().unwrap();
        let app = opened(&folder);
        let first = file(&folder, "    scope: assigned\n    state: started\n");
        let written = || -> Vec<String> {
            let figures = app.metrics.render(&app).unwrap();
            let lines = figures.lines().filter(|it| it.contains("kind=\"write\""));
            let lines = lines.filter(|it| it.contains("store_transactions_total"));
            lines.map(str::to_owned).collect()
        };
        let before = written();
        let applied = Differences::write(&app, &first, ASKED).unwrap();
        assert!(!applied.is_empty() && applied.applied);
        assert_ne!(written(), before);
        let before = written();
        let again = Differences::write(&app, &first, ASKED).unwrap();
        assert!(again.is_empty() && again.applied);
        assert!(again.configurations[0].active);
        assert_eq!(written(), before);
    }
}
