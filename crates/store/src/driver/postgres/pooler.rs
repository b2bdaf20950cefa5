//! Whether a connection is a session of the server's.
//!
//! A pooler in transaction mode gives each transaction whichever session is free. What a connection is set to
//! ([`settings`](super::settings)) then holds for somebody else: a lock is waited for without an end, a commit may not
//! reach the disk. What it has prepared is not known where it is used.

use std::sync::Arc;

use tokio_postgres::{Client, Config, SimpleQueryMessage};

use super::network::{Network, wait};
use super::server;
use super::settings::Use;
use crate::{Result, StoreError};

/// A setting of no meaning, to something that no other session has. Poolers that know of some settings do not know
/// this one.
const SET: &str = "SELECT set_config('syncline.session', CAST(gen_random_uuid() AS text), false)";
const ASK: &str = "SELECT COALESCE(current_setting('syncline.session', true), '')";

/// Looks on a second connection, which is alone with the first where nobody else is at work. Whoever is not let in twice
/// is none the wiser, and is told when it matters.
///
/// # Errors
/// [`StoreError::Server`] where the two are not sessions of their own.
pub(super) fn refuse(network: &Network, config: &Config, first: &Client) -> Result<()> {
    let Ok(Ok(second)) = network.connect(config, Arc::default(), Use::Layout) else {
        return Ok(());
    };
    if are_sessions(first, &second).unwrap_or(true) {
        return Ok(());
    }
    Err(StoreError::Server {
        message: format!(
            "what answers at {} is a pooler that gives each transaction another session of the database server",
            server::address(config)
        ),
        help: "name the server itself in the database URL, or a pool in session mode (PgBouncer: pool_mode = session)".to_owned(),
    })
}

/// Whether what is set on the first is there alone, and stays. `None` where the engine does not tell.
fn are_sessions(first: &Client, second: &Client) -> Option<bool> {
    let set = word(first, SET)?;
    // A pooler gives the session that was used last, or each in turn: of two, the second time another one.
    Some(word(second, ASK)? != set && word(first, ASK)? == set && word(first, ASK)? == set)
}

/// What a statement without values says, which nobody need prepare.
fn word(client: &Client, sql: &str) -> Option<String> {
    let said = wait(client.simple_query(sql)).ok()?;
    said.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two connections, and a network to make others; `None` without a server.
    fn connections() -> Option<(Network, Config, [Client; 2])> {
        let url = syncline_testkit::postgres_url(std::path::Path::new("pooler"))?;
        let (network, config) = (Network::new().unwrap(), server::config(&url).unwrap());
        let clients = [(); 2].map(|()| {
            let connected = network.connect(&config, Arc::default(), Use::Layout);
            connected.unwrap().unwrap()
        });
        Some((network, config, clients))
    }

    #[test]
    fn two_sessions_of_a_server_are_told_from_one() {
        let Some((network, config, [first, second])) = connections() else {
            return;
        };
        assert_eq!(are_sessions(&first, &second), Some(true));
        // Again, after a node that was here before.
        assert_eq!(are_sessions(&second, &first), Some(true));
        assert_eq!(are_sessions(&first, &first), Some(false));
        refuse(&network, &config, &first).unwrap();
    }
}
