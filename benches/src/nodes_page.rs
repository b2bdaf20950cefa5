//! The figures of nodes, for the terminal and for the reference.

use std::path::Path;

use syncline_model::Timestamp;

use crate::grouped::grouped;
use crate::measure::Machine;
use crate::nodes::{Compared, Figures, TARGET};
use crate::table::{self, Style};

/// The figures as a table, and what to make of them.
pub fn figures(figures: &Figures, style: Style) -> String {
    let Figures { decide, cycle, .. } = figures;
    let row = |what: &str, it: &Compared, target: String| {
        [
            what.to_owned(),
            table::time(it.one),
            table::time(it.two),
            format!("{:.2}", it.ratio()),
            target,
        ]
    };
    let met = if decide.ratio() >= TARGET {
        "met"
    } else {
        "not met"
    };
    let mut rows = vec![row("read and decide", decide, format!("≥ {TARGET}: {met}"))];
    if let Some(processor) = &figures.decide_processor {
        rows.push(row(
            "… CPU time of the busiest node",
            processor,
            String::new(),
        ));
    }
    rows.push(row("whole first cycle", cycle, String::new()));
    table::plain(
        &["", "one node", "two nodes", "ratio", "should be"],
        &rows,
        style,
    )
}

/// The rounds and the load, in a sentence.
pub fn circumstances(figures: &Figures) -> String {
    let rounds: Vec<String> = figures
        .decide_rounds
        .iter()
        .map(|it| format!("{:.2}", it.ratio()))
        .collect();
    let load = figures
        .load
        .map(|it| it.map_or_else(|| "unknown".to_owned(), |it| format!("{it:.1}")));
    format!(
        "Ratios of the rounds of deciding: {}. Load average of the machine: {} at the beginning, {} at the end.",
        rounds.join(", "),
        load[0],
        load[1]
    )
}

/// The page of the reference that is written to this file.
pub fn render(file: &Path, run: &Figures, machine: &Machine, seed: u64, now: Timestamp) -> String {
    let text = now.to_string();
    let date = text.split('T').next().unwrap_or_default();
    format!(
        "# Performance of several nodes

Figures of one run on {date}, on {cores} cores ({system}), release build, seed {seed}, {people} people. Nothing is tested
against them. Written by

```
make bench-nodes PEOPLE={number} ARGS=\"--write {file}\"
```

{table}

{circumstances}

PostgreSQL runs on the same cores as the nodes, without fsync. Deciding is measured as a rehearsal: each node takes parts of the
source by lease, reads them, decides on them on one thread, and carries nothing out. Of {rounds} rounds, each of which measures one node and
two, the one whose ratio is in the middle is told and judged. The CPU time is that of the deciding thread, without the server's, of the
round in the middle by that: where other work keeps the cores busy, time says little, and this still says how evenly the parts were shared.
The whole cycle is measured once. In a whole cycle a node decides a page while it writes the one before, and the pages of a
tenant are written one after another, whichever node they come from: what two nodes share is the deciding.
",
        file = file.display(),
        cores = machine.cores,
        system = machine.system,
        people = grouped(run.people),
        number = run.people,
        table = figures(run, Style::Markdown),
        circumstances = circumstances(run),
        rounds = run.decide_rounds.len(),
    )
}
