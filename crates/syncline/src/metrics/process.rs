//! The process, under the names that every Prometheus client library gives these figures.

use std::sync::atomic::AtomicU64;

use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};
use syncline_model::Timestamp;

/// Figures about the process. Memory and files come from `/proc` and are 0 where there is none.
pub(super) struct Process {
    memory: Gauge<u64, AtomicU64>,
    files: Gauge<u64, AtomicU64>,
}

impl Process {
    pub(super) fn register(registry: &mut Registry, started: Timestamp) -> Self {
        let figures = Self {
            memory: Gauge::default(),
            files: Gauge::default(),
        };
        registry.register_with_unit(
            "process_resident_memory",
            "Memory in use (Linux)",
            Unit::Bytes,
            figures.memory.clone(),
        );
        registry.register(
            "process_open_fds",
            "Open file descriptors (Linux)",
            figures.files.clone(),
        );
        let start = Gauge::<f64, AtomicU64>::default();
        #[expect(
            clippy::cast_precision_loss,
            reason = "milliseconds since 1970 fit well"
        )]
        start.set(started.milliseconds() as f64 / 1000.0);
        registry.register_with_unit(
            "process_start_time",
            "When the process started, since 1970",
            Unit::Seconds,
            start,
        );
        figures
    }

    pub(super) fn sample(&self) {
        self.memory.set(resident_bytes().unwrap_or(0));
        self.files.set(open_files().unwrap_or(0));
    }
}

fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().trim_end_matches(" kB").parse().ok()?;
    Some(kibibytes * 1024)
}

fn open_files() -> Option<u64> {
    let count = std::fs::read_dir("/proc/self/fd").ok()?.count();
    // The one that reads the folder is among them.
    u64::try_from(count).ok()?.checked_sub(1)
}
