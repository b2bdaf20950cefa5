//! What there is of a configuration that a file speaks of.

use std::collections::BTreeMap;

use syncline_directory::applications::CROSS_TENANT_SYNCHRONIZATION;
use syncline_directory::policy;
use syncline_engine::template::AZURE2AZURE;
use syncline_model::policy::Partner;
use syncline_model::{Attr, EntityKind, Job, ObjectId};
use syncline_runner::{DeletionThreshold, Secrets};
use syncline_store::{Reader, Stored};

use super::assigned;
use super::changes::Change;
use super::ends::Ends;
use super::file::{Configuration, Scope, Threshold};
use super::names::Names;
use crate::failure::Failure;
use crate::named::name_of;

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
    /// Who is assigned, whatever role they have, of the kinds that the file lists.
    pub assigned: BTreeMap<ObjectId, (EntityKind, String)>,
}

impl Present {
    pub fn read(
        reader: &Reader<'_>,
        ends: &Ends,
        names: &Names,
        wanted: &Configuration,
    ) -> Result<Self, Failure> {
        let (source, target) = (ends.source.id, ends.target.id);
        let service_principal = configuration(reader, ends, names, wanted)?;
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
        if let Some(listed) = &wanted.assigned {
            present.assigned = assigned::read(reader, source, id, listed)?;
        }
        Ok(present)
    }

    /// What gives the configuration its new name, where it has another one.
    pub fn rename(&self, wanted: &Configuration) -> Option<Change> {
        let from = shown(self.service_principal.as_ref()?);
        wanted.is_renamed_from(&from).then(|| Change::Rename {
            from,
            to: wanted.name.clone(),
        })
    }

    /// Whether the job is in quarantine because the policies did not let it in.
    pub fn was_refused(&self) -> bool {
        let job = self.job.as_ref();
        let quarantine = job.and_then(|it| it.status.quarantine.as_ref());
        quarantine.is_some_and(|it| it.was_refused())
    }

    pub fn scope(&self) -> Scope {
        match self.secrets.switch("SyncAll") {
            true => Scope::All,
            false => Scope::Assigned,
        }
    }

    /// That in force, and whether what is stored for it is wrong.
    pub fn threshold(&self) -> (Threshold, bool) {
        let settings = self.job.as_ref().map_or(&[][..], |job| &job.settings);
        let threshold = DeletionThreshold::of(&self.secrets, settings);
        let in_force = match threshold.enabled {
            true => Threshold::At(threshold.value),
            false => Threshold::Off,
        };
        (in_force, threshold.problem.is_some())
    }
}

/// How people call an object: by sign-in name or display name.
pub fn shown(stored: &Stored) -> String {
    let name = stored.entry.text(name_of(stored.entry.kind));
    name.unwrap_or_default().to_owned()
}

/// The service principal of the configuration with this name, or else with the one that it had before.
fn configuration(
    reader: &Reader<'_>,
    ends: &Ends,
    names: &Names,
    wanted: &Configuration,
) -> Result<Option<Stored>, Failure> {
    let found = live(reader, ends, names, &wanted.name)?;
    let Some(old) = &wanted.renamed_from else {
        if found.is_none() {
            refuse_recycled(reader, ends, names, &wanted.name)?;
        }
        return Ok(found);
    };
    match (found, live(reader, ends, names, old)?) {
        (Some(_), Some(_)) => Err(Failure::new(format!(
            "{} has both a configuration `{}` and one `{old}`, from which it would be renamed",
            ends.source.default_domain(),
            wanted.name
        ))
        .with_help("leave `renamedFrom` out if the first is meant; else give the second another name in the file")),
        (None, None) => {
            refuse_recycled(reader, ends, names, &wanted.name)?;
            refuse_recycled(reader, ends, names, old)?;
            Ok(None)
        }
        (found, renamed) => Ok(found.or(renamed)),
    }
}

fn live(
    reader: &Reader<'_>,
    ends: &Ends,
    names: &Names,
    name: &str,
) -> Result<Option<Stored>, Failure> {
    let live = names.service_principals(ends.source.id, name);
    let mut found = configurations(reader, ends, live)?;
    if found.len() > 1 {
        return Err(Failure::new(format!(
            "{} configurations of {} have the name `{name}`: their service principals are {}",
            found.len(),
            ends.source.default_domain(),
            ids(&found)
        ))
        .with_help("give each another name (PATCH /servicePrincipals/{id} with displayName), and the file the name of the one that is meant"));
    }
    Ok(found.pop())
}

fn refuse_recycled(
    reader: &Reader<'_>,
    ends: &Ends,
    names: &Names,
    name: &str,
) -> Result<(), Failure> {
    let recycled = configurations(reader, ends, names.recycled(ends.source.id, name))?;
    if recycled.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "the configuration `{name}` of {} is in the recycle bin: its service principal is {}",
        ends.source.default_domain(),
        ids(&recycled)
    ))
    .with_help("restore it (POST /directory/deletedItems/{id}/restore), delete it for good (DELETE /directory/deletedItems/{id}), or give the one in the file another name; restored, its job comes back paused with schema, settings and secrets, and without links: `--resume` lets it go on. Who was linked by that job and is wanted no more stays in the target: `syncline links --unlinked` lists them"))
}

/// Those of them that are configurations: another application of the name is none.
fn configurations(
    reader: &Reader<'_>,
    ends: &Ends,
    named: &[ObjectId],
) -> Result<Vec<Stored>, Failure> {
    let tenant = ends.source.id;
    let mut found = Vec::new();
    for stored in reader.objects(tenant, EntityKind::ServicePrincipal, named)? {
        let template = stored.entry.text(Attr::APPLICATION_TEMPLATE_ID);
        let jobs = reader.jobs_of_service_principal(tenant, stored.entry.id)?;
        if template == Some(CROSS_TENANT_SYNCHRONIZATION) || !jobs.is_empty() {
            found.push(stored);
        }
    }
    Ok(found)
}

fn ids(all: &[Stored]) -> String {
    let ids: Vec<String> = all.iter().map(|it| it.entry.id.to_string()).collect();
    ids.join(", ")
}
