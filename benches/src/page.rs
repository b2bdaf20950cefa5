//! The reference page with the figures of the last run.

use std::path::Path;

use syncline_model::Timestamp;

use crate::measure::{Machine, Run};
use crate::ratios::Ratio;
use crate::scope::Scope;
use crate::step::Step;
use crate::table::{self, Style};

/// As many people are told of on a page of their own, unless this one has them.
const LARGE: u64 = 3_000_000;

/// The page that is written to this file, whole.
pub fn render(
    file: &Path,
    runs: &[Run],
    ratios: &[Ratio],
    machine: &Machine,
    seed: u64,
    at: Timestamp,
) -> String {
    let date = at.to_string();
    let date = date.split('T').next().unwrap_or_default();
    let memory = machine.memory_bytes.map_or_else(String::new, |bytes| {
        format!(", {} GiB", (bytes + (1 << 29)) >> 30)
    });
    format!(
        "\
# Performance

Figures of one run on {date}, on {cores} cores{memory} ({system}), release build, seed {seed}. They say what a cycle costs
on such a machine; nothing is tested against them. Written by

```
make bench ARGS=\"--people {sizes} --rounds {count} --write {file}\"
```

Two hosted tenants in one SQLite database. The people are made up, the same in every run: about 20 attributes each, twelve departments
of very different size, a tree of managers in which some lead very many, one in eight has left, and a security group of each department.
{scope} The mappings are the default ones. Each step runs in a process of its own; peak memory is that process's
(`VmHWM`), of which the page cache of the database is up to 80 MiB. {rounds} CPU time is that of all threads, and says more than time where the machine did other work meanwhile.

{steps}

- *A* and *B* are the ceilings: what could be written at all, in pages of 5,000 people, in the same run on the same disk with the same
  driver, page size, cache and durability (WAL, `synchronous=NORMAL`). A writes three rows per person (an object of 640 bytes, a link, a log row of
  480 bytes) by primary key alone, keys of 16 bytes in order of time. B writes the product's own rows through the store's verbs: object, three
  unique values, manager, link and log row, with every index. Neither decides anything; making the rows is not in the time. Both write everybody.
- *Initial cycle*: everybody is evaluated; who has not left is created in the target, with links, manager references and a line in the
  provisioning log each. Its people/s are those who are created, seven eighths, and *initial cycle ÷ B* compares them with the people whom B writes
  in a second. About half of the people come before their manager, who is brought forward
  and created with them; of whom left, nobody is, and the references to them wait.
- *Cycle without a change*: the quickest of a hundred and one.
- *Cycle after changes*: new job titles mostly, a tenth disabled, a twentieth deleted, some re-enabled, moved or new. Making the
  changes is not in the time. The *first of a process* finds nothing in memory that the process has not just written; of *further* ones, each after
  changes of other people, five are run in one process, as a server that runs on has them: the middle by time.

{ratios}

A *membership change* is one person more in a security group: in one that is synchronized with its members, where everybody is in scope;
or in one that is assigned to the configuration, whose members are.

What a person costs on disk: in the source tenant (object, unique values, manager, membership), and, once synchronized, in the
target tenant with link and log.

{bytes}

Three more benches print their own tables: `make bench-http` drives the Graph API of the release binary with wrk, and asks how much longer a
point read takes while an initial cycle writes ([figures](performance-http.md); target: its p99 at most 5 × idle); `make bench-syncrepl` lets OpenLDAP replicate the same people
in the same run ([figures](performance-syncrepl.md); targets: 5 × its entries per second without fsync, 20 × with it; slapd commits each entry, a cycle pages of people);
`make bench-nodes` compares one node and two on one PostgreSQL ([figures](performance-nodes.md)).
{large}",
        file = file.display(),
        large = if runs.iter().any(|run| run.people >= LARGE) {
            ""
        } else {
            "Three million people are in [performance-large.md](performance-large.md).\n"
        },
        count = rounds(runs),
        cores = machine.cores,
        system = machine.system,
        sizes = runs.iter().map(|run| run.people.to_string()).collect::<Vec<_>>().join(","),
        rounds = match rounds(runs) {
            0 | 1 => String::new(),
            rounds => format!("All steps but the making of the people are run in {rounds} rounds, all sizes in each; the middle by time is told, and the middle of the ratios of a round: such a machine is not always equally fast."),
        },
        scope = match runs.first().map(|run| run.scope) {
            Some(Scope::Assigned) => "People are in scope through the groups of their departments, all of which are assigned.",
            _ => "Everybody is in scope (*Sync all*).",
        },
        steps = table::steps(runs, Style::Markdown),
        ratios = table::ratios(ratios, Style::Markdown),
        bytes = table::sizes(runs, Style::Markdown),
    )
}

fn rounds(runs: &[Run]) -> usize {
    let first = runs.first();
    first.map_or(0, |run| run.each(Step::Initial).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(file: &str, people: u64) -> String {
        let machine = Machine {
            cores: 2,
            memory_bytes: None,
            system: "linux x86_64".to_owned(),
        };
        let runs = [Run::made_up(people, &[(Step::Initial, 1.0)])];
        let at = Timestamp::from_seconds(0);
        render(Path::new(file), &runs, &[], &machine, 1, at)
    }

    #[test]
    fn a_page_names_the_file_it_is_written_to_and_not_itself_for_more() {
        let large = page("docs/reference/performance-large.md", 3_000_000);
        let command = "--people 3000000 --rounds 1 --write docs/reference/performance-large.md\"\n";
        assert!(large.contains(command), "{large}");
        assert!(!large.contains("](performance-large.md)"), "{large}");
        let usual = page("docs/reference/performance.md", 300_000);
        assert!(usual.contains("--write docs/reference/performance.md\"\n"));
        assert!(usual.contains("](performance-large.md)"));
    }
}
