//! The gate of those who change the layout: one passes, the others wait until it is done.
//!
//! That takes as long as it takes. But a process that was stopped in the middle of it keeps the gate for as long as it is
//! there, and only whoever waits can say so.

use std::time::Duration;

use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use super::network::wait;
use super::step;
use crate::Result;

/// So often whoever waits says for whom.
pub(super) const SAID_EVERY: Duration = Duration::from_secs(30);

/// Who has the gate: the transaction that has locked its row is noted in that, and has a lock of its own by which its
/// process is found. One that waits for the gate has none that is granted.
const HOLDER: &str = "SELECT activity.pid, COALESCE(activity.application_name, ''), COALESCE(host(activity.client_addr), ''), CAST(EXTRACT(EPOCH FROM CLOCK_TIMESTAMP() - activity.xact_start) AS bigint) FROM migration_gate AS gate JOIN pg_locks AS own ON own.transactionid = gate.xmax JOIN pg_stat_activity AS activity ON activity.pid = own.pid WHERE gate.id = 1 AND own.locktype = 'transactionid' AND own.mode = 'ExclusiveLock' AND own.granted";

/// Begins a transaction that has the gate, as soon as nobody else has. `tell` is told who has it each time that was waited
/// for so long: nobody by name where the engine does not say.
pub(super) fn pass(
    client: &Client,
    said_every: Duration,
    tell: &mut dyn FnMut(Option<&str>),
) -> Result<()> {
    let begin = format!(
        "BEGIN; SET LOCAL lock_timeout = {}; SELECT id FROM migration_gate WHERE id = 1 FOR UPDATE",
        said_every.as_millis()
    );
    loop {
        let Err(error) = wait(client.batch_execute(&begin)) else {
            return Ok(());
        };
        if error.code() != Some(&SqlState::LOCK_NOT_AVAILABLE) {
            return Err(error.into());
        }
        wait(client.batch_execute("ROLLBACK"))?;
        tell(holder(client).as_deref());
    }
}

fn holder(client: &Client) -> Option<String> {
    let row = wait(client.query_opt(HOLDER, &[])).ok()??;
    step::process(&row).ok()
}

/// Says it in the log.
pub(super) fn tell(holder: Option<&str>) {
    tracing::warn!(
        holder = holder.unwrap_or("not told by the server"),
        "waiting for whoever changes the layout of the database; if that is stopped or hangs, let it go on, or end its process on the database server with SELECT pg_terminate_backend(PROCESS)"
    );
}

#[cfg(test)]
mod tests {
    use super::super::step::tests::{connections, pid, say};
    use super::*;

    #[test]
    fn whoever_waits_is_told_again_and_again_who_has_the_gate_and_passes_when_that_is_over() {
        let Some((_folder, _network, _config, [client, holder, other])) = connections() else {
            return;
        };
        let gate = "BEGIN; SELECT id FROM migration_gate WHERE id = 1 FOR UPDATE";
        say(&holder, gate);
        let mut told = Vec::new();
        let every = Duration::from_millis(50);
        pass(&client, every, &mut |who| {
            told.push(who.map(str::to_owned));
            if told.len() == 2 {
                say(&holder, "ROLLBACK");
            }
        })
        .unwrap();
        assert!(told.len() >= 2, "{told:?}");
        let named = format!("process {} (standing still", pid(&holder));
        for who in &told[..2] {
            let who = who.as_deref().unwrap();
            assert!(who.starts_with(&named), "{who}");
        }
        let refused = wait(other.batch_execute(&format!("SET lock_timeout = 50; {gate}")));
        assert_eq!(
            refused.unwrap_err().code(),
            Some(&SqlState::LOCK_NOT_AVAILABLE)
        );
    }
}
