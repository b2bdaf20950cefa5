//! Tokens that were verified, and who was behind them when the directory was last asked.

use std::collections::HashMap;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use syncline_model::{AppId, ObjectId, TenantId, Timestamp};

use crate::Caller;

const MOST_REMEMBERED: usize = 4096;

/// What a verified token says.
pub(crate) struct VerifiedToken {
    /// Of the key that signed it.
    pub(crate) kid: String,
    pub(crate) tenant: TenantId,
    pub(crate) app_id: AppId,
    pub(crate) principal: ObjectId,
    /// `None`: an application by itself.
    pub(crate) scopes: Option<Vec<String>>,
    pub(crate) roles: Vec<String>,
    /// `uti`.
    pub(crate) id: Option<Arc<str>>,
    /// Of a user: when the password was typed.
    pub(crate) signed_in_at: Timestamp,
    pub(crate) not_before: i64,
    pub(crate) expires: i64,
}

/// Names a token, and so its tenant, without being one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct TokenHash([u8; 32]);

impl TokenHash {
    pub(crate) fn of(token: &str) -> Self {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
        Self(hash)
    }
}

/// The caller as the directory had it at one sequence of the tenant. Everything it was made from
/// moves that sequence in the transaction that changes it, on whichever node: while the sequence
/// stands, asking again would give the same, or what was consented to since besides. A restore moves it far ahead, and so
/// does the first write after a standby has taken over, which may not have heard of the last changes: no number comes
/// again.
#[derive(Clone)]
pub(crate) struct CallerAsOf {
    pub(crate) sequence: u64,
    pub(crate) caller: Arc<Caller>,
}

/// A token that was seen before.
#[derive(Clone)]
pub(crate) struct Known {
    pub(crate) token: Arc<VerifiedToken>,
    pub(crate) caller: Option<CallerAsOf>,
}

/// Verified tokens by their SHA-256; bounded.
#[derive(Default)]
pub(crate) struct VerifiedTokens(HashMap<TokenHash, Known>);

impl VerifiedTokens {
    pub(crate) fn find(&self, hash: TokenHash) -> Option<Known> {
        self.0.get(&hash).cloned()
    }

    pub(crate) fn remember(&mut self, hash: TokenHash, token: Arc<VerifiedToken>, now: i64) {
        if self.0.len() >= MOST_REMEMBERED {
            self.0.retain(|_, known| now < known.token.expires);
        }
        if self.0.len() >= MOST_REMEMBERED {
            // All are in use: forgetting them costs one verification each.
            self.0.clear();
        }
        let caller = None;
        self.0.insert(hash, Known { token, caller });
    }

    /// Adds who was behind a token, if it is still remembered.
    pub(crate) fn remember_caller(&mut self, hash: TokenHash, caller: CallerAsOf) {
        if let Some(known) = self.0.get_mut(&hash) {
            known.caller = Some(caller);
        }
    }
}
