//! What goes on when a backup was restored: delta links and jobs. On PostgreSQL as well when a server
//! is named (`SYNCLINE_TEST_DATABASE`).

use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::backup::{give_key, path};
use crate::configuration;
use crate::restored_key::with_mounted_key;
use crate::support::{Server, Syncline, names_in, stderr, token};

/// An installation on the database that tests run on.
pub struct Place {
    pub syncline: Syncline,
    pub url: Option<String>,
}

impl Place {
    pub fn new() -> Self {
        let syncline = Syncline::new();
        let url = syncline_testkit::postgres_url(&syncline.data().join("restored"));
        Self { syncline, url }
    }

    pub fn on_its_database(&self, mut command: Command) -> Command {
        if let Some(url) = &self.url {
            command.env("SYNCLINE_DATABASE", url);
        }
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        let command = self.syncline.command(arguments);
        self.on_its_database(command).output().unwrap()
    }

    pub fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(&[arguments, &["--output", "json"]].concat());
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            stderr(&output)
        );
        serde_json::from_slice(&output.stdout).unwrap()
    }

    pub fn serve(&self) -> Server {
        let command = ["serve", "--listen", "127.0.0.1:0", "--no-scheduler"];
        let command = self.syncline.command(&command);
        self.syncline.spawn(self.on_its_database(command))
    }

    /// A tenant, and a backup of it without anybody.
    fn backed_up() -> (Self, Value, String) {
        let place = Self::new();
        let tenant = place.json(&[
            "tenant",
            "create",
            "--domain",
            "contoso.example",
            "--display-name",
            "Contoso",
        ]);
        let file = path(&place.syncline, "monday.backup");
        place.json(&["backup", "--with-key", &file]);
        (place, tenant, file)
    }

    fn import(&self, names: &[&str]) {
        let mut people = "userPrincipalName,displayName\n".to_owned();
        for name in names {
            people.push_str(&format!("{name}@contoso.example,{name}\n"));
        }
        let file = self.syncline.file("people.csv", people.as_bytes());
        self.json(&["import", "--tenant", "contoso.example", &file]);
    }

    fn people(&self) -> Value {
        self.json(&["tenant", "list"])["tenants"][0]["users"].clone()
    }

    /// What a delta query with this query string is answered.
    fn delta(&self, tenant: &Value, query: &str) -> (u16, Value) {
        let server = self.serve();
        let url = format!("{}/v1.0/users/delta?{query}", server.origin);
        let told = tokio::runtime::Runtime::new().unwrap().block_on(async {
            let token = token(&server, tenant).await;
            let answer = server.client().get(url).bearer_auth(token).send().await;
            let answer = answer.unwrap();
            (answer.status().as_u16(), answer.json().await.unwrap())
        });
        assert_eq!(server.stop(), Some(0));
        told
    }

    /// The query string of a delta link that is handed out now.
    fn link(&self, tenant: &Value) -> String {
        query_of(&self.delta(tenant, "$deltatoken=latest").1)
    }

    /// A link is refused, and who begins anew is told of everybody.
    fn must_begin_anew(&self, tenant: &Value, link: &str, people: usize) {
        let (status, told) = self.delta(tenant, link);
        assert_eq!(status, 410, "{told}");
        assert_eq!(told["error"]["code"], "resyncRequired");
        let (_, told) = self.delta(tenant, "");
        assert_eq!(told["value"].as_array().unwrap().len(), people);
        let (status, told) = self.delta(tenant, &query_of(&told));
        assert_eq!((status, &told["value"]), (200, &json!([])));
    }

    /// Whatever a command can not do.
    fn execute(&self, statements: &str) {
        self.execute_on_either(statements, &statements.replace("x'", "'\\x"));
    }

    /// The same, where the two databases say it otherwise.
    pub fn execute_on_either(&self, in_a_file: &str, on_a_server: &str) {
        let data = self.syncline.data();
        if !syncline_testkit::execute(&data.join("restored"), on_a_server) {
            let database = rusqlite::Connection::open(data.join("syncline.db")).unwrap();
            database.execute_batch(in_a_file).unwrap();
        }
    }
}

fn query_of(told: &Value) -> String {
    let link = told["@odata.deltaLink"].as_str().unwrap();
    link.split_once('?').unwrap().1.to_owned()
}

/// What a tenant has said after the backup was made never was.
#[test]
fn a_delta_link_from_after_the_backup_is_refused_when_it_is_restored() {
    let (place, tenant, file) = Place::backed_up();
    place.import(&["ana", "bo"]);
    let link = place.link(&tenant);
    place.json(&["restore", "--force", &file]);
    place.import(&["cem", "dov"]);
    place.must_begin_anew(&tenant, &link, 2);
    assert_eq!(place.json(&["doctor"])["healthy"], true);
}

/// What was said after the first time never was, either, and begins where the second one does.
#[test]
fn a_delta_link_from_between_two_restores_of_one_backup_is_refused() {
    let (place, tenant, file) = Place::backed_up();
    place.json(&["restore", "--force", &file]);
    place.import(&["ana", "bo"]);
    let link = place.link(&tenant);
    place.json(&["restore", "--force", &file]);
    place.import(&["cem", "dov", "eli"]);
    place.must_begin_anew(&tenant, &link, 3);
    assert_eq!(place.json(&["doctor"])["healthy"], true);
}

/// As operations.md says how a restore is taken back.
#[test]
fn a_delta_link_from_after_a_restore_that_was_taken_back_is_refused() {
    let syncline = Syncline::new();
    let place = Place {
        syncline,
        url: None,
    };
    let tenant = place.syncline.tenant("contoso");
    let file = path(&place.syncline, "monday.backup");
    place.json(&["backup", &file]);
    place.import(&["ana"]);
    let before = place.link(&tenant);
    let restored = place.json(&["restore", "--force", &file]);
    place.import(&["bo", "cem"]);
    let between = place.link(&tenant);

    let aside = restored["keptAside"][0].as_str().unwrap();
    let names = names_in(&place.syncline.data());
    let message = place.syncline.fails(&["restore", "--force", aside]);
    assert!(
        message.contains("a restore kept it aside") && message.contains("move it back"),
        "{message}"
    );
    assert_eq!(names_in(&place.syncline.data()), names);
    let database = place.syncline.data().join("syncline.db");
    std::fs::rename(&database, path(&place.syncline, "restored.db")).unwrap();
    std::fs::rename(aside, &database).unwrap();
    place.must_begin_anew(&tenant, &between, 1);
    // Nobody who was there before lost anything.
    place.import(&["dov"]);
    let (status, told) = place.delta(&tenant, &before);
    assert_eq!(status, 200, "{told}");
    assert_eq!(told["value"].as_array().unwrap().len(), 1);
    assert_eq!(place.json(&["doctor"])["healthy"], true);
}

/// A tenant that no version reads.
const DAMAGED_TENANT: &str =
    "INSERT INTO tenant (tenant_no, id, sequence, body) VALUES (77, x'00', 0, '{}')";

#[test]
fn what_can_not_begin_anew_replaces_nothing() {
    let (place, tenant, file) = Place::backed_up();
    place.execute(DAMAGED_TENANT);
    place.json(&["backup", "--with-key", "--force", &file]);
    place.execute("DELETE FROM tenant WHERE tenant_no = 77");
    place.import(&["ana", "bo"]);
    let link = place.link(&tenant);
    let output = place.run(&["restore", "--force", &file]);
    assert_eq!(output.status.code(), Some(1));
    let message = stderr(&output);
    assert!(message.contains("nothing was replaced"), "{message}");
    assert_eq!(place.people(), 2);
    let (status, told) = place.delta(&tenant, &link);
    assert_eq!(status, 200, "{told}");
}

/// However early it ends behind its commit.
#[test]
fn a_restore_to_a_server_that_did_not_come_to_its_end_refuses_links_all_the_same() {
    let (place, tenant, file) = Place::backed_up();
    let Some(url) = &place.url else {
        // A file is replaced in the last step.
        return;
    };
    place.import(&["ana", "bo"]);
    let link = place.link(&tenant);
    // It has another key, which can not be replaced.
    let other = Syncline::new();
    other.tenant("fabrikam");
    let mut command = other.command(&["restore", "--force", "--unverified", &file]);
    command.env("SYNCLINE_DATABASE", url);
    let Some(output) = with_mounted_key(&other, &command) else {
        return;
    };
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert_eq!(place.people(), 0);
    place.import(&["cem", "dov", "eli"]);
    place.must_begin_anew(&tenant, &link, 3);
}

/// A job knows how far it has read, by numbers that a restore passes over.
#[test]
fn a_job_goes_on_behind_what_it_had_read_however_often_its_backup_is_restored() {
    let (old, job) = configuration::installation(3);
    let run = |place: &Place| place.json(&["jobs", "run", "--job", &job, "--wait"]);
    let kept = Place {
        syncline: old,
        url: None,
    };
    assert_eq!(run(&kept)["counts"]["created"], 3);
    let file = path(&kept.syncline, "monday.backup");
    kept.json(&["backup", &file]);
    let place = Place::new();
    give_key(&kept.syncline, &place.syncline);
    for (round, names) in [&["ana"][..], &["bo", "cem"], &["dov"]]
        .into_iter()
        .enumerate()
    {
        place.json(&["restore", "--force", &file]);
        for name in names {
            place.import(&[name]);
            let report = run(&place);
            assert_eq!(report["counts"]["created"], 1, "{round} {report}");
        }
        let report = run(&place);
        assert_eq!(report["counts"]["created"], 0, "{round} {report}");
        assert_eq!(place.json(&["doctor"])["healthy"], true);
    }
    // What was not restored goes on as it was.
    kept.import(&["eli"]);
    assert_eq!(run(&kept)["counts"]["created"], 1);
}

/// Small ones that Syncline writes for itself. The way out of damage is not closed by them.
#[test]
fn a_backup_is_restored_in_which_what_was_noted_of_tombstones_and_servers_can_not_be_read() {
    let (place, tenant, file) = Place::backed_up();
    // From now on there is a note of tombstones.
    place.json(&["restore", "--force", &file]);
    place.import(&["ana"]);
    let link = place.link(&tenant);
    place.execute("INSERT INTO document (tenant_no, kind, key, expires_at, sealed, body) SELECT 0, 'node', 'gone', 1, sealed, body FROM document WHERE kind = 'tombstones' LIMIT 1");
    place.execute(
        "UPDATE document SET body = substr(body, 1, 1) WHERE kind IN ('node', 'tombstones')",
    );
    let spoiled = path(&place.syncline, "spoiled.backup");
    place.json(&["backup", &spoiled]);
    // It is in what is replaced, too.
    place.json(&["restore", "--force", &spoiled]);
    assert_eq!(place.people(), 1);
    place.must_begin_anew(&tenant, &link, 1);
}

/// Nobody waits for a node of the installation that the backup was made of, nor for its clock.
#[test]
fn leases_that_were_held_when_the_backup_was_made_are_free() {
    let syncline = Syncline::new();
    let demo = syncline.run(&["demo", "--exit", "--users", "20"]);
    assert!(demo.status.success(), "{}", stderr(&demo));
    let database = || rusqlite::Connection::open(syncline.data().join("syncline.db")).unwrap();
    database()
        .execute_batch(
            "DELETE FROM lease;
            INSERT INTO lease (tenant_no, job_no, part, owner, generation, until, cursor, last, done)
            SELECT tenant_no, job_no, part, x'0102030405060708090a0b0c0d0e0f10', 7, 90000000000000000, 'g', '', 0
            FROM job, (SELECT 0 AS part UNION SELECT 1)",
        )
        .unwrap();
    let file = path(&syncline, "monday.backup");
    syncline.json(&["backup", &file]);
    syncline.json(&["restore", "--force", &file]);
    let leases: Vec<(Vec<u8>, i64, i64, String)> = database()
        .prepare("SELECT owner, until, generation, cursor FROM lease ORDER BY part")
        .unwrap()
        .query_map([], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let free = (vec![0; 16], 0, 7, "g".to_owned());
    assert_eq!(leases, [free.clone(), free]);
}
