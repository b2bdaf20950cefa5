//! Whether a backup fits beside the database: on the same disk it would take the last room there before that is found out, and
//! nothing could be written to the database meanwhile.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use syncline_store::Database;

use crate::app::App;
use crate::failure::Failure;

/// What else is written to the disk meanwhile: a quarter of the backup, and no more than this.
const MOST_BESIDE_BYTES: u64 = 1 << 30;

/// Refuses a backup for which there is no room on the disk of the database. On another disk it troubles nobody, and what can not be
/// looked at is told where it is needed.
pub(super) fn check(app: &App, file: &Path) -> Result<(), Failure> {
    let (Database::File(database), Some(folder)) = (app.data.database(), file.parent()) else {
        return Ok(());
    };
    let (Ok(database), Ok(there)) = (fs::metadata(database), fs::metadata(folder)) else {
        return Ok(());
    };
    if database.dev() != there.dev() {
        return Ok(());
    }
    let Ok(disk) = rustix::fs::statvfs(folder) else {
        return Ok(());
    };
    // Some file systems do not say.
    if disk.f_blocks == 0 {
        return Ok(());
    }
    let Ok(Some(backup)) = app.store.size_of_a_copy() else {
        return Ok(());
    };
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    match fits(backup, free) {
        true => Ok(()),
        false => Err(Failure::new(format!(
            "the backup may have {} MiB, and {} has {} MiB free, on the disk that the database needs, too",
            backup.div_ceil(1 << 20),
            folder.display(),
            free >> 20
        ))
        .with_help("make room there, or name a file on another disk; nothing was made")),
    }
}

/// All in bytes.
fn fits(backup: u64, free: u64) -> bool {
    let beside = (backup / 4).min(MOST_BESIDE_BYTES);
    backup.saturating_add(beside) <= free
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_has_room_left_beside_its_backup() {
        const MIB: u64 = 1 << 20;
        const GIB: u64 = 1 << 30;
        for (backup, free, expected) in [
            (100 * GIB, 101 * GIB, true),
            (100 * GIB, 101 * GIB - 1, false),
            (100 * GIB, 0, false),
            // A small one needs no GiB beside it.
            (8 * MIB, 10 * MIB, true),
            (8 * MIB, 10 * MIB - 1, false),
            (0, 0, true),
            (u64::MAX, u64::MAX, true),
            (u64::MAX, u64::MAX - 1, false),
        ] {
            assert_eq!(fits(backup, free), expected, "{backup} {free}");
        }
    }
}
