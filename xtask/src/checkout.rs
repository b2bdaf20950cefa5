//! What the chores look at: the repository's text files and cargo's view of its packages.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::{Result, Source};

/// Folders that hold nothing of ours.
const SKIPPED_FOLDERS: [&str; 6] = [
    ".git",
    ".venv",
    "__pycache__",
    "node_modules",
    "target",
    ".pytest_cache",
];

/// The endings (or whole names) of files that are text; others are not read.
const TEXT_FILES: [&str; 25] = [
    ".rs",
    ".toml",
    ".lock",
    ".md",
    ".sql",
    ".py",
    ".sh",
    ".js",
    ".mjs",
    ".cjs",
    ".ts",
    ".json",
    ".css",
    ".html",
    ".txt",
    ".yml",
    ".yaml",
    ".snap",
    ".csv",
    ".http",
    "Makefile",
    "LICENSE",
    ".gitignore",
    ".ci/run",
    ".ps1",
];

/// The repository as it lies on the disk.
#[derive(Debug, Default)]
pub struct Checkout {
    root: PathBuf,
    /// Text of every file, by its path from the root with `/` between folders.
    pub files: BTreeMap<String, String>,
    /// Files that should be text and are not UTF-8.
    pub unreadable: Vec<String>,
    pub packages: Vec<Package>,
}

/// One package of the workspace.
#[derive(Clone, Debug, Default)]
pub struct Package {
    pub name: String,
    /// Folder of its `Cargo.toml`, from the root: `crates/model`.
    pub folder: String,
    pub description: String,
    pub dependencies: Vec<Dependency>,
}

/// One line of a package's dependencies.
#[derive(Clone, Debug)]
pub struct Dependency {
    pub name: String,
    pub kind: DependencyKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DependencyKind {
    Normal,
    Dev,
    Build,
}

impl Checkout {
    /// Reads the checkout this program was built from.
    pub fn open() -> Result<Self> {
        let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = xtask
            .parent()
            .ok_or("xtask is not inside the repository")?
            .to_owned();
        let mut checkout = Self {
            packages: packages(&root)?,
            root,
            ..Self::default()
        };
        let mut folders = vec![checkout.root.clone()];
        while let Some(folder) = folders.pop() {
            checkout.read_folder(&folder, &mut folders)?;
        }
        Ok(checkout)
    }

    /// A made-up checkout, for the tests of the chores.
    pub fn of(files: &[(&str, &str)]) -> Self {
        let files = files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
            .collect();
        Self {
            files,
            ..Self::default()
        }
    }

    /// The same with these packages.
    #[must_use]
    pub fn with_packages(mut self, packages: Vec<Package>) -> Self {
        self.packages = packages;
        self
    }

    /// Rewrites one file.
    pub fn write(&self, path: &str, text: &str) -> Result<()> {
        let target = self.root.join(path);
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder)
                .map_err(|error| format!("could not create {}: {error}", folder.display()))?;
        }
        fs::write(&target, text)
            .map_err(|error| format!("could not write {}: {error}", target.display()))
    }

    /// The Rust files whose path starts with `prefix`, read by [`Source`].
    pub fn rust(&self, prefix: &str) -> impl Iterator<Item = (&str, Source)> {
        self.files
            .iter()
            .filter(move |(path, _)| path.starts_with(prefix) && path.ends_with(".rs"))
            .map(|(path, text)| (path.as_str(), Source::new(text)))
    }

    /// [`Checkout::rust`] without the files that only tests use.
    pub fn production(&self, prefix: &str) -> impl Iterator<Item = (&str, Source)> {
        let tests: Vec<String> = self
            .rust(prefix)
            .flat_map(|(path, source)| test_modules(path, &source))
            .collect();
        self.rust(prefix)
            .filter(move |(path, _)| !tests.iter().any(|module| is_of_module(path, module)))
    }

    fn read_folder(&mut self, folder: &Path, folders: &mut Vec<PathBuf>) -> Result<()> {
        let failed =
            |error: std::io::Error| format!("could not read {}: {error}", folder.display());
        for item in fs::read_dir(folder).map_err(failed)? {
            let item = item.map_err(failed)?;
            let name = item.file_name().to_string_lossy().into_owned();
            let kind = item.file_type().map_err(failed)?;
            if kind.is_dir() {
                if !SKIPPED_FOLDERS.contains(&name.as_str()) && !name.starts_with("syncline-data") {
                    folders.push(item.path());
                }
                continue;
            }
            let path = item.path();
            let relative = relative(&self.root, &path);
            if !kind.is_file() || !TEXT_FILES.iter().any(|ending| relative.ends_with(ending)) {
                continue;
            }
            match fs::read(&path).map(String::from_utf8) {
                Ok(Ok(text)) => {
                    self.files.insert(relative, text);
                }
                Ok(Err(_)) => self.unreadable.push(relative),
                // Somebody's editor took its temporary file away between listing and reading.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(format!("could not read {}: {error}", path.display())),
            }
        }
        Ok(())
    }
}

/// The modules a file declares for tests only, as paths without ending.
fn test_modules(path: &str, source: &Source) -> Vec<String> {
    let base = ["/lib.rs", "/main.rs", "/mod.rs"]
        .iter()
        .find_map(|root| path.strip_suffix(root))
        .or_else(|| path.strip_suffix(".rs"))
        .unwrap_or(path);
    source
        .test_modules()
        .into_iter()
        .map(|name| format!("{base}/{name}"))
        .collect()
}

/// Whether a file is a module or lies below it.
fn is_of_module(path: &str, module: &str) -> bool {
    path.strip_prefix(module)
        .is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
}

/// The path from the root, with `/` between folders on every system.
fn relative(root: &Path, path: &Path) -> String {
    let path = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = path
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    parts.join("/")
}

/// What `cargo metadata` says about the workspace.
fn packages(root: &Path) -> Result<Vec<Package>> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--format-version",
            "1",
            "--offline",
        ])
        .current_dir(root)
        .output()
        .map_err(|error| format!("could not run cargo metadata: {error}"))?;
    if !output.status.success() {
        return Err(format!(
            "cargo metadata failed: {}",
            String::from_utf8_lossy(&output.stderr)
        ));
    }
    let metadata: Value = serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("cargo metadata did not answer with JSON: {error}"))?;
    let packages = metadata["packages"]
        .as_array()
        .ok_or("cargo metadata lists no packages")?;
    Ok(packages
        .iter()
        .map(|package| read_package(root, package))
        .collect())
}

fn read_package(root: &Path, package: &Value) -> Package {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let manifest = PathBuf::from(text(&package["manifest_path"]));
    let dependencies = package["dependencies"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|dependency| Dependency {
            name: text(&dependency["name"]),
            kind: match dependency["kind"].as_str() {
                Some("dev") => DependencyKind::Dev,
                Some("build") => DependencyKind::Build,
                _ => DependencyKind::Normal,
            },
        });
    Package {
        name: text(&package["name"]),
        folder: relative(root, manifest.parent().unwrap_or(root)),
        description: text(&package["description"]),
        dependencies: dependencies.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_test_modules_are_not_production() {
        let checkout = Checkout::of(&[
            (
                "crates/model/src/lib.rs",
                "mod cases;\n#[cfg(test)]\nmod tests;\n",
            ),
            ("crates/model/src/tests.rs", ""),
            ("crates/model/src/tests/more.rs", ""),
            ("crates/model/src/cases.rs", "#[cfg(test)]\nmod samples;\n"),
            ("crates/model/src/cases/samples.rs", ""),
        ]);
        let paths: Vec<&str> = checkout
            .production("crates/")
            .map(|(path, _)| path)
            .collect();
        assert_eq!(
            paths,
            ["crates/model/src/cases.rs", "crates/model/src/lib.rs"]
        );
    }
}
