//! One row of the log with its evidence decoded, as `$filter` and the JSON see it.

use std::borrow::Cow;
use std::collections::HashMap;

use syncline_directory::service_principals;
use syncline_engine::{Evidence, steps};
use syncline_model::predicate::Attributes;
use syncline_model::{AppId, Attr, JobId, ObjectId, Problem, ProblemKind, TenantId, Text, Value};
use syncline_runner::Secrets;
use syncline_store::{LogFacts, LogRow, PastFacts, Reader, StoreError};

/// `initiatedBy/displayName`, as in Graph's logs.
pub const INITIATOR: &str = "Azure AD Provisioning Service";

/// What the log says of the jobs met so far.
#[derive(Debug, Default)]
pub struct Jobs(HashMap<JobId, Known>);

/// Of one job: what is noted for entries of its past, and what is so now.
#[derive(Debug)]
struct Known {
    past: PastFacts,
    now: LogFacts,
}

impl Jobs {
    /// What is so of the job of a row, as it was then; read once per job.
    pub fn facts(
        &mut self,
        reader: &Reader<'_>,
        tenant: TenantId,
        row: &LogRow,
    ) -> Result<&LogFacts, Problem> {
        let known = self.known(reader, tenant, &row.job)?;
        Ok(known.past.of(row.id).unwrap_or(&known.now))
    }

    /// What is so of a job now.
    pub fn facts_now(
        &mut self,
        reader: &Reader<'_>,
        tenant: TenantId,
        id: &JobId,
    ) -> Result<&LogFacts, Problem> {
        Ok(&self.known(reader, tenant, id)?.now)
    }

    fn known(
        &mut self,
        reader: &Reader<'_>,
        tenant: TenantId,
        id: &JobId,
    ) -> Result<&Known, Problem> {
        if !self.0.contains_key(id) {
            let now = match now(reader, tenant, id) {
                // It takes away what was noted of the past of no entry.
                Err(problem) if StoreError::was_damaged_row(&problem) => LogFacts::default(),
                now => now?,
            };
            let past = reader.past_log_facts(tenant, id)?;
            self.0.insert(id.clone(), Known { past, now });
        }
        // Inserted just above when it was absent.
        self.0
            .get(id)
            .ok_or_else(|| Problem::internal("facts of a job are missing"))
    }
}

fn now(reader: &Reader<'_>, tenant: TenantId, id: &JobId) -> Result<LogFacts, Problem> {
    match reader.job(tenant, id)? {
        Some(job) => Secrets::log_facts(reader, tenant, job.service_principal, job.app_id),
        None => deleted(reader, tenant, id),
    }
}

/// A job that was deleted before anything was noted of such left its id, which ends with the application's; the
/// configuration itself may still be there.
fn deleted(reader: &Reader<'_>, tenant: TenantId, id: &JobId) -> Result<LogFacts, Problem> {
    let Some(app_id) = id
        .as_str()
        .rsplit('.')
        .next()
        .and_then(|it| it.parse::<AppId>().ok())
    else {
        return Ok(LogFacts::default());
    };
    match service_principals::find_by_app_id(reader, tenant, app_id) {
        Ok(found) => Secrets::log_facts(reader, tenant, found.entry.id, app_id),
        Err(problem) if problem.kind == ProblemKind::NotFound => Ok(LogFacts {
            app_id: app_id.to_string(),
            ..LogFacts::default()
        }),
        Err(problem) => Err(problem),
    }
}

/// One event.
#[derive(Debug)]
pub struct Event<'a> {
    pub row: &'a LogRow,
    pub evidence: &'a Evidence,
    pub job: &'a LogFacts,
}

impl Event<'_> {
    pub fn target(&self) -> String {
        self.evidence
            .target
            .as_ref()
            .map(ObjectId::to_string)
            .unwrap_or_default()
    }
}

impl Attributes for Event<'_> {
    fn value(&self, attr: Attr) -> Option<Cow<'_, Value>> {
        let text = |text: &str| Some(Cow::Owned(Value::text(text)));
        let evidence = self.evidence;
        match attr {
            Attr::ID => text(&self.row.id.to_string()),
            Attr::LOG_ACTIVITY_DATE_TIME => Some(Cow::Owned(Value::Time(self.row.at))),
            Attr::LOG_TENANT_ID => text(&self.job.target_tenant),
            Attr::LOG_JOB_ID => text(self.row.job.as_str()),
            Attr::LOG_CHANGE_ID => text(&self.row.change.to_string()),
            Attr::LOG_CYCLE_ID => text(&self.row.cycle.to_string()),
            Attr::LOG_ACTION => text(steps::provisioning_action(evidence)),
            Attr::LOG_STATUS => text(steps::status(evidence)),
            Attr::LOG_DURATION => Some(Cow::Owned(Value::Int(i64::from(self.row.duration_ms)))),
            Attr::LOG_SOURCE_SYSTEM_DISPLAY_NAME => text(&evidence.source_system),
            Attr::LOG_TARGET_SYSTEM_DISPLAY_NAME => text(&evidence.target_system),
            Attr::LOG_INITIATED_BY_DISPLAY_NAME => text(INITIATOR),
            Attr::LOG_SOURCE_ID => text(&evidence.source.to_string()),
            Attr::LOG_SOURCE_DISPLAY_NAME => text(&evidence.source_display_name),
            Attr::LOG_SOURCE_TYPE | Attr::LOG_TARGET_TYPE => text(evidence.kind.engine_name()),
            Attr::LOG_TARGET_ID => text(&self.target()),
            Attr::LOG_TARGET_DISPLAY_NAME => text(&evidence.target_display_name),
            Attr::LOG_SERVICE_PRINCIPAL_ID => text(&self.job.service_principal),
            Attr::LOG_SERVICE_PRINCIPAL_DISPLAY_NAME => text(&self.job.service_principal_name),
            Attr::LOG_MODIFIED_PROPERTIES => {
                let properties = evidence.modified.iter().map(|it| {
                    let member =
                        |value: &Option<Text>| value.clone().map_or(Value::Null, Value::Text);
                    Value::Map(vec![
                        ("displayName".to_owned(), Value::Text(it.name.clone())),
                        ("oldValue".to_owned(), member(&it.old)),
                        ("newValue".to_owned(), member(&it.new)),
                    ])
                });
                Some(Cow::Owned(Value::List(properties.collect())))
            }
            _ => None,
        }
    }
}
