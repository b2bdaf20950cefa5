//! The schema that a file names.

use syncline_engine::SynchronizationSchema;
use syncline_expression::Limits;
use syncline_store::Reader;

use super::ends::Ends;
use super::file::Configuration;
use super::present::Present;
use super::schema_changes::{self, SchemaChange};
use crate::app::App;
use crate::failure::Failure;
use crate::schema_file;

/// The schema to be saved, and what it changes; `None`: it is just that already. `open`: the policies let the job in, as they will be.
///
/// # Errors
/// When it would not be taken.
pub fn compare(
    app: &App,
    reader: &Reader<'_>,
    wanted: &Configuration,
    ends: &Ends,
    present: &Present,
    open: bool,
) -> Result<Option<(SynchronizationSchema, Vec<SchemaChange>)>, Failure> {
    let (Some(file), Some(schema)) = (&wanted.schema, &wanted.wanted_schema) else {
        return Ok(None);
    };
    let (source, target) = (ends.source.id, ends.target.id);
    let replaced =
        app.runner
            .replaceable_into(reader, source, present.job.as_ref(), target, open)?;
    let rules = |schema: &SynchronizationSchema| schema.synchronization_rules.len();
    let (has, needs) = (rules(schema), rules(&replaced.schema));
    if has != needs {
        return Err(Failure::new(format!(
            "{} has {has} synchronization rules, and the job {needs}",
            file.display()
        ))
        .with_help("begin with what `syncline schema export` prints of a job"));
    }
    let mut own = replaced.own(schema.clone());
    if replaced.is(&own) {
        return Ok(None);
    }
    // The version is given when it is saved.
    own.version.clone_from(&replaced.schema.version);
    let limits = Limits::with_length(app.settings.expression_length);
    let schema = schema_file::judge(file, &replaced, own, &limits)?.schema;
    let changes = schema_changes::between(&replaced.schema, &schema)?;
    Ok(Some((schema, changes)))
}
