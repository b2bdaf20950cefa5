//! Whether a transaction was committed whose answer was lost.
//!
//! The server remembers what became of a transaction by its number. Whoever loses the connection over a
//! commit asks on another one, so that a caller is not told to try again what is done.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use super::super::session::Session;
use super::settings::Use;
use super::{Asked, Pool, server};
use crate::{Result, StoreError};

/// The number of a transaction, and the history of the server in which it counts: where a standby has
/// taken over, another transaction may have the same one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::driver) struct Numbered {
    pub(in crate::driver) number: String,
    pub(in crate::driver) timeline: Option<String>,
}

/// A server that has lost a node in the middle of a transaction ends it within this time
/// ([`settings`](super::settings)), and one that is restarted is mostly back.
const PATIENCE: Duration = Duration::from_secs(15);
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// What the server says of it.
enum Said {
    Committed,
    RolledBack,
    /// Its connection is not ended yet, or no new one is made at the moment.
    NotYet,
    /// And never will.
    Nothing,
}

impl Pool {
    /// Returns when the transaction was committed.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when it was not, and [`StoreError::Unanswered`] when that is not to be found
    /// out. `why`: how the connection was lost.
    pub(super) fn find_out(&self, transaction: Option<&Numbered>, why: String) -> Result<()> {
        let Some(transaction) = transaction else {
            return Err(StoreError::Unanswered(why));
        };
        let (mut waited, mut rest) = (Duration::ZERO, FIRST_PAUSE);
        let mut session = None;
        loop {
            match self.ask_about(transaction, &mut session) {
                Said::Committed => return Ok(()),
                Said::RolledBack => return Err(StoreError::Busy(why)),
                Said::NotYet if waited < PATIENCE => {}
                Said::NotYet | Said::Nothing => return Err(StoreError::Unanswered(why)),
            }
            pause(rest);
            waited += rest;
            rest = (rest * 2).min(LONGEST_PAUSE);
        }
    }

    /// On a connection of its own: the place of the one that is lost is still taken.
    fn ask_about(&self, transaction: &Numbered, session: &mut Option<Session>) -> Said {
        if session.as_ref().is_none_or(Session::is_closed) {
            let asked = Arc::<Asked>::default();
            let connected =
                self.network
                    .connect(&self.config, Arc::clone(&asked), Use::Transactions);
            match connected {
                Ok(Ok(client)) => *session = Some(Session::open(client, asked)),
                // It was waited for already.
                Err(_) => return Said::Nothing,
                Ok(Err(error)) if server::fell_silent(&error) => return Said::Nothing,
                Ok(Err(_)) => return Said::NotYet,
            }
        }
        let Some(session) = session else {
            return Said::NotYet;
        };
        if !session.is_of(transaction.timeline.as_deref()) {
            return Said::Nothing;
        }
        let number = &transaction.number;
        let status = session.word(&format!("SELECT pg_xact_status('{number}'::xid8)"));
        match status.as_ref().map(|it| it.as_deref()) {
            Ok(Some("committed")) => Said::Committed,
            Ok(Some("aborted")) => Said::RolledBack,
            Ok(Some("in progress")) | Err(StoreError::Busy(_)) => Said::NotYet,
            _ => Said::Nothing,
        }
    }
}

pub(super) fn pause(time: Duration) {
    let never = Mutex::new(());
    Condvar::new().wait_for(&mut never.lock(), time);
}
