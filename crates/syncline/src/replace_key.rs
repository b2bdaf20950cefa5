//! `syncline keys replace`: a new key file, with which everything is sealed, and a new key that signs tokens, in
//! one transaction.
//!
//! No server may run: whoever has opened the database seals with the old key.

use std::path::PathBuf;

use serde::Serialize;
use syncline_access::signing_keys;
use syncline_model::Clock as _;
use syncline_store::{MasterKey, Older};

use crate::commands::signing_key_replace::READ_KEYS_AGAIN;
use crate::data_dir::{DataDir, Made};
use crate::ended::Ended;
use crate::failure::Failure;
use crate::nodes;
use crate::seam::{SystemClock, SystemIds};

/// What came out.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Replaced {
    pub database: String,
    pub key_file: PathBuf,
    /// Stored secrets that are sealed with the new key.
    pub sealed: u64,
    /// Those that the old one did not open, either.
    pub unreadable: u64,
    /// `kid` of the key that signs tokens from now on.
    pub signing_key: String,
    /// How many keys signed tokens that are refused from now on.
    pub signing_keys_withdrawn: usize,
    /// Other nodes need the new key file, too.
    pub shared: bool,
    /// What was there before, the old key last.
    pub kept_aside: Vec<PathBuf>,
}

impl Replaced {
    pub fn text(&self) -> String {
        let mut text = format!(
            "Replaced the key {} of the database {}: {} stored secrets are sealed with the new one.\n\
             Tokens are signed with a new key, too. Those that were issued until now are refused.\n",
            self.key_file.display(),
            self.database,
            self.sealed
        );
        text.push_str(READ_KEYS_AGAIN);
        if self.unreadable > 0 {
            text.push_str(&format!(
                "{} could not be read before, and stay as they are: `syncline doctor` names them.\n",
                self.unreadable
            ));
        }
        for kept in &self.kept_aside {
            text.push_str(&format!("Kept aside: {}\n", kept.display()));
        }
        text.push_str("Backups that were made until now open with the old key alone: keep it with them, in another place, as long as you keep them.\n");
        if self.shared {
            text.push_str("Copy the new key to the data directories of all other nodes before you start them.\n");
        }
        text
    }
}

pub fn run(data: &DataDir) -> Result<Replaced, Failure> {
    data.must_exist()?;
    let mut lock = data.lock_alone(
        &mut Made::default(),
        "stop it first; `syncline keys replace --signing` makes what others sign worthless while a server runs",
    )?;
    let _beside = data.lock_beside_alone()?;
    data.must_hold_data()?;
    // What could not be written, nobody is told.
    let _ = lock.write("", &data.database(), "keys replace");
    let store = data.open_store_with(Older::Refuse, false)?;
    // What can not be written now is, when the lock is released.
    let _ = lock.has_opened(&data.database());
    let old = data.read_key()?;
    let next = MasterKey::generate()?;
    let at = SystemClock.now();
    // Takes a while: before others have to wait.
    let signing_key = signing_keys::generate(at)?;
    let shared = store.is_shared();
    let (mut staged, mut signing) = (None, None);
    let sealed = store.replace_key(&next, &SystemIds::default(), |tx| {
        if shared {
            nodes::nobody_works(tx, &data.database(), at)?;
        }
        staged = Some(data.stage_next_key(&old, &next, at)?);
        signing = Some(signing_keys::replace(tx, at, signing_key)?);
        Ok::<_, Ended>(())
    });
    let sealed = match sealed {
        Ok(sealed) => sealed,
        Err(Ended {
            failure,
            unanswered: true,
        }) => return Err(failure.with_help(UNANSWERED)),
        Err(Ended { failure, .. }) => {
            if let Some(staged) = staged {
                staged.give_up();
            }
            return Err(nothing_replaced(failure.of(data)));
        }
    };
    // From here on the database opens with the new key alone.
    data.put_next_key_in_place()?;
    let kept_aside = staged.map_or_else(Vec::new, |it| it.kept_aside());
    let (signing_key, signing_keys_withdrawn) =
        signing.map_or_else(Default::default, |it| (it.kid, it.withdrawn));
    // A warning, so that it stands in the log of a command as well.
    tracing::warn!(
        sealed = sealed.documents,
        signing_key,
        "the keys were replaced"
    );
    Ok(Replaced {
        database: data.database().to_string(),
        key_file: data.key_file(),
        sealed: sealed.documents,
        unreadable: sealed.unreadable,
        signing_key,
        signing_keys_withdrawn,
        shared,
        kept_aside,
    })
}

const UNANSWERED: &str = "both keys are kept, and the next command takes the one that opens the database; run this one again to be sure";

fn nothing_replaced(failure: Failure) -> Failure {
    let help = failure
        .help
        .as_ref()
        .map_or_else(String::new, |help| format!("; {help}"));
    Failure {
        message: format!("the keys cannot be replaced: {}", failure.message),
        ..failure
    }
    .with_help(format!("nothing was replaced{help}"))
}
