//! What comes of passwords that are tried: for those who count, and of guesses for the log. In memory, each
//! node for itself.

use std::fmt;
use std::sync::OnceLock;

use parking_lot::Mutex;
use syncline_model::{TenantId, Timestamp};
use tracing::field;

use crate::{Access, Network, Peer, SignedIn};

/// What came of one password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInResult {
    Right,
    Wrong,
    /// It was not looked at: too many before it were wrong.
    Locked,
    /// Nor was it here: too many sign in at once.
    Busy,
}

impl SignInResult {
    pub const ALL: [Self; 4] = [Self::Right, Self::Wrong, Self::Locked, Self::Busy];

    /// The word for it in figures.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Wrong => "wrong",
            Self::Locked => "locked",
            Self::Busy => "busy",
        }
    }
}

impl Access {
    /// From now on calls `count` with what comes of each password that is tried, on the thread that checked it. There is
    /// one who counts; the first one stays.
    pub fn count_sign_ins(&self, count: impl Fn(SignInResult) + Send + Sync + 'static) {
        // Whoever comes second is not heard, as the contract says.
        let _ = self.sign_in_results.listener.set(Box::new(count));
    }
}

type Listener = Box<dyn Fn(SignInResult) + Send + Sync>;

/// Who is told.
#[derive(Default)]
pub(crate) struct SignInResults {
    listener: OnceLock<Listener>,
    locks: Mutex<Locks>,
}

impl fmt::Debug for SignInResults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignInResults").finish_non_exhaustive()
    }
}

/// Strangers must not fill the log: so many seconds nothing is told again of accounts that are locked.
const TOLD_EVERY: i64 = 60;

#[derive(Default)]
struct Locks {
    told_at: Option<Timestamp>,
    /// Begun since, and not told.
    untold: u64,
}

/// A wrong password.
pub(crate) struct Guess {
    /// The tenant of the name, whether somebody there has it (`found`) or not.
    pub(crate) home: Option<TenantId>,
    pub(crate) found: Option<SignedIn>,
    pub(crate) peer: Option<Peer>,
    /// By it the account begins to be locked.
    pub(crate) locks: bool,
}

impl SignInResults {
    pub(crate) fn count(&self, result: SignInResult) {
        if let Some(count) = self.listener.get() {
            count(result);
        }
    }

    /// Counts it and tells the log. Names that nobody has are told like any other, so that who guesses names is seen,
    /// and learns nothing by how long it takes; a name itself is never told.
    pub(crate) fn guessed(&self, guess: &Guess, now: Timestamp) {
        self.count(SignInResult::Wrong);
        let tenant = guess.home.map(field::display);
        let user = guess.found.map(|it| field::display(it.user));
        let network = guess.peer.and_then(narrowest).map(field::display);
        tracing::info!(tenant, user, network, "wrong password");
        if !guess.locks {
            return;
        }
        if let Some(untold) = self.locks.lock().tell(now) {
            tracing::warn!(
                tenant,
                user,
                network,
                untold,
                "too many wrong passwords in a row: this account is locked for a minute to where they come from, \
                 or to all networks that its owner does not use when they come from many"
            );
        }
    }
}

impl Locks {
    /// One more account begins to be locked: how many were not told before it, when it is to be told.
    fn tell(&mut self, now: Timestamp) -> Option<u64> {
        let again = self.told_at.map(|told| told.plus_seconds(TOLD_EVERY));
        if again.is_some_and(|again| now < again) {
            self.untold += 1;
            return None;
        }
        self.told_at = Some(now);
        Some(std::mem::take(&mut self.untold))
    }
}

fn narrowest(peer: Peer) -> Option<Network> {
    peer.networks().next()
}
