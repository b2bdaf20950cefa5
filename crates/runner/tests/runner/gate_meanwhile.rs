//! The deletion threshold is lowered while the page that counts the deletes waits for its turn.

use std::cell::Cell;
use std::sync::mpsc;
use std::thread::{self, Scope};

use syncline_model::job::{Counts, CyclePhase};
use syncline_runner::{Observer, Progress, Secrets};

use crate::world::World;

const LOWER: &str = r#"{"Enabled":true,"DeleteThresholdEnabled":true,"DeleteThresholdValue":2}"#;

/// Lowers the threshold when the configuration of the first page of staged deletes has been read and its
/// transaction has not begun.
struct Lowers<'s, 'e> {
    world: &'e World,
    scope: &'s Scope<'s, 'e>,
    staged_next: Cell<bool>,
}

impl Observer for Lowers<'_, '_> {
    fn page_done(&self, progress: &Progress) {
        self.staged_next
            .set(progress.phase == CyclePhase::References);
    }

    fn page_begins(&self) {
        if !self.staged_next.take() {
            return;
        }
        let (begun, has_begun) = mpsc::channel::<()>();
        let world = self.world;
        let asked = world.when_consent_is_asked();
        self.scope.spawn(move || {
            world.write(|tx, _| {
                // Others who write wait for this one.
                tx.enter(&[world.contoso.id, world.fabrikam.id])?;
                begun.send(()).unwrap();
                asked.recv().unwrap();
                let changes = [("SyncNotificationSettings".to_owned(), LOWER.to_owned())];
                Secrets::merge(tx, world.contoso.id, world.service_principal, &changes)
            });
        });
        has_begun.recv().unwrap();
    }
}

#[test]
fn a_threshold_that_is_lowered_before_the_deletes_are_counted_holds_them() {
    let world = World::new();
    world.threshold(3);
    world.people("p", 10);
    world.cycle();
    world.person("p0").deleted();
    world.person("p1").deleted();
    let report = thread::scope(|scope| {
        world.cycle_watched_by(&Lowers {
            world: &world,
            scope,
            staged_next: Cell::new(false),
        })
    });
    let held = Counts {
        staged: 2,
        ..Counts::default()
    };
    assert_eq!(report.counts, held);
    assert_eq!(world.target_names().len(), 10);
}
