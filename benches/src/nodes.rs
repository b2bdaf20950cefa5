//! One node and two on one PostgreSQL: the decide stage of a first cycle, and the whole of it. A node is
//! a process; all of a measurement begin at the same moment, when they are connected.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde::{Deserialize, Serialize};
use syncline_model::job::{Counts, CycleState};

use crate::Result;
use crate::population::Population;
use crate::scope::Scope;
use crate::seam::Stopwatch;
use crate::world::{DATABASE, World};
use crate::{import, measure};

/// Deciding is measured so often, an odd number: by one node and by two in each. The round whose ratio is
/// in the middle counts, as the quickest of each would be compared across rounds that had other company.
const ROUNDS: usize = 3;
/// What two nodes should reach, deciding.
pub const TARGET: f64 = 1.6;

/// What a node does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Stage {
    /// Read and decide, carry nothing out
    Decide,
    /// A whole first cycle
    Cycle,
}

/// What a node says when it is done.
#[derive(Debug, Serialize, Deserialize)]
struct Share {
    /// People that this node decided; of a cycle, that all nodes did.
    people: u64,
    counts: Counts,
    /// Of this node's working thread; without the server's.
    processor_seconds: Option<f64>,
}

/// Seconds of one node and of two.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Compared {
    pub one: f64,
    pub two: f64,
}

impl Compared {
    pub fn ratio(self) -> f64 {
        self.one / self.two
    }
}

/// The figures of a run.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Figures {
    pub people: u64,
    /// The round in the middle, by ratio.
    pub decide: Compared,
    /// Time on a processor of the node that had most to do, without the server's; the round in the
    /// middle by its own ratio. `None` where the system does not tell.
    pub decide_processor: Option<Compared>,
    /// All rounds, in order: one node, two nodes.
    pub decide_rounds: Vec<Compared>,
    pub cycle: Compared,
    /// What else the machine did: its load average when the run began and when it ended, our own
    /// work included.
    pub load: [Option<f64>; 2],
}

/// Measures on the server `url`, in schemas of its own; `progress` is told what is done.
pub fn run(
    folder: &Path,
    url: &str,
    population: Population,
    progress: impl Fn(&str),
) -> Result<Figures> {
    let began = measure::load();
    let worlds = [folder.join("one"), folder.join("two")];
    for (number, world) in (1..).zip(&worlds) {
        progress(&format!("making the people for {number} node(s)"));
        fs::create_dir_all(world)?;
        let schema = format!("{url}?options=-csearch_path%3Dbench_nodes_{number}");
        fs::write(world.join(DATABASE), schema)?;
        World::create(world, Scope::All)?;
        import::run(&World::open(world)?, population, Scope::All)?;
    }
    let (mut decide_rounds, mut processor) = (Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        progress(&format!("deciding, round {round} of {ROUNDS}"));
        let (one, one_processor) = decide(&worlds[0], 1, population)?;
        let (two, two_processor) = decide(&worlds[0], 2, population)?;
        decide_rounds.push(Compared { one, two });
        let both = one_processor.zip(two_processor);
        processor.push(both.map(|(one, two)| Compared { one, two }));
    }
    let processor: Option<Vec<Compared>> = processor.into_iter().collect();
    progress("a whole cycle, one node");
    let one = cycle(&worlds[0], 1, population)?;
    progress("a whole cycle, two nodes");
    let two = cycle(&worlds[1], 2, population)?;
    Ok(Figures {
        people: population.people,
        decide: middle(&decide_rounds).ok_or("deciding was not measured")?,
        decide_processor: processor.and_then(|rounds| middle(&rounds)),
        decide_rounds,
        cycle: Compared { one, two },
        load: [began, measure::load()],
    })
}

/// The round whose ratio is in the middle.
fn middle(rounds: &[Compared]) -> Option<Compared> {
    let mut rounds = rounds.to_vec();
    rounds.sort_by(|a, b| a.ratio().total_cmp(&b.ratio()));
    rounds.get(rounds.len() / 2).copied()
}

/// Seconds, and those on a processor of the node that had most to do.
fn decide(folder: &Path, nodes: usize, population: Population) -> Result<(f64, Option<f64>)> {
    let world = World::open(folder)?;
    world
        .runner
        .begin_rehearsal(world.source.id, &world.job.id)?;
    let (seconds, shares) = together(folder, nodes, Stage::Decide)?;
    let expected = population.expected();
    let sum = |of: fn(&Share) -> u64| shares.iter().map(of).sum::<u64>();
    let found = (
        sum(|it| it.people),
        sum(|it| it.counts.created),
        sum(|it| it.counts.skipped),
    );
    if found != (population.people, expected.created, expected.skipped) {
        return Err(format!("deciding: expected {expected:?}, the nodes say {shares:?}").into());
    }
    let processor: Option<Vec<f64>> = shares.iter().map(|it| it.processor_seconds).collect();
    Ok((
        seconds,
        processor.map(|all| all.into_iter().fold(0.0, f64::max)),
    ))
}

fn cycle(folder: &Path, nodes: usize, population: Population) -> Result<f64> {
    let (seconds, shares) = together(folder, nodes, Stage::Cycle)?;
    let expected = population.expected();
    if shares.iter().any(|share| share.counts != expected) {
        return Err(format!("cycle: expected {expected:?}, the nodes say {shares:?}").into());
    }
    Ok(seconds)
}

/// Starts the nodes, lets them begin together, and says how long the last took.
fn together(folder: &Path, nodes: usize, stage: Stage) -> Result<(f64, Vec<Share>)> {
    let mut children = (0..nodes)
        .map(|_| Node::start(folder, stage))
        .collect::<Result<Vec<_>>>()?;
    for child in &mut children {
        child.line()?;
    }
    let watch = Stopwatch::start();
    for child in &mut children {
        child.go()?;
    }
    let said = children
        .iter_mut()
        .map(Node::line)
        .collect::<Result<Vec<String>>>()?;
    let seconds = watch.spent().seconds;
    let shares = said
        .iter()
        .map(|line| Ok(serde_json::from_str(line)?))
        .collect::<Result<Vec<Share>>>()?;
    Ok((seconds, shares))
}

struct Node {
    child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Node {
    fn start(folder: &Path, stage: Stage) -> Result<Self> {
        let stage = measure::name(stage)?;
        let mut child = Command::new(std::env::current_exe()?)
            .args(["node", stage.get_name(), "--folder"])
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().ok_or("a node without an output")?;
        Ok(Self {
            child,
            stdout: BufReader::new(stdout),
        })
    }

    fn go(&mut self) -> Result<()> {
        let stdin = self.child.stdin.as_mut().ok_or("a node without an input")?;
        Ok(stdin.write_all(b"go\n")?)
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        match self.stdout.read_line(&mut line)? {
            0 => Err("a node ended before it was done".into()),
            _ => Ok(line),
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // Done, or in vain: either way nothing is left of it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The child process: says that it is there, waits for the word, does its share, and says what.
pub fn node(folder: &Path, stage: Stage) -> Result<String> {
    let world = World::open(folder)?;
    let mut stdout = io::stdout();
    stdout.write_all(b"ready\n")?;
    stdout.flush()?;
    io::stdin().read_line(&mut String::new())?;
    let watch = Stopwatch::start();
    let share = match stage {
        Stage::Decide => {
            let done = world.runner.rehearse(world.source.id, &world.job.id)?;
            Share {
                people: done.read,
                counts: done.counts,
                processor_seconds: watch.spent().processor_seconds,
            }
        }
        Stage::Cycle => {
            let report = world.cycle()?;
            if report.state != CycleState::Succeeded {
                return Err(format!("the cycle says {report:?}").into());
            }
            Share {
                people: report.counts.created + report.counts.skipped,
                counts: report.counts,
                processor_seconds: watch.spent().processor_seconds,
            }
        }
    };
    Ok(serde_json::to_string(&share)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_round_in_the_middle_by_ratio_counts_whole() {
        let rounds = [(8.0, 3.75), (7.0, 4.4), (7.3, 4.0)];
        let rounds = rounds.map(|(one, two)| Compared { one, two });
        // Not 7.0 ÷ 3.75, the quickest of each.
        let found = middle(&rounds).unwrap();
        assert_eq!((found.one, found.two), (7.3, 4.0));
        assert!(middle(&[]).is_none());
    }
}
