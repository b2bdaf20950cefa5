//! One row of the log with its evidence decoded, as `$filter` and the JSON see it.

use std::borrow::Cow;
use std::collections::HashMap;

use syncline_directory::service_principals;
use syncline_engine::{Evidence, steps};
use syncline_model::predicate::Attributes;
use syncline_model::{
    AppId, Attr, Job, JobId, ObjectId, Problem, ProblemKind, TenantId, Text, Value,
};
use syncline_runner::Secrets;
use syncline_store::{LogRow, Reader};

/// `initiatedBy/displayName`, as in Graph's logs.
pub const INITIATOR: &str = "Azure AD Provisioning Service";

/// What the log says of the job, the same for all of its rows.
#[derive(Clone, Debug, Default)]
pub struct JobFacts {
    pub service_principal: String,
    pub service_principal_name: String,
    pub app_id: String,
    pub target_tenant: String,
}

/// Facts of the jobs met so far.
#[derive(Debug, Default)]
pub struct Jobs(HashMap<JobId, JobFacts>);

impl Jobs {
    /// The facts of a row's job; read once per job.
    pub fn facts(
        &mut self,
        reader: &Reader<'_>,
        tenant: TenantId,
        id: &JobId,
    ) -> Result<&JobFacts, Problem> {
        if !self.0.contains_key(id) {
            let facts = match reader.job(tenant, id)? {
                Some(job) => facts(reader, &job)?,
                None => deleted(reader, tenant, id)?,
            };
            self.0.insert(id.clone(), facts);
        }
        // Inserted just above when it was absent.
        self.0
            .get(id)
            .ok_or_else(|| Problem::internal("facts of a job are missing"))
    }
}

fn facts(reader: &Reader<'_>, job: &Job) -> Result<JobFacts, Problem> {
    let service_principal = reader.object(job.tenant, job.service_principal)?;
    let name = service_principal
        .and_then(|it| it.entry.text(Attr::DISPLAY_NAME).map(str::to_owned))
        .unwrap_or_default();
    of_configuration(reader, job.tenant, job.service_principal, name, job.app_id)
}

/// A job that is gone leaves its id, which ends with the application's; the configuration itself
/// may still be there.
fn deleted(reader: &Reader<'_>, tenant: TenantId, id: &JobId) -> Result<JobFacts, Problem> {
    let Some(app_id) = id
        .as_str()
        .rsplit('.')
        .next()
        .and_then(|it| it.parse::<AppId>().ok())
    else {
        return Ok(JobFacts::default());
    };
    match service_principals::find_by_app_id(reader, tenant, app_id) {
        Ok(found) => {
            let name = found.entry.text(Attr::DISPLAY_NAME).unwrap_or_default();
            of_configuration(reader, tenant, found.entry.id, name.to_owned(), app_id)
        }
        Err(problem) if problem.kind == ProblemKind::NotFound => Ok(JobFacts {
            app_id: app_id.to_string(),
            ..JobFacts::default()
        }),
        Err(problem) => Err(problem),
    }
}

fn of_configuration(
    reader: &Reader<'_>,
    tenant: TenantId,
    service_principal: ObjectId,
    service_principal_name: String,
    app_id: AppId,
) -> Result<JobFacts, Problem> {
    let secrets = Secrets::load(reader, tenant, service_principal)?;
    Ok(JobFacts {
        service_principal: service_principal.to_string(),
        service_principal_name,
        app_id: app_id.to_string(),
        target_tenant: secrets.values.get("CompanyId").cloned().unwrap_or_default(),
    })
}

/// One event.
#[derive(Debug)]
pub struct Event<'a> {
    pub row: &'a LogRow,
    pub evidence: &'a Evidence,
    pub job: &'a JobFacts,
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
