//! The hosts that a URL names, of which one takes writes.
//!
//! The library would ask them in turn, too. But it says only why the last one refused, waits for ever for the greeting of
//! one that stands still, and does not tell to which of them a connection was made.

use tokio::time::timeout;
use tokio_postgres::config::Host;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Config, Connection, Error, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::liveness::made_within;
use super::server;
use crate::Result;

pub(super) struct Connected {
    pub(super) client: Client,
    pub(super) connection:
        Connection<Socket, <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream>,
    /// The host to which it was made, alone.
    pub(super) host: Config,
}

/// A connection to the first host that gives one. The inner failure is that of the host which has the most to say.
///
/// # Errors
/// [`StoreError::Busy`](crate::StoreError::Busy) when that one did not answer at all.
pub(super) async fn connect(
    config: &Config,
    tls: &MakeRustlsConnect,
) -> Result<std::result::Result<Connected, Error>> {
    let mut told: Option<Refusal> = None;
    for host in each(config) {
        let refusal = match timeout(made_within(&host), host.connect(tls.clone())).await {
            Ok(Ok((client, connection))) => {
                return Ok(Ok(Connected {
                    client,
                    connection,
                    host,
                }));
            }
            Ok(Err(error)) => Some(error),
            Err(_) => None,
        };
        if told.as_ref().is_none_or(|it| weight(&refusal) > weight(it)) {
            told = Some(refusal);
        }
    }
    match told.flatten() {
        Some(error) => Ok(Err(error)),
        None => Err(server::silent()),
    }
}

/// Why a host gave no connection; `None`: it did not answer.
type Refusal = Option<Error>;

/// How much one tells. What a server says of the user, the database or itself counts most: it would be used. That others
/// are standbys is as it should be: it tells something only where all are.
fn weight(refusal: &Refusal) -> u8 {
    match refusal {
        Some(error) if error.as_db_error().is_some() => 2,
        Some(error) if server::takes_no_writes(error) => 0,
        _ => 1,
    }
}

/// Each of the hosts alone, in their order.
fn each(config: &Config) -> Vec<Config> {
    let (hosts, addresses) = (config.get_hosts().len(), config.get_hostaddrs().len());
    let (ports, count) = (config.get_ports().len(), hosts.max(addresses));
    let fits = |named: usize, least: usize| named <= least || named == count;
    // The library says what does not fit together.
    if count < 2 || !fits(hosts, 0) || !fits(addresses, 0) || !fits(ports, 1) {
        return vec![config.clone()];
    }
    (0..count).map(|at| one(config, at)).collect()
}

/// The library takes nothing away from a configuration: what there is to be set is set anew.
fn one(config: &Config, at: usize) -> Config {
    let mut one = Config::new();
    one.ssl_mode(config.get_ssl_mode())
        .ssl_negotiation(config.get_ssl_negotiation())
        .keepalives(config.get_keepalives())
        .keepalives_idle(config.get_keepalives_idle())
        .target_session_attrs(config.get_target_session_attrs())
        .channel_binding(config.get_channel_binding())
        .load_balance_hosts(config.get_load_balance_hosts());
    config.get_user().map(|it| one.user(it));
    config.get_password().map(|it| one.password(it));
    config.get_dbname().map(|it| one.dbname(it));
    config.get_options().map(|it| one.options(it));
    config
        .get_application_name()
        .map(|it| one.application_name(it));
    config
        .get_connect_timeout()
        .map(|it| one.connect_timeout(*it));
    config
        .get_tcp_user_timeout()
        .map(|it| one.tcp_user_timeout(*it));
    config
        .get_keepalives_interval()
        .map(|it| one.keepalives_interval(it));
    config
        .get_keepalives_retries()
        .map(|it| one.keepalives_retries(it));
    match config.get_hosts().get(at) {
        Some(Host::Tcp(name)) => _ = one.host(name),
        Some(Host::Unix(path)) => _ = one.host_path(path),
        None => {}
    }
    config
        .get_hostaddrs()
        .get(at)
        .map(|address| one.hostaddr(*address));
    let ports = config.get_ports();
    ports.get(at).or(ports.first()).map(|port| one.port(*port));
    one
}

#[cfg(test)]
mod tests {
    use std::str::FromStr as _;

    use super::*;

    fn of(url: &str) -> Config {
        Config::from_str(url).unwrap()
    }

    #[test]
    fn each_host_is_asked_with_all_that_the_url_says() {
        let said = "sslmode=require&sslnegotiation=direct&options=-csearch_path%3Done&application_name=a&connect_timeout=2&tcp_user_timeout=4&keepalives=0&keepalives_idle=5&keepalives_interval=6&keepalives_retries=7&target_session_attrs=read-write&channel_binding=require&load_balance_hosts=random";
        let hosts = each(&of(&format!("postgres://u:p@one:1,two:2/d?{said}")));
        let alone = ["one:1", "two:2"].map(|it| of(&format!("postgres://u:p@{it}/d?{said}")));
        assert!(hosts == alone, "{hosts:?}");
        let hosts = each(&of("postgres://u@one,two/d?hostaddr=::1,127.0.0.1"));
        let alone = [("one", "::1"), ("two", "127.0.0.1")]
            .map(|(name, address)| of(&format!("postgres://u@{name}/d?hostaddr={address}")));
        assert!(hosts == alone, "{hosts:?}");
    }

    #[test]
    fn what_does_not_fit_together_is_left_to_the_library() {
        for url in [
            "postgres:///d",
            "postgres://one/d",
            "postgres://one,two/d?hostaddr=127.0.0.1",
        ] {
            assert!(each(&of(url)) == [of(url)], "{url}");
        }
    }
}
