//! What is asked of the figures: each as a ratio, with the target it should meet. A ratio is left out
//! when the run has not what it compares.

use serde::Serialize;

use crate::measure::{Measured, Run};
use crate::membership::{self, Membership};
use crate::scenario::Step;

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

/// The size that the targets speak of.
const USUAL: u64 = 300_000;
const MEBIBYTE: f64 = 1024.0 * 1024.0;

/// All ratios that these runs allow.
pub fn of(runs: &[Run], membership: Option<Membership>) -> Vec<Ratio> {
    let mut ratios: Vec<Ratio> = runs.iter().flat_map(ceilings).collect();
    let smallest = runs.iter().min_by_key(|run| run.people);
    let largest = runs.iter().max_by_key(|run| run.people);
    if let (Some(smallest), Some(largest)) = (smallest, largest) {
        if smallest.people < largest.people {
            ratios.extend(growth(smallest, largest, Step::NoChange, 1.2));
            ratios.extend(growth(smallest, largest, Step::Changes, 1.5));
        }
        ratios.extend(memory(runs, largest));
    }
    ratios.extend(membership.into_iter().flat_map(membership_change));
    ratios
}

/// How near a cycle comes to what the disk and the tables allow: people written in a second, compared.
fn ceilings(run: &Run) -> Vec<Ratio> {
    let people = crate::table::grouped(run.people);
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
        _ => format!(
            "cycle after {} changes",
            crate::table::grouped(largest.changes)
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
fn memory(runs: &[Run], largest: &Run) -> Vec<Ratio> {
    let peak = |run: &Run| {
        let initial = run.step(Step::Initial)?;
        // Far below 2^53.
        Some(initial.peak_memory_bytes? as f64 / MEBIBYTE)
    };
    let mut ratios = Vec::new();
    if let Some(peak) = peak(largest) {
        let people = crate::table::grouped(largest.people);
        ratios.push(Ratio {
            what: format!("peak memory of an initial cycle ÷ 256 MiB, {people} people"),
            value: peak / 256.0,
            of_processor_time: None,
            target: Target::AtMost(1.0),
        });
    }
    let usual = runs.iter().find(|run| run.people == USUAL);
    if let Some(usual) = usual.filter(|usual| usual.people < largest.people)
        && let Some((large, small)) = peak(largest).zip(peak(usual))
    {
        ratios.push(Ratio {
            what: format!(
                "peak memory of an initial cycle, {}",
                between(largest, usual)
            ),
            value: large / small,
            of_processor_time: None,
            target: Target::AtMost(1.1),
        });
    }
    ratios
}

fn membership_change(measured: Membership) -> [Ratio; 2] {
    let members = crate::table::grouped(measured.members);
    [
        Ratio {
            what: format!(
                "cycle after one membership change, time, group of {members} ÷ of {}",
                membership::SMALL
            ),
            value: measured.large_seconds / measured.small_seconds,
            of_processor_time: None,
            target: Target::AtMost(1.5),
        },
        Ratio {
            what: format!("people looked at after one membership change in a group of {members}"),
            // A count.
            value: measured.evaluated as f64,
            of_processor_time: None,
            target: Target::AtMost(1.0),
        },
    ]
}

fn between(large: &Run, small: &Run) -> String {
    let people = |run: &Run| crate::table::grouped(run.people);
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
        assert_eq!(of(&[run(1_000, &step(1.0))], None), []);
        let two = of(&[run(300_000, &step(1.1)), run(1_000, &step(1.0))], None);
        assert_eq!(two.len(), 1);
        assert!(two[0].is_met());
        assert_eq!(
            two[0].what,
            "cycle without a change, time 300,000 ÷ 1,000 people"
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

    #[test]
    fn memory_of_the_largest_size_is_compared_with_that_of_the_usual_one() {
        let step = [(Step::Initial, 1.0)];
        let two = of(&[run(300_000, &step), run(3_000_000, &step)], None);
        let last = two.last().unwrap();
        assert_eq!((last.value, last.is_met()), (10.0, false));
    }
}
