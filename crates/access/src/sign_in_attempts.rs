//! Guessing passwords is slow: after ten wrong ones in a row from one network an account is locked to
//! it for a minute, and to its site after twice as many. After fifty from all networks together, of
//! which ten count of each, it is locked to all from which its owner did not sign in of late: a few strangers do not keep an
//! administrator out, and many of them guess no faster.
//! One small document per account that was guessed at, gone after a quarter of an hour. Names that
//! nobody has are locked like any other: a lock must not tell which accounts exist.

use serde::{Deserialize, Serialize};
use syncline_model::Timestamp;
use syncline_store::{Document, Result, Tx, object_documents};

use crate::account::Account;
use crate::{Network, Peer, known_networks};

const WRONG_OF_NETWORK: usize = 10;
/// Also what keeps the document small: each network in it made at least one wrong try.
const WRONG_IN_ALL: usize = 50;
const LOCKED_FOR_SECONDS: i64 = 60;
const FORGOTTEN_AFTER_SECONDS: i64 = 15 * 60;

/// Key: the user's id, or the fingerprint of a name.
#[derive(Default, Serialize, Deserialize)]
struct Attempts {
    /// Empty in documents of versions that did not tell networks apart.
    #[serde(default)]
    tries: Vec<Tries>,
}

/// Wrong passwords in a row from one network.
#[derive(Serialize, Deserialize)]
struct Tries {
    /// The narrowest first; none where it is not known who asks.
    networks: Vec<String>,
    wrong: usize,
    last_at: Timestamp,
}

impl Document for Attempts {
    const KIND: &'static str = object_documents::SIGN_IN_ATTEMPTS;
}

impl Attempts {
    /// Those that are not forgotten. Nor does anybody wait for what a clock that was ahead has noted.
    fn load(tx: &Tx<'_>, account: &Account, now: Timestamp) -> Result<Self> {
        let found: Option<Self> = tx.document(account.tenant(), account.key())?;
        let mut attempts = found.unwrap_or_default();
        attempts
            .tries
            .retain(|it| is_recent(it.last_at, FORGOTTEN_AFTER_SECONDS, now));
        Ok(attempts)
    }

    fn save(&self, tx: &mut Tx<'_>, account: &Account, now: Timestamp) -> Result<()> {
        let end = now.plus_seconds(FORGOTTEN_AFTER_SECONDS);
        tx.put_document(account.tenant(), account.key(), self, Some(end))
    }

    /// Whether one of the networks of this peer has to wait.
    fn locked_to(&self, peer: Option<Peer>, now: Timestamp) -> bool {
        let of_network = |network: Network| {
            let name = network.to_string();
            let most = network.most(WRONG_OF_NETWORK);
            self.locked(|it| it.networks.contains(&name), most, now)
        };
        match peer {
            Some(peer) => peer.networks().any(of_network),
            None => self.locked(|it| it.networks.is_empty(), WRONG_OF_NETWORK, now),
        }
    }

    /// Whether all have to wait but those networks that the owner uses.
    fn locked_to_all(&self, now: Timestamp) -> bool {
        self.locked(|_| true, WRONG_IN_ALL, now)
    }

    /// Whether these are so many that the next has to wait. Each further wrong password locks again.
    fn locked(&self, among: impl Fn(&Tries) -> bool, most: usize, now: Timestamp) -> bool {
        let counted = || self.tries.iter().filter(|it| among(it));
        // However long one network goes on, it is one of five that it takes to lock all out.
        let wrong: usize = counted().map(|it| it.wrong.min(WRONG_OF_NETWORK)).sum();
        let last_at = counted().map(|it| it.last_at).max();
        wrong >= most && last_at.is_some_and(|last_at| is_recent(last_at, LOCKED_FOR_SECONDS, now))
    }
}

fn is_recent(at: Timestamp, seconds: i64, now: Timestamp) -> bool {
    now < at.plus_seconds(seconds) && !at.is_told_too_early(now)
}

/// What came of an attempt that was to begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attempt {
    /// The account is locked to this peer.
    Locked,
    /// It is counted. `locks`: if it is a wrong one, the account is locked by it.
    Made { locks: bool },
}

/// Counts an attempt before it is made, so that many at once do not slip through.
pub(crate) fn begin(
    tx: &mut Tx<'_>,
    account: &Account,
    peer: Option<Peer>,
    now: Timestamp,
) -> Result<Attempt> {
    let mut attempts = Attempts::load(tx, account, now)?;
    let networks = names(peer);
    let is_known = match networks.first() {
        Some(network) => known_networks::is_known(tx, account, network, now)?,
        None => false,
    };
    let was_locked_to_all = attempts.locked_to_all(now);
    if attempts.locked_to(peer, now) || (!is_known && was_locked_to_all) {
        return Ok(Attempt::Locked);
    }
    let of_this = |it: &Tries| it.networks.first() == networks.first();
    match attempts.tries.iter_mut().find(|it| of_this(it)) {
        Some(tries) => {
            tries.wrong = tries.wrong.saturating_add(1);
            tries.last_at = now;
        }
        None => attempts.tries.push(Tries {
            networks,
            wrong: 1,
            last_at: now,
        }),
    }
    attempts.save(tx, account, now)?;
    let locks =
        attempts.locked_to(peer, now) || (!was_locked_to_all && attempts.locked_to_all(now));
    Ok(Attempt::Made { locks })
}

/// The password was right: earlier wrong ones of this network are forgotten, and it is known from now
/// on. What others guess stays counted, whoever signs in meanwhile.
pub(crate) fn succeed(
    tx: &mut Tx<'_>,
    account: &Account,
    peer: Option<Peer>,
    now: Timestamp,
) -> Result<()> {
    let networks = names(peer);
    let mut attempts = Attempts::load(tx, account, now)?;
    attempts
        .tries
        .retain(|it| it.networks.first() != networks.first());
    if attempts.tries.is_empty() {
        forget(tx, account)?;
    } else {
        attempts.save(tx, account, now)?;
    }
    match networks.first() {
        Some(network) => known_networks::remember(tx, account, network, now),
        None => Ok(()),
    }
}

/// There is another password now: guesses at the old one lock nobody out.
pub(crate) fn forget(tx: &mut Tx<'_>, account: &Account) -> Result<()> {
    tx.delete_document::<Attempts>(account.tenant(), account.key())?;
    Ok(())
}

fn names(peer: Option<Peer>) -> Vec<String> {
    let networks = peer.iter().flat_map(|peer| peer.networks());
    networks.map(|network| network.to_string()).collect()
}
