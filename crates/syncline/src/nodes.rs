//! The servers that share a database: who is there, and whose turn it is to tidy up. Documents that
//! expire by themselves; nothing here is needed for correctness of data. Their times are the database's, as those
//! of leases are: clocks of servers differ.

use serde::{Deserialize, Serialize};
use syncline_model::{Problem, Timestamp};
use syncline_store::{Database, Document, NodeId, Reader, Result, Tx};

use crate::failure::Failure;

/// A server says so often that it is there.
pub const SAY_EVERY_MS: u64 = 20_000;
/// So long it is believed.
const BELIEVED_SECONDS: i64 = 60;
/// So long one server tidies up, unless it says so again.
const TURN_SECONDS: i64 = 120;
/// More servers than anybody runs.
const MOST: usize = 1_000;

/// Key: an id of its own, made at each start.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Node {
    /// Its public URL.
    pub address: String,
    /// Whether it begins what is due.
    #[serde(default = "yes")]
    pub scheduler: bool,
    pub until: Timestamp,
}

/// Servers of versions that did not tell.
fn yes() -> bool {
    true
}

impl Document for Node {
    const KIND: &'static str = "node";
}

/// Whose turn it is. Key: `sweep`.
#[derive(Serialize, Deserialize)]
struct Turn {
    node: String,
    until: Timestamp,
}

impl Document for Turn {
    const KIND: &'static str = "turn";
}

const SWEEP: &str = "sweep";

/// Says that this server is there.
pub fn say(
    tx: &mut Tx<'_>,
    id: &str,
    address: &str,
    scheduler: bool,
    now: Timestamp,
) -> Result<()> {
    let now = tx.lease_time(now)?;
    let node = Node {
        address: address.to_owned(),
        scheduler,
        until: now.plus_seconds(BELIEVED_SECONDS),
    };
    tx.put_document(None, id, &node, Some(node.until))
}

/// Says that it is going.
pub fn leave(tx: &mut Tx<'_>, id: &str) -> Result<()> {
    tx.delete_document::<Node>(None, id)?;
    let turn: Option<Turn> = tx.document(None, SWEEP)?;
    if turn.is_some_and(|turn| turn.node == id) {
        tx.delete_document::<Turn>(None, SWEEP)?;
    }
    Ok(())
}

/// The key of a server's document.
pub fn key(node: NodeId) -> String {
    node.0.simple().to_string()
}

/// Where a server is, or was before it died, as long as that is remembered.
pub fn address(reader: &Reader<'_>, node: NodeId) -> Result<Option<String>> {
    let found: Option<Node> = reader.document(None, &key(node))?;
    Ok(found.map(|node| node.address))
}

/// Forgets every server: they worked on the database that a backup was made of. Nobody reads what they have said, and what
/// they had leased is free.
pub fn forget_all(tx: &mut Tx<'_>) -> Result<()> {
    tx.release_every_lease()?;
    tx.delete_documents::<Node>(None)?;
    tx.delete_document::<Turn>(None, SWEEP)?;
    Ok(())
}

/// The addresses of the servers that are there.
pub fn alive(reader: &Reader<'_>, now: Timestamp) -> Result<Vec<String>> {
    let there = there(reader, now)?;
    Ok(there.into_iter().map(|node| node.address).collect())
}

/// Whether one of them begins what is due.
pub fn schedules(reader: &Reader<'_>, now: Timestamp) -> Result<bool> {
    Ok(there(reader, now)?.iter().any(|node| node.scheduler))
}

/// Refuses where somebody works on the database: a server, or a command that runs a cycle without one.
pub fn nobody_works(
    reader: &Reader<'_>,
    database: &Database,
    at: Timestamp,
) -> std::result::Result<(), Failure> {
    let (who, until) = match there(reader, at)?.into_iter().next() {
        Some(node) => (format!("the server {}", node.address), node.until),
        None => match reader.leased_until(at)? {
            Some(until) => ("a process that runs a cycle".to_owned(), until),
            None => return Ok(()),
        },
    };
    Err(
        Failure::new(format!("{who} works on the database {database}")).with_help(format!(
            "stop all servers first; one that was killed is forgotten at {}, by the clock of the database",
            until.to_seconds_text()
        )),
    )
}

fn there(reader: &Reader<'_>, now: Timestamp) -> Result<Vec<Node>> {
    let now = reader.lease_time(now)?;
    // One that can not be read is in nobody's way for longer than one that was killed.
    let all: Vec<(String, Node)> = reader.unexpired_documents(now, MOST)?;
    let nodes = all.into_iter().map(|(_, node)| node);
    Ok(nodes.filter(|node| now < node.until).collect())
}

/// Whose clock is ahead of the database's by more seconds than this throws nothing away.
const AHEAD_SECONDS: i64 = 300;

/// Whether it is this server's turn to tidy up; takes it when nobody has it. Not when its clock is far ahead: what is
/// old goes by that, and would go before its time; documents alone go by the database's. One that is behind only keeps
/// it longer.
pub fn take_turn(tx: &mut Tx<'_>, id: &str, own: Timestamp) -> std::result::Result<bool, Problem> {
    let now = tx.lease_time(own)?;
    if own > now.plus_seconds(AHEAD_SECONDS) {
        let ahead_ms = own.milliseconds_since(now);
        tracing::warn!(
            ahead_ms,
            "the clock of this server is ahead of the database's: it throws nothing away until that is put right"
        );
        return Ok(false);
    }
    let turn: Option<Turn> = tx.document(None, SWEEP)?;
    if turn.is_some_and(|turn| turn.node != id && now < turn.until) {
        return Ok(false);
    }
    let turn = Turn {
        node: id.to_owned(),
        until: now.plus_seconds(TURN_SECONDS),
    };
    tx.put_document(None, SWEEP, &turn, Some(turn.until))?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{App, Settings};
    use crate::data_dir::DataDir;

    fn opened(folder: &tempfile::TempDir) -> App {
        let data = DataDir::new(folder.path().join("data"));
        data.create().unwrap();
        App::open(data, Settings::default()).unwrap()
    }

    /// It would throw away what is to be kept for days.
    #[test]
    fn a_server_whose_clock_is_far_ahead_of_the_databases_leaves_tidying_up_to_others() {
        let folder = tempfile::tempdir().unwrap();
        let key = syncline_store::MasterKey::generate().unwrap();
        let store = syncline_testkit::open_store(&folder.path().join("shared"), &key).unwrap();
        if !store.is_shared() {
            // There is no other clock.
            return;
        }
        let now = store
            .read(|reader| reader.lease_time(Timestamp(0)))
            .unwrap();
        let take = |node: &str, seconds: i64| {
            store
                .write(|tx| take_turn(tx, node, now.plus_seconds(seconds)))
                .unwrap()
        };
        assert!(!take("ahead", 24 * 3600));
        assert!(take("nearly right", 60), "the turn is still to be had");
        assert!(!take("ahead", 24 * 3600));
        let behind = -24 * 3600;
        assert!(take("nearly right", behind), "that keeps all the longer");
    }

    /// They are believed for a minute, and tidying up goes on where a clock is up to five ahead.
    #[test]
    fn a_server_whose_clock_is_a_little_ahead_forgets_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let key = syncline_store::MasterKey::generate().unwrap();
        let store = syncline_testkit::open_store(&folder.path().join("shared"), &key).unwrap();
        if !store.is_shared() {
            return;
        }
        let now = store
            .read(|reader| reader.lease_time(Timestamp(0)))
            .unwrap();
        let ahead = now.plus_seconds(200);
        let swept = store.write(|tx| {
            say(tx, "a", "https://a.example", true, now)?;
            assert!(take_turn(tx, "ahead", ahead)?);
            Ok::<_, Problem>(tx.sweep_documents(ahead, 10)?)
        });
        assert_eq!(swept.unwrap(), 0);
        let there = store.read(|reader| alive(reader, ahead)).unwrap();
        assert_eq!(there, ["https://a.example"]);
    }

    #[test]
    fn one_server_at_a_time_tidies_up() {
        let folder = tempfile::tempdir().unwrap();
        let app = opened(&folder);
        let now = app.clock.now();
        let take = |node: &str, seconds: i64| {
            app.store
                .write(|tx| take_turn(tx, node, now.plus_seconds(seconds)))
                .unwrap()
        };
        assert!(take("a", 0));
        assert!(!take("b", 60));
        assert!(take("a", 60), "whoever has it keeps it");
        assert!(!take("b", 179));
        // A server that was killed is not waited for for long.
        assert!(take("b", 180));
        assert!(!take("a", 181));
        app.store.write(|tx| leave(tx, "b")).unwrap();
        assert!(take("a", 182), "one that goes gives it up");
    }

    #[test]
    fn servers_are_believed_to_be_there_for_a_minute() {
        let folder = tempfile::tempdir().unwrap();
        let app = opened(&folder);
        let now = app.clock.now();
        let alive = |seconds: i64| {
            app.store
                .read(|reader| alive(reader, now.plus_seconds(seconds)))
                .unwrap()
        };
        app.store
            .write(|tx| say(tx, "a", "https://a.example", false, now))
            .unwrap();
        assert_eq!(alive(59), ["https://a.example"]);
        assert!(alive(60).is_empty());
        let schedules = || {
            app.store
                .read(|reader| super::schedules(reader, now))
                .unwrap()
        };
        assert!(!schedules(), "it leaves that to others");
        app.store
            .write(|tx| say(tx, "b", "https://b.example", true, now))
            .unwrap();
        assert!(schedules());
        app.store.write(|tx| leave(tx, "b")).unwrap();
        app.store.write(|tx| leave(tx, "a")).unwrap();
        assert!(alive(0).is_empty());
    }

    /// What is no server, where one would be.
    #[derive(Serialize, Deserialize)]
    struct Unreadable {}

    impl Document for Unreadable {
        const KIND: &'static str = Node::KIND;
    }

    #[test]
    fn a_server_that_can_not_be_read_is_named_until_it_would_not_be_believed_any_more() {
        let folder = tempfile::tempdir().unwrap();
        let app = opened(&folder);
        let now = app.clock.now();
        let until = Some(now.plus_seconds(BELIEVED_SECONDS));
        let alive = |seconds: i64| {
            app.store
                .read(|reader| alive(reader, now.plus_seconds(seconds)))
        };
        app.store
            .write(|tx| tx.put_document(None, "it", &Unreadable {}, until))
            .unwrap();
        let told = alive(59).unwrap_err().to_string();
        assert_eq!(told, "damaged row in document (kind node, key it)");
        assert!(alive(60).unwrap().is_empty());
        app.store.write(forget_all).unwrap();
        assert!(alive(59).unwrap().is_empty());
    }
}
