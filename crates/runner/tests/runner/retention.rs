//! What is thrown away after its time.

use serde::{Deserialize, Serialize};
use syncline_model::{Clock as _, Ids as _};
use syncline_runner::{LOG_DAYS, Swept};
use syncline_store::Document;

use crate::world::World;

const DAY_SECONDS: i64 = 24 * 60 * 60;

fn sweep_log(world: &World) -> Swept {
    let now = world.clock.now();
    let swept = world.runner.sweep_log(world.contoso.id, now, LOG_DAYS);
    swept.unwrap()
}

#[test]
fn the_log_is_kept_for_thirty_days() {
    let world = World::new();
    world.person("ana");
    world.cycle();
    let sweep = || while sweep_log(&world).more {};

    world.clock.advance_seconds(29 * DAY_SECONDS);
    sweep();
    assert_eq!(world.log_rows().len(), 1);

    world.clock.advance_seconds(2 * DAY_SECONDS);
    world.person("bo");
    world.cycle();
    sweep();
    let left = world.log_rows();
    assert_eq!(left.len(), 1, "only the newest is left: {left:?}");
    // Who was synchronized stays so.
    assert!(world.live("ana").is_live());
}

#[test]
fn thirty_days_are_thirty_to_the_second() {
    let world = World::new();
    world.person("ana");
    world.cycle();
    let sweep = || sweep_log(&world);
    world.clock.advance_seconds(30 * DAY_SECONDS);
    let nothing = Swept::default();
    assert_eq!(sweep(), nothing);
    world.clock.advance_seconds(1);
    let removed = 1;
    assert_eq!(sweep(), Swept { removed, ..nothing });
}

const SLICE: usize = 1000;
const SLICES: [Swept; 3] = [
    Swept {
        removed: SLICE,
        more: true,
    },
    // A full one may not be the last.
    Swept {
        removed: SLICE,
        more: true,
    },
    Swept {
        removed: 0,
        more: false,
    },
];

/// Something that expires.
#[derive(Serialize, Deserialize)]
struct Ticket {}

impl Document for Ticket {
    const KIND: &'static str = "test_ticket";
}

#[test]
fn expired_documents_go_a_slice_at_a_time() {
    let world = World::new();
    let now = world.clock.now();
    world.write(|tx, _| {
        for number in 0..2 * SLICE {
            tx.put_document(None, &number.to_string(), &Ticket {}, Some(now))?;
        }
        Ok(())
    });
    world.clock.advance_seconds(1);
    let swept = SLICES.map(|_| world.runner.sweep_documents(world.clock.now()).unwrap());
    assert_eq!(swept, SLICES);
}

#[test]
fn a_long_log_goes_a_slice_at_a_time() {
    let world = World::new();
    world.person("ana");
    world.cycle();
    let row = world.log_rows().remove(0);
    let rows = (1..2 * SLICE).map(|_| {
        let mut row = row.clone();
        row.id = world.ids.object_id();
        row
    });
    let rows: Vec<_> = rows.collect();
    let (contoso, job) = (world.contoso.id, &world.job);
    world.write(|tx, _| Ok(tx.append_log(contoso, job, &rows)?));
    world.clock.advance_seconds(31 * DAY_SECONDS);
    let swept = SLICES.map(|_| sweep_log(&world));
    assert_eq!(swept, SLICES);
}
