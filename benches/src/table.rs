//! The figures as a table: for the terminal, and as Markdown for the reference.

use comfy_table::{CellAlignment, Table, presets};

use crate::grouped::grouped;
use crate::measure::Run;
use crate::ratios::{Ratio, Target};
use crate::step::Step;

/// Where the table is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Terminal,
    Markdown,
}

/// One line per size and step.
pub fn steps(runs: &[Run], style: Style) -> String {
    let mut table = empty(style);
    table.set_header([
        "people",
        "step",
        "time",
        "CPU time",
        "people/s",
        "peak memory",
    ]);
    for run in runs {
        for measured in Step::ALL.into_iter().filter_map(|step| run.step(step)) {
            let done = &measured.done;
            table.add_row([
                grouped(run.people),
                words(done.step, run),
                time(done.spent.seconds),
                done.spent.processor_seconds.map_or_else(unknown, time),
                rate(done.written(), done.spent.seconds),
                measured.peak_memory_bytes.map_or_else(unknown, mebibytes),
            ]);
        }
    }
    finished(table, 1)
}

/// One line per ratio, with its target.
pub fn ratios(ratios: &[Ratio], style: Style) -> String {
    let mut table = empty(style);
    table.set_header(["ratio", "is", "of CPU time", "should be", ""]);
    for ratio in ratios {
        let target = match ratio.target {
            Target::AtLeast(least) => format!("≥ {least}"),
            Target::AtMost(most) => format!("≤ {most}"),
        };
        table.add_row([
            ratio.what.clone(),
            format!("{:.2}", ratio.value),
            ratio
                .of_processor_time
                .map_or_else(String::new, |it| format!("{it:.2}")),
            target,
            if ratio.is_met() { "met" } else { "not met" }.to_owned(),
        ]);
    }
    table.trim_fmt()
}

/// One line per size: what a person costs on disk.
pub fn sizes(runs: &[Run], style: Style) -> String {
    let mut table = empty(style);
    table.set_header([
        "people",
        "source, bytes each",
        "synchronized, further bytes each",
        "database",
    ]);
    for run in runs {
        let (Some(import), Some(initial)) = (run.step(Step::Import), run.step(Step::Initial))
        else {
            continue;
        };
        let created = initial.done.written().max(1);
        table.add_row([
            grouped(run.people),
            grouped(import.database_bytes / run.people.max(1)),
            grouped(initial.database_bytes.saturating_sub(import.database_bytes) / created),
            mebibytes(initial.database_bytes),
        ]);
    }
    finished(table, 0)
}

/// Any rows of words.
pub fn plain<const N: usize>(header: &[&str; N], rows: &[[String; N]], style: Style) -> String {
    let mut table = empty(style);
    table.set_header(header);
    for row in rows {
        table.add_row(row);
    }
    table.trim_fmt()
}

fn empty(style: Style) -> Table {
    let mut table = Table::new();
    table.load_style(match style {
        Style::Terminal => presets::UTF8_FULL_CONDENSED,
        Style::Markdown => presets::ASCII_MARKDOWN,
    });
    table
}

/// Numbers to the right, words (in one column) to the left.
fn finished(mut table: Table, words: usize) -> String {
    for (at, column) in table.column_iter_mut().enumerate() {
        if at != words || words == 0 {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}

fn words(step: Step, run: &Run) -> String {
    match step {
        Step::RawRows => "A: three raw rows each".to_owned(),
        Step::ProductRows => "B: the product's rows, no decisions".to_owned(),
        Step::Import => "create the people in the source".to_owned(),
        Step::Initial => "initial cycle (people/s: created)".to_owned(),
        Step::NoChange => "cycle without a change".to_owned(),
        Step::Changes | Step::FurtherChanges => {
            let made = run.step(step).map_or(run.changes, |it| it.done.people);
            let of = match step {
                Step::Changes => "first of a process",
                _ => "further one",
            };
            format!("cycle after {} changes, {of}", grouped(made))
        }
    }
}

/// What the system does not tell.
fn unknown() -> String {
    "?".to_owned()
}

pub fn time(seconds: f64) -> String {
    if seconds < 1.0 {
        format!("{:.0} ms", seconds * 1000.0)
    } else {
        format!("{seconds:.1} s")
    }
}

fn rate(people: u64, seconds: f64) -> String {
    if people == 0 || seconds <= 0.0 {
        return String::new();
    }
    // Far below 2^53, and rounded anyway.
    let rate = people as f64 / seconds;
    grouped(rate.round() as u64)
}

pub fn mebibytes(bytes: u64) -> String {
    format!("{} MiB", grouped((bytes + (1 << 19)) >> 20))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_of_a_first_cycle_is_that_of_the_people_it_creates() {
        let steps = [(Step::ProductRows, 2.0), (Step::Initial, 2.0)];
        let run = Run::made_up(8_000, &steps).creating(7_000);
        let table = super::steps(&[run], Style::Markdown);
        let cells = |what: &str| {
            let line = table.lines().find(|line| line.contains(what)).unwrap();
            line.split('|')
                .map(|it| it.trim().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(cells("B: ")[5], "4,000");
        assert_eq!(cells("initial cycle (people/s: created)")[5], "3,500");
    }
}
