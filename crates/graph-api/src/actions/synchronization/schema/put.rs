//! `PUT …/jobs/{jobId}/schema`, and `PATCH` with the same meaning (newer SDKs send that): replaces
//! the whole schema after checking all of it.

use serde_json::Value as Json;
use syncline_engine::schema::{SchemaDiagnostic, Types, other_rules, received};
use syncline_engine::{Rule, SynchronizationSchema};
use syncline_expression::Limits;
use syncline_model::{Job, Problem, ProblemKind};
use syncline_runner::StoredSchema;

use crate::actions::synchronization::resolve;
use crate::{Call, Reply};

pub fn put(call: &Call<'_>) -> Result<Reply, Problem> {
    // Only to refuse what is no JSON object, in Graph's words.
    call.body("synchronizationSchema")?;
    let json: Json = serde_json::from_slice(without_mark(call.raw_body())).map_err(|error| {
        Problem::malformed(format!("Unable to read JSON request payload: {error}."))
    })?;
    let (job, before, (source, target)) = call.read(|reader| {
        let job = resolve::job(call, reader)?;
        let before = StoredSchema::load(reader, &job)?;
        let types = call.api.runner.types(reader, &job)?;
        Ok::<_, Problem>((job, before, types))
    })?;
    let types = Types {
        source: &source,
        target: &target,
    };
    let (mut schema, _) = checked(call, json, &job, &before, types)?;
    call.write(|tx, context| {
        let job = resolve::job(call, tx)?;
        StoredSchema::stamp(&mut schema, call.now, context.ids);
        StoredSchema::store(tx, &job, schema)
    })?;
    Ok(Reply::no_content())
}

/// A schema that may take the place of a job's, and the rules it compiles to.
pub fn checked(
    call: &Call<'_>,
    json: Json,
    job: &Job,
    before: &SynchronizationSchema,
    types: Types<'_>,
) -> Result<(SynchronizationSchema, Vec<Rule>), Problem> {
    let mut schema = received(json).map_err(|problem| {
        let message = format!("The schema can not be read: {}.", problem.message);
        invalid(message).with_detail(problem.code, problem.message, Some(&problem.path))
    })?;
    // The checks of a template's fixed parts go by the id, which is the job's whatever was sent.
    schema.id = job.id.to_string();
    check_rules(&schema, before)?;
    let limits = Limits::with_length(call.api.settings.expression_length);
    match syncline_engine::schema::compile_with(&schema, types, &limits) {
        Ok(rules) => Ok((schema, rules)),
        Err(diagnostics) => Err(refused(&diagnostics)),
    }
}

/// All that is wrong in the details; the first of it in the message, which is all that many clients
/// print.
fn refused(diagnostics: &[SchemaDiagnostic]) -> Problem {
    let first = diagnostics
        .first()
        .map(|it| format!(" {it}."))
        .unwrap_or_default();
    let mut problem = invalid(format!(
        "The synchronization schema is not valid; nothing was changed.{first}"
    ));
    for diagnostic in diagnostics {
        problem = problem
            .with_detail(
                diagnostic.code,
                diagnostic.message.clone(),
                Some(&diagnostic.path),
            )
            .with_span(diagnostic.span.map(|span| (span.start, span.end)));
    }
    problem
}

fn invalid(message: String) -> Problem {
    Problem::new(ProblemKind::BadRequest, "schemaInvalid", message)
}

fn check_rules(
    schema: &SynchronizationSchema,
    before: &SynchronizationSchema,
) -> Result<(), Problem> {
    let Some(known) = other_rules(schema, before) else {
        return Ok(());
    };
    let message = format!(
        "The schema must hold the synchronization rules of its job, each once, by these ids: {}. Read them with GET, change them and send all of them back.",
        known.join(", ")
    );
    Err(invalid(message.clone()).with_detail(
        SchemaDiagnostic::INVALID,
        message,
        Some("synchronizationRules"),
    ))
}

/// Windows tools like to begin a text with a byte order mark.
fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)
}
