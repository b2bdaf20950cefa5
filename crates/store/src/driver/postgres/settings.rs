//! What a connection is set to, whatever the server, the database, the role or the URL says: limits that
//! are meant for people at a prompt must not end a page, and those that others rely on must be there.

use std::time::Duration;

/// So long a statement waits for a lock. Pages take a fraction of a second; whoever waits longer
/// waits for a node that hangs, and must not pile up behind it.
const LOCK_TIMEOUT: Duration = Duration::from_secs(20);

/// So long a transaction that writes may stand still between two statements. A node that was stopped or cut off
/// keeps the locks of its page until then; it is refused when it comes back.
const IDLE_IN_TRANSACTION: Duration = Duration::from_secs(10);

/// So long the server waits for a node to take what it sends it. One that was stopped in the middle of
/// a large answer does not stand still between two statements: nothing else would end its transaction.
const NOT_TAKEN: Duration = IDLE_IN_TRANSACTION;

/// When nothing is sent, the server finds out by itself that a node is gone: it asks after so long, then
/// so often and so many times.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(10);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);
const KEEPALIVE_COUNT: u32 = 3;

/// What is done on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// Reading and writing.
    Transactions,
    /// Bringing the layout up to date, or waiting for a node that does: as long as that takes.
    Layout,
}

/// Where the server, the database or the role says that a commit need not reach the disk: ours must
/// ([`Durability::Full`](crate::Durability)). Other settings than `off` are the operator's: they are about standbys.
const COMMITS_LAST: &str = "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";

/// The statements that say it.
pub(super) fn pinned(used_for: Use) -> String {
    let (lock, idle) = match used_for {
        Use::Transactions => (LOCK_TIMEOUT, IDLE_IN_TRANSACTION),
        Use::Layout => (Duration::ZERO, Duration::ZERO),
    };
    let milliseconds = |it: Duration| it.as_millis().to_string();
    let seconds = |it: Duration| it.as_secs().to_string();
    let settings = [
        ("lock_timeout", milliseconds(lock)),
        ("idle_in_transaction_session_timeout", milliseconds(idle)),
        // A statement may take as long as it takes.
        ("statement_timeout", "0".to_owned()),
        ("transaction_timeout", "0".to_owned()),
        ("tcp_user_timeout", milliseconds(NOT_TAKEN)),
        ("tcp_keepalives_idle", seconds(KEEPALIVE_IDLE)),
        ("tcp_keepalives_interval", seconds(KEEPALIVE_INTERVAL)),
        ("tcp_keepalives_count", KEEPALIVE_COUNT.to_string()),
    ];
    let mut statements: String = settings.iter().map(|(name, is)| set(name, is)).collect();
    statements.push_str(COMMITS_LAST);
    statements
}

/// Only where the server knows it: `transaction_timeout` came with PostgreSQL 17.
fn set(name: &str, is: &str) -> String {
    format!(
        "SELECT set_config('{name}', '{is}', false) WHERE current_setting('{name}', true) IS NOT NULL; "
    )
}
