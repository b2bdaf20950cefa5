//! Keys that signed tokens and are trusted no more, because somebody else may have them. Only their
//! names are kept: whoever comes with a token of theirs is told to get another one, which a client
//! that takes its old token for good would not do by itself.

use serde::{Deserialize, Serialize};
use syncline_model::Timestamp;
use syncline_store::{Document, Reader, StoreError};

use crate::tokens::LIFETIME_SECONDS;

/// More than anybody withdraws while a token lives.
const MOST: usize = 100;

/// Newest first. One document, key `all`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct WithdrawnKeys(Vec<WithdrawnKey>);

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WithdrawnKey {
    kid: String,
    withdrawn_at: Timestamp,
}

impl Document for WithdrawnKeys {
    const KIND: &'static str = "withdrawn_keys";
}

impl WithdrawnKeys {
    pub(crate) const KEY: &'static str = "all";

    /// Those that are stored. Tokens of others are refused without them, too: where they cannot be read, nothing
    /// is lost but the way in which that is told.
    pub(crate) fn stored(reader: &Reader<'_>) -> Result<Self, StoreError> {
        match reader.document(None, Self::KEY) {
            Err(StoreError::Damaged(_)) => {
                tracing::warn!("which signing keys were withdrawn cannot be read");
                Ok(Self::default())
            }
            read => Ok(read?.unwrap_or_default()),
        }
    }

    /// Adds keys, and forgets those whose last token has expired.
    pub(crate) fn add(&mut self, kids: Vec<String>, now: Timestamp) {
        let withdrawn = |kid| WithdrawnKey {
            kid,
            withdrawn_at: now,
        };
        self.0.splice(0..0, kids.into_iter().map(withdrawn));
        self.0.retain(|it| now < expires_at(it.withdrawn_at));
        self.0.truncate(MOST);
    }

    pub(crate) fn contains(&self, kid: &str) -> bool {
        self.0.iter().any(|it| it.kid == kid)
    }
}

/// When no token of a key is good any more that was withdrawn then, on whichever node: another one may have
/// signed with it for a minute more.
pub(crate) fn expires_at(withdrawn_at: Timestamp) -> Timestamp {
    withdrawn_at.plus_seconds(2 * LIFETIME_SECONDS)
}
