//! The two ends of a link.

use serde::{Deserialize, Serialize};
use syncline_engine::TargetObject;
use syncline_model::{Attr, ObjectId};
use syncline_store::ObjectState;

/// What people know one end of a link by, and where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct End {
    pub id: ObjectId,
    /// `userPrincipalName`; empty of a group, of whoever is gone, and where it can not be read.
    pub name: String,
    pub display_name: String,
    /// `None` where it can not be read.
    pub state: Option<EndState>,
}

/// Where an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EndState {
    Live,
    InRecycleBin,
    Gone,
}

impl End {
    /// Of what can not be read.
    pub(crate) fn unread(id: ObjectId) -> Self {
        Self {
            id,
            name: String::new(),
            display_name: String::new(),
            state: None,
        }
    }

    /// Of what the target shows of this object of its.
    pub(crate) fn of(id: ObjectId, found: Option<&TargetObject>) -> Self {
        let text = |attr| {
            let text = found.and_then(|it| it.entry.text(attr));
            text.unwrap_or_default().to_owned()
        };
        Self {
            id,
            name: text(Attr::USER_PRINCIPAL_NAME),
            display_name: text(Attr::DISPLAY_NAME),
            state: Some(EndState::in_target(found)),
        }
    }
}

impl EndState {
    /// Of what is stored of a source object.
    pub fn in_source(found: Option<ObjectState>) -> Self {
        match found {
            Some(ObjectState::Live) => Self::Live,
            Some(ObjectState::Deleted) => Self::InRecycleBin,
            Some(ObjectState::Purged) | None => Self::Gone,
        }
    }

    /// Of what the target shows for a link.
    pub(crate) fn in_target(found: Option<&TargetObject>) -> Self {
        match found {
            None => Self::Gone,
            Some(object) if object.soft_deleted => Self::InRecycleBin,
            Some(_) => Self::Live,
        }
    }
}
