//! Ctrl-C while `jobs run --wait` runs a cycle without a server: nothing is lost, everybody is told,
//! and a server goes on with it at once.
//!
//! What is done to a cycle is done in the middle of it, for certain: the test keeps the writer's place in the
//! database, for which every page waits, looks how far the cycle is, and strikes before it lets go. A cycle that
//! had come too far by then proves nothing, and another one is begun.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStderr, Command, Stdio};

use serde_json::json;
use syncline_model::{JobId, Problem};
use syncline_store::{Database, MasterKey, Store};

use crate::configuration::{change_schema, import, installation};
use crate::jobs::nobody_of;
use crate::support::{Syncline, stderr, stdout, wait_until};

/// Several pages, whatever size they grow to: that one page is left when half of them are not yet read.
const PEOPLE: usize = 4_000;
/// A machine so busy that the test comes too late each time has other trouble.
const ATTEMPTS: usize = 10;

/// An installation, its job, and the process that runs the job's cycle: struck when the cycle had written a
/// page and not half of them.
struct Struck<T> {
    syncline: Syncline,
    job: String,
    run: Child,
    by: T,
}

fn in_mid_cycle<T>(
    installation: impl Fn() -> (Syncline, String),
    mut strike: impl FnMut(&mut Child) -> T,
) -> Struck<T> {
    for _ in 0..ATTEMPTS {
        let (syncline, job) = installation();
        let mut run = syncline
            .command(&["jobs", "run", "--job", &job, "--wait"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let read = wait_for_a_page(&syncline, &job, &mut run);
        let place = writers_place(&syncline);
        if (1..PEOPLE as u64 / 2).contains(&read()) {
            let by = strike(&mut run);
            drop(place);
            return Struck {
                syncline,
                job,
                run,
                by,
            };
        }
        drop(place);
        assert!(run.wait_with_output().unwrap().status.success());
    }
    panic!("each cycle had come too far before it could be struck");
}

/// Returns when the cycle has committed a page, or has ended; with what tells how many people it has read.
fn wait_for_a_page(syncline: &Syncline, job: &str, run: &mut Child) -> impl Fn() -> u64 + use<> {
    let data = syncline.data();
    let key = MasterKey::load_or_create(&data.join("key")).unwrap();
    let store = Store::open_database(&Database::File(data.join("syncline.db")), &key).unwrap();
    let job = JobId(job.to_owned());
    let read = move || {
        let job = store.read(|reader| Ok::<_, Problem>(reader.job_of_any_tenant(&job)?.unwrap()));
        job.unwrap().running.map_or(0, |cycle| cycle.imported)
    };
    wait_until("a page", || read() > 0 || run.try_wait().unwrap().is_some());
    read
}

/// Nobody else writes until this is dropped.
fn writers_place(syncline: &Syncline) -> rusqlite::Connection {
    let mut database = rusqlite::Connection::open(syncline.data().join("syncline.db")).unwrap();
    // Without a rest: between two pages there is little time.
    let at_once = |_| {
        std::thread::yield_now();
        true
    };
    database.busy_handler(Some(at_once)).unwrap();
    database.execute_batch("BEGIN IMMEDIATE").unwrap();
    database
}

/// Interrupts a process, and returns when it has heard that.
fn interrupt(run: &mut Child) {
    send(run.id(), "-INT");
    let said = line(run.stderr.as_mut().unwrap());
    assert!(said.contains("The cycle stops at its next page"), "{said}");
}

/// A line, and nothing of what follows.
fn line(from: &mut ChildStderr) -> String {
    let (mut line, mut byte) = (Vec::new(), [0]);
    while from.read(&mut byte).unwrap() == 1 && byte != *b"\n" {
        line.extend(byte);
    }
    String::from_utf8(line).unwrap()
}

fn send(process: u32, signal: &str) {
    let sent = Command::new("kill")
        .args([signal, &process.to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
}

#[test]
fn an_interrupted_cycle_is_told_and_goes_on_at_once() {
    let more_people = || {
        let (syncline, job) = installation(3);
        // After this one, the next is due in forty minutes.
        syncline.json(&["jobs", "run", "--job", &job, "--wait"]);
        import(&syncline, 3..PEOPLE);
        (syncline, job)
    };
    let Struck {
        syncline, job, run, ..
    } = in_mid_cycle(more_people, interrupt);
    let interrupted = run.wait_with_output().unwrap();
    let said = stderr(&interrupted);
    assert_eq!(interrupted.status.code(), Some(130), "{said}");
    assert_eq!(stdout(&interrupted), "");
    let way_on = format!("`syncline jobs run --job {job} --wait` goes on where it stopped");
    assert!(said.contains("error: interrupted"), "{said}");
    assert!(said.contains(&way_on), "{said}");

    let shown = syncline.json(&["jobs", "show", "--job", &job]);
    assert_eq!(shown["running"], json!(false));
    let open = &shown["openCycle"];
    assert_eq!(open["running"], json!(false));
    let done = open["done"].as_u64().unwrap();
    assert!(done > 0 && done < PEOPLE as u64, "{open}");
    let cycle = open["cycleId"].as_str().unwrap();
    let text = stdout(&syncline.run(&["jobs", "show", "--job", &job]));
    assert!(text.contains("a cycle was interrupted"), "{text}");
    assert!(text.contains(cycle) && text.contains(&way_on), "{text}");
    let listed = syncline.json(&["jobs", "list"]);
    assert_eq!(&listed["jobs"][0]["openCycle"], open);
    let text = stdout(&syncline.run(&["jobs", "list"]));
    assert!(text.contains("Active, a cycle was interrupted"), "{text}");
    let refused = syncline.fails(&["plan", "--job", &job]);
    assert!(refused.contains("nobody runs it now"), "{refused}");
    assert!(refused.contains(&way_on), "{refused}");

    let server = syncline.serve(&[]);
    wait_until("the server has ended the cycle", || {
        let shown = syncline.json(&["jobs", "show", "--job", &job]);
        shown["lastCycle"]["cycleId"] == cycle
    });
    let shown = syncline.json(&["jobs", "show", "--job", &job]);
    assert_eq!(shown["lastCycle"]["counts"]["created"], PEOPLE - 3);
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn while_a_cycle_runs_without_a_server_reading_goes_on_and_others_are_told_whom_they_wait_for() {
    let Struck {
        syncline,
        job,
        run,
        by: stop,
    } = in_mid_cycle(|| installation(PEOPLE), |run| Stopped::new(run));
    let shown = syncline.json(&["jobs", "show", "--job", &job]);
    assert_eq!(shown["openCycle"]["running"], json!(true), "{shown}");
    let text = stdout(&syncline.run(&["jobs", "list"]));
    assert!(text.contains("a cycle runs now"), "{text}");
    assert!(
        !syncline.json(&["logs"])["value"]
            .as_array()
            .unwrap()
            .is_empty()
    );

    let mut waiting = syncline
        .command(&["jobs", "start", "--job", &job])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    BufReader::new(waiting.stderr.take().unwrap())
        .read_line(&mut said)
        .unwrap();
    let holder = format!("waiting for process {} (syncline jobs run", run.id());
    assert!(said.starts_with(&holder), "{said}");
    assert!(said.contains(syncline.data().to_str().unwrap()), "{said}");
    waiting.kill().unwrap();
    waiting.wait().unwrap();
    drop(stop);
    assert!(run.wait_with_output().unwrap().status.success());
    let shown = syncline.json(&["jobs", "show", "--job", &job]);
    assert_eq!(shown["lastCycle"]["counts"]["created"], PEOPLE);
}

/// A process that stands still, until this is dropped.
struct Stopped(u32);

impl Stopped {
    fn new(process: &Child) -> Self {
        send(process.id(), "-STOP");
        Self(process.id())
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        send(self.0, "-CONT");
    }
}

#[test]
fn a_pause_stops_a_cycle_that_runs_without_a_server_after_its_page() {
    let Struck {
        syncline,
        job,
        run,
        by: stop,
    } = in_mid_cycle(|| installation(PEOPLE), |run| Stopped::new(run));
    let paused = stdout(&syncline.run(&["jobs", "pause", "--job", &job]));
    assert!(paused.contains("in the middle of the cycle"), "{paused}");
    assert!(paused.contains("saved now is followed instead"), "{paused}");
    drop(stop);
    let ran = run.wait_with_output().unwrap();
    // Somebody has to start it again.
    assert_eq!(ran.status.code(), Some(1));
    let text = stdout(&ran);
    let way_on = format!("`syncline jobs start --job {job}` goes on where it stopped");
    assert!(text.contains("stopped at a checkpoint"), "{text}");
    assert!(text.contains(&way_on), "{text}");
}

#[test]
fn an_interrupted_cycle_goes_on_with_the_next_run() {
    let Struck {
        syncline, job, run, ..
    } = in_mid_cycle(|| installation(PEOPLE), interrupt);
    let arguments = ["jobs", "run", "--job", &job, "--wait"];
    assert_eq!(run.wait_with_output().unwrap().status.code(), Some(130));
    let open = syncline.json(&["jobs", "show", "--job", &job])["openCycle"].clone();
    let report = syncline.json(&arguments);
    assert_eq!(report["cycleId"], open["cycleId"]);
    assert_eq!(report["counts"]["created"], PEOPLE);
}

/// Fewer than the threshold: the cycle carries them out at its end, and nobody has to do anything.
#[test]
fn removals_that_an_open_cycle_has_put_aside_are_not_told_as_held() {
    let one_leaves = || {
        let (syncline, job) = installation(3);
        change_schema(&syncline, &job, |schema| nobody_of(schema, "Marketing"));
        syncline.json(&["jobs", "run", "--job", &job, "--wait"]);
        let leaver =
            b"userPrincipalName,displayName,department\np0@contoso.example,Person 0,Marketing\n";
        let leaver = syncline.file("leaver.csv", leaver);
        syncline.json(&["import", "--tenant", "contoso.example", &leaver]);
        import(&syncline, 3..PEOPLE);
        (syncline, job)
    };
    let Struck {
        syncline,
        job,
        run,
        by: stop,
    } = in_mid_cycle(one_leaves, |run| Stopped::new(run));
    syncline.json(&["jobs", "pause", "--job", &job]);
    drop(stop);
    assert_eq!(run.wait_with_output().unwrap().status.code(), Some(1));
    let show = ["jobs", "show", "--job", &job];
    let shown = syncline.json(&show);
    assert_eq!(
        (&shown["staged"], &shown["held"]),
        (&json!(1), &json!(0)),
        "{shown}"
    );
    let text = stdout(&syncline.run(&show));
    let told = "\nput aside  1 delete or disable: the open cycle counts it at its end and carries it out below the threshold\n";
    assert!(text.contains(told), "{text}");
    let listed = stdout(&syncline.run(&["jobs", "list"]));
    for text in [text, listed] {
        assert!(!text.contains("held"), "{text}");
    }
    // The cycle is given up, and what it has put aside stays.
    syncline.json(&["jobs", "restart", "--job", &job, "--scope", "Watermark"]);
    let text = stdout(&syncline.run(&show));
    assert!(
        text.contains(&told.replace("open cycle", "next cycle")),
        "{text}"
    );
    let ran = syncline.json(&["jobs", "run", "--job", &job, "--wait"]);
    assert_eq!(ran["counts"]["deleted"], 1, "{ran}");
}
