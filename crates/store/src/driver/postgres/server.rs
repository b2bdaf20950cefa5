//! The server as the URL names it, and why it can not be used. Nothing here repeats the URL or the
//! password in it.

use std::error::Error as _;
use std::str::FromStr as _;

use tokio_postgres::Config;
use tokio_postgres::config::Host;

use crate::{Result, StoreError};

/// What the URL says. `sslmode=verify-full` and `verify-ca` mean what `require` means here: the
/// certificate and the name in it are always checked.
pub(in crate::driver) fn config(url: &str) -> Result<Config> {
    let url = url
        .replace("sslmode=verify-full", "sslmode=require")
        .replace("sslmode=verify-ca", "sslmode=require");
    // Of a password with an @ the library takes the rest for the host, which everybody is told.
    if url.matches('@').count() > 1 {
        return Err(WRONG);
    }
    // The library's message may quote a part of the password.
    Config::from_str(&url).map_err(|_| WRONG)
}

const WRONG: StoreError = StoreError::Url(
    "it is not postgres://USER:PASSWORD@HOST:PORT/NAME; special characters in it, an @ in the password for one, are written as %XX (%40), and the options behind ? are sslmode, options, connect_timeout and application_name",
);

/// Server, database and schema, for people.
pub(in crate::driver) fn label(url: &str) -> String {
    let Ok(config) = config(url) else {
        return "postgres://…".to_owned();
    };
    let name = config.get_dbname().or(config.get_user()).unwrap_or("");
    let options = config
        .get_options()
        .map_or_else(String::new, |it| format!(" ({it})"));
    format!("postgres://{}/{name}{options}", address(&config))
}

/// Host and port, for people.
pub(super) fn address(config: &Config) -> String {
    let hosts: Vec<String> = config
        .get_hosts()
        .iter()
        .enumerate()
        .map(|(at, host)| {
            let ports = config.get_ports();
            let port = ports.get(at).or(ports.first()).unwrap_or(&5432);
            match host {
                Host::Tcp(name) => format!("{name}:{port}"),
                Host::Unix(path) => path.display().to_string(),
            }
        })
        .collect();
    hosts.join(", ")
}

/// A connection that is not made in time. Callers of the API see this: without the address.
pub(super) fn silent() -> StoreError {
    StoreError::Busy("the database server does not answer".to_owned())
}

/// The first connection was not made at all.
pub(super) fn unreachable(config: &Config, cause: &str) -> StoreError {
    StoreError::Server {
        message: format!(
            "the database server at {} cannot be reached: {cause}",
            address(config)
        ),
        help: "does it run, and does it listen on that address and port?".to_owned(),
    }
}

/// Whether there is no connection because what answers is a standby, or read-only for another reason. It is the library
/// that says so, without a code; the system's failures have one.
pub(super) fn takes_no_writes(error: &tokio_postgres::Error) -> bool {
    let cause = error.source().and_then(|it| it.downcast_ref());
    cause.is_some_and(|it: &std::io::Error| {
        it.kind() == std::io::ErrorKind::PermissionDenied && it.raw_os_error().is_none()
    })
}

/// Whether there is no connection because the server, or its limit for this user or database, has no room for another:
/// `too_many_connections`. [PostgreSQL error codes](https://www.postgresql.org/docs/15/errcodes-appendix.html)
pub(super) fn is_full(error: &tokio_postgres::Error) -> bool {
    error.code().is_some_and(|code| code.code() == "53300")
}

/// A connection that is not made, where one was made before. Callers of the API see this: without the address.
pub(super) fn closed(error: tokio_postgres::Error) -> StoreError {
    if takes_no_writes(&error) {
        // With the code that a server gives when it refuses a write.
        return StoreError::Unwritable("its server is a standby, or read-only (25006)".to_owned());
    }
    StoreError::of_connecting(error)
}

/// A first connection that failed, in words for the operator.
pub(super) fn refused(config: &Config, error: tokio_postgres::Error) -> StoreError {
    let address = address(config);
    let user = config.get_user().unwrap_or("?");
    let name = config.get_dbname().unwrap_or(user);
    let told = |message: String, help: String| StoreError::Server { message, help };
    if let Some(said) = error.as_db_error() {
        return match said.code().code() {
            "28P01" | "28000" => told(
                format!(
                    "the database server at {address} refused the user `{user}`: {}",
                    said.message()
                ),
                "check user and password in the database URL; special characters in a password are written as %XX".to_owned(),
            ),
            "3D000" => told(
                format!("the database server at {address} has no database `{name}`"),
                format!("make it there: CREATE DATABASE \"{name}\" OWNER \"{user}\" ENCODING 'UTF8'"),
            ),
            "42501" => told(
                format!(
                    "the user `{user}` may not make tables in `{name}` at {address}: {}",
                    said.message()
                ),
                format!("let it own the database: ALTER DATABASE \"{name}\" OWNER TO \"{user}\""),
            ),
            _ => error.into(),
        };
    }
    if takes_no_writes(&error) {
        return told(
            format!("the database server at {address} takes no writes: it is a standby, or read-only"),
            "name the primary server; of several hosts in the database URL, the one that takes writes is used; if it is the primary, find out who has set default_transaction_read_only there, for the database or for the user".to_owned(),
        );
    }
    let cause = innermost(&error);
    if error
        .to_string()
        .starts_with("error performing TLS handshake")
    {
        return told(
            format!("no TLS connection to the database server at {address}: {cause}"),
            "name the server as its certificate does; its authority must be one of the system's or in the file that SSL_CERT_FILE names; in a trusted network, ?sslmode=disable connects without TLS".to_owned(),
        );
    }
    if error.to_string().starts_with("invalid configuration") {
        return told(
            format!("the database URL cannot be used: {cause}"),
            "it is written postgres://USER:PASSWORD@HOST:PORT/NAME".to_owned(),
        );
    }
    unreachable(config, &cause)
}

/// Whether a connection was not made because nothing was heard for long.
pub(super) fn fell_silent(error: &tokio_postgres::Error) -> bool {
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_io = inner.downcast_ref::<std::io::Error>();
        if inner_io.is_some_and(|it| it.kind() == std::io::ErrorKind::TimedOut) {
            return true;
        }
        cause = inner.source();
    }
    false
}

fn innermost(error: &tokio_postgres::Error) -> String {
    let mut cause = match error.source() {
        Some(cause) => cause,
        None => return error.to_string(),
    };
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_url_is_not_repeated() {
        for url in [
            "postgres://u:p@h/d?secret=1",
            "postgres://u:secret@h:port/d",
            "postgres://u:p@h/d?sslmode=secret",
            "postgres://u:p@secret@h:1/d",
            "postgres://u:p?@secret@h/d",
            "postgres://u:p@s/secret@h/d",
            "postgres://u:p@s?options=secret@h/d",
        ] {
            assert_eq!(label(url), "postgres://…");
            let error = config(url).unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
            assert!(error.contains("%XX"), "{error}");
        }
    }

    #[test]
    fn a_password_may_have_an_at_sign_that_is_written_as_such() {
        let url = "postgres://u:p%40secret@h:1/d";
        let config = config(url).unwrap();
        assert_eq!(config.get_password(), Some(&b"p@secret"[..]));
        assert_eq!(label(url), "postgres://h:1/d");
    }

    #[test]
    fn every_way_to_ask_for_a_checked_certificate_is_understood() {
        for mode in ["require", "verify-ca", "verify-full"] {
            assert!(config(&format!("postgres://h/d?sslmode={mode}")).is_ok());
        }
    }

    #[test]
    fn a_label_has_no_password() {
        assert_eq!(
            label("postgres://u:secret@db.example/syncline?options=-csearch_path%3Done"),
            "postgres://db.example:5432/syncline (-csearch_path=one)"
        );
    }

    #[test]
    fn a_server_is_named_by_host_and_port() {
        let config = config("postgres://u:p@one.example:5433,two.example:5434/d").unwrap();
        assert_eq!(address(&config), "one.example:5433, two.example:5434");
    }
}
