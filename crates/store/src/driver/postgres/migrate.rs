//! The layout, brought up to date by exactly one node.

use postgres::Config;

use super::tls;
use crate::{Result, StoreError};

mod embedded {
    refinery::embed_migrations!("migrations/postgres");
}

/// A row that a migrating node locks: others wait until it is done and then find nothing to do.
/// An ordinary table and an ordinary row lock, which every PostgreSQL-compatible engine has.
const GATE: &str = "CREATE TABLE IF NOT EXISTS migration_gate (id bigint PRIMARY KEY); INSERT INTO migration_gate (id) VALUES (1) ON CONFLICT DO NOTHING";

pub(super) fn newest_migration() -> i64 {
    crate::driver::newest(&embedded::migrations::runner())
}

pub(super) fn run(config: &Config) -> Result<()> {
    let mut gate = config.connect(tls::connector()?)?;
    if let Some(schema) = schema(config)? {
        gate.batch_execute(&format!("CREATE SCHEMA IF NOT EXISTS {schema}"))?;
    }
    // Two nodes that make the table at the same moment: one is refused by the catalogue's unique
    // index and finds the table at its second try.
    if gate.batch_execute(GATE).is_err() {
        gate.batch_execute(GATE)?;
    }
    let mut locked = gate.transaction()?;
    locked.query("SELECT id FROM migration_gate WHERE id = 1 FOR UPDATE", &[])?;
    let mut client = config.connect(tls::connector()?)?;
    embedded::migrations::runner()
        .run(&mut client)
        .map_err(StoreError::from)?;
    locked.commit()?;
    Ok(())
}

/// The schema that the URL asks for (`?options=-csearch_path%3Dname`), so that Syncline can live in
/// a database with others. It is made when it is absent.
fn schema(config: &Config) -> Result<Option<&str>> {
    let Some((_, name)) = config
        .get_options()
        .and_then(|it| it.split_once("search_path="))
    else {
        return Ok(None);
    };
    let plain = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if plain {
        Ok(Some(name))
    } else {
        Err(StoreError::Url(
            "the search_path must be one schema of lower-case letters, digits and _",
        ))
    }
}
