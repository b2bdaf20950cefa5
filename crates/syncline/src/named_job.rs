//! The job of the configuration with a display name: ids are long, and nobody types them.

use syncline_model::fold::fold;
use syncline_model::{Attr, EntityKind, Job};
use syncline_store::{Reader, StoreError};

use crate::failure::Failure;

/// # Errors
/// When no configuration with a job has the name, in any case, and when several have.
pub fn of(reader: &Reader<'_>, name: &str) -> Result<Job, Failure> {
    let mut found = Vec::new();
    let wanted = fold(name);
    // A row that can not be read holds up no other job.
    for job in reader.job_rows()?.into_iter().filter_map(|it| it.job.ok()) {
        let id = job.service_principal;
        let objects = match reader.objects(job.tenant, EntityKind::ServicePrincipal, &[id]) {
            Err(StoreError::Damaged(_)) => continue,
            objects => objects?,
        };
        let mut names = objects
            .iter()
            .filter_map(|it| it.entry.text(Attr::DISPLAY_NAME));
        if names.any(|it| fold(it) == wanted) {
            found.push(job);
        }
    }
    match found.len() {
        0 | 1 => found.pop().ok_or_else(|| {
            Failure::new(format!("there is no job `{name}`"))
                .with_help("`syncline jobs list` shows the jobs")
        }),
        _ => {
            let ids: Vec<&str> = found.iter().map(|it| it.id.as_str()).collect();
            let message = format!("{} configurations have the name `{name}`", ids.len());
            Err(Failure::new(message)
                .with_help(format!("name the job by its id: {}", ids.join(", "))))
        }
    }
}
