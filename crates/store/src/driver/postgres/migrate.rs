//! The layout, brought up to date by exactly one node.

use std::sync::Arc;

use refinery::Target;
use tokio_postgres::config::TargetSessionAttrs;
use tokio_postgres::{Client, Config};

use super::network::{Network, wait};
use super::settings::Use;
use super::step::{self, KeepsOut, Step, WAITS, Waits};
use super::{Standby, gate, pooler, server};
use crate::driver::store::Older;
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

/// What the first migration behind this layout is called; `None` of today's.
pub(in crate::driver) fn name_after(layout: i64) -> Result<Option<String>> {
    let missing = missing(layout)?;
    Ok(missing.first().map(|it| it.name().to_owned()))
}

/// From this layout on, each row of `tenant` says which database it is of, and which layout that has.
const SAYS_WHICH_DATABASE: i64 = 9;

/// Whether tables of this layout have rows that say so.
pub(crate) fn says_which_database(layout: i64) -> bool {
    layout >= SAYS_WHICH_DATABASE
}

/// What brings tables of this layout up to date inside a transaction of the caller's, statements in
/// order. After each migration the row by which it is known to be applied, and its number where writers look.
pub(in crate::driver) fn statements_after(layout: i64) -> Result<Vec<String>> {
    let steps = steps_after(layout)?.into_iter();
    Ok(steps.flat_map(|step| step.statements).collect())
}

fn steps_after(mut layout: i64) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    for migration in missing(layout)? {
        let sql = migration.sql().ok_or(StoreError::Damaged("a migration"))?;
        let applied = format!(
            "INSERT INTO refinery_schema_history (version, name, applied_on, checksum) VALUES ({}, '{}', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), '{}')",
            migration.version(),
            migration.name(),
            migration.checksum()
        );
        let mut statements = vec![sql.to_owned(), applied];
        let changes_tenants = sql.contains("ALTER TABLE tenant ");
        let from = std::mem::replace(&mut layout, migration.version().into());
        // The rows have this one as the default of a column that is not there before.
        if layout > SAYS_WHICH_DATABASE {
            statements.push(format!("UPDATE tenant SET layout = {layout}"));
        }
        steps.push(Step {
            from,
            changes_tenants,
            statements,
        });
    }
    Ok(steps)
}

/// The migrations behind this layout, in order.
fn missing(layout: i64) -> Result<Vec<refinery::Migration>> {
    let found = i32::try_from(layout).unwrap_or(i32::MAX);
    Older::Leave.check(found, known())?;
    let runner = embedded::migrations::runner();
    let all = runner.get_migrations().iter();
    let mut missing: Vec<_> = all.filter(|it| it.version() > found).cloned().collect();
    missing.sort_by_key(refinery::Migration::version);
    Ok(missing)
}

/// Makes tables, and brings older ones up to date, if that is wanted.
///
/// # Errors
/// [`StoreError::Empty`] where there are no tables and none are to be made.
pub(super) fn run(
    network: &Network,
    config: &mut Config,
    older: Older,
    standby: Standby,
) -> Result<()> {
    let first = |config: &Config| {
        let connected = network.connect(config, Arc::default(), Use::Layout);
        connected.map_err(|error| match error {
            StoreError::Busy(_) => server::unreachable(config, "it does not answer"),
            error => error,
        })
    };
    let mut connected = first(config);
    // An answer is also what a server says of the user or the database: a standby would say the same. Not so that it
    // starts, stops or has no room for another connection (classes 57 and 53).
    let is_answered = match &connected {
        Ok(Ok(_)) => true,
        Ok(Err(error)) => error.as_db_error().is_some_and(|told| {
            let code = told.code().code();
            !(code.starts_with("57") || code.starts_with("53"))
        }),
        Err(_) => false,
    };
    if standby == Standby::Read && !is_answered {
        let mut any = config.clone();
        any.target_session_attrs(TargetSessionAttrs::Any);
        // Otherwise what was wrong with the one that should be there is what is told.
        if let Ok(Ok(standby)) = first(&any) {
            (*config, connected) = (any, Ok(Ok(standby)));
        }
    }
    let config = &*config;
    let refused = |error| server::refused(config, error);
    let at_gate = connected?.map_err(refused)?;
    // Not every command looks, for which it would be a connection more.
    if older == Older::BringUpToDate {
        pooler::refuse(network, config, &at_gate)?;
    }
    refuse_encoding(&at_gate, config)?;
    let (found, known) = (found(&at_gate)?, known());
    if found.is_none() && older != Older::BringUpToDate {
        return Err(StoreError::Empty);
    }
    older.check(found.unwrap_or_default(), known)?;
    // Nearly always there is nothing to do, and nothing to lock: a node then starts with the rights to
    // read and write alone.
    if found != Some(known) && older == Older::BringUpToDate {
        prepare(&at_gate, config).map_err(refused)?;
        gate::pass(&at_gate, gate::SAID_EVERY, &mut gate::tell)?;
        let client = network
            .connect(config, Arc::default(), Use::Layout)?
            .map_err(refused)?;
        bring_up_to_date(client, config, WAITS)?;
        wait(at_gate.batch_execute("COMMIT"))?;
    }
    Ok(())
}

/// Nobody else does so meanwhile.
fn bring_up_to_date(mut client: Client, config: &Config, waits: Waits) -> Result<()> {
    let runner = embedded::migrations::runner();
    let found = found(&client)?;
    let layout = found.unwrap_or_default();
    // Only looks whether those that are applied are these, and makes the table that says so.
    let applied = Target::Version(layout);
    wait(runner.set_target(applied).run_async(&mut client))?;
    for step in steps_after(layout.into())? {
        let keeps_out = match found {
            _ if says_which_database(step.from) && step.changes_tenants => KeepsOut::RowsLast,
            _ if says_which_database(step.from) => KeepsOut::Rows,
            Some(_) => KeepsOut::Table,
            // Nobody writes where nothing is.
            None => KeepsOut::Nobody,
        };
        let made = (step.from > layout.into()).then_some(step.from);
        step::apply(&client, config, keeps_out, &step.statements, waits, made)?;
    }
    Ok(())
}

/// Text of any other encoding would be refused at the first name that it can not spell.
fn refuse_encoding(client: &Client, config: &Config) -> Result<()> {
    let row = wait(client.query_one("SELECT current_setting('server_encoding')", &[]))?;
    let encoding: String = row.try_get(0)?;
    if encoding == "UTF8" {
        return Ok(());
    }
    Err(StoreError::Server {
        message: format!(
            "the database at {} stores text as {encoding}, not UTF8",
            server::address(config)
        ),
        help: "make another one: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0".to_owned(),
    })
}

/// The layout that this program works with.
fn known() -> i32 {
    embedded::migrations::runner()
        .get_migrations()
        .iter()
        .map(refinery::Migration::version)
        .max()
        .unwrap_or_default()
}

/// The layout that is there, if one is.
fn found(client: &Client) -> Result<Option<i32>> {
    let there = wait(client.query_one(
        "SELECT to_regclass('refinery_schema_history') IS NOT NULL",
        &[],
    ))?;
    if !there.try_get::<_, bool>(0)? {
        return Ok(None);
    }
    let row = wait(client.query_one("SELECT MAX(version) FROM refinery_schema_history", &[]))?;
    Ok(row.try_get::<_, Option<i32>>(0)?)
}

fn prepare(gate: &Client, config: &Config) -> std::result::Result<(), tokio_postgres::Error> {
    if let Some(schema) = schema(config) {
        // It may be a word of the language: user, order.
        let make = format!("CREATE SCHEMA IF NOT EXISTS \"{schema}\"");
        // Two nodes that make it at the same moment: one is refused by the catalogue's unique index
        // and finds it at its second try.
        if wait(gate.batch_execute(&make)).is_err() {
            wait(gate.batch_execute(&make))?;
        }
    }
    if wait(gate.batch_execute(GATE)).is_err() {
        wait(gate.batch_execute(GATE))?;
    }
    Ok(())
}

/// The schema that the URL asks for (`?options=-csearch_path%3Dname`), so that Syncline can live in
/// a database with others. It is made when it is absent. One with a name that would need quotes must
/// be there.
fn schema(config: &Config) -> Option<&str> {
    let (_, name) = config.get_options()?.split_once("search_path=")?;
    // Other options may follow.
    let name = name.split(' ').next()?;
    let plain = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    plain.then_some(name)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::step::tests::say;
    use super::*;

    /// Whoever starts the older version again is to know that it is refused by now.
    #[test]
    fn whoever_is_kept_from_the_second_step_is_told_what_the_first_has_made() {
        let folder = tempfile::tempdir().unwrap();
        let Some(url) = syncline_testkit::postgres_url(&folder.path().join("half")) else {
            return;
        };
        let network = Network::new().unwrap();
        let config = server::config(&url).unwrap();
        let [client, again, holder] = [(); 3].map(|()| {
            let connected = network.connect(&config, Arc::default(), Use::Layout);
            connected.unwrap().unwrap()
        });
        prepare(&holder, &config).unwrap();
        say(&holder, "DROP TABLE migration_gate");
        // Of the two steps behind it, the second alone changes links.
        let dump = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/layouts/postgres-v9.sql");
        say(&holder, &std::fs::read_to_string(dump).unwrap());
        say(&holder, "BEGIN; SELECT COUNT(*) FROM link");
        let moments = Waits {
            lock: Duration::from_millis(50),
            pause: Duration::ZERO,
            tries: 2,
        };
        let refused = bring_up_to_date(client, &config, moments);
        let Err(StoreError::Server { help, .. }) = refused else {
            panic!("{refused:?}");
        };
        assert!(
            help.starts_with("the database has layout 10 by now, which older versions refuse"),
            "{help}"
        );
        assert_eq!(found(&again).unwrap(), Some(10));
        say(&holder, "ROLLBACK");
        bring_up_to_date(again, &config, WAITS).unwrap();
        assert_eq!(found(&holder).unwrap(), Some(known()));
    }

    /// CockroachDB refuses that: the column is there when the transaction has ended.
    #[test]
    fn no_step_writes_into_a_column_that_it_adds() {
        let steps = steps_after(0).unwrap();
        assert_eq!(steps.len() as i64, newest_migration());
        for step in steps {
            let all = step.statements.join("; ");
            let added = all.split("ADD COLUMN ").skip(1);
            for column in added.filter_map(|it| it.split(' ').next()) {
                let written = all.contains(&format!("SET {column} ="));
                assert!(!written, "{column}, behind layout {}", step.from);
            }
        }
    }
}
