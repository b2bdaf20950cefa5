//! The schema that a file names.

use std::path::Path;

use syncline_engine::SynchronizationSchema;
use syncline_expression::Limits;
use syncline_runner::Replaceable;

use crate::app::App;
use crate::failure::Failure;
use crate::schema_file;

/// The schema in a file, as it would be saved; `None`: it is just that already.
///
/// # Errors
/// When it would not be taken.
pub fn compare(
    app: &App,
    file: &Path,
    replaced: &Replaceable,
) -> Result<Option<SynchronizationSchema>, Failure> {
    let limits = Limits::with_length(app.settings.expression_length);
    let mut schema = schema_file::read_of_any_job(file, replaced, &limits)?.schema;
    // The version is given when it is saved.
    schema.version.clone_from(&replaced.schema.version);
    Ok((schema != replaced.schema).then_some(schema))
}
