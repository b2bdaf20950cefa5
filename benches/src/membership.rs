//! One person more in a large group that is assigned to the configuration, and the same in a small
//! one: what the cycle after it looks at, and how much longer the large group takes. Should every
//! member be looked at, time says so.
//!
//! Deliberately absent: groups that are synchronized with their members. The hosted source does not
//! hand out members as references yet.

use std::path::Path;

use serde::{Deserialize, Serialize};
use syncline_directory::groups;
use syncline_model::ObjectId;
use syncline_model::job::{Counts, CycleState};

use crate::Result;
use crate::import;
use crate::population::Population;
use crate::scenario::Scope;
use crate::seam::Stopwatch;
use crate::world::World;

/// Members of the large group.
pub const LARGE: usize = 50_000;
/// Members of the small one.
pub const SMALL: usize = 50;
/// How many changes of each are measured; the one in the middle counts.
const CHANGES: usize = 5;

/// What one membership change costs.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Membership {
    /// Members of the large group.
    pub members: u64,
    /// Of the cycle after a change in the large group.
    pub large_seconds: f64,
    pub small_seconds: f64,
    /// People whom the cycle after a change in the large group looked at.
    pub evaluated: u64,
}

/// Synchronizes the members of both groups, then adds one member at a time.
pub fn run(folder: &Path, large: usize, seed: u64) -> Result<Membership> {
    World::create(folder, Scope::Assigned)?;
    let world = World::open(folder)?;
    // One in eight has left and is no news when joining a group.
    let population = Population::new(u64::try_from(large + 8 * CHANGES)?, seed);
    let ids = import::people(&world, population)?;
    let everybody: Vec<ObjectId> = ids.values().copied().collect();
    let newcomers: Vec<ObjectId> = (large as u64..population.people)
        .filter(|rank| !population.has_left(*rank))
        .filter_map(|rank| ids.get(&rank).copied())
        .collect();
    let big = import::assigned_group(&world, "Everybody", &everybody[..large])?;
    let few = import::assigned_group(&world, "Few", &everybody[..SMALL])?;
    cycle(&world)?;
    let (to_few, to_big) = newcomers.split_at(CHANGES);
    let small_seconds = join(&world, few, to_few)?.0;
    let (large_seconds, evaluated) = join(&world, big, &to_big[..CHANGES])?;
    Ok(Membership {
        members: u64::try_from(large)?,
        large_seconds,
        small_seconds,
        evaluated,
    })
}

/// Lets people join one by one, a cycle after each: the middle of the times, and how many people the
/// last cycle counted.
fn join(world: &World, group: ObjectId, people: &[ObjectId]) -> Result<(f64, u64)> {
    let mut seconds = Vec::new();
    let mut evaluated = 0;
    for person in people {
        world.write(|tx, context| groups::add_members(tx, context, group, &[*person]))?;
        let watch = Stopwatch::start();
        let counts = cycle(world)?;
        seconds.push(watch.spent().seconds);
        if counts.created != 1 {
            return Err(format!("who joined was not created: {counts:?}").into());
        }
        evaluated = counts.created + counts.updated + counts.unchanged + counts.skipped;
    }
    seconds.sort_by(f64::total_cmp);
    Ok((seconds[seconds.len() / 2], evaluated))
}

fn cycle(world: &World) -> Result<Counts> {
    let report = world.cycle()?;
    if report.state == CycleState::Succeeded {
        return Ok(report.counts);
    }
    Err(format!("a cycle did not succeed: {report:?}").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_group_only_who_joins_is_looked_at() {
        let folder = tempfile::tempdir().unwrap();
        let measured = run(folder.path(), 80, 1).unwrap();
        assert_eq!(measured.members, 80);
        assert_eq!(measured.evaluated, 1);
    }
}
