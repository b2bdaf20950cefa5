//! `jobs …` about jobs that are not there.

use crate::support::{Syncline, stdout};

#[test]
fn an_unknown_job_is_told() {
    let syncline = Syncline::new();
    for command in ["show", "run", "start", "pause", "restart"] {
        let message = syncline.fails(&["jobs", command, "--job", "Azure2Azure.nobody"]);
        assert!(
            message.contains("there is no job `Azure2Azure.nobody`"),
            "{message}"
        );
        assert!(message.contains("help: `syncline jobs list`"), "{message}");
    }
}

#[test]
fn no_jobs_and_no_log_are_answers_too() {
    let syncline = Syncline::new();
    assert_eq!(
        syncline.json(&["jobs", "list"])["jobs"]
            .as_array()
            .unwrap()
            .len(),
        0
    );
    assert_eq!(
        syncline.json(&["logs"])["value"].as_array().unwrap().len(),
        0
    );
    assert!(stdout(&syncline.run(&["logs"])).contains("no such entry"));
}
