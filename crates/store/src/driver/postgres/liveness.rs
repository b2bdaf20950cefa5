//! Finding out that the server is gone when nothing says so: a cut cable, a host that is switched off,
//! a proxy or a server that stands still.
//!
//! The system notices what is not acknowledged ([`configure`]), and takes what a proxy acknowledges for
//! delivered. So whoever has waited for an answer for long lets a new connection be tried: a statement
//! may take as long as it takes while the server answers there, and no longer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_postgres::Config;
use tokio_postgres::config::TargetSessionAttrs;
use tokio_postgres_rustls::MakeRustlsConnect;

/// So long an attempt to reach one address takes, unless the URL says otherwise.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// What was sent and is not acknowledged for so long, the system takes for lost.
const UNACKNOWLEDGED: Duration = Duration::from_secs(30);
/// A connection on which nothing comes is probed after so long, so often and so many times.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(10);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);
const KEEPALIVE_RETRIES: u32 = 3;
/// The library's: nobody asked for another.
const KEEPALIVE_IDLE_DEFAULT: Duration = Duration::from_secs(2 * 60 * 60);

/// What the URL leaves open.
pub(super) fn configure(config: &mut Config) {
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_TIMEOUT);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(UNACKNOWLEDGED);
    }
    if config.get_keepalives_idle() == KEEPALIVE_IDLE_DEFAULT {
        config.keepalives_idle(KEEPALIVE_IDLE);
    }
    if config.get_keepalives_interval().is_none() {
        config.keepalives_interval(KEEPALIVE_INTERVAL);
    }
    if config.get_keepalives_retries().is_none() {
        config.keepalives_retries(KEEPALIVE_RETRIES);
    }
    // Whatever it says: of several hosts, and of one whose name moves, a standby may answer first. It takes no writes, and
    // tells of what was: whoever holds no role any more holds it there for as long as it is behind.
    config.target_session_attrs(TargetSessionAttrs::ReadWrite);
}

fn connect_timeout(config: &Config) -> Duration {
    config
        .get_connect_timeout()
        .copied()
        .unwrap_or(CONNECT_TIMEOUT)
}

/// A host to which a connection is not made after so long is not there: it has as long again for its greeting.
pub(super) fn made_within(host: &Config) -> Duration {
    connect_timeout(host).saturating_mul(2)
}

/// Whether somebody waits for an answer on a connection: odd while somebody does, and another number
/// for each statement.
#[derive(Debug, Default)]
pub(in crate::driver) struct Asked(AtomicU64);

impl Asked {
    pub(in crate::driver) fn begins(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(in crate::driver) fn answered(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn unanswered(&self) -> Option<u64> {
        Some(self.0.load(Ordering::Relaxed)).filter(|number| number % 2 == 1)
    }
}

/// Looks after the connections of one pool: the first that finds the server gone tells all, so that not
/// each is waited for in turn.
#[derive(Clone, Debug)]
pub(super) struct Liveness(watch::Sender<u64>);

impl Liveness {
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(0))
    }

    /// Returns when the server is gone. `host`: that of the connection alone, for what another one says tells nothing of it.
    pub(super) async fn lost(&self, asked: Arc<Asked>, host: &Config, tls: &MakeRustlsConnect) {
        let mut told = self.0.subscribe();
        let mut before = None;
        loop {
            tokio::select! {
                _ = told.changed() => return,
                () = sleep(connect_timeout(host)) => {}
            }
            let now = asked.unanswered();
            let is_gone = now.is_some() && now == before && !answers(host, tls).await;
            // One that has answered meanwhile was only too busy to let anybody in.
            if is_gone && asked.unanswered() == now {
                self.0.send_modify(|times| *times += 1);
                return;
            }
            before = now;
        }
    }
}

/// Whether the server answers a new connection, be it one that takes no writes any more. That it has no room for another is
/// an answer, too.
async fn answers(host: &Config, tls: &MakeRustlsConnect) -> bool {
    let mut any = host.clone();
    // What it would be asked otherwise might have to wait there.
    any.target_session_attrs(TargetSessionAttrs::Any);
    match timeout(made_within(&any), any.connect(tls.clone())).await {
        Ok(Ok(_)) => true,
        Ok(Err(error)) => error.as_db_error().is_some(),
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{server, tls};
    use super::*;

    /// Whoever waits for an answer there may go on waiting.
    #[test]
    fn a_server_that_takes_no_writes_any_more_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let Some(role) = syncline_testkit::Role::of(&folder.path().join("liveness")) else {
            return;
        };
        role.only_reads();
        let of = |url: &str| {
            let mut config = server::config(url).unwrap();
            configure(&mut config);
            config
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let answers =
            |config: &Config| runtime.block_on(answers(config, &tls::connector().unwrap()));
        assert!(answers(&of(role.url())));
        assert!(!answers(&of("postgres://u@127.0.0.1:1/d")));
    }

    #[test]
    fn what_the_url_says_counts() {
        let mut ours = server::config("postgres://h/d").unwrap();
        configure(&mut ours);
        assert_eq!(ours.get_tcp_user_timeout(), Some(&UNACKNOWLEDGED));
        assert_eq!(ours.get_keepalives_retries(), Some(KEEPALIVE_RETRIES));
        assert_eq!(made_within(&ours), Duration::from_secs(20));
        let mut theirs = server::config(
            "postgres://h/d?connect_timeout=2&tcp_user_timeout=4&keepalives_idle=5&keepalives_interval=6&keepalives_retries=7&target_session_attrs=any",
        )
        .unwrap();
        configure(&mut theirs);
        assert_eq!(theirs.get_tcp_user_timeout(), Some(&Duration::from_secs(4)));
        assert_eq!(theirs.get_keepalives_idle(), Duration::from_secs(5));
        assert_eq!(
            theirs.get_keepalives_interval(),
            Some(Duration::from_secs(6))
        );
        assert_eq!(theirs.get_keepalives_retries(), Some(7));
        assert_eq!(made_within(&theirs), Duration::from_secs(4));
        // But there is no use for one that takes no writes.
        let writes = TargetSessionAttrs::ReadWrite;
        for config in [ours, theirs] {
            assert_eq!(config.get_target_session_attrs(), writes);
        }
    }
}
