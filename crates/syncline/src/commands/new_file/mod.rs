//! A file that a command writes for people: whole or not at all, never among what the installation works with, and
//! never in the place of another one by accident.

mod left;

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::app::{App, Scheduler};
use crate::begun::{self, Begun};
use crate::data_dir::DataDir;
use crate::failure::Failure;
use crate::interrupt;

/// The database, the key, the lock and the socket have their names in these folders, and what is not
/// there now may be made there a moment later.
pub(super) fn refuse_own_folder(data: &DataDir, file: &Path) -> Result<(), Failure> {
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let its = identity(folder);
    let own = [data.path().to_owned(), data.tls()];
    if its.is_some() && own.iter().any(|it| identity(it) == its) {
        return Err(Failure::new(format!(
            "{} is in the data directory {}, where it would be in the way and lost with the data",
            file.display(),
            data.path().display()
        ))
        .with_help("name a file in another folder"));
    }
    Ok(())
}

/// What a command says that replaces nothing.
pub(super) fn already_there(file: &Path) -> Failure {
    Failure::new(format!("{} is there already", file.display()))
        .with_help("choose another name; it was not touched")
}

/// Which file it is, whatever it is called: follows links.
pub(super) fn identity(path: &Path) -> Option<(u64, u64)> {
    fs::metadata(path).ok().map(|it| (it.dev(), it.ino()))
}

/// A file that is being written; removed when it does not become what it should.
pub(super) struct Partial {
    path: PathBuf,
    begun: Begun,
    /// A file beside it, locked until it is what it should be: whoever finds one that is not knows that its
    /// process was killed.
    _lock: fs::File,
}

impl Partial {
    /// Beside the file, so that it can take its place in one step; readable by its owner only. What was
    /// begun there by a process that was killed is removed.
    pub(super) fn create(app: &App, file: &Path) -> Result<Self, Failure> {
        let unique = app.ids.random_uuid().simple();
        let name = file
            .file_name()
            .ok_or_else(|| Failure::new(format!("{} is not the name of a file", file.display())))?;
        let beginning = format!(".{}.", name.to_string_lossy());
        let path = file.with_file_name(format!("{beginning}{unique}"));
        app.begun.add(&path);
        if app.settings.scheduler == Scheduler::NoServer {
            interrupt::removes(&app.begun)?;
        }
        let refused = |error: std::io::Error| {
            let folder = file.parent().unwrap_or(file);
            // In some that are there nothing can be made: in /proc, say.
            if error.kind() == ErrorKind::NotFound && !folder.is_dir() {
                return Failure::new(format!("there is no folder {}", folder.display()))
                    .of_a_file()
                    .with_help("make it first, or name a file in another one");
            }
            // The name that is written first says nothing to whoever asked for another one.
            let failure = Failure::file("write to the folder", folder, &error);
            match failure.help {
                Some(_) => failure,
                None => failure.with_help("name a file in a folder where you may write"),
            }
        };
        // Before it, so that it is never there without.
        let lock = made_and_locked(&begun::lock_file(&path)).map_err(|error| {
            app.begun.forget(&path);
            refused(error)
        })?;
        let partial = Self {
            path,
            begun: app.begun.clone(),
            _lock: lock,
        };
        left::remove(&partial.path, &beginning);
        // Closed before SQLite opens it: to close it later would take SQLite's locks away.
        made(&partial.path).map_err(refused)?;
        Ok(partial)
    }

    /// Where it is now.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// All or nothing: whoever looks sees no file, the old one, or the whole new one. With `force` it replaces
    /// what is there; otherwise that fails with `taken`.
    pub(super) fn become_file(
        self,
        file: &Path,
        force: bool,
        taken: impl Fn(&Path) -> Failure,
    ) -> Result<(), Failure> {
        let failed = |error: std::io::Error| Failure::file("write", file, &error);
        if force {
            fs::rename(&self.path, file).map_err(failed)?;
        } else {
            match fs::hard_link(&self.path, file) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    return Err(taken(file));
                }
                // A file system without links. We looked before; the moment between is its price.
                Err(_) if !file.exists() => fs::rename(&self.path, file).map_err(failed)?,
                Err(_) => return Err(taken(file)),
            }
        }
        if let Some(folder) = file.parent().filter(|it| !it.as_os_str().is_empty()) {
            // The name reaches the disk too; where folders can not be synced it does so later.
            let _ = fs::File::open(folder).and_then(|it| it.sync_all());
        }
        Ok(())
    }
}

/// Readable by its owner only.
fn made(path: &Path) -> std::io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn made_and_locked(path: &Path) -> std::io::Result<fs::File> {
    loop {
        let made = made(path)?;
        // Where nothing can be locked nobody removes it, either.
        let _ = made.lock();
        let its = made.metadata()?;
        // Somebody may have taken it for one that was left, between the two.
        if identity(path) == Some((its.dev(), its.ino())) {
            return Ok(made);
        }
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // Gone already when it was renamed. What can not be removed is left to the next one.
        let _ = begun::remove(&self.path);
        self.begun.forget(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Settings;

    struct World {
        folder: tempfile::TempDir,
        app: App,
    }

    impl World {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let data = DataDir::new(folder.path().join("data"));
            data.create().unwrap();
            fs::create_dir(folder.path().join("backups")).unwrap();
            // That of a command would listen for signals to the tests.
            let settings = Settings {
                scheduler: Scheduler::Off,
                ..Settings::default()
            };
            let app = App::open(data, settings).unwrap();
            Self { folder, app }
        }

        fn file(&self) -> PathBuf {
            self.folder.path().join("backups/monday.backup")
        }

        fn begun(&self) -> Partial {
            Partial::create(&self.app, &self.file()).unwrap()
        }

        fn names(&self) -> Vec<String> {
            let found = fs::read_dir(self.folder.path().join("backups")).unwrap();
            let mut names: Vec<String> = found
                .map(|it| it.unwrap().file_name().to_str().unwrap().to_owned())
                .collect();
            names.sort();
            names
        }
    }

    /// As another process would try.
    fn is_locked(path: &Path) -> bool {
        let opened = fs::File::options().write(true).open(path).unwrap();
        opened.try_lock().is_err()
    }

    #[test]
    fn what_is_written_is_not_locked_and_an_empty_file_beside_it_is() {
        let world = World::new();
        let partial = world.begun();
        let [written, beside] = &world.names()[..] else {
            unreachable!("{:?}", world.names());
        };
        assert_eq!(partial.path().file_name().unwrap(), written.as_str());
        assert_eq!(*beside, format!("{written}.lock"));
        let beside = partial.path().with_file_name(beside);
        assert!(!is_locked(partial.path()));
        assert!(is_locked(&beside));
        for path in [partial.path(), &beside] {
            let found = fs::metadata(path).unwrap();
            assert_eq!((found.mode() & 0o777, found.len()), (0o600, 0));
        }
    }

    #[test]
    fn nothing_else_is_left_when_it_became_the_file_was_given_up_or_a_signal_came() {
        let world = World::new();
        drop(world.begun());
        assert_eq!(world.names(), [""; 0]);

        let (one, other) = (world.begun(), world.begun());
        world.app.begun.remove_all();
        assert_eq!(world.names(), [""; 0]);
        drop((one, other));

        for force in [false, true] {
            let partial = world.begun();
            let became = partial.become_file(&world.file(), force, already_there);
            became.unwrap();
            assert_eq!(world.names(), ["monday.backup"]);
        }
        let taken = world.begun();
        let taken = taken.become_file(&world.file(), false, already_there);
        assert!(taken.is_err());
        assert_eq!(world.names(), ["monday.backup"]);
    }
}
