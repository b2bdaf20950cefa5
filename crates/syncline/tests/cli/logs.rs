//! `logs`: what a table tells, and what it can be limited to.

use serde_json::Value;
use syncline_model::{Job, ObjectId};
use syncline_store::{LogFacts, LogFilter, MasterKey, Store, StoreError, Tx};

use crate::configuration::{change_schema, import, installation};
use crate::jobs::nobody_of_sales;
use crate::support::{Syncline, signed_in, stdout};

/// Six people who were created, one of them with another title since, and whose removal is held.
fn history() -> (Syncline, String) {
    let (syncline, job) = installation(6);
    let run = ["jobs", "run", "--job", &job, "--wait"];
    syncline.json(&run);
    let file = syncline.file(
        "titles.csv",
        b"userPrincipalName,displayName,jobTitle\np1@contoso.example,Person 1,Boss\n",
    );
    syncline.json(&["import", "--tenant", "contoso.example", &file]);
    assert_eq!(syncline.json(&run)["counts"]["updated"], 1);
    change_schema(&syncline, &job, nobody_of_sales);
    assert_eq!(syncline.bad_news(&run)["counts"]["staged"], 6);
    (syncline, job)
}

/// The line about somebody in a table.
fn line<'a>(table: &'a str, action: &str, who: &str) -> &'a str {
    table
        .lines()
        .find(|line| line.contains(action) && line.contains(who))
        .unwrap_or_else(|| panic!("{action} {who}:\n{table}"))
}

#[test]
fn the_table_says_what_changed_what_is_held_and_where_the_steps_are() {
    let (syncline, _) = history();
    let table = stdout(&syncline.run(&["logs"]));
    assert!(line(&table, " update ", "p1@").contains("jobTitle"));
    assert!(!line(&table, " create ", "p1@").contains("jobTitle"));
    let held = line(&table, " stagedDelete ", "p2@");
    assert!(held.contains("held: deletion threshold"), "{held}");
    assert!(table.contains("--top 5"), "{table}");
    let steps = stdout(&syncline.run(&["logs", "--top", "5"]));
    assert!(steps.contains("EntryExport") || steps.contains("EntrySynchronization"));
}

#[test]
fn whom_a_reference_waits_for_is_called_by_name() {
    let (syncline, job) = installation(2);
    let file = syncline.file(
        "managers.csv",
        b"userPrincipalName,displayName,accountEnabled,manager\n\
        dia@contoso.example,Dia,false,\np1@contoso.example,Person 1,true,dia@contoso.example\n",
    );
    syncline.json(&["import", "--tenant", "contoso.example", &file]);
    syncline.json(&["jobs", "run", "--job", &job, "--wait"]);
    let asked = ["logs", "--user", "p1@contoso.example"];
    let names = syncline.json(&asked)["names"][0].clone();
    let (id, name) = names.as_object().unwrap().iter().next().unwrap();
    assert_eq!(name, "dia@contoso.example");
    let steps = stdout(&syncline.run(&asked));
    let waits = format!("waits until dia@contoso.example ({id}) is in the target");
    assert!(steps.contains(&waits), "{steps}");
}

#[test]
fn the_log_is_limited_to_actions_results_and_times() {
    let (syncline, job) = history();
    let found = |filter: &[&str]| -> Vec<Value> {
        let arguments = [&["logs", "--job", &job], filter].concat();
        syncline.json(&arguments)["value"]
            .as_array()
            .unwrap()
            .clone()
    };
    assert_eq!(found(&[]).len(), 13);
    assert_eq!(found(&["--action", "create"]).len(), 6);
    assert_eq!(found(&["--action", "stagedDelete"]).len(), 6);
    let updates = found(&["--action", "update"]);
    assert_eq!(updates.len(), 1);
    assert_eq!(found(&["--status", "warning"]).len(), 6);
    assert_eq!(found(&["--status", "failure"]).len(), 0);
    let both = ["--status", "success", "--action", "create", "--top", "2"];
    assert_eq!(found(&both).len(), 2);
    let ours = ["--action", "create", "--user", "p1@contoso.example"];
    assert_eq!(found(&ours).len(), 1);
    // From the time that an entry shows on, and from the second that the table shows.
    let at = updates[0]["activityDateTime"].as_str().unwrap();
    assert_eq!(found(&["--since", at]).len(), 7);
    let table = stdout(&syncline.run(&["logs", "--job", &job]));
    let second = line(&table, " update ", "p1@")
        .split_whitespace()
        .next()
        .unwrap();
    assert_eq!(second.len(), "2026-01-31T08:00:00Z".len());
    assert!(found(&["--since", second]).len() >= 7);
    assert_eq!(found(&["--since", "2999-01-01"]).len(), 0);
    let wrong = syncline.run(&["logs", "--since", "yesterday"]);
    assert_eq!(wrong.status.code(), Some(2));
}

/// Changes what is stored of the only job.
pub fn stored(syncline: &Syncline, write: &dyn Fn(&mut Tx<'_>, &Job) -> Result<(), StoreError>) {
    let data = syncline.data();
    let key = MasterKey::load_or_create(&data.join("key")).unwrap();
    let store = Store::open(&data.join("syncline.db"), &key).unwrap();
    let written = store.write(|tx| {
        let job = tx.all_jobs()?.remove(0);
        write(tx, &job)
    });
    written.unwrap();
}

/// Its clock is put right while nothing runs: the next process knows of it from the log alone.
#[test]
fn what_is_logged_after_a_clock_was_ahead_comes_behind_and_is_of_the_present_target() {
    let (syncline, job) = installation(1);
    let run = ["jobs", "run", "--job", &job, "--wait"];
    syncline.json(&run);
    let present = syncline.json(&["logs"])["value"][0]["tenantId"].clone();
    // As if by a clock that was 40 days ahead, and of another target that the job had then.
    stored(&syncline, &|tx, job| {
        let mut event = tx
            .log(job.tenant, &LogFilter::default(), None, 1)?
            .rows
            .remove(0);
        let mut id = *event.id.as_bytes();
        let mut milliseconds = [0; 8];
        milliseconds[2..].copy_from_slice(&id[..6]);
        let ahead = u64::from_be_bytes(milliseconds) + 40 * 24 * 60 * 60 * 1000;
        id[..6].copy_from_slice(&ahead.to_be_bytes()[2..]);
        event.id = ObjectId::from_bytes(id);
        event.at = event.at.plus_seconds(40 * 24 * 60 * 60);
        tx.append_log(job.tenant, &job.id, &[event])?;
        let facts = LogFacts {
            target_tenant: "former".to_owned(),
            ..LogFacts::default()
        };
        tx.end_log_facts(job.tenant, &job.id, &facts)
    });
    import(&syncline, 0..2);
    syncline.json(&run);
    let entries = syncline.json(&["logs"])["value"].clone();
    let targets = [0, 1, 2].map(|at| entries[at]["tenantId"].clone());
    assert_eq!(
        targets,
        [present, "former".into(), "former".into()],
        "{entries:#}"
    );
    let newest = entries[0].to_string();
    assert!(newest.contains("p1@contoso.example"), "{newest}");
}

#[test]
fn the_log_of_a_job_is_that_of_all_which_had_its_id_and_is_there_when_they_are_gone() {
    let (syncline, job) = installation(3);
    let run = ["jobs", "run", "--job", &job, "--wait"];
    syncline.json(&run);
    let stored = |write: &dyn Fn(&mut Tx<'_>, &Job) -> Result<(), StoreError>| {
        stored(&syncline, write);
    };
    stored(&|tx, job| {
        tx.delete_job(job.tenant, &job.id)?;
        tx.insert_job(job)
    });
    let before = syncline.json(&["logs"]);
    assert_eq!(before["value"].as_array().unwrap().len(), 3);
    assert_eq!(syncline.json(&["logs", "--job", &job]), before);
    let p1 = ["explain", "--job", &job, "--user", "p1@contoso.example"];
    assert_eq!(
        syncline.json(&p1)["lastEntry"]["provisioningAction"],
        "create"
    );

    import(&syncline, 0..4);
    syncline.json(&run);
    let after = syncline.json(&["logs"]);
    assert!(after["value"].as_array().unwrap().len() > 3);
    assert_eq!(syncline.json(&["logs", "--job", &job]), after);

    stored(&|tx, job| tx.delete_job(job.tenant, &job.id));
    assert_eq!(syncline.json(&["logs", "--job", &job]), after);
    let nobody = syncline.fails(&["logs", "--job", "Azure2Azure.nobody"]);
    assert!(nobody.contains("there is no job"), "{nobody}");
}

#[tokio::test]
async fn the_status_page_says_why_a_job_is_in_quarantine_and_what_is_held() {
    const ADMIN: &str = "admin@contoso.example";
    let (syncline, password) = tokio::task::spawn_blocking(|| {
        let (syncline, _) = history();
        let admin = syncline.json(&["tenant", "recover", "contoso.example", "--admin", ADMIN]);
        let password = admin["admin"]["password"].as_str().unwrap().to_owned();
        (syncline, password)
    })
    .await
    .unwrap();
    let server = syncline.serve(&["--no-scheduler"]);
    let cookie = signed_in(&server, ADMIN, &password).await;
    let request = server
        .client()
        .get(format!("{}/", server.origin))
        .header("cookie", cookie.split(';').next().unwrap());
    let page = request.send().await.unwrap().text().await.unwrap();
    for said in [
        "<dd>Quarantine, 6 held</dd>",
        "TooManyDeletes",
        "--scope ForceDeletes",
        "<td>held: deletion threshold</td>",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
}

#[tokio::test]
async fn the_status_page_shows_the_log_beside_an_entry_that_can_not_be_read() {
    const ADMIN: &str = "admin@contoso.example";
    let (syncline, password) = tokio::task::spawn_blocking(|| {
        let (syncline, job) = installation(3);
        syncline.json(&["jobs", "run", "--job", &job, "--wait"]);
        let admin = syncline.json(&["tenant", "recover", "contoso.example", "--admin", ADMIN]);
        let password = admin["admin"]["password"].as_str().unwrap().to_owned();
        (syncline, password)
    })
    .await
    .unwrap();
    let database = rusqlite::Connection::open(syncline.data().join("syncline.db")).unwrap();
    let newest = "UPDATE provisioning_log SET evidence = x'00' WHERE id = (SELECT id FROM provisioning_log ORDER BY id DESC LIMIT 1)";
    database.execute_batch(newest).unwrap();
    drop(database);
    let server = syncline.serve(&["--no-scheduler"]);
    let cookie = signed_in(&server, ADMIN, &password).await;
    let request = server
        .client()
        .get(format!("{}/", server.origin))
        .header("cookie", cookie.split(';').next().unwrap());
    let page = request.send().await.unwrap().text().await.unwrap();
    assert!(page.contains("and are not shown: 1."), "{page}");
    assert_eq!(page.matches("<td>create</td>").count(), 2, "{page}");
}
