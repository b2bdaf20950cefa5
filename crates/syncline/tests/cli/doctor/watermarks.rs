//! How far jobs believe to have read.

use syncline_model::job::{CycleKind, CyclePhase, RunningCycle, Watermark};
use syncline_model::{CycleId, Job, Timestamp};

use super::{found, healthy, on_its_database, restored, stored};
use crate::support::stdout;

/// A cycle in progress that leaves this watermark behind.
fn cycle(until: Watermark) -> RunningCycle {
    RunningCycle::new(
        CycleId::from_bytes([1; 16]),
        CycleKind::Incremental,
        CyclePhase::Source,
        Timestamp(0),
        until,
    )
}

/// A job that believes to have read what will be written yet passes over it.
#[test]
fn jobs_that_are_ahead_of_their_tenant_are_found() {
    let (_kept, backup) = healthy();
    let ahead: [fn(&mut Job); 2] = [
        |job| job.watermark.as_mut().unwrap().sequence += 1 << 60,
        |job| {
            let until = Watermark {
                sequence: 1 << 60,
                token: None,
            };
            job.running = Some(cycle(until));
        },
    ];
    for change in ahead {
        let copy = restored(&backup);
        stored(&copy, |tx, job| {
            let mut job = job.clone();
            change(&mut job);
            Ok(tx.update_job(&job)?)
        });
        let output = on_its_database(&copy, &["doctor", "--output", "json"]);
        let found = found(&output);
        let [watermark] = &found[..] else {
            panic!("{found:#?}")
        };
        assert!(
            watermark.starts_with("watermark of Azure2Azure.") && watermark.contains("Contoso: "),
            "{watermark}"
        );
        let said = stdout(&on_its_database(&copy, &["doctor"]));
        assert!(said.contains("--scope Watermark"), "{said}");
    }
}
