//! `POST …/schema/directories/{directoryId}/discover`: what the objects of a directory may hold now,
//! directory extensions included. Nothing is stored: the schema is the caller's to change.

use std::sync::Arc;

use serde_json::Value as Json;
use syncline_engine::template;
use syncline_engine::{SynchronizationSchema, schema::DirectoryDefinition};
use syncline_model::{Job, Problem, Schema};
use syncline_runner::StoredSchema;
use syncline_store::Reader;

use crate::actions::synchronization::resolve;
use crate::{Call, Reply};

/// Directories of a job: the target's extensions are listed while the target lets this tenant in.
pub fn of_job(call: &Call<'_>) -> Result<Reply, Problem> {
    let (set, directory, types) = call.read(|reader| {
        let job = resolve::job(call, reader)?;
        let schema = StoredSchema::load(reader, &job)?;
        let directory = find(call, &schema)?.clone();
        let types = types(call, reader, &job, &schema, &directory)?;
        let set = format!(
            "servicePrincipals('{}')/synchronization/jobs('{}')/schema/directories",
            job.service_principal, job.id
        );
        Ok::<_, Problem>((set, directory, types))
    })?;
    reply(call, &set, &directory, &types)
}

/// Directories of a template, which belongs to no pair of tenants: the core attributes.
pub fn of_template(call: &Call<'_>) -> Result<Reply, Problem> {
    call.read(|reader| resolve::configuration(call, reader))?;
    resolve::template(call)?;
    let schema = template::azure2azure(template::AZURE2AZURE, uuid::Uuid::nil());
    let set = format!("templates('{}')/schema/directories", template::AZURE2AZURE);
    reply(call, &set, find(call, &schema)?, &Schema::shared_core())
}

fn types(
    call: &Call<'_>,
    reader: &Reader<'_>,
    job: &Job,
    schema: &SynchronizationSchema,
    directory: &DirectoryDefinition,
) -> Result<Arc<Schema>, Problem> {
    let (source, target) = call.api.runner.types(reader, job)?;
    let name = Some(directory.name.as_str());
    let mut rules = schema.synchronization_rules.iter();
    Ok(
        if rules.any(|it| it.source_directory_name.as_deref() == name) {
            source
        } else {
            target
        },
    )
}

/// By id; by name too, which is what people see.
fn find<'s>(
    call: &Call<'_>,
    schema: &'s SynchronizationSchema,
) -> Result<&'s DirectoryDefinition, Problem> {
    let wanted = call.key("directoryId")?.value();
    schema
        .directories
        .iter()
        .find(|it| it.id.eq_ignore_ascii_case(wanted) || it.name == wanted)
        .ok_or_else(|| Problem::not_found(wanted))
}

fn reply(
    call: &Call<'_>,
    set: &str,
    directory: &DirectoryDefinition,
    types: &Schema,
) -> Result<Reply, Problem> {
    let version = call.api.ids.random_uuid().to_string();
    let discovered = template::discovered(directory, types, call.now, &version);
    let mut json =
        serde_json::to_value(discovered).map_err(|error| Problem::internal(error.to_string()))?;
    if let Json::Object(members) = &mut json {
        let context = call.context(&format!("{set}/$entity"));
        members.insert("@odata.context".to_owned(), context.into());
    }
    Ok(Reply::ok(json))
}
