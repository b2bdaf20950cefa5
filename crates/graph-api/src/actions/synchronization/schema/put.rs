//! `PUT …/jobs/{jobId}/schema`, and `PATCH` with the same meaning (newer SDKs send that): replaces
//! the whole schema after checking all of it.

use serde_json::Value as Json;
use syncline_engine::SynchronizationSchema;
use syncline_model::{Problem, ProblemKind, Schema};
use syncline_runner::StoredSchema;

use crate::actions::synchronization::resolve;
use crate::{Call, Reply};

pub fn put(call: &Call<'_>) -> Result<Reply, Problem> {
    // Only to refuse what is no JSON object, in Graph's words.
    call.body("synchronizationSchema")?;
    let mut json: Json = serde_json::from_slice(call.raw_body()).map_err(|error| {
        Problem::malformed(format!("Unable to read JSON request payload: {error}."))
    })?;
    if let Json::Object(members) = &mut json {
        members.retain(|name, _| !name.starts_with('@'));
    }
    let mut schema: SynchronizationSchema = serde_json::from_value(camel_cased(json))
        .map_err(|error| invalid(format!("The schema can not be read: {error}.")))?;
    // The checks of a template's fixed parts go by the id, which is the job's whatever was sent.
    schema.id = call
        .read(|reader| resolve::job(call, reader))?
        .id
        .to_string();
    if let Err(diagnostics) = syncline_engine::schema::compile(&schema, Schema::core()) {
        let mut problem =
            invalid("The synchronization schema is not valid; nothing was changed.".to_owned());
        for diagnostic in diagnostics {
            problem = problem.with_detail(
                diagnostic.code.to_string(),
                diagnostic.message.clone(),
                Some(&diagnostic.path),
            );
        }
        return Err(problem);
    }
    call.write(|tx, context| {
        let job = resolve::job(call, tx)?;
        schema.version = Some(format!(
            "Date:{}, ActivityId:{}",
            call.now,
            context.ids.random_uuid()
        ));
        StoredSchema::store(tx, &job, schema)
    })?;
    Ok(Reply::no_content())
}

fn invalid(message: String) -> Problem {
    Problem::new(ProblemKind::BadRequest, "schemaInvalid", message)
}

/// PowerShell sends `SynchronizationRules`; names start with a small letter here.
fn camel_cased(json: Json) -> Json {
    match json {
        Json::Object(members) => Json::Object(
            members
                .into_iter()
                .map(|(name, value)| {
                    let mut letters = name.chars();
                    let name = match letters.next() {
                        Some(first) => first.to_ascii_lowercase().to_string() + letters.as_str(),
                        None => name,
                    };
                    (name, camel_cased(value))
                })
                .collect(),
        ),
        Json::Array(items) => Json::Array(items.into_iter().map(camel_cased).collect()),
        other => other,
    }
}
