//! What there is of a configuration that a file speaks of.

use std::collections::BTreeMap;

use syncline_directory::applications::CROSS_TENANT_SYNCHRONIZATION;
use syncline_directory::policy;
use syncline_engine::template::AZURE2AZURE;
use syncline_model::policy::Partner;
use syncline_model::{Attr, EntityKind, Job, ObjectId};
use syncline_runner::Secrets;
use syncline_store::{ObjectState, Reader, Stored, Tenant};

use super::file::{Configuration, Scope, Threshold};
use crate::app::App;
use crate::failure::Failure;
use crate::named::{name_of, with_name};

/// The two tenants that a configuration names.
#[derive(Clone, Debug)]
pub struct Ends {
    pub source: Tenant,
    pub target: Tenant,
}

#[derive(Clone, Debug)]
pub struct Present {
    /// Its service principal.
    pub service_principal: Option<Stored>,
    pub job: Option<Job>,
    pub secrets: Secrets,
    /// The target's settings for the source.
    pub inbound: Option<Partner>,
    /// The source's settings for the target.
    pub outbound: Option<Partner>,
    /// Who is assigned, whatever role they have.
    pub assigned: BTreeMap<ObjectId, (EntityKind, String)>,
}

/// Assignments read at once.
const PAGE: usize = 500;

impl Ends {
    pub fn read(app: &App, reader: &Reader<'_>, wanted: &Configuration) -> Result<Self, Failure> {
        let source = app.tenant(reader, &wanted.source)?;
        let target = app.tenant(reader, &wanted.target)?;
        if source.id == target.id {
            return Err(Failure::new(format!(
                "the configuration `{}` goes from {} into itself",
                wanted.name,
                source.default_domain()
            ))
            .with_help("name another tenant as its target"));
        }
        Ok(Self { source, target })
    }
}

impl Present {
    pub fn read(reader: &Reader<'_>, ends: &Ends, name: &str) -> Result<Self, Failure> {
        let (source, target) = (ends.source.id, ends.target.id);
        let service_principal = configuration(reader, ends, name)?;
        let mut present = Self {
            service_principal,
            job: None,
            secrets: Secrets::default(),
            inbound: policy::partner(reader, target, source)?,
            outbound: policy::partner(reader, source, target)?,
            assigned: BTreeMap::new(),
        };
        let Some(found) = &present.service_principal else {
            return Ok(present);
        };
        let id = found.entry.id;
        present.secrets = Secrets::load(reader, source, id)?;
        let jobs = reader.jobs_of_service_principal(source, id)?;
        present.job = jobs.into_iter().find(|job| job.template == AZURE2AZURE);
        let mut after = None;
        loop {
            let page = syncline_directory::app_role_assignments::of_resource(
                reader, source, id, after, PAGE,
            )?;
            let Some((last, _)) = page.last() else {
                return Ok(present);
            };
            after = Some((last.principal(), last.role));
            for (assignment, principal) in page {
                // Service principals are none of those who are synchronized.
                let kind = assignment.principal_kind;
                if matches!(kind, EntityKind::User | EntityKind::Group) {
                    let shown = (kind, shown(&principal));
                    present.assigned.insert(assignment.principal(), shown);
                }
            }
        }
    }

    /// The target it has now.
    pub fn company(&self) -> Option<&str> {
        self.secrets.values.get("CompanyId").map(String::as_str)
    }

    pub fn scope(&self) -> Scope {
        match self.secrets.switch("SyncAll") {
            true => Scope::All,
            false => Scope::Assigned,
        }
    }

    /// That in force.
    pub fn threshold(&self) -> Threshold {
        let threshold = syncline_runner::DeletionThreshold::of(&self.secrets);
        match threshold.enabled {
            true => Threshold::At(threshold.value),
            false => Threshold::Off,
        }
    }
}

/// How people call an object: by sign-in name or display name.
pub fn shown(stored: &Stored) -> String {
    let name = stored.entry.text(name_of(stored.entry.kind));
    name.unwrap_or_default().to_owned()
}

/// The service principal of the configuration with this name.
fn configuration(reader: &Reader<'_>, ends: &Ends, name: &str) -> Result<Option<Stored>, Failure> {
    let tenant = ends.source.id;
    let kind = EntityKind::ServicePrincipal;
    let ids = with_name(kind, name, |after, page| {
        reader.scan(tenant, kind, ObjectState::Live, after, page)
    })?;
    let mut found = Vec::new();
    for stored in reader.objects(tenant, kind, &ids)? {
        let template = stored.entry.text(Attr::APPLICATION_TEMPLATE_ID);
        let jobs = reader.jobs_of_service_principal(tenant, stored.entry.id)?;
        if template == Some(CROSS_TENANT_SYNCHRONIZATION) || !jobs.is_empty() {
            found.push(stored);
        }
    }
    match found.as_slice() {
        [] | [_] => Ok(found.pop()),
        several => {
            let ids: Vec<String> = several.iter().map(|it| it.entry.id.to_string()).collect();
            Err(Failure::new(format!(
                "{} configurations of {} have the name `{name}`: their service principals are {}",
                several.len(),
                ends.source.default_domain(),
                ids.join(", ")
            ))
            .with_help("give each another name (PATCH /servicePrincipals/{id} with displayName), and the file the name of the one that is meant"))
        }
    }
}
