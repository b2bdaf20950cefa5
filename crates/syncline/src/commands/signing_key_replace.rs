//! `syncline keys replace --signing`: another key signs tokens, and those that others may have sign nothing any more.

use serde::{Deserialize, Serialize};
use syncline_access::signing_keys::READ_AGAIN_AFTER_SECONDS;

use super::Action;
use crate::app::App;
use crate::failure::Failure;
use crate::progress::Progress;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SigningKeyReplace {}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Replaced {
    /// `kid` of the key that signs from now on.
    pub signing_key: String,
    /// How many keys signed tokens that are refused from now on.
    pub signing_keys_withdrawn: usize,
    /// So long other servers of a shared database may take such tokens yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub others_within_seconds: Option<i64>,
}

impl Action for SigningKeyReplace {
    type Output = Replaced;

    fn execute(&self, app: &App, _progress: &dyn Progress) -> Result<Replaced, Failure> {
        let replaced = app.access.replace_signing_keys()?;
        // A warning, so that it stands in the log of a command as well.
        tracing::warn!(
            signing_key = replaced.kid,
            withdrawn = replaced.withdrawn,
            "the signing keys were withdrawn, and another one made"
        );
        Ok(Replaced {
            signing_key: replaced.kid,
            signing_keys_withdrawn: replaced.withdrawn,
            others_within_seconds: app.store.is_shared().then_some(READ_AGAIN_AFTER_SECONDS),
        })
    }

    fn text(output: &Replaced) -> String {
        let mut text = format!(
            "Tokens are signed with the key {} from now on. Those that were issued before are refused.\n",
            output.signing_key
        );
        if let Some(seconds) = output.others_within_seconds {
            text.push_str(&format!(
                "Other servers of this database refuse them within {seconds} seconds.\n"
            ));
        }
        text.push_str(READ_KEYS_AGAIN);
        text
    }
}

/// To whoever replaces keys: applications that hold them are not reached from here.
pub const READ_KEYS_AGAIN: &str = "Applications that check tokens themselves, id tokens for one, go on with the old keys until they read them again: restart them.\n";
