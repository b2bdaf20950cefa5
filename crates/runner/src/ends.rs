//! Where the two ends of a link are.

use serde::{Deserialize, Serialize};
use syncline_engine::TargetObject;
use syncline_store::ObjectState;

/// Where a source object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SourceState {
    Live,
    InRecycleBin,
    Gone,
}

impl SourceState {
    /// Of what is stored of it.
    pub fn of(found: Option<ObjectState>) -> Self {
        match found {
            Some(ObjectState::Live) => Self::Live,
            Some(ObjectState::Deleted) => Self::InRecycleBin,
            Some(ObjectState::Purged) | None => Self::Gone,
        }
    }
}

/// Where a linked target object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TargetState {
    Live,
    InRecycleBin,
    Gone,
}

impl TargetState {
    /// Of what the target shows for a link.
    pub(crate) fn of(found: Option<&TargetObject>) -> Self {
        match found {
            None => Self::Gone,
            Some(object) if object.soft_deleted => Self::InRecycleBin,
            Some(_) => Self::Live,
        }
    }
}
