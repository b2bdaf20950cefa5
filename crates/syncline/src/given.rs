//! A file that whoever typed its name has read: a running server may have a `/tmp` of its own, or not see `/home`, and
//! a pipe is only here.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::failure::Failure;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Given {
    /// Absolute.
    pub path: PathBuf,
    /// Where relative paths in it begin: where the file itself lies, whatever link leads to it; of a pipe, where the
    /// command was typed. Older clients say nothing, and mean where `path` lies.
    #[serde(default)]
    folder: Option<PathBuf>,
    pub text: String,
}

impl Given {
    /// As much as the API takes of a schema.
    pub const SCHEMA: u64 = 8 * 1024 * 1024;

    /// # Errors
    /// It can not be read, is no text, or has more than `most` bytes.
    pub fn read(path: &Path, most: u64) -> Result<Self, Failure> {
        let failed = |error| Failure::file("read", path, &error);
        let absolute = std::path::absolute(path).map_err(failed)?;
        let mut text = String::new();
        let opened = fs::File::open(path).map_err(failed)?;
        let is_file = opened.metadata().map_err(failed)?.is_file();
        // What has no name any more, as a text that a shell has put before a command, is like a pipe.
        let real = fs::canonicalize(path).ok().filter(|_| is_file);
        let folder = match real.as_deref().map(Path::parent) {
            Some(folder) => folder.map(Path::to_owned),
            None => Some(std::env::current_dir().map_err(failed)?),
        };
        let read = opened.take(most + 1).read_to_string(&mut text);
        read.map_err(failed)?;
        if text.len() as u64 > most {
            let mebibytes = most / (1024 * 1024);
            return Err(Failure::new(format!(
                "{} is longer than {mebibytes} MiB",
                path.display()
            )));
        }
        // Windows tools like to begin a text with a byte order mark.
        if text.starts_with('\u{feff}') {
            text = text.trim_start_matches('\u{feff}').to_owned();
        }
        Ok(Self {
            path: absolute,
            folder,
            text,
        })
    }

    /// A file that is named in it.
    pub fn named(&self, path: &Path) -> PathBuf {
        let folder = self.folder.as_deref().or_else(|| self.path.parent());
        folder.unwrap_or(Path::new("")).join(path)
    }
}
