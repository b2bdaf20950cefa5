//! The steps that are measured, in order: the two ceilings, import, initial cycle, cycles without a
//! change, and a cycle after a day's changes.

use std::path::Path;

use syncline_model::job::{Counts, CycleState};

use crate::changes::Change;
use crate::population::Population;
use crate::scope::Scope;
use crate::seam::Stopwatch;
use crate::step::{Done, Step};
use crate::world::World;
use crate::{Result, ceiling, changes, import};

/// How many cycles without a change are run.
const UNCHANGED: usize = 101;
/// How many further cycles after changes are run; an odd number.
const FURTHER: usize = 5;

/// How large the scenario is.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    pub population: Population,
    /// How many changes the last step makes.
    pub changes: u64,
    pub scope: Scope,
}

impl Scale {
    fn at_once(self) -> usize {
        usize::try_from(self.changes).unwrap_or(usize::MAX).max(1)
    }

    /// The steps of one round in a folder with people, in order. Each change is of another person: where there are too
    /// few of them, there are no further changes.
    pub fn cycles(self) -> &'static [Step] {
        let rounds = FURTHER as u64 + 1;
        // The head of the company stays.
        let is_enough = self.changes > 0 && self.changes * rounds < self.population.people;
        if is_enough {
            &Step::CYCLES
        } else {
            &Step::CYCLES[..3]
        }
    }
}

/// Runs one step in a data folder that the steps before it have left. A cycle that counts anything
/// but what the population says is an error: its time would say nothing.
pub fn run(step: Step, folder: &Path, scale: Scale) -> Result<Done> {
    let population = scale.population;
    match step {
        Step::RawRows => return ceiling::raw(step, folder, population),
        Step::ProductRows => return ceiling::tables(step, folder, population),
        Step::Import => {
            World::create(folder, scale.scope)?;
        }
        Step::Initial | Step::NoChange | Step::Changes | Step::FurtherChanges => {}
    }
    let world = World::open(folder)?;
    match step {
        Step::RawRows | Step::ProductRows => Err("a ceiling needs no world".into()),
        Step::Import => {
            let watch = Stopwatch::start();
            import::run(&world, population, scale.scope)?;
            Ok(Done {
                step,
                people: population.people,
                spent: watch.spent(),
                report: None,
            })
        }
        Step::Initial => cycle(step, &world, population.people, population.expected()),
        Step::NoChange => unchanged(&world),
        Step::Changes => {
            let plan = changes::plan(population, scale.changes, scale.scope);
            changed(step, &world, population, &plan)
        }
        Step::FurtherChanges => further(&world, scale),
    }
}

/// Some cycles without a change, for one is soon over: the quickest, which other work on the machine
/// disturbed least.
fn unchanged(world: &World) -> Result<Done> {
    let mut all = (0..UNCHANGED)
        .map(|_| cycle(Step::NoChange, world, 0, Counts::default()))
        .collect::<Result<Vec<Done>>>()?;
    all.sort_by(|a, b| a.spent.seconds.total_cmp(&b.spent.seconds));
    Ok(all.swap_remove(0))
}

fn changed(step: Step, world: &World, population: Population, plan: &[Change]) -> Result<Done> {
    changes::run(world, population, plan)?;
    cycle(step, world, plan.len() as u64, changes::expected(plan))
}

/// Changes of others than those whom the first changes were about, and so often a cycle after them: the middle
/// one, as a server that runs on has them.
fn further(world: &World, scale: Scale) -> Result<Done> {
    let rounds = FURTHER as u64 + 1;
    let plan = changes::plan(scale.population, scale.changes * rounds, scale.scope);
    let mut all = plan
        .chunks(scale.at_once())
        .skip(1)
        .map(|some| changed(Step::FurtherChanges, world, scale.population, some))
        .collect::<Result<Vec<Done>>>()?;
    all.sort_by(|a, b| a.spent.seconds.total_cmp(&b.spent.seconds));
    match all.len() {
        FURTHER => Ok(all.swap_remove(FURTHER / 2)),
        _ => Err("there are not enough people to be changed".into()),
    }
}

fn cycle(step: Step, world: &World, people: u64, expected: Counts) -> Result<Done> {
    let watch = Stopwatch::start();
    let report = world.cycle()?;
    let spent = watch.spent();
    // Only the first cycle meets each reference once.
    let counted = match step {
        Step::Initial => report.counts,
        _ => Counts {
            references_set: 0,
            references_removed: 0,
            references_pending: 0,
            ..report.counts
        },
    };
    if report.state != CycleState::Succeeded || counted != expected {
        return Err(format!("{step:?}: expected {expected:?}, the cycle says {report:?}").into());
    }
    Ok(Done {
        step,
        people,
        spent,
        report: Some(report),
    })
}

#[cfg(test)]
mod tests {
    use syncline_model::job::CycleKind;

    use super::*;

    fn counted_as_the_population_says(scope: Scope) {
        let folder = tempfile::tempdir().unwrap();
        let population = Population::new(300, 7);
        let scale = Scale {
            population,
            changes: 40,
            scope,
        };
        let report = |step| run(step, folder.path(), scale).unwrap().report;

        assert_eq!(report(Step::Import), None);

        let expected = population.expected();
        assert!(expected.created > 0 && expected.skipped > 0);
        assert!(expected.references_set > 0 && expected.references_pending > 0);
        let initial = report(Step::Initial).unwrap();
        assert_eq!(
            (initial.kind, initial.counts),
            (CycleKind::Initial, expected)
        );

        let unchanged = report(Step::NoChange).unwrap();
        let waiting = Counts {
            references_pending: expected.references_pending,
            ..Counts::default()
        };
        assert_eq!(
            (unchanged.kind, unchanged.counts),
            (CycleKind::Incremental, waiting)
        );

        let changed = report(Step::Changes).unwrap().counts;
        let changes = changed.created + changed.updated + changed.disabled + changed.deleted;
        assert_eq!(changes, 40);
        assert!(changed.created > 0 && changed.disabled > 0 && changed.deleted > 0);

        let further = report(Step::FurtherChanges).unwrap().counts;
        let changes = further.created + further.updated + further.disabled + further.deleted;
        assert_eq!(changes, 40);
    }

    #[test]
    fn three_hundred_people_are_counted_as_the_population_says() {
        counted_as_the_population_says(Scope::All);
    }

    #[test]
    fn there_are_no_further_changes_where_too_few_people_are_left() {
        let cycles = |people, changes| {
            let scale = Scale {
                population: Population::new(people, 7),
                changes,
                scope: Scope::All,
            };
            scale.cycles().len()
        };
        assert_eq!(
            [(241, 40), (240, 40), (300, 0)].map(|(people, changes)| cycles(people, changes)),
            [4, 3, 3]
        );
    }

    #[test]
    fn so_are_three_hundred_who_are_assigned_through_groups() {
        counted_as_the_population_says(Scope::Assigned);
    }
}
