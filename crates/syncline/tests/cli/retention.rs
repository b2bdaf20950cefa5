//! How long a server keeps things: `--log-retention-days` and `--deleted-retention-days`.

use serde_json::Value;

use crate::support::{Syncline, stderr, stdout, wait_until};

/// What the demo leaves, five days later: a log, and somebody in the recycle bin of either tenant.
fn five_days_old() -> Syncline {
    let syncline = with_a_demo();
    pass(&syncline, 5);
    syncline
}

fn with_a_demo() -> Syncline {
    let syncline = Syncline::new();
    assert!(
        syncline
            .run(&["demo", "--exit", "--users", "20"])
            .status
            .success()
    );
    // It has tidied up, too. As if it had not: fewer days than held then would be waited with.
    database(&syncline)
        .execute_batch("DELETE FROM document WHERE kind IN ('retention', 'tidiedUp')")
        .unwrap();
    syncline
}

/// Everything in the logs and the recycle bins is older by so many days.
fn pass(syncline: &Syncline, days: u64) {
    // Times are counted in units of 100 ns, and those in ids in milliseconds.
    let database = database(syncline);
    let ids: Vec<[u8; 16]> = database
        .prepare("SELECT id FROM provisioning_log")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<rusqlite::Result<_>>()
        .unwrap();
    for id in ids {
        let older = (u128::from_be_bytes(id) - (u128::from(days * 86_400_000) << 80)).to_be_bytes();
        database
            .execute(
                "UPDATE provisioning_log SET id = ?1 WHERE id = ?2",
                [older, id],
            )
            .unwrap();
    }
    database
        .execute_batch(&format!(
            "UPDATE provisioning_log SET at = at - {days} * 864000000000;
            UPDATE object SET deleted_at = deleted_at - {days} * 864000000000 WHERE state = 1;
            DELETE FROM document WHERE kind = 'tombstones'"
        ))
        .unwrap();
    assert!(in_the_log(syncline) > 0);
    assert_eq!(in_the_bins(syncline), 2);
}

fn database(syncline: &Syncline) -> rusqlite::Connection {
    rusqlite::Connection::open(syncline.data().join("syncline.db")).unwrap()
}

fn count(syncline: &Syncline, rows: &str) -> i64 {
    let sql = format!("SELECT COUNT(*) FROM {rows}");
    let count = database(syncline).query_row(&sql, [], |row| row.get(0));
    count.unwrap()
}

fn in_the_bins(syncline: &Syncline) -> i64 {
    count(syncline, "object WHERE state = 1")
}

fn in_the_log(syncline: &Syncline) -> usize {
    let log = syncline.json(&["logs", "--top", "200"]);
    log["value"].as_array().unwrap().len()
}

/// Serves until it has tidied up once, of which the notes of both tenants come last.
fn tidied_up(syncline: &Syncline, arguments: &[&str], variables: &[(&str, &str)]) {
    let arguments = [&["--no-scheduler"], arguments].concat();
    let server = syncline.serve_with(&arguments, variables);
    wait_until("the server has tidied up", || {
        count(syncline, "document WHERE kind = 'tombstones'") == 2
    });
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn log_entries_go_after_as_many_days_as_are_told() {
    let syncline = five_days_old();
    let days = ["--log-retention-days", "4", "--deleted-retention-days", "6"];
    tidied_up(&syncline, &days, &[]);
    assert_eq!((in_the_log(&syncline), in_the_bins(&syncline)), (0, 2));
}

#[test]
fn recycle_bins_are_emptied_after_as_many_days_as_are_told() {
    let syncline = five_days_old();
    let entries = in_the_log(&syncline);
    let days = ["--log-retention-days", "6", "--deleted-retention-days", "4"];
    tidied_up(&syncline, &days, &[]);
    assert_eq!(
        (in_the_log(&syncline), in_the_bins(&syncline)),
        (entries, 0)
    );
    assert_eq!(syncline.json(&["doctor"])["healthy"], Value::Bool(true));
}

#[test]
fn the_environment_tells_it_as_well() {
    let syncline = five_days_old();
    let days = [
        ("SYNCLINE_LOG_RETENTION_DAYS", "4"),
        ("SYNCLINE_DELETED_RETENTION_DAYS", "0"),
    ];
    tidied_up(&syncline, &[], &days);
    assert_eq!((in_the_log(&syncline), in_the_bins(&syncline)), (0, 0));
}

#[test]
fn both_are_kept_for_a_month_when_nothing_is_told() {
    let syncline = five_days_old();
    let entries = in_the_log(&syncline);
    tidied_up(&syncline, &[], &[]);
    assert_eq!(
        (in_the_log(&syncline), in_the_bins(&syncline)),
        (entries, 2)
    );
}

/// Started by hand, or a second node: without what the service's environment says.
#[test]
fn a_server_that_is_told_nothing_keeps_both_for_as_long_as_was_said_before() {
    let syncline = with_a_demo();
    pass(&syncline, 0);
    let days = ["--log-retention-days", "365"];
    let year = [("SYNCLINE_DELETED_RETENTION_DAYS", "365")];
    tidied_up(&syncline, &days, &year);
    pass(&syncline, 40);
    let entries = in_the_log(&syncline);
    tidied_up(&syncline, &[], &[]);
    assert_eq!(
        (in_the_log(&syncline), in_the_bins(&syncline)),
        (entries, 2)
    );
    // Fewer are waited with, in which the server can be stopped.
    pass(&syncline, 0);
    let days = ["--log-retention-days", "4", "--deleted-retention-days", "6"];
    tidied_up(&syncline, &days, &[]);
    assert_eq!(
        (in_the_log(&syncline), in_the_bins(&syncline)),
        (entries, 2)
    );
}

/// Nobody has typed anything, and that things are kept for a month is relied on all the same.
#[test]
fn fewer_days_than_held_untold_are_waited_with_as_well() {
    let syncline = five_days_old();
    let entries = in_the_log(&syncline);
    tidied_up(&syncline, &[], &[]);
    pass(&syncline, 0);
    let days = ["--log-retention-days", "4", "--deleted-retention-days", "4"];
    tidied_up(&syncline, &days, &[]);
    assert_eq!(
        (in_the_log(&syncline), in_the_bins(&syncline)),
        (entries, 2)
    );
}

/// A backup is restored to get back what is in its recycle bins and logs, too.
#[test]
fn what_a_restored_backup_has_in_its_recycle_bins_and_logs_stays_for_a_day() {
    let syncline = five_days_old();
    let entries = in_the_log(&syncline);
    let file = syncline.data().with_file_name("monday.backup");
    let file = file.to_str().unwrap();
    syncline.json(&["backup", file]);
    let output = syncline.run(&["restore", "--force", file]);
    assert!(stdout(&output).contains("Nothing is removed from recycle bins and logs before "));
    let forget = |kind: &str| {
        let sql = format!("DELETE FROM document WHERE kind = '{kind}'");
        database(&syncline).execute_batch(&sql).unwrap();
    };
    forget("tombstones");
    let days = ["--log-retention-days", "4", "--deleted-retention-days", "4"];
    tidied_up(&syncline, &days, &[]);
    assert_eq!(
        (in_the_log(&syncline), in_the_bins(&syncline)),
        (entries, 2)
    );
    forget("tombstones");
    forget("restored");
    tidied_up(&syncline, &days, &[]);
    assert_eq!((in_the_log(&syncline), in_the_bins(&syncline)), (0, 0));
}

#[test]
fn days_that_make_no_sense_are_refused() {
    for (flag, days) in [
        ("--log-retention-days", "0"),
        ("--log-retention-days", "3651"),
        ("--deleted-retention-days", "366"),
        ("--deleted-retention-days", "a week"),
    ] {
        let output = Syncline::new().run(&["serve", flag, days]);
        assert_eq!(output.status.code(), Some(2), "{flag} {days}");
        assert!(stderr(&output).contains(flag), "{}", stderr(&output));
    }
}
