//! `syncline backup`: everything in one file, while the server goes on.

mod room;
mod target;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use syncline_store::StoreError;

use super::Action;
use super::new_file::Partial;
use crate::app::App;
use crate::failure::{Failure, RESTORE};
use crate::progress::{Progress, Step};
use crate::tls::{Fault, Generated, Origin};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Backup {
    /// Absolute: the server has a working directory of its own.
    pub file: PathBuf,
    pub with_key: bool,
    pub force: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Made {
    pub file: PathBuf,
    pub bytes: u64,
    /// RFC 3339.
    pub made_at: String,
    pub with_key: bool,
    /// Which file opens the secrets in the backup.
    pub key_file: PathBuf,
    /// The generated certificates, which are in no backup. `None`: there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_folder: Option<PathBuf>,
}

impl Action for Backup {
    type Output = Made;

    fn execute(&self, app: &App, progress: &dyn Progress) -> Result<Made, Failure> {
        target::check(&app.data, &self.file, self.force)?;
        room::check(app, &self.file)?;
        let key_file = app.data.key_file_in_use()?;
        let key = match self.with_key {
            true => Some(app.data.load_key(&key_file)?),
            false => None,
        };
        let partial = Partial::create(app, &self.file)?;
        let before = app.data.is_read_only().then(|| app.data.look());
        let made_at = app.clock.now();
        app.store
            .backup_unless(
                partial.path(),
                made_at,
                key.as_ref(),
                &mut |table, done, total| {
                    progress.step(Step {
                        label: format!("copying {table}"),
                        done,
                        total,
                    });
                },
                &|| progress.gone() || app.cycles.stopping(),
            )
            .map_err(|error| not_made(&self.file, &error))?;
        if before.is_some_and(|it| it != app.data.look()) {
            return Err(Failure::new(format!(
                "something wrote to the data directory {} meanwhile, which is read-only here",
                app.data.path().display()
            ))
            .with_help(
                "make the backup where the process that writes runs; nothing of this one was left behind",
            ));
        }
        let bytes = fs::metadata(partial.path()).map_or(0, |found| found.len());
        // Somebody may have put something else there meanwhile.
        target::check(&app.data, &self.file, self.force)?;
        partial.become_file(&self.file, self.force, target::taken)?;
        Ok(Made {
            file: self.file.clone(),
            bytes,
            made_at: made_at.to_seconds_text(),
            with_key: self.with_key,
            key_file,
            tls_folder: generated_tls(app),
        })
    }

    fn text(output: &Made) -> String {
        let about_key = if output.with_key {
            "The key is in it: anyone who can read the file can read every secret. Keep it like a password.".to_owned()
        } else {
            format!(
                "The key is NOT in it. Keep a copy of {} in another place: without it the backup cannot be restored.",
                output.key_file.display()
            )
        };
        let about_tls = output.tls_folder.as_ref().map_or_else(String::new, |folder| {
            format!(
                "The certificate authority that clients trust is NOT in it. Keep a copy of {}, too: without it clients must trust a new one after a restore to another place.\n",
                folder.display()
            )
        });
        format!(
            "Backup of {}: {} ({} KiB).\n{about_key}\n{about_tls}",
            output.made_at,
            output.file.display(),
            output.bytes.div_ceil(1024)
        )
    }
}

/// Where clients have to trust what lies there.
fn generated_tls(app: &App) -> Option<PathBuf> {
    let shown = app.certificate.as_ref().map(|it| it.origin());
    let folder = app.data.tls();
    let is_there = !matches!(Generated::files(&folder).look(), Err(Fault::Absent));
    (is_there && shown != Some(Origin::Named)).then_some(folder)
}

fn not_made(file: &Path, error: &StoreError) -> Failure {
    if no_room(error) {
        let folder = file.parent().unwrap_or(file);
        return Failure::new(format!(
            "there is no room for the backup on the disk that holds {}",
            folder.display()
        ))
        .with_help("make room there, or name a file on another disk; nothing of the backup was left behind");
    }
    if let StoreError::GivenUp = error {
        return Failure::new(
            "the backup was given up, because the server stops or nobody waits for it any more",
        )
        .with_help("make it again when the server runs; nothing of this one was left behind");
    }
    if let StoreError::NewerLayout { .. } = error {
        return Failure::new(format!("no backup can be made: {error}")).with_help(
            "make it with the newer syncline that has changed the tables, and stop this one",
        );
    }
    if error.is_damage() {
        return Failure::new(format!("a damaged database cannot be backed up: {error}"))
            .with_help(RESTORE);
    }
    Failure::new(format!(
        "cannot write the backup {}: {error}",
        file.display()
    ))
    .with_help("is there room on the disk? Nothing of the backup was left behind")
}

/// Only the backup is written: it is its disk that is full, whatever the error calls it.
fn no_room(error: &StoreError) -> bool {
    match error {
        StoreError::Full(_) => true,
        StoreError::File(error) => error.kind() == ErrorKind::StorageFull,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_disk_that_is_full_is_that_of_the_backup() {
        let full = std::io::Error::from(ErrorKind::StorageFull);
        for error in [
            StoreError::Full("database or disk is full".to_owned()),
            StoreError::File(full),
        ] {
            let failure = not_made(Path::new("/backups/monday.backup"), &error);
            assert!(
                failure.message.ends_with("on the disk that holds /backups"),
                "{failure}"
            );
        }
    }
}
