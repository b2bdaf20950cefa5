//! Whether a transaction was committed whose answer was lost.
//!
//! The server remembers what became of a transaction by its number. Whoever loses the connection over a
//! commit asks on another one, so that a caller is not told to try again what is done.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use super::super::session::Session;
use super::settings::Use;
use super::{Asked, History, Pool, server};
use crate::{Result, StoreError};

/// The number of a transaction, and the history of the server in which it counts: where that has crashed, or a
/// standby has taken over, another transaction may have the same one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::driver) struct Numbered {
    pub(in crate::driver) number: String,
    pub(in crate::driver) history: History,
}

/// A server that has lost a node in the middle of a transaction ends it within this time
/// ([`settings`](super::settings)), and one that is restarted is mostly back.
const PATIENCE: Duration = Duration::from_secs(15);
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Of an engine that gives transactions no numbers, or tells no history. A page of the reference
/// (`distributed-postgres.md`) says what that means for whoever operates or calls the service.
const NOBODY_TO_ASK: &str = "this database engine does not tell what became of a transaction, so that any commit whose answer is lost is answered like this: whoever sent it has to look whether it is stored";

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
            return Err(StoreError::Unanswered(format!("{why}; {NOBODY_TO_ASK}")));
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
                Ok(Ok(client)) => match Session::open(client, asked) {
                    Ok(opened) => *session = Some(opened),
                    // It was lost again, which says nothing of the history that there is.
                    Err(_) => return Said::NotYet,
                },
                // It was waited for already.
                Err(_) => return Said::Nothing,
                Ok(Err(error)) if server::fell_silent(&error) => return Said::Nothing,
                Ok(Err(_)) => return Said::NotYet,
            }
        }
        let Some(session) = session else {
            return Said::NotYet;
        };
        if !session.is_of(&transaction.history) {
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

#[cfg(test)]
mod tests {
    use super::super::patience::Patience;
    use super::super::places::{Lease, Purpose};
    use super::super::transaction::Begin;
    use super::super::{ConnectionLimit, PATIENCE as WAITS, wait};
    use super::*;
    use crate::driver::store::Older;

    fn pool(name: &str) -> Option<(tempfile::TempDir, Pool)> {
        let folder = tempfile::tempdir().unwrap();
        let url = syncline_testkit::postgres_url(&folder.path().join(name))?;
        let pool = Pool::connect(&url, ConnectionLimit(2), Older::BringUpToDate).unwrap();
        Some((folder, pool))
    }

    /// A transaction that has begun, and what is asked about it when its commit is lost.
    fn begun(pool: &Pool) -> (Lease, Numbered) {
        let patience = Patience::new(WAITS);
        let lease = pool.begin(Purpose::Writing, Begin::Durable, &patience);
        let lease = lease.unwrap();
        let numbered = lease.session().unwrap().numbered().unwrap();
        (lease, numbered)
    }

    fn ended(pool: &Pool, how: &str) -> Numbered {
        let (mut lease, numbered) = begun(pool);
        lease.end(how).unwrap();
        numbered
    }

    fn found(pool: &Pool, transaction: &Numbered) -> Result<()> {
        pool.find_out(Some(transaction), "its connection was lost".to_owned())
    }

    #[test]
    fn a_number_says_what_became_of_a_transaction_in_the_history_that_gave_it() {
        let Some((_folder, pool)) = pool("outcome") else {
            return;
        };
        let committed = ended(&pool, "COMMIT");
        found(&pool, &committed).unwrap();
        let told = found(&pool, &ended(&pool, "ROLLBACK"));
        assert!(matches!(told, Err(StoreError::Busy(_))), "{told:?}");
        // As another one's commit looks that has got its number since a crash.
        let crashed = Numbered {
            history: History::read("00000001 1.5").unwrap(),
            ..committed
        };
        let told = found(&pool, &crashed);
        assert!(matches!(told, Err(StoreError::Unanswered(_))), "{told:?}");
    }

    /// Such an engine answers so each time, and whoever operates it is told why.
    #[test]
    fn without_a_number_the_log_says_that_the_engine_tells_nothing_and_what_to_do() {
        let Some((_folder, pool)) = pool("unnumbered") else {
            return;
        };
        let told = pool.find_out(None, "its connection was lost".to_owned());
        let Err(StoreError::Unanswered(why)) = told else {
            panic!("{told:?}");
        };
        assert!(why.starts_with("its connection was lost; "), "{why}");
        assert!(why.contains("has to look whether it is stored"), "{why}");
    }

    /// It may be asked again: that is no other history.
    #[test]
    fn a_connection_that_is_lost_while_it_is_opened_tells_no_history() {
        let Some((_folder, pool)) = pool("lost") else {
            return;
        };
        let asked = Arc::<Asked>::default();
        let client = pool
            .network
            .connect(&pool.config, Arc::clone(&asked), Use::Transactions);
        let client = client.unwrap().unwrap();
        let ends_itself = "SELECT pg_terminate_backend(pg_backend_pid())";
        assert!(wait(client.batch_execute(ends_itself)).is_err());
        let opened = Session::open(client, asked).map(drop);
        assert!(matches!(opened, Err(StoreError::Busy(_))), "{opened:?}");
    }

    /// What it knew of the transaction is gone, and somebody else may have its number by now.
    #[test]
    #[ignore = "restarts the database server, which no other test may use then: make unit-postgres runs it alone"]
    fn what_became_of_a_transaction_is_not_known_when_its_server_has_crashed() {
        let Some((_folder, pool)) = pool("crash") else {
            return;
        };
        let (mut lease, transaction) = begun(&pool);
        if !syncline_testkit::restart_server() {
            return;
        }
        assert!(lease.end("COMMIT").is_err());
        drop(lease);
        let told = found(&pool, &transaction);
        assert!(matches!(told, Err(StoreError::Unanswered(_))), "{told:?}");
        // It is another one's now.
        let taken = Numbered {
            number: ended(&pool, "COMMIT").number,
            ..transaction
        };
        let told = found(&pool, &taken);
        assert!(matches!(told, Err(StoreError::Unanswered(_))), "{told:?}");
    }
}
