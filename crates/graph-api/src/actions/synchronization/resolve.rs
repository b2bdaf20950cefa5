//! Which service principal a synchronization URL speaks of.

use syncline_directory::service_principals;
use syncline_engine::template::AZURE2AZURE;
use syncline_model::{AppId, Attr, EntityKind, Job, JobId, ObjectId, Problem};
use syncline_odata::path::Key;
use syncline_runner::Replaceable;
use syncline_store::{ObjectState, Reader, Stored};

use crate::Call;
use crate::actions::well_known;

/// The configuration a request works on.
#[derive(Clone, Debug)]
pub struct Configuration {
    pub service_principal: ObjectId,
    pub app_id: AppId,
    pub display_name: String,
}

/// The template whose id a URL has must be the one that there is.
pub fn template(call: &Call<'_>) -> Result<(), Problem> {
    let id = call.key("templateId")?.value();
    if id == AZURE2AZURE {
        Ok(())
    } else {
        Err(Problem::not_found(id))
    }
}

/// `/servicePrincipals/{id}` takes a service principal only. `/applications/{id}` takes an
/// application, and, because a printed PowerShell command of Graph's own pages sends one there, a
/// service principal too.
pub fn configuration(call: &Call<'_>, reader: &Reader<'_>) -> Result<Configuration, Problem> {
    let key = call.key("id")?;
    let stored = match key {
        Key::Alternate { name, value } if name.eq_ignore_ascii_case("appId") => {
            by_app_id(call, reader, value)?
        }
        Key::Alternate { .. } => None,
        Key::Id(id) => match id.parse::<ObjectId>() {
            Ok(id) if call.collection() == "applications" => {
                match live(call, reader, EntityKind::Application, id)? {
                    Some(application) => {
                        let app_id = application
                            .entry
                            .guid(Attr::APP_ID)
                            .map(|it| it.to_string())
                            .unwrap_or_default();
                        by_app_id(call, reader, &app_id)?
                    }
                    None => live(call, reader, EntityKind::ServicePrincipal, id)?,
                }
            }
            Ok(id) => live(call, reader, EntityKind::ServicePrincipal, id)?,
            Err(_) => None,
        },
    };
    let stored = stored.ok_or_else(|| Problem::not_found(key.value()))?;
    Ok(Configuration {
        service_principal: stored.entry.id,
        app_id: stored
            .entry
            .guid(Attr::APP_ID)
            .map(AppId)
            .unwrap_or(AppId::NIL),
        display_name: stored
            .entry
            .text(Attr::DISPLAY_NAME)
            .unwrap_or_default()
            .to_owned(),
    })
}

/// The same where something is made or stored for it.
///
/// # Errors
/// 400 for the service principals of Microsoft's own applications.
pub fn own_configuration(call: &Call<'_>, reader: &Reader<'_>) -> Result<Configuration, Problem> {
    let configuration = configuration(call, reader)?;
    well_known::check_configuration(configuration.app_id, &configuration.display_name)?;
    Ok(configuration)
}

/// The job of the URL with its schema, before another one takes its place.
pub fn replaceable(call: &Call<'_>, reader: &Reader<'_>) -> Result<Replaceable, Problem> {
    call.api.runner.replaceable(reader, job(call, reader)?)
}

/// The job of the URL, which must belong to that service principal.
pub fn job(call: &Call<'_>, reader: &Reader<'_>) -> Result<Job, Problem> {
    let configuration = configuration(call, reader)?;
    let id = JobId(call.key("jobId")?.value().to_owned());
    reader
        .job(call.tenant(), &id)?
        .filter(|job| job.service_principal == configuration.service_principal)
        .ok_or_else(|| Problem::not_found(id))
}

fn by_app_id(
    call: &Call<'_>,
    reader: &Reader<'_>,
    app_id: &str,
) -> Result<Option<Stored>, Problem> {
    let Ok(app_id) = app_id.parse::<AppId>() else {
        return Ok(None);
    };
    match service_principals::find_by_app_id(reader, call.tenant(), app_id) {
        Ok(stored) => Ok(Some(stored)),
        Err(problem) if problem.kind == syncline_model::ProblemKind::NotFound => Ok(None),
        Err(problem) => Err(problem),
    }
}

fn live(
    call: &Call<'_>,
    reader: &Reader<'_>,
    kind: EntityKind,
    id: ObjectId,
) -> Result<Option<Stored>, Problem> {
    let found = reader.objects(call.tenant(), kind, &[id])?.pop();
    Ok(found.filter(|stored| stored.state == ObjectState::Live))
}
