//! The names of configurations in a file, by which they are found: each once, and none of one that was renamed
//! in the file alone.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use syncline_model::fold::fold;
use syncline_model::{EntityKind, ObjectId, TenantId};
use syncline_runner::jobs_towards;
use syncline_store::{ObjectState, Reader};

use super::ends::Ends;
use super::file::Configuration;
use super::present::{Present, shown};
use crate::failure::Failure;

/// Which configurations a file speaks of: the source, and the folded name.
pub type Said = BTreeSet<(TenantId, String)>;

/// # Errors
/// When it speaks of one twice.
pub fn each_once(all: &[(&Configuration, Ends)]) -> Result<Said, Failure> {
    let mut said = Said::new();
    for (wanted, ends) in all {
        for name in [Some(&wanted.name), wanted.renamed_from.as_ref()]
            .into_iter()
            .flatten()
        {
            if !said.insert((ends.source.id, fold(name))) {
                return Err(Failure::new(format!(
                    "the configuration `{}` of {} stands in the file twice",
                    name.escape_debug(),
                    ends.source.default_domain()
                ))
                .with_help("leave one out, or give it another name"));
            }
        }
    }
    Ok(said)
}

/// A name that was changed or mistyped would make a second job beside the one that is there, and two keep nobody in
/// step together. Whoever means that names both.
pub fn refuse_a_second(
    reader: &Reader<'_>,
    said: &Said,
    wanted: &Configuration,
    ends: &Ends,
    present: &Present,
) -> Result<(), Failure> {
    if present.service_principal.is_some() {
        return Ok(());
    }
    let source = ends.source.id;
    let jobs = jobs_towards(reader, source, ends.target.id)?;
    let theirs: Vec<ObjectId> = jobs.iter().map(|(_, of)| *of).collect();
    let principals = reader.objects(source, EntityKind::ServicePrincipal, &theirs)?;
    for (job, of) in jobs {
        let mut live = principals.iter().filter(|it| it.state == ObjectState::Live);
        let Some(principal) = live.find(|it| it.entry.id == of) else {
            continue;
        };
        let name = shown(principal);
        if !said.contains(&(source, fold(&name))) {
            // A text of JSON is one of YAML, whatever stands in it.
            let quoted = Json::from(name.as_str());
            let name = name.escape_debug();
            return Err(Failure::new(format!(
                "there is no configuration `{}` in {}, and another one goes to {} already: `{name}`, with the job {}",
                wanted.name,
                ends.source.default_domain(),
                ends.target.default_domain(),
                job
            ))
            .with_help(format!(
                "if that is the one, write `renamedFrom: {quoted}` below its name in the file; if there are to be two, name `{name}` with its source and target in the file, too"
            )));
        }
    }
    Ok(())
}
