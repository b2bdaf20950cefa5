//! Networks from which somebody signed in of late: guesses from elsewhere do not keep him out there.

use serde::{Deserialize, Serialize};
use syncline_model::Timestamp;
use syncline_store::{Document, Reader, Result, Tx, object_documents};

use crate::account::Account;

/// Home, office, telephone; more than these are not kept, the oldest is forgotten.
const MOST: usize = 5;
const DAY: i64 = 24 * 60 * 60;
const FORGOTTEN_AFTER_SECONDS: i64 = 30 * DAY;

/// Key: the user's id.
#[derive(Default, Serialize, Deserialize)]
struct KnownNetworks {
    /// The one used last is the last.
    networks: Vec<Known>,
}

#[derive(Serialize, Deserialize)]
struct Known {
    network: String,
    used_at: Timestamp,
}

impl Document for KnownNetworks {
    const KIND: &'static str = object_documents::KNOWN_NETWORKS;
}

/// Whether the account signed in from this network within 30 days.
pub(crate) fn is_known(
    reader: &Reader<'_>,
    account: &Account,
    network: &str,
    now: Timestamp,
) -> Result<bool> {
    let known = load(reader, account, now)?;
    Ok(known.networks.iter().any(|it| it.network == network))
}

/// The account signed in from this network. Written once a day at most.
pub(crate) fn remember(
    tx: &mut Tx<'_>,
    account: &Account,
    network: &str,
    now: Timestamp,
) -> Result<()> {
    let mut known = load(tx, account, now)?;
    let is_fresh = |it: &Known| it.network == network && now < it.used_at.plus_seconds(DAY);
    if known.networks.iter().any(is_fresh) {
        return Ok(());
    }
    known.networks.retain(|it| it.network != network);
    known.networks.push(Known {
        network: network.to_owned(),
        used_at: now,
    });
    let too_many = known.networks.len().saturating_sub(MOST);
    known.networks.drain(..too_many);
    let end = now.plus_seconds(FORGOTTEN_AFTER_SECONDS);
    tx.put_document(account.tenant(), account.key(), &known, Some(end))
}

fn load(reader: &Reader<'_>, account: &Account, now: Timestamp) -> Result<KnownNetworks> {
    let found: Option<KnownNetworks> = reader.document(account.tenant(), account.key())?;
    let mut known = found.unwrap_or_default();
    known
        .networks
        .retain(|it| now < it.used_at.plus_seconds(FORGOTTEN_AFTER_SECONDS));
    Ok(known)
}
