//! What is asked of the figures: each as a ratio, with the target it should meet. A ratio is left out
//! when the run has not what it compares.

use serde::Serialize;

use crate::grouped::grouped;
use crate::measure::{Measured, Run};
use crate::membership::{self, Change, Membership};
use crate::step::Step;

/// One ratio of a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ratio {
    pub what: String,
    pub value: f64,
    /// The same of processor time, which other work on the machine falsifies less.
    pub of_processor_time: Option<f64>,
    pub target: Target,
}

/// Where a ratio should be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Target {
    AtLeast(f64),
    AtMost(f64),
}

impl Ratio {
    pub fn is_met(&self) -> bool {
        match self.target {
            Target::AtLeast(least) => self.value >= least,
            Target::AtMost(most) => self.value <= most,
        }
    }
}

/// The sizes that each target of growth speaks of, small and large. A run that has not both compares its
/// smallest with its largest.
const NO_CHANGE: (u64, u64) = (30_000, 3_000_000);
const CHANGES: (u64, u64) = (10_000, 1_000_000);
/// Below the smaller of these the caches are not full: smaller runs are not compared.
const MEMORY: (u64, u64) = (300_000, 3_000_000);
const MEBIBYTE: f64 = 1024.0 * 1024.0;

/// All ratios that these runs allow.
pub fn of(runs: &[Run], membership: Option<Membership>) -> Vec<Ratio> {
    let mut ratios: Vec<Ratio> = runs.iter().flat_map(ceilings).collect();
    if let Some((small, large)) = pair(runs.iter(), NO_CHANGE) {
        ratios.extend(growth(small, large, Step::NoChange, 1.2));
    }
    if let Some((small, large)) = pair(runs.iter(), CHANGES) {
        ratios.extend(growth(small, large, Step::Changes, 1.5));
        ratios.extend(growth(small, large, Step::FurtherChanges, 1.5));
    }
    ratios.extend(memory(runs));
    ratios.extend(membership.into_iter().flat_map(membership_change));
    ratios
}

/// The runs with these sizes; when one of them is missing, the smallest and the largest.
fn pair<'r>(
    runs: impl Iterator<Item = &'r Run> + Clone,
    (small, large): (u64, u64),
) -> Option<(&'r Run, &'r Run)> {
    let of = |people| runs.clone().find(|run| run.people == people);
    of(small).zip(of(large)).or_else(|| {
        let smallest = runs.clone().min_by_key(|run| run.people)?;
        let largest = runs.clone().max_by_key(|run| run.people)?;
        (smallest.people < largest.people).then_some((smallest, largest))
    })
}

/// How near a cycle comes to what the disk and the tables allow: people written in a second, compared.
fn ceilings(run: &Run) -> Vec<Ratio> {
    let people = grouped(run.people);
    let of = |what: &str, above: Step, below: Step, least| {
        let rounds = || run.each(below).zip(run.each(above));
        let of_time = rounds().map(|(below, above)| {
            written(above, below) * below.done.spent.seconds / above.done.spent.seconds
        });
        let of_processor_time = rounds().filter_map(|(below, above)| {
            Some(written(above, below) * of_processor_time(below, above)?)
        });
        Some(Ratio {
            what: format!("{what}, {people} people"),
            value: middle(of_time)?,
            of_processor_time: middle(of_processor_time),
            target: Target::AtLeast(least),
        })
    };
    [
        of("B ÷ A", Step::ProductRows, Step::RawRows, 0.4),
        of("initial cycle ÷ B", Step::Initial, Step::ProductRows, 0.5),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// People that one step wrote for each that the other did.
fn written(above: &Measured, below: &Measured) -> f64 {
    // Far below 2^53.
    above.done.written() as f64 / below.done.written() as f64
}

/// Rounds are odd in number.
fn middle(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len().saturating_sub(1) / 2).copied()
}

/// The middle of the rounds, each of which ran both sizes.
fn growth(smallest: &Run, largest: &Run, step: Step, most: f64) -> Option<Ratio> {
    let rounds = || largest.each(step).zip(smallest.each(step));
    let of_time =
        rounds().map(|(large, small)| large.done.spent.seconds / small.done.spent.seconds);
    let what = match step {
        Step::NoChange => "cycle without a change".to_owned(),
        Step::FurtherChanges => format!("further cycle after {} changes", grouped(largest.changes)),
        _ => format!(
            "first cycle of a process after {} changes",
            grouped(largest.changes)
        ),
    };
    Some(Ratio {
        what: format!("{what}, time {}", between(largest, smallest)),
        value: middle(of_time)?,
        of_processor_time: middle(
            rounds().filter_map(|(large, small)| of_processor_time(large, small)),
        ),
        target: Target::AtMost(most),
    })
}

fn of_processor_time(above: &Measured, below: &Measured) -> Option<f64> {
    let seconds = |it: &Measured| it.done.spent.processor_seconds;
    seconds(above)
        .zip(seconds(below))
        .map(|(above, below)| above / below)
}

/// Memory must not grow with the number of people.
fn memory(runs: &[Run]) -> Vec<Ratio> {
    let initial = |run: &Run| mebibytes(run.step(Step::Initial)?);
    let of_any_cycle = Step::CYCLES
        .into_iter()
        .flat_map(|step| {
            runs.iter()
                .filter_map(move |run| mebibytes(run.step(step)?))
        })
        .max_by(f64::total_cmp);
    let mut ratios = Vec::new();
    if let Some((peak, largest)) = of_any_cycle.zip(runs.iter().map(|run| run.people).max()) {
        let people = grouped(largest);
        ratios.push(Ratio {
            what: format!("peak memory of any cycle ÷ 256 MiB, up to {people} people"),
            value: peak / 256.0,
            of_processor_time: None,
            target: Target::AtMost(1.0),
        });
    }
    let full = runs.iter().filter(|run| run.people >= MEMORY.0);
    if let Some((small, large)) = pair(full, MEMORY)
        && let Some((peak, usual)) = initial(large).zip(initial(small))
    {
        ratios.push(Ratio {
            what: format!("peak memory of an initial cycle, {}", between(large, small)),
            value: peak / usual,
            of_processor_time: None,
            target: Target::AtMost(1.1),
        });
    }
    ratios
}

fn mebibytes(measured: Measured) -> Option<f64> {
    // Far below 2^53.
    Some(measured.peak_memory_bytes? as f64 / MEBIBYTE)
}

fn membership_change(measured: Membership) -> [Ratio; 4] {
    let members = grouped(measured.members);
    let ratio = |what: String, value, most| Ratio {
        what,
        value,
        of_processor_time: None,
        target: Target::AtMost(most),
    };
    let time = |of: &str, change: Change| {
        let small = membership::SMALL;
        ratio(
            format!(
                "cycle after one membership change, time, {of} group of {members} ÷ of {small}"
            ),
            change.large_seconds / change.small_seconds,
            1.5,
        )
    };
    let Membership {
        synchronized,
        assigned,
        ..
    } = measured;
    // Counts.
    let (written, evaluated) = (synchronized.written as f64, assigned.evaluated as f64);
    [
        time("synchronized", synchronized),
        ratio(
            format!("memberships written after one change in a synchronized group of {members}"),
            written,
            1.0,
        ),
        time("assigned", assigned),
        ratio(
            format!(
                "people looked at after one membership change in an assigned group of {members}"
            ),
            evaluated,
            1.0,
        ),
    ]
}

fn between(large: &Run, small: &Run) -> String {
    let people = |run: &Run| grouped(run.people);
    format!("{} ÷ {} people", people(large), people(small))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(people: u64, seconds: &[(Step, f64)]) -> Run {
        Run::made_up(people, seconds)
    }

    #[test]
    fn a_cycle_is_compared_with_b_and_b_with_a() {
        let steps = [
            (Step::RawRows, 1.0),
            (Step::ProductRows, 2.0),
            (Step::Initial, 8.0),
        ];
        let ratios = of(&[run(1_000, &steps)], None);
        let found: Vec<(f64, bool)> = ratios.iter().map(|it| (it.value, it.is_met())).collect();
        assert_eq!(found[..2], [(0.5, true), (0.25, false)]);
    }

    #[test]
    fn a_cycle_is_credited_with_those_whom_it_creates() {
        // It takes twice as long as B, and creates 7 of the 8 whom B writes.
        let steps = [(Step::ProductRows, 1.0), (Step::Initial, 2.0)];
        let ratios = of(&[run(80, &steps).creating(70)], None);
        assert_eq!((ratios[0].value, ratios[0].is_met()), (0.4375, false));
        let both = [(Step::RawRows, 1.0), (Step::ProductRows, 2.0)];
        assert_eq!(of(&[run(80, &both)], None)[0].value, 0.5);
    }

    #[test]
    fn of_several_rounds_the_ratio_in_the_middle_counts() {
        let rounds = [(2.0, 8.0), (9.0, 10.0), (3.0, 6.0)];
        let steps =
            rounds.map(|(tables, cycle)| [(Step::ProductRows, tables), (Step::Initial, cycle)]);
        let run = run(1_000, &steps.concat());
        let ratios = of(std::slice::from_ref(&run), None);
        assert_eq!(ratios[0].value, 0.5);
        // The figures that are told are those of the middle by time.
        let told = run.step(Step::Initial).unwrap();
        assert_eq!(told.done.spent.seconds, 8.0);
    }

    #[test]
    fn sizes_are_compared_only_when_there_are_two() {
        let step = |seconds| [(Step::NoChange, seconds)];
        let one = of(&[run(1_000, &step(1.0))], None);
        assert!(one.iter().all(|it| it.what.starts_with("peak memory")));
        let two = of(&[run(200_000, &step(1.1)), run(1_000, &step(1.0))], None);
        assert_eq!(two.len(), 2);
        assert!(two[0].is_met());
        assert_eq!(
            two[0].what,
            "cycle without a change, time 200,000 ÷ 1,000 people"
        );
    }

    #[test]
    fn sizes_are_compared_within_a_round() {
        let rounds = |seconds: [f64; 3]| seconds.map(|it| (Step::Changes, it));
        // The machine was slower in each round than in the one before.
        let small = run(1_000, &rounds([1.0, 2.0, 4.0]));
        let large = run(300_000, &rounds([1.5, 2.4, 4.0]));
        assert_eq!(of(&[large, small], None)[0].value, 1.2);
    }

    /// What is said of growth, without the words that are the same in all.
    fn grown(sizes: &[u64]) -> Vec<String> {
        let steps = Step::CYCLES.map(|step| (step, 1.0));
        let runs: Vec<Run> = sizes.iter().map(|people| run(*people, &steps)).collect();
        let what = of(&runs, None).into_iter().map(|it| it.what);
        what.map(|it| it.replace(" people", "")).collect()
    }

    #[test]
    fn each_target_of_growth_is_judged_by_the_sizes_it_names() {
        assert_eq!(
            grown(&[10_000, 30_000, 300_000, 1_000_000, 3_000_000]),
            [
                "cycle without a change, time 3,000,000 ÷ 30,000",
                "first cycle of a process after 1,000 changes, time 1,000,000 ÷ 10,000",
                "further cycle after 1,000 changes, time 1,000,000 ÷ 10,000",
                "peak memory of any cycle ÷ 256 MiB, up to 3,000,000",
                "peak memory of an initial cycle, 3,000,000 ÷ 300,000",
            ]
        );
    }

    #[test]
    fn other_sizes_stand_in_for_those_that_are_missing() {
        assert_eq!(
            grown(&[30_000, 300_000, 3_000_000])[1],
            "first cycle of a process after 1,000 changes, time 3,000,000 ÷ 30,000"
        );
        assert_eq!(
            grown(&[10_000, 300_000, 1_000_000])[4],
            "peak memory of an initial cycle, 1,000,000 ÷ 300,000"
        );
        // Caches are not full there: memory may grow.
        assert_eq!(grown(&[10_000, 300_000]).len(), 4);
    }

    #[test]
    fn memory_of_a_cycle_is_bounded_and_does_not_grow() {
        let steps = [(Step::Initial, 1.0), (Step::Changes, 1.0)];
        let mut runs = [run(300_000, &steps), run(3_000_000, &steps)];
        let ratios = of(&runs, None);
        let last = ratios.last().unwrap();
        assert_eq!((last.value, last.is_met()), (10.0, false));
        // Of whichever size and cycle.
        runs[0].steps[1].peak_memory_bytes = Some(512 << 20);
        let bound = &of(&runs, None)[1];
        assert_eq!((bound.value, bound.is_met()), (2.0, false));
    }
}
