//! A schema in a file: read as the API reads one, and what is wrong with it drawn where it is.

use std::path::Path;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde_json::Value;
use syncline_engine::schema::{
    AttributeMappingSource, SchemaDiagnostic, SynchronizationSchema, received,
};
use syncline_expression::Limits;
use syncline_runner::{Replaceable, Replacement, Unfit};

use crate::failure::Failure;
use crate::given::Given;

/// Nobody reads more at once.
const DRAWN: usize = 20;

/// The schema in a file, as one of this job: a file may come from another one.
pub fn read(file: &Given, before: &Replaceable) -> Result<SynchronizationSchema, Failure> {
    let job = &before.job.id;
    let help = format!(
        "begin with what `syncline schema export --job {job}` prints; a file of configurations is planned without --job"
    );
    Ok(before.own(parse(file, &help)?))
}

/// The schema that a file's text is. `help`: what to do when it is none.
pub fn parse(file: &Given, help: &str) -> Result<SynchronizationSchema, Failure> {
    let Given {
        path: file, text, ..
    } = file;
    let json: Value =
        serde_json::from_str(text).map_err(|error| no_schema(file, help, &error.to_string()))?;
    received(json).map_err(|problem| no_schema(file, help, &problem.message))
}

/// Judges the schema of a file as if it were sent to the job's API.
pub fn judge(
    file: &Path,
    before: &Replaceable,
    schema: SynchronizationSchema,
    limits: &Limits,
) -> Result<Replacement, Failure> {
    let job = &before.job.id;
    before.judge(schema, limits).map_err(|unfit| match unfit {
        Unfit::OtherRules(known) => Failure::new(format!(
            "{} does not hold the synchronization rules of the job, each once",
            file.display()
        ))
        .with_help(format!(
            "their ids are {}; begin with what `syncline schema export --job {job}` prints",
            known.join(", ")
        )),
        Unfit::Invalid(schema, problems) => invalid(file, &schema, &problems),
    })
}

fn invalid(file: &Path, schema: &SynchronizationSchema, problems: &[SchemaDiagnostic]) -> Failure {
    let count = problems.len();
    let drawn: Vec<String> = problems
        .iter()
        .take(DRAWN)
        .map(|problem| draw(schema, problem))
        .collect();
    let mut message = format!(
        "{} cannot be saved: {count} problem{}\n\n{}",
        file.display(),
        if count == 1 { "" } else { "s" },
        drawn.join("\n\n")
    );
    if count > DRAWN {
        message.push_str(&format!("\n\nand {} more", count - DRAWN));
    }
    Failure::new(message)
}

fn no_schema(file: &Path, help: &str, error: &str) -> Failure {
    Failure::new(format!("{} is no schema: {error}", file.display())).with_help(help)
}

/// The place in the schema, and, in an expression, the place in that.
fn draw(schema: &SynchronizationSchema, problem: &SchemaDiagnostic) -> String {
    let expression = problem
        .span
        .and_then(|span| Some((span, expression_at(schema, &problem.path)?)))
        .filter(|(span, text)| text.get(span.start..span.end).is_some());
    let Some((span, text)) = expression else {
        return format!("error: {problem}");
    };
    let group: Group<'_> = Level::ERROR
        .primary_title(problem.message.as_str())
        .element(
            Snippet::source(text.as_str())
                .path(problem.path.as_str())
                .annotation(AnnotationKind::Primary.span(span.start..span.end)),
        );
    Renderer::plain().render(&[group])
}

/// The text of the expression at a path such as
/// `synchronizationRules[0].objectMappings[0].attributeMappings[9].source.expression`.
fn expression_at(schema: &SynchronizationSchema, path: &str) -> Option<String> {
    let schema = serde_json::to_value(schema).ok()?;
    let mut place = &schema;
    for step in path.strip_suffix(".expression")?.split('.') {
        let (name, at) = match step.strip_suffix(']').and_then(|it| it.split_once('[')) {
            Some((name, at)) => (name, Some(at.parse::<usize>().ok()?)),
            None => (step, None),
        };
        place = place.get(name)?;
        if let Some(at) = at {
            place = place.get(at)?;
        }
    }
    let source: AttributeMappingSource = serde_json::from_value(place.clone()).ok()?;
    source.text().ok()
}
