//! `PUT …/jobs/{jobId}/schema`, and `PATCH` with the same meaning (newer SDKs send that): replaces
//! the whole schema after checking all of it. With `If-Match`, only the state that was read with that tag.

use serde_json::Value as Json;
use syncline_engine::SynchronizationSchema;
use syncline_engine::schema::{SchemaDiagnostic, received};
use syncline_expression::Limits;
use syncline_model::{Problem, ProblemKind};
use syncline_runner::{Replaceable, Replacement, StoredSchema, Unfit};

use crate::actions::synchronization::resolve;
use crate::{Call, Reply};

pub fn put(call: &Call<'_>) -> Result<Reply, Problem> {
    // Only to refuse what is no JSON object, in Graph's words.
    call.body("synchronizationSchema")?;
    let json: Json = serde_json::from_slice(without_mark(call.raw_body())).map_err(|error| {
        Problem::malformed(format!("Unable to read JSON request payload: {error}."))
    })?;
    let before = call.read(|reader| resolve::replaceable(call, reader))?;
    let mut schema = read(json)?;
    if !before.is(&schema) {
        schema = judge(call, schema, &before)?.schema;
    }
    schema.id = before.job.id.to_string();
    call.write(|tx, context| {
        let job = resolve::job(call, tx)?;
        super::check_tag(call, &StoredSchema::load(tx, &job)?)?;
        StoredSchema::stamp(&mut schema, call.now, context.ids);
        StoredSchema::store(tx, &job, schema)
    })?;
    Ok(Reply::no_content())
}

/// A schema that may take the place of a job's.
pub fn judged(call: &Call<'_>, json: Json, before: &Replaceable) -> Result<Replacement, Problem> {
    judge(call, read(json)?, before)
}

fn read(json: Json) -> Result<SynchronizationSchema, Problem> {
    received(json).map_err(|problem| {
        let message = format!("The schema cannot be read: {}.", problem.message);
        invalid(message).with_detail(problem.code, problem.message, Some(&problem.path))
    })
}

fn judge(
    call: &Call<'_>,
    schema: SynchronizationSchema,
    before: &Replaceable,
) -> Result<Replacement, Problem> {
    let limits = Limits::with_length(call.api.settings.expression_length);
    before.judge(schema, &limits).map_err(|unfit| match unfit {
        Unfit::OtherRules(known) => other_rules(&known),
        Unfit::Invalid(_, diagnostics) => refused(&diagnostics),
    })
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
            .with_span(diagnostic.place.map(|it| (it.start, it.end)));
    }
    problem
}

fn invalid(message: String) -> Problem {
    Problem::new(ProblemKind::BadRequest, "schemaInvalid", message)
}

fn other_rules(known: &[String]) -> Problem {
    let message = format!(
        "The schema must hold the synchronization rules of its job, each once, by these ids: {}. Read them with GET, change them and send all of them back.",
        known.join(", ")
    );
    invalid(message.clone()).with_detail(
        SchemaDiagnostic::INVALID,
        message,
        Some("synchronizationRules"),
    )
}

/// Windows tools like to begin a text with a byte order mark.
fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)
}
