//! Makes it as a file says.

use serde_json::{Map, Value, json};
use syncline_directory::Context;
use syncline_directory::applications::{self, CROSS_TENANT_SYNCHRONIZATION};
use syncline_engine::template::AZURE2AZURE;
use syncline_model::{AppId, Attr, Job, Problem};
use syncline_runner::{Secrets, StoredSchema};
use syncline_store::{Stored, Tx};

use super::changes::Change;
use super::difference::{Differences, Found, Seen, compare, is_active};
use super::file::{File, Scope, State};
use super::present::Ends;
use super::{assignments, policies, schema};
use crate::app::App;
use crate::failure::Failure;

impl Differences {
    /// Compares every configuration of a file with what there is and writes the differences, all of them
    /// or none.
    ///
    /// # Errors
    /// As for comparing; and when something would be taken away and `remove` does not allow it.
    pub fn write(app: &App, file: &File, remove: bool) -> Result<Self, Failure> {
        let tenants = app.store.read(|reader| {
            let mut tenants = Vec::new();
            for wanted in &file.configurations {
                let ends = Ends::read(app, reader, wanted)?;
                tenants.extend([ends.source.id, ends.target.id]);
            }
            tenants.sort_unstable();
            tenants.dedup();
            Ok::<_, Failure>(tenants)
        })?;
        app.store.write(|tx| {
            tx.enter(&tenants)?;
            let mut seen = Seen::default();
            let mut all = Self::default();
            for wanted in &file.configurations {
                let mut found = compare(app, tx, wanted, &mut seen)?;
                refuse_removals(&found, remove)?;
                if !found.difference.changes.is_empty() {
                    let job = write(app, tx, &found, wanted.schema.as_deref())?;
                    found.difference.active = is_active(&job);
                    found.difference.job_id = Some(job.id);
                }
                all.configurations.push(found.difference);
            }
            all.applied = true;
            Ok(all)
        })
    }
}

fn refuse_removals(found: &Found, remove: bool) -> Result<(), Failure> {
    let difference = &found.difference;
    let removed = difference.changes.iter().filter(|it| it.removes());
    let removed: Vec<String> = removed
        .map(|change| format!("  {}", super::text::line(change, difference)))
        .collect();
    if remove || removed.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "the configuration `{}` would take away what is there now, and nothing was written:\n{}",
        difference.name,
        removed.join("\n")
    ))
    .with_help("if that is meant, say so with --remove"))
}

fn write(
    app: &App,
    tx: &mut Tx<'_>,
    found: &Found,
    schema_file: Option<&std::path::Path>,
) -> Result<Job, Failure> {
    let (ends, changes) = (&found.ends, &found.difference.changes);
    let context = Context {
        tenant: &ends.source,
        now: app.clock.now(),
        ids: app.ids.as_ref(),
    };
    policies::write(tx, ends, &found.present, changes)?;
    let service_principal = match &found.present.service_principal {
        Some(there) => there.clone(),
        None => {
            let name = &found.difference.name;
            applications::instantiate(tx, &context, CROSS_TENANT_SYNCHRONIZATION, name)?.1
        }
    };
    save_secrets(tx, found, &service_principal)?;
    let mut job = match &found.present.job {
        Some(job) => job.clone(),
        None => create_job(app, tx, found, &service_principal)?,
    };
    for change in changes {
        match change {
            Change::Assign { id, .. } => {
                assignments::assign(tx, &context, &service_principal, *id)?;
            }
            Change::Unassign { id, .. } => {
                assignments::unassign(tx, &context, &service_principal, *id)?;
            }
            Change::SaveSchema { .. } => save_schema(app, tx, found, &job, schema_file)?,
            Change::State { to } => {
                job = match to {
                    State::Started => app.runner.start_in(tx, job.tenant, &job.id)?,
                    State::Paused => app.runner.pause_in(tx, job.tenant, &job.id)?,
                };
            }
            _ => {}
        }
    }
    Ok(job)
}

fn create_job(
    app: &App,
    tx: &mut Tx<'_>,
    found: &Found,
    service_principal: &Stored,
) -> Result<Job, Problem> {
    let app_id = service_principal.entry.guid(Attr::APP_ID);
    let app_id = app_id.map_or(AppId::NIL, AppId);
    let (tenant, id) = (found.ends.source.id, service_principal.entry.id);
    let job = app.runner.new_job(tenant, id, app_id, AZURE2AZURE)?;
    app.runner.insert_job_in(tx, &job)
}

fn save_secrets(tx: &mut Tx<'_>, found: &Found, service_principal: &Stored) -> Result<(), Problem> {
    let mut pairs = Vec::new();
    let mut set = |key: &str, value: String| pairs.push((key.to_owned(), value));
    for change in &found.difference.changes {
        match change {
            Change::CreateConfiguration | Change::SetTarget => {
                set("CompanyId", found.ends.target.id.to_string());
                set("AuthenticationType", "SyncPolicy".to_owned());
            }
            Change::Scope { to, .. } => set("SyncAll", (*to == Scope::All).to_string()),
            Change::AccidentalDeletionThreshold { to, .. } => {
                let key = "SyncNotificationSettings";
                let before = found.present.secrets.values.get(key);
                set(key, notification_settings(before, to));
            }
            _ => {}
        }
    }
    if pairs.is_empty() {
        return Ok(());
    }
    let tenant = found.ends.source.id;
    for (key, value) in &pairs {
        Secrets::check(key, value, tenant)?;
    }
    Secrets::merge(tx, tenant, service_principal.entry.id, &pairs)
}

/// The settings with another threshold, and all else in them as it was.
fn notification_settings(before: Option<&String>, threshold: &str) -> String {
    let before = before.and_then(|text| serde_json::from_str(text).ok());
    let mut settings: Map<String, Value> = before.unwrap_or_default();
    match threshold.parse::<u64>() {
        Ok(number) => {
            settings.insert("DeleteThresholdEnabled".to_owned(), json!(true));
            settings.insert("DeleteThresholdValue".to_owned(), json!(number));
        }
        Err(_) => {
            settings.insert("DeleteThresholdEnabled".to_owned(), json!(false));
        }
    }
    Value::Object(settings).to_string()
}

/// The one that was compared; for a job that was only made now, judged again by what it has.
fn save_schema(
    app: &App,
    tx: &mut Tx<'_>,
    found: &Found,
    job: &Job,
    file: Option<&std::path::Path>,
) -> Result<(), Failure> {
    let saved = match (&found.present.job, file) {
        (None, Some(file)) => {
            let replaced = app.runner.replaceable(tx, job.clone())?;
            schema::compare(app, file, &replaced)?
        }
        _ => found.schema.clone(),
    };
    if let Some(mut schema) = saved {
        StoredSchema::stamp(&mut schema, app.clock.now(), app.ids.as_ref());
        StoredSchema::store(tx, job, schema)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::notification_settings;

    #[test]
    fn another_threshold_leaves_all_other_settings() {
        let before = r#"{"Recipients":"it@contoso.example","DeleteThresholdValue":20}"#.to_owned();
        let after = |threshold| -> serde_json::Value {
            serde_json::from_str(&notification_settings(Some(&before), threshold)).unwrap()
        };
        assert_eq!(
            after("100"),
            serde_json::json!({
                "Recipients": "it@contoso.example",
                "DeleteThresholdEnabled": true,
                "DeleteThresholdValue": 100,
            })
        );
        assert_eq!(after("off")["DeleteThresholdEnabled"], false);
        assert_eq!(after("off")["DeleteThresholdValue"], 20);
        let first = notification_settings(None, "off");
        assert_eq!(first, r#"{"DeleteThresholdEnabled":false}"#);
    }
}
