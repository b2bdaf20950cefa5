//! Ctrl-C while `jobs run --wait` runs a cycle without a server: nothing is lost, everybody is told,
//! and a server goes on with it at once.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::json;
use syncline_model::{JobId, Problem};
use syncline_store::{Database, MasterKey, Store};

use crate::configuration::{import, installation};
use crate::support::{Syncline, stderr, stdout, wait_until};

/// Several pages, whatever size they grow to.
const PEOPLE: usize = 4_000;

/// Returns when the cycle has committed a page.
fn wait_for_a_page(syncline: &Syncline, job: &str) {
    let data = syncline.data();
    let key = MasterKey::load_or_create(&data.join("key")).unwrap();
    let store = Store::open_database(&Database::File(data.join("syncline.db")), &key).unwrap();
    let job = JobId(job.to_owned());
    wait_until("a page", || {
        let job = store.read(|reader| Ok::<_, Problem>(reader.job_of_any_tenant(&job)?.unwrap()));
        job.unwrap().running.is_some_and(|cycle| cycle.imported > 0)
    });
}

fn interrupt(child: &Child) {
    send(child.id(), "-INT");
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
    let (syncline, job) = installation(3);
    // After this one, the next is due in forty minutes.
    syncline.json(&["jobs", "run", "--job", &job, "--wait"]);
    import(&syncline, 3..PEOPLE);
    let run = syncline
        .command(&["jobs", "run", "--job", &job, "--wait"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_for_a_page(&syncline, &job);
    interrupt(&run);
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
    let (syncline, job) = installation(PEOPLE);
    let run = syncline
        .command(&["jobs", "run", "--job", &job, "--wait"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_for_a_page(&syncline, &job);
    let stop = Stopped::new(&run);
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
    let (syncline, job) = installation(PEOPLE);
    let run = syncline
        .command(&["jobs", "run", "--job", &job, "--wait"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_for_a_page(&syncline, &job);
    syncline.json(&["jobs", "pause", "--job", &job]);
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
    let (syncline, job) = installation(PEOPLE);
    let arguments = ["jobs", "run", "--job", &job, "--wait"];
    let run = syncline
        .command(&arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_for_a_page(&syncline, &job);
    interrupt(&run);
    assert_eq!(run.wait_with_output().unwrap().status.code(), Some(130));
    let open = syncline.json(&["jobs", "show", "--job", &job])["openCycle"].clone();
    let report = syncline.json(&arguments);
    assert_eq!(report["cycleId"], open["cycleId"]);
    assert_eq!(report["counts"]["created"], PEOPLE);
}
