//! Which database it is: a file, or a server's.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use super::postgres;

/// Where the data is.
#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    /// An SQLite file, of one process.
    File(PathBuf),
    /// PostgreSQL, `postgres://…`, of any number of nodes.
    Postgres(String),
}

impl fmt::Debug for Database {
    /// Without the password that a URL may hold.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Postgres(_) => f.write_str("Postgres(…)"),
        }
    }
}

impl fmt::Display for Database {
    /// The file, or server and name; never a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Postgres(url) => f.write_str(&postgres::label(url)),
        }
    }
}

impl FromStr for Database {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            // Said now, not when the first statement fails.
            postgres::config(text).map_err(|error| error.to_string())?;
            Ok(Self::Postgres(text.to_owned()))
        } else {
            Err("the database is given as postgres://USER:PASSWORD@HOST:PORT/NAME".to_owned())
        }
    }
}
