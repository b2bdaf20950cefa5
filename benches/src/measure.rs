//! Measures: each step in a child process of its own, so that peaks of memory do not mix.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

use crate::Result;
use crate::membership::Membership;
use crate::scenario::Scale;
use crate::scope::Scope;
use crate::step::{Done, Step};

/// A step, and what it cost.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Measured {
    #[serde(flatten)]
    pub done: Done,
    /// Of the process that ran the step; `None` where the system does not tell.
    pub peak_memory_bytes: Option<u64>,
    /// The database file when the step was done.
    pub database_bytes: u64,
}

/// All steps with so many people.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    pub people: u64,
    pub changes: u64,
    pub scope: Scope,
    /// As they were run.
    pub steps: Vec<Measured>,
}

impl Run {
    /// All rounds of a step.
    pub fn each(&self, step: Step) -> impl Iterator<Item = &Measured> {
        self.steps.iter().filter(move |it| it.done.step == step)
    }

    /// The round in the middle by time, with the memory of the one that took most.
    pub fn step(&self, step: Step) -> Option<Measured> {
        let mut rounds: Vec<&Measured> = self.each(step).collect();
        let seconds = |it: &Measured| it.done.spent.seconds;
        rounds.sort_by(|a, b| seconds(a).total_cmp(&seconds(b)));
        let middle = *rounds.get(rounds.len().saturating_sub(1) / 2)?;
        Some(Measured {
            peak_memory_bytes: rounds.iter().map(|it| it.peak_memory_bytes).max()?,
            ..middle.clone()
        })
    }
}

/// Figures for the tests of what is made of them.
#[cfg(test)]
impl Run {
    pub fn made_up(people: u64, seconds: &[(Step, f64)]) -> Self {
        let steps = seconds.iter().map(|(step, seconds)| Measured {
            done: Done {
                step: *step,
                people,
                spent: crate::seam::Spent {
                    seconds: *seconds,
                    processor_seconds: None,
                },
                report: None,
            },
            peak_memory_bytes: Some(people),
            database_bytes: 0,
        });
        Self {
            people,
            changes: 1_000,
            scope: Scope::All,
            steps: steps.collect(),
        }
    }

    /// The same with a first cycle that creates so many, and skips the others.
    pub fn creating(mut self, created: u64) -> Self {
        use syncline_model::job::{Counts, CycleKind, CycleReport, CycleState};
        for measured in &mut self.steps {
            if measured.done.step == Step::Initial {
                measured.done.report = Some(CycleReport {
                    job_id: syncline_model::JobId("made-up".to_owned()),
                    cycle_id: syncline_model::CycleId::from_bytes([0; 16]),
                    kind: CycleKind::Initial,
                    state: CycleState::Succeeded,
                    counts: Counts {
                        created,
                        skipped: measured.done.people - created,
                        ..Counts::default()
                    },
                    skipped_by_reason: std::collections::BTreeMap::new(),
                    duration_ms: 0,
                    error: None,
                    job_disabled: false,
                    in_between: false,
                });
            }
        }
        self
    }
}

/// What a child process prints.
#[derive(Debug, Serialize, Deserialize)]
pub struct Printed {
    pub done: Done,
    pub peak_memory_bytes: Option<u64>,
}

/// What the figures were taken on.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Machine {
    pub cores: usize,
    pub memory_bytes: Option<u64>,
    pub system: String,
}

/// Runs all steps with as many people as each scale says, each in an empty folder of its own;
/// `progress` is told before each. All but the import are run in so many rounds, all sizes in each:
/// the machine may be slower at one time than at another, and those of one round are compared with
/// each other.
pub fn all_steps(
    sizes: &[(&Path, Scale)],
    rounds: usize,
    progress: impl Fn(u64, Step),
) -> Result<Vec<Run>> {
    let measured = |step, folder: &Path, scale: Scale| {
        progress(scale.population.people, step);
        let printed = in_child(step, folder, scale)?;
        Ok::<_, Box<dyn std::error::Error>>(Measured {
            done: printed.done,
            peak_memory_bytes: printed.peak_memory_bytes,
            database_bytes: database_bytes(folder)?,
        })
    };
    let mut runs = Vec::new();
    for (folder, scale) in sizes {
        runs.push(Run {
            people: scale.population.people,
            changes: scale.changes,
            scope: scale.scope,
            steps: vec![measured(Step::Import, folder, *scale)?],
        });
    }
    for _ in 0..rounds {
        for ((folder, scale), run) in sizes.iter().zip(&mut runs) {
            for step in [Step::RawRows, Step::ProductRows] {
                let own = folder.join("ceiling");
                run.steps.push(measured(step, &own, *scale)?);
                fs::remove_dir_all(own)?;
            }
            let own = folder.join("copy");
            copy(folder, &own)?;
            for step in scale.cycles() {
                run.steps.push(measured(*step, &own, *scale)?);
            }
            fs::remove_dir_all(own)?;
        }
    }
    Ok(runs)
}

/// The files of a data folder, on the disk: whoever works on them need not wait for that.
fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir(to)?;
    for file in fs::read_dir(from)? {
        let file = file?;
        if file.file_type()?.is_file() {
            let copied = to.join(file.file_name());
            fs::copy(file.path(), &copied)?;
            fs::File::open(copied)?.sync_all()?;
        }
    }
    Ok(())
}

/// A membership change, in a child process.
pub fn membership(folder: &Path, seed: u64) -> Result<Membership> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("membership").arg("--folder").arg(folder);
    command.args(["--seed", &seed.to_string()]);
    printed(&mut command)
}

fn in_child(step: Step, folder: &Path, scale: Scale) -> Result<Printed> {
    let step = name(step)?;
    let mut command = Command::new(std::env::current_exe()?);
    command
        .arg("step")
        .arg(step.get_name())
        .arg("--folder")
        .arg(folder)
        .args(["--people", &scale.population.people.to_string()])
        .args(["--seed", &scale.population.seed.to_string()])
        .args(["--changes", &scale.changes.to_string()])
        .args(["--scope", name(scale.scope)?.get_name()]);
    printed(&mut command)
}

/// What a child process has to say.
fn printed<T: serde::de::DeserializeOwned>(command: &mut Command) -> Result<T> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        let words: Vec<_> = command.get_args().map(|it| it.to_string_lossy()).collect();
        return Err(format!("`{}` failed ({})", words.join(" "), output.status).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The word on the command line.
pub fn name<T: clap::ValueEnum>(value: T) -> Result<clap::builder::PossibleValue> {
    value
        .to_possible_value()
        .ok_or_else(|| "a value that has no word".into())
}

/// The most memory this process has had, as Linux tells it.
pub fn peak_memory_bytes() -> Option<u64> {
    kibibytes("/proc/self/status", "VmHWM:")
}

pub fn machine() -> Machine {
    Machine {
        cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        memory_bytes: kibibytes("/proc/meminfo", "MemTotal:"),
        system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
    }
}

/// The machine's load average over the last minute; `None` where the system does not tell.
pub fn load() -> Option<f64> {
    let text = fs::read_to_string("/proc/loadavg").ok()?;
    text.split_whitespace().next()?.parse().ok()
}

/// A line such as `VmHWM:   123456 kB`, in bytes.
fn kibibytes(file: &str, field: &str) -> Option<u64> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(field))?;
    let number: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(number * 1024)
}

/// The database with its write-ahead log.
fn database_bytes(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for file in fs::read_dir(folder)? {
        let file = file?;
        if file.file_name().to_string_lossy().contains(".db") {
            bytes += file.metadata()?.len();
        }
    }
    Ok(bytes)
}
