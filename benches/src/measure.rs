//! Measures: each step in a child process of its own, so that peaks of memory do not mix.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

use crate::Result;
use crate::membership::Membership;
use crate::scenario::{Done, Scale, Scope, Step};

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
    pub steps: Vec<Measured>,
}

impl Run {
    pub fn step(&self, step: Step) -> Option<&Measured> {
        self.steps.iter().find(|it| it.done.step == step)
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

/// Runs all steps in an empty folder; `progress` is told before each.
pub fn all_steps(folder: &Path, scale: Scale, progress: impl Fn(Step)) -> Result<Run> {
    let mut steps = Vec::new();
    for step in Step::ALL {
        progress(step);
        let own = folder.join("ceiling");
        let folder = if step.is_ceiling() { &own } else { folder };
        let printed = in_child(step, folder, scale)?;
        steps.push(Measured {
            done: printed.done,
            peak_memory_bytes: printed.peak_memory_bytes,
            database_bytes: database_bytes(folder)?,
        });
        if step.is_ceiling() {
            fs::remove_dir_all(folder)?;
        }
    }
    Ok(Run {
        people: scale.population.people,
        changes: scale.changes,
        scope: scale.scope,
        steps,
    })
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
