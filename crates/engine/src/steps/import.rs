//! What was received from the source.

use super::{Draft, Kind, Status};
use crate::Evidence;
use crate::evidence::Import;

pub(super) fn step(evidence: &Evidence) -> Draft {
    let (name, change) = match evidence.import {
        Import::Add => ("EntryImportAdd", "Add"),
        Import::Update => ("EntryImportUpdate", "Update"),
        Import::Delete => ("EntryImportDelete", "Delete"),
    };
    Draft {
        name,
        kind: Kind::Import,
        status: Status::Success,
        description: format!(
            "Received {} '{}' change of type ({change}) from {}",
            evidence.kind.engine_name(),
            evidence.source_name,
            evidence.source_system
        ),
        details: evidence.imported.clone(),
    }
}
