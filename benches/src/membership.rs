//! One person more in a large group and the same in a small one, where the group is synchronized with its
//! members: what the cycle after it writes, and how much longer the large group takes. And the same of
//! groups that are assigned to the configuration: how many people the cycle looks at. Should every member
//! be looked at, time says so.

use std::path::Path;

use serde::{Deserialize, Serialize};
use syncline_directory::groups;
use syncline_model::ObjectId;
use syncline_model::job::{Counts, CycleState};

use crate::Result;
use crate::import;
use crate::population::Population;
use crate::scope::Scope;
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
    /// Members of the large groups.
    pub members: u64,
    pub synchronized: Change,
    pub assigned: Change,
}

/// A change in a large group and in a small one.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// Of the cycle after a change in the large group.
    pub large_seconds: f64,
    pub small_seconds: f64,
    /// People whom the cycle after a change in the large group looked at.
    pub evaluated: u64,
    /// References that it wrote into the target: memberships, and managers of those it created.
    pub written: u64,
}

/// Synchronizes groups of both sizes, then adds one member at a time.
pub fn run(folder: &Path, large: usize, seed: u64) -> Result<Membership> {
    Ok(Membership {
        members: u64::try_from(large)?,
        synchronized: synchronized(&folder.join("synchronized"), large, seed)?,
        assigned: assigned(&folder.join("assigned"), large, seed)?,
    })
}

fn synchronized(folder: &Path, large: usize, seed: u64) -> Result<Change> {
    World::create(folder, Scope::All)?;
    let world = World::open(folder)?;
    world.synchronize_groups()?;
    let (first, newcomers) = people(&world, large, seed)?;
    let big = import::group(&world, "Everybody", &first)?;
    let few = import::group(&world, "Few", &first[..SMALL])?;
    change(&world, (few, big), &newcomers)
}

/// Whoever joins comes into scope.
fn assigned(folder: &Path, large: usize, seed: u64) -> Result<Change> {
    World::create(folder, Scope::Assigned)?;
    let world = World::open(folder)?;
    let (first, newcomers) = people(&world, large, seed)?;
    let big = import::assigned_group(&world, "Everybody", &first)?;
    let few = import::assigned_group(&world, "Few", &first[..SMALL])?;
    change(&world, (few, big), &newcomers)
}

/// So many people, and some more who have not left.
fn people(world: &World, count: usize, seed: u64) -> Result<(Vec<ObjectId>, Vec<ObjectId>)> {
    // One in eight has left and is no news when joining a group.
    let population = Population::new(u64::try_from(count + 8 * CHANGES)?, seed);
    let ids = import::people(world, population)?;
    let everybody: Vec<ObjectId> = ids.values().copied().collect();
    let newcomers: Vec<ObjectId> = (count as u64..population.people)
        .filter(|rank| !population.has_left(*rank))
        .filter_map(|rank| ids.get(&rank).copied())
        .collect();
    let first = everybody.into_iter().filter(|id| !newcomers.contains(id));
    Ok((first.take(count).collect(), newcomers))
}

fn change(
    world: &World,
    (few, big): (ObjectId, ObjectId),
    newcomers: &[ObjectId],
) -> Result<Change> {
    cycle(world)?;
    let (to_few, to_big) = newcomers.split_at(CHANGES);
    let (small_seconds, _) = join(world, few, to_few)?;
    let (large_seconds, counts) = join(world, big, &to_big[..CHANGES])?;
    Ok(Change {
        large_seconds,
        small_seconds,
        evaluated: counts.created + counts.updated + counts.unchanged + counts.skipped,
        written: counts.references_set,
    })
}

/// Lets people join one by one, a cycle after each: the middle of the times, and what the last cycle
/// counted.
fn join(world: &World, group: ObjectId, people: &[ObjectId]) -> Result<(f64, Counts)> {
    let mut seconds = Vec::new();
    let mut last = Counts::default();
    for person in people {
        world.write(|tx, context| groups::add_members(tx, context, group, &[*person]))?;
        let watch = Stopwatch::start();
        last = cycle(world)?;
        seconds.push(watch.spent().seconds);
        if last.created + last.references_set == 0 {
            return Err(format!("nothing came of joining: {last:?}").into());
        }
    }
    seconds.sort_by(f64::total_cmp);
    Ok((seconds[seconds.len() / 2], last))
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
        let synchronized = measured.synchronized;
        assert_eq!((synchronized.evaluated, synchronized.written), (0, 1));
        assert_eq!(measured.assigned.evaluated, 1);
    }
}
