//! What a PostgreSQL server reports, by its codes, or the connection to it.

use super::{StoreError, for_want_of_room};

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        if for_want_of_room(&error) {
            return Self::Full(postgres_message(&error));
        }
        if is_read_only_server(&error) {
            return Self::Unwritable(postgres_message(&error));
        }
        let passing = match error.code() {
            Some(code) => {
                PASSING.contains(&code.code())
                    || code.code().starts_with("08")
                    || code.code().starts_with("57P")
            }
            None => error.is_closed() || is_lost(&error),
        };
        if passing {
            Self::Busy(postgres_message(&error))
        } else {
            Self::Postgres(error)
        }
    }
}

impl StoreError {
    /// What a connection is that is not made, where one was made before. Whatever the server says of the user, the
    /// password or the database: its operator changes something there, and it passes. Nothing was written.
    pub(crate) fn of_connecting(error: tokio_postgres::Error) -> Self {
        match Self::from(error) {
            Self::Postgres(error) => Self::Busy(postgres_message(&error)),
            other => other,
        }
    }
}

/// Serialization failure, deadlock, lock timeout, too many connections, a transaction that stood
/// still or took too long, or a statement that an operator ended.
/// [PostgreSQL error codes](https://www.postgresql.org/docs/15/errcodes-appendix.html)
const PASSING: [&str; 7] = [
    "40001", "40P01", "55P03", "53300", "25P03", "25P04", "57014",
];

/// Whether a failure without a code is one of the connection and not of what was sent.
fn is_lost(error: &tokio_postgres::Error) -> bool {
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        if inner.is::<std::io::Error>() {
            return true;
        }
        cause = inner.source();
    }
    false
}

/// The library says only "db error"; what the database said stands behind it.
pub(super) fn postgres_message(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(said) => format!("{} ({})", said.message(), said.code().code()),
        None => match std::error::Error::source(error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        },
    }
}

impl StoreError {
    /// Whether the database server has no such function, or not for us. Its transaction is over.
    pub(crate) fn is_unsupported(&self) -> bool {
        let Self::Postgres(error) = self else {
            return false;
        };
        error
            .code()
            .is_some_and(|code| UNSUPPORTED.contains(&code.code()))
    }
}

/// Undefined function, feature not supported, insufficient privilege.
const UNSUPPORTED: [&str; 3] = ["42883", "0A000", "42501"];

/// `read_only_sql_transaction`: the server is a standby by now, or told to take no writes.
fn is_read_only_server(error: &tokio_postgres::Error) -> bool {
    error.code().is_some_and(|code| code.code() == "25006")
}

/// `disk_full`, see [`PASSING`].
pub(super) fn is_full_server(error: &tokio_postgres::Error) -> bool {
    error.code().is_some_and(|code| code.code() == "53100")
}
