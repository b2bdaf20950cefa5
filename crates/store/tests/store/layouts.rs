//! Every layout that was ever released is opened by today's version; a newer one is not.

use std::path::Path;

use serde::{Deserialize, Serialize};
use syncline_model::{EntityKind, JobId, ObjectId, TenantId, Timestamp};
use syncline_store::{
    Backup, ConnectionLimit, Database, Document, EdgeKind, Key, KeyName, LogFilter, MasterKey,
    MembershipStage, ObjectState, Older, RULES, Reader, Store, StoreError,
};
use syncline_testkit::CountedIds;
use uuid::Uuid;

use crate::backup::restored;

const NEWEST: &str = "SELECT MAX(version) FROM refinery_schema_history";

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Secret {
    text: String,
}

impl Document for Secret {
    const KIND: &'static str = "test_secret";
    const SEALED: bool = true;
}

pub fn key_in(folder: &Path) -> MasterKey {
    let path = folder.join("key");
    std::fs::write(&path, [7; 32]).unwrap();
    MasterKey::load_or_create(&path).unwrap()
}

/// The dumps there are of one kind of database, with the number of their layout, oldest first.
pub fn dumps(kind: &str) -> Vec<(i64, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/layouts");
    let mut dumps: Vec<(i64, String)> = std::fs::read_dir(folder)
        .unwrap()
        .filter_map(|it| {
            let path = it.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            let number = name.strip_prefix(kind)?.strip_prefix("-v")?;
            Some((
                number.parse().unwrap(),
                std::fs::read_to_string(&path).unwrap(),
            ))
        })
        .collect();
    dumps.sort();
    dumps
}

/// One dump of the first layout, and of each that was followed by another.
fn assert_all_are_there(dumps: &[(i64, String)], newest: i64) {
    let there: Vec<i64> = dumps.iter().map(|(layout, _)| *layout).collect();
    let wanted: Vec<i64> = (1..newest.max(2)).collect();
    assert_eq!(
        there, wanted,
        "tests/layouts has one dump for each layout below {newest}: make it with the version that has that layout"
    );
}

fn write_file(dump: &str, file: &Path) {
    let old = rusqlite::Connection::open(file).unwrap();
    old.execute_batch(dump).unwrap();
}

pub const CONTOSO: TenantId = TenantId(Uuid::from_u128(0xc0c0_0000_0000_4000_8000_0000_0000_0001));

/// What is in every dump is there.
fn assert_everything_is_there(store: &Store) {
    let contoso = CONTOSO;
    let id = |n: u128| ObjectId(Uuid::from_u128((n << 80) | (0x7 << 76) | (0x8 << 60) | n));
    store
        .read(|reader| {
            assert_eq!(reader.tenants()?.len(), 2);
            let live = reader.scan(contoso, EntityKind::User, ObjectState::Live, None, 10)?;
            let live: Vec<ObjectId> = live.rows.iter().map(|it| it.entry.id).collect();
            assert_eq!(live, [id(1), id(2)]);
            let binned = reader.recycled(contoso, EntityKind::User, None, 10)?;
            assert_eq!(binned.len(), 1);
            assert_eq!(
                reader.single_edges(contoso, EdgeKind::Manager, &[id(2)])?,
                [Some(id(1))]
            );
            let count = |state| reader.count_objects(contoso, EntityKind::User, state);
            assert_eq!(count(ObjectState::Live)?, 2);
            assert_eq!(count(ObjectState::Deleted)?, 1);
            let name = Key::new(KeyName::UserPrincipalName, "ANA@x.example");
            assert_eq!(
                reader.holder(contoso, &name)?,
                Some((EntityKind::User, id(1)))
            );
            assert_eq!(reader.assignments_of_principal(contoso, id(1))?.len(), 1);
            let secret: Option<Secret> = reader.document(Some(contoso), "key")?;
            assert_eq!(secret.unwrap().text, "sealed long ago");
            let job = JobId("Azure2Azure.old".to_owned());
            assert_eq!(reader.job(contoso, &job)?.unwrap().references_waiting, 1);
            // It is tried once more, whether the target refused it or not.
            for row in reader.waiting(contoso, &job, None, 10)? {
                assert_eq!(reader.refused_of(contoso, &job, &[row.source])?, []);
            }
            assert_eq!(reader.links(contoso, &job, None, 10)?.len(), 1);
            let log = reader.log(contoso, &LogFilter::default(), None, 10)?;
            assert_eq!(log.rows[0].evidence, [1, 2, 3]);
            let sequence = reader.sequence(contoso)?;
            let changes = reader.changes_since(contoso, 0, sequence, 100)?;
            assert_eq!(changes.last().unwrap().sequence, sequence);
            for rule in RULES
                .iter()
                .filter(|rule| rule.name != "app role assignments")
            {
                let checked = reader.check_rule(rule, None, 1000)?;
                assert_eq!(checked.broken, [""; 0], "{rule:?}");
            }
            Ok::<_, StoreError>(())
        })
        .unwrap();
}

/// How many rows each table has.
fn counts(path: &Path) -> Vec<(String, i64)> {
    let Some(url) = syncline_testkit::postgres_url(path) else {
        let file = rusqlite::Connection::open(path).unwrap();
        let mut told = file
            .prepare(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
            )
            .unwrap();
        let names = told.query_map([], |row| row.get(0)).unwrap();
        let count = |name: String| {
            let sql = format!("SELECT COUNT(*) FROM {name}");
            let rows = file.query_row(&sql, [], |row| row.get(0)).unwrap();
            (name, rows)
        };
        return names.map(|name| count(name.unwrap())).collect();
    };
    let tables =
        "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()";
    let count = |name: String| {
        let rows = ask(&url, &format!("SELECT COUNT(*) FROM {name}"));
        (name, rows[0][0].parse().unwrap())
    };
    let names = ask(&url, tables).into_iter().map(|mut row| row.remove(0));
    names.map(count).collect()
}

/// The first dumps with a row in each table. Older ones stay as they were made.
const FULL: [(&str, i64); 2] = [("sqlite", 5), ("postgres", 2)];

#[test]
fn no_migration_loses_a_row_of_any_table() {
    let on_postgres = syncline_testkit::on_postgres();
    let (kind, first) = FULL[usize::from(on_postgres)];
    let folder = tempfile::tempdir().unwrap();
    let key = key_in(folder.path());
    for (layout, dump) in dumps(kind) {
        if layout < first {
            continue;
        }
        let path = folder.path().join(format!("full{layout}"));
        if let Some(url) = syncline_testkit::postgres_url(&path) {
            let (_, schema) = url.split_once("search_path%3D").unwrap();
            say(&path, &format!("CREATE SCHEMA {schema}"));
        }
        say(&path, &dump);
        let before = counts(&path);
        assert!(before.len() > 15, "{before:?}");
        for (table, rows) in &before {
            assert!(*rows > 0, "{kind}-v{layout}.sql has no row in {table}");
        }
        drop(syncline_testkit::open_store(&path, &key).unwrap());
        let after = counts(&path);
        for (table, rows) in before {
            let now = after.iter().find(|(name, _)| *name == table);
            let now = now.unwrap_or_else(|| panic!("{table} is gone")).1;
            let more = table == "refinery_schema_history";
            assert!(
                now == rows || more && now > rows,
                "{table}: {rows}, then {now}"
            );
        }
    }
}

/// Before it is brought up to date: a backup is of the layout that was there, and restored by today's version.
#[test]
fn every_earlier_layout_is_backed_up_as_it_is() {
    let on_postgres = syncline_testkit::on_postgres();
    let folder = tempfile::tempdir().unwrap();
    let key = key_in(folder.path());
    for (layout, dump) in dumps(FULL[usize::from(on_postgres)].0) {
        let path = folder.path().join(format!("old{layout}"));
        let database = match syncline_testkit::postgres_url(&path) {
            Some(url) => {
                let (_, schema) = url.split_once("search_path%3D").unwrap();
                say(&path, &format!("CREATE SCHEMA {schema}"));
                Database::Postgres(url)
            }
            None => Database::File(path.clone()),
        };
        say(&path, &dump);
        let refused = Store::open_existing(&database, &key, Older::Refuse);
        assert!(
            matches!(refused, Err(StoreError::OlderLayout { .. })),
            "{refused:?}"
        );
        let other = MasterKey::generate().unwrap();
        let other = Store::open_existing(&database, &other, Older::Leave);
        assert!(matches!(other, Err(StoreError::WrongKey)), "{other:?}");
        let before = counts(&path);
        let store = Store::open_existing(&database, &key, Older::Leave).unwrap();
        let file = folder.path().join(format!("{layout}.backup"));
        store
            .backup(&file, Timestamp(1), None, &mut |_, _, _| {})
            .unwrap();
        drop(store);
        assert_eq!(counts(&path), before, "{layout}");

        // The first layout of a server has the tables of the fourth of a file.
        let of_file = layout + if on_postgres { 3 } else { 0 };
        assert_eq!(i64::from(Backup::open(&file).unwrap().layout), of_file);
        let to = folder.path().join(format!("new{layout}"));
        let store = restored(&file, &to, &key).unwrap_or_else(|error| panic!("{layout}: {error}"));
        assert_everything_is_there(&store);
    }
}

#[test]
fn every_earlier_layout_of_a_file_is_opened_with_its_data() {
    let folder = tempfile::tempdir().unwrap();
    let fresh = folder.path().join("fresh.db");
    let key = key_in(folder.path());
    drop(Store::open(&fresh, &key).unwrap());
    let newest = rusqlite::Connection::open(&fresh)
        .unwrap()
        .query_row(NEWEST, [], |row| row.get(0))
        .unwrap();
    let dumps = dumps("sqlite");
    assert_all_are_there(&dumps, newest);
    for (layout, dump) in dumps {
        let file = folder.path().join(format!("{layout}.db"));
        write_file(&dump, &file);
        let store = Store::open(&file, &key).unwrap_or_else(|error| panic!("{layout}: {error}"));
        assert_everything_is_there(&store);
        // The check of the key was written; another one is refused from now on.
        drop(store);
        let other = Store::open(&file, &MasterKey::generate().unwrap());
        assert!(matches!(other, Err(StoreError::WrongKey)), "{other:?}");
    }
}

#[test]
fn every_earlier_layout_of_a_server_is_opened_with_its_data() {
    let folder = tempfile::tempdir().unwrap();
    let fresh = folder.path().join("fresh");
    let Some(url) = syncline_testkit::postgres_url(&fresh) else {
        return;
    };
    let key = key_in(folder.path());
    drop(syncline_testkit::open_store(&fresh, &key).unwrap());
    let newest: i64 = ask(&url, NEWEST)[0][0].parse().unwrap();
    let dumps = dumps("postgres");
    assert_all_are_there(&dumps, newest);
    for (layout, dump) in dumps {
        let path = folder.path().join(format!("layout{layout}"));
        let url = syncline_testkit::postgres_url(&path).unwrap();
        let (_, schema) = url.split_once("search_path%3D").unwrap();
        say(&path, &format!("CREATE SCHEMA {schema}"));
        say(&path, &dump);
        let store = syncline_testkit::open_store(&path, &key)
            .unwrap_or_else(|error| panic!("{layout}: {error}"));
        assert_everything_is_there(&store);
        // Where writers look.
        let said = ask(&url, "SELECT DISTINCT layout FROM tenant");
        assert_eq!(said, [[newest.to_string()]], "{layout}");
        // Numbers go on behind those that are there.
        let mut tenant = store
            .read(|reader| reader.tenant(CONTOSO))
            .unwrap()
            .unwrap();
        tenant.id = TenantId(Uuid::from_u128(1));
        tenant.domains[0].name = "third.example".to_owned();
        store.write(|tx| tx.insert_tenant(&tenant)).unwrap();
    }
}

/// A backup is a file of the layout that was the newest when it was made.
#[test]
fn a_backup_of_every_earlier_layout_is_restored_with_its_data() {
    for (layout, dump) in dumps("sqlite") {
        let folder = tempfile::tempdir().unwrap();
        let backup = folder.path().join("old.backup");
        write_file(&dump, &backup);
        write_file(
            "CREATE TABLE backup (name TEXT NOT NULL PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
            INSERT INTO backup (name, value) VALUES ('format', '1'), ('made_at', '16000000000000000');",
            &backup,
        );
        let key = key_in(folder.path());
        let made = Backup::open(&backup).unwrap();
        assert_eq!(i64::from(made.layout), layout);
        assert!(made.opens_with(&key).unwrap());
        let store = restored(&backup, &folder.path().join("new.db"), &key)
            .unwrap_or_else(|error| panic!("{layout}: {error}"));
        assert_everything_is_there(&store);
    }
}

/// Before, nothing or not all was written of their members.
#[test]
fn groups_that_were_linked_before_layouts_with_memberships_are_due() {
    let folder = tempfile::tempdir().unwrap();
    let key = key_in(folder.path());
    let before = dumps("sqlite")
        .into_iter()
        .filter(|(layout, _)| *layout < 6);
    for (layout, dump) in before {
        let file = folder.path().join(format!("{layout}.db"));
        write_file(&dump, &file);
        // The person that is linked in all of them was a group.
        write_file("UPDATE link SET kind = 2", &file);
        let store = Store::open(&file, &key).unwrap();
        let job = JobId("Azure2Azure.old".to_owned());
        let (links, due) = store
            .read(|reader| {
                let links = reader.links(CONTOSO, &job, None, 10)?;
                let (began, latest) = (Timestamp(1), Timestamp(i64::MAX));
                let due = reader.memberships_due(CONTOSO, &job, began, latest, None, 10)?;
                Ok::<_, StoreError>((links, due))
            })
            .unwrap();
        assert_eq!(due.len(), 1, "layout {layout}");
        assert_eq!(due[0].source, links[0].source);
        assert_eq!(due[0].stage, MembershipStage::Members);
    }
}

#[test]
fn another_key_is_refused_before_the_check_was_ever_written() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("old.db");
    write_file(&dumps("sqlite")[0].1, &file);
    let other = Store::open(&file, &MasterKey::generate().unwrap());
    assert!(matches!(other, Err(StoreError::WrongKey)), "{other:?}");
    Store::open(&file, &key_in(folder.path())).unwrap();
}

/// Says a statement to the database that belongs to a path.
pub fn say(path: &Path, statement: &str) {
    match syncline_testkit::postgres_url(path) {
        Some(url) => drop(ask(&url, statement)),
        None => rusqlite::Connection::open(path)
            .unwrap()
            .execute_batch(statement)
            .unwrap(),
    }
}

/// The rows a server answers with, as text.
pub fn ask(url: &str, statement: &str) -> Vec<Vec<String>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls)
            .await
            .unwrap();
        tokio::spawn(connection);
        let answer = client.simple_query(statement).await.unwrap();
        answer
            .iter()
            .filter_map(|message| match message {
                tokio_postgres::SimpleQueryMessage::Row(row) => Some(
                    (0..row.len())
                        .map(|at| row.get(at).unwrap_or_default().to_owned())
                        .collect(),
                ),
                _ => None,
            })
            .collect()
    })
}

#[test]
fn a_newer_layout_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("newer.db");
    let key = MasterKey::generate().unwrap();
    drop(syncline_testkit::open_store(&file, &key).unwrap());
    say(
        &file,
        "INSERT INTO refinery_schema_history (version, name, applied_on, checksum) VALUES (99, 'later', '2030-01-01T00:00:00Z', '1')",
    );
    let error = syncline_testkit::open_store(&file, &key).unwrap_err();
    assert!(
        matches!(error, StoreError::NewerLayout { found: 99, .. }),
        "{error:?}"
    );
    assert!(error.to_string().contains("layout 99"), "{error}");
}

#[test]
fn nodes_that_start_at_once_migrate_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("fresh.db");
    let Some(url) = syncline_testkit::postgres_url(&file) else {
        // A file has one process.
        return;
    };
    let key = MasterKey::generate().unwrap();
    let together = std::sync::Barrier::new(6);
    std::thread::scope(|scope| {
        let nodes: Vec<_> = (0..6)
            .map(|_| {
                scope.spawn(|| {
                    together.wait();
                    syncline_testkit::open_store(&file, &key).map(drop)
                })
            })
            .collect();
        for node in nodes {
            node.join().unwrap().unwrap();
        }
    });
    let applied = ask(
        &url,
        "SELECT version, COUNT(*) FROM refinery_schema_history GROUP BY version",
    );
    assert!(!applied.is_empty());
    assert!(applied.iter().all(|row| row[1] == "1"), "{applied:?}");
}

#[test]
fn both_databases_have_the_same_tables() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("same.db");
    let Some(url) = syncline_testkit::postgres_url(&path) else {
        // There is only one of them here.
        return;
    };
    let key = MasterKey::generate().unwrap();
    drop(syncline_testkit::open_store(&path, &key).unwrap());
    drop(Store::open(&path, &key).unwrap());

    let file = rusqlite::Connection::open(&path).unwrap();
    let mut told = file
        .prepare(
            "SELECT m.name, c.name, c.type, c.\"notnull\" OR c.pk > 0, c.pk FROM sqlite_schema AS m JOIN pragma_table_info(m.name) AS c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name <> 'refinery_schema_history' ORDER BY m.name, c.name",
        )
        .unwrap();
    let embedded: Vec<Vec<String>> = told
        .query_map([], |row| {
            Ok(vec![
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get::<_, i64>(3)?.to_string(),
                row.get::<_, i64>(4)?.to_string(),
            ])
        })
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let server = ask(
        &url,
        "SELECT c.table_name, c.column_name,
            CASE WHEN c.data_type IN ('bigint', 'integer', 'smallint') THEN 'INTEGER'
                 WHEN c.data_type = 'text' THEN 'TEXT' WHEN c.data_type = 'bytea' THEN 'BLOB' ELSE c.data_type END,
            CASE c.is_nullable WHEN 'NO' THEN '1' ELSE '0' END,
            COALESCE((SELECT k.ordinal_position FROM information_schema.table_constraints AS t
                JOIN information_schema.key_column_usage AS k USING (constraint_schema, constraint_name, table_name)
                WHERE t.constraint_type = 'PRIMARY KEY' AND t.constraint_schema = c.table_schema
                    AND t.table_name = c.table_name AND k.column_name = c.column_name), 0)
         FROM information_schema.columns AS c
         WHERE c.table_schema = current_schema() AND c.table_name NOT IN ('refinery_schema_history', 'migration_gate')
         ORDER BY c.table_name COLLATE \"C\", c.column_name COLLATE \"C\"",
    );
    assert!(!server.is_empty());
    assert_eq!(embedded, server);
}

/// Until it is replaced it belongs to an older version, which works on.
#[test]
fn only_a_restore_that_is_carried_out_brings_a_server_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let key = key_in(folder.path());
    let (_, dump) = dumps("sqlite").pop().unwrap();
    let backup = folder.path().join("old.backup");
    write_file(&dump, &backup);
    write_file(
        "CREATE TABLE backup (name TEXT NOT NULL PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
        INSERT INTO backup (name, value) VALUES ('format', '1'), ('made_at', '16000000000000000');",
        &backup,
    );
    let backup = Backup::open(&backup).unwrap();
    let work = folder.path().join("work.db");
    let made = crate::backup::new_file(&work);
    backup.write_database(&made, &key, &|_| Ok(())).unwrap();
    // One row of it is too large for a server.
    let broken = folder.path().join("broken.db");
    std::fs::copy(&work, &broken).unwrap();
    write_file("UPDATE link SET kind = 99999", &broken);
    let fresh = folder.path().join("fresh");
    let Some(fresh_url) = syncline_testkit::postgres_url(&fresh) else {
        return;
    };
    drop(syncline_testkit::open_store(&fresh, &key).unwrap());
    let history = |url: &str| {
        let applied = "applied_on LIKE '2___-__-__T__:__:__%Z'";
        let sql = format!(
            "SELECT version, name, checksum, {applied} FROM refinery_schema_history ORDER BY version"
        );
        ask(url, &sql)
    };
    for (layout, dump) in dumps("postgres") {
        let path = folder.path().join(format!("restored{layout}"));
        let url = syncline_testkit::postgres_url(&path).unwrap();
        let (_, schema) = url.split_once("search_path%3D").unwrap();
        say(&path, &format!("CREATE SCHEMA {schema}"));
        say(&path, &dump);
        let before = counts(&path);
        let write = |work: &Path, refuse: bool| {
            let alone = |_: &Reader<'_>| match refuse {
                true => Err(StoreError::Busy("a server works".to_owned())),
                false => Ok(()),
            };
            let work = syncline_store::NewFile::new(std::fs::File::open(work).unwrap(), work);
            backup.write_server(
                &url,
                &key,
                &work,
                &CountedIds::new(),
                alone,
                &mut |_, _, _| {},
            )
        };
        write(&work, true).unwrap_err();
        assert_eq!(counts(&path), before, "{layout}: refused");
        write(&broken, false).unwrap_err();
        assert_eq!(counts(&path), before, "{layout}: failed");
        write(&work, false).unwrap();
        // As if opening it had brought it up to date.
        assert_eq!(history(&url), history(&fresh_url), "{layout}");
        let store = Store::open_existing(&Database::Postgres(url), &key, Older::Refuse).unwrap();
        assert_everything_is_there(&store);
    }
}

#[test]
fn a_schema_may_have_the_name_of_a_word_of_the_language() {
    let folder = tempfile::tempdir().unwrap();
    let Some(url) = syncline_testkit::postgres_url(folder.path()) else {
        return;
    };
    let (server, _) = url.split_once("search_path%3D").unwrap();
    let url = format!("{server}search_path%3Dorder");
    let key = key_in(folder.path());
    drop(Store::connect(&url, ConnectionLimit(1), &key).unwrap());
    drop(Store::open_existing(&Database::Postgres(url), &key, Older::Refuse).unwrap());
}

/// It is not that of a new file, nor of an older version's, which an upgrade would help.
#[test]
fn a_layout_that_can_not_be_read_is_damage() {
    let world = crate::world::World::new();
    if world.store.is_shared() {
        return;
    }
    let place = world.folder.path().join("test.db");
    drop(world.store);
    let opened = rusqlite::Connection::open(&place).unwrap();
    // The number is read from its index.
    let root = "SELECT rootpage FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'refinery_schema_history'";
    let page: i64 = opened.query_row(root, [], |row| row.get(0)).unwrap();
    drop(opened);
    let mut bytes = std::fs::read(&place).unwrap();
    let at = usize::try_from(page - 1).unwrap() * 8192;
    bytes[at..at + 64].fill(0x5a);
    std::fs::write(&place, &bytes).unwrap();
    let database = Database::File(place.clone());
    for older in [Older::Refuse, Older::Leave, Older::BringUpToDate] {
        let error = Store::open_existing(&database, &world.key, older).unwrap_err();
        assert!(error.is_damage(), "{older:?}: {error}");
        let error = Store::open_read_only(&database, &world.key, older).unwrap_err();
        assert!(error.is_damage(), "{older:?}: {error}");
    }
    assert_eq!(std::fs::read(&place).unwrap(), bytes);
}
