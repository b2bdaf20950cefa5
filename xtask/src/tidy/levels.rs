//! A crate depends on lower levels only, so that the arrows of the house go one way.

use std::collections::BTreeMap;

use super::{Check, Finding};
use crate::{Checkout, DependencyKind, Package};

pub(super) const CHECK: Check = Check {
    name: "levels",
    rule: "every crate has a level and depends only on lower ones",
    run,
};

/// Folder of each crate and its level. A new crate gets a line here, one level above the highest
/// crate it needs.
pub const LEVELS: &[(&str, u8)] = &[
    ("crates/model", 0),
    ("crates/expression", 1),
    ("crates/odata", 1),
    ("crates/engine", 2),
    ("crates/store", 3),
    ("crates/connector", 4),
    ("crates/directory", 5),
    ("crates/runner", 5),
    ("crates/access", 5),
    ("crates/graph-api", 6),
    ("crates/identity", 6),
    ("crates/syncline", 7),
];

/// Crates that only developers run; they may use everything, and nothing may use them except as a
/// dev-dependency.
const TOOLS: &[&str] = &["crates/testkit", "xtask", "benches"];

fn run(checkout: &Checkout) -> Vec<Finding> {
    let by_name: BTreeMap<&str, &Package> = checkout
        .packages
        .iter()
        .map(|package| (package.name.as_str(), package))
        .collect();
    let mut findings = Vec::new();
    for package in &checkout.packages {
        let manifest = format!("{}/Cargo.toml", package.folder);
        let level = level_of(&package.folder);
        if level.is_none() && !is_tool(&package.folder) {
            findings.push(Finding::file(
                &manifest,
                "has no level: give it one in xtask/src/tidy/levels.rs",
            ));
        }
        if package.name != expected_name(&package.folder) {
            let expected = expected_name(&package.folder);
            findings.push(Finding::file(
                &manifest,
                format!(
                    "is named `{}`; its folder asks for `{expected}`",
                    package.name
                ),
            ));
        }
        for dependency in package
            .dependencies
            .iter()
            .filter(|it| it.kind != DependencyKind::Dev)
        {
            let Some(other) = by_name.get(dependency.name.as_str()) else {
                continue;
            };
            if let Some(message) = judge(package, level, other) {
                findings.push(Finding::file(&manifest, message));
            }
        }
    }
    for (folder, _) in LEVELS {
        if !checkout
            .packages
            .iter()
            .any(|package| package.folder == *folder)
        {
            findings.push(Finding::file(
                "xtask/src/tidy/levels.rs",
                format!("there is no crate in {folder}"),
            ));
        }
    }
    findings
}

/// What is wrong with `package` needing `other`, if anything.
fn judge(package: &Package, level: Option<u8>, other: &Package) -> Option<String> {
    if is_tool(&package.folder) {
        return None;
    }
    if is_tool(&other.folder) {
        return Some(format!(
            "needs `{}`, which may only be a dev-dependency",
            other.name
        ));
    }
    let (level, below) = (level?, level_of(&other.folder)?);
    (below >= level).then(|| {
        format!(
            "is on level {level} and needs `{}` on level {below}: only lower levels are allowed",
            other.name
        )
    })
}

fn level_of(folder: &str) -> Option<u8> {
    LEVELS
        .iter()
        .find(|(known, _)| *known == folder)
        .map(|(_, level)| *level)
}

fn is_tool(folder: &str) -> bool {
    TOOLS.contains(&folder)
}

/// `crates/model` is `syncline-model`; the binary is `syncline` and the chores are `xtask`.
fn expected_name(folder: &str) -> String {
    match folder.rsplit('/').next().unwrap_or(folder) {
        name @ ("syncline" | "xtask") => name.to_owned(),
        name => format!("syncline-{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dependency;

    fn house(changed: &str, needs: &str, kind: DependencyKind) -> Vec<Finding> {
        let folders = LEVELS
            .iter()
            .map(|(folder, _)| *folder)
            .chain(TOOLS.iter().copied());
        let packages = folders.map(|folder| Package {
            name: expected_name(folder),
            folder: folder.to_owned(),
            dependencies: (folder == changed)
                .then(|| Dependency {
                    name: needs.to_owned(),
                    kind,
                })
                .into_iter()
                .collect(),
            ..Package::default()
        });
        run(&Checkout::default().with_packages(packages.collect()))
    }

    #[test]
    fn lower_levels_may_be_used() {
        assert_eq!(
            house("crates/runner", "syncline-store", DependencyKind::Normal),
            []
        );
        assert_eq!(
            house("crates/store", "syncline-testkit", DependencyKind::Dev),
            []
        );
        assert_eq!(
            house("benches", "syncline-runner", DependencyKind::Normal),
            []
        );
    }

    #[test]
    fn the_same_level_and_higher_ones_may_not() {
        for (crate_, needs) in [
            ("crates/runner", "syncline-directory"),
            ("crates/model", "syncline-store"),
            ("crates/store", "syncline-testkit"),
        ] {
            assert_eq!(
                house(crate_, needs, DependencyKind::Normal).len(),
                1,
                "{crate_} needs {needs}"
            );
        }
    }

    #[test]
    fn a_crate_without_level_is_found() {
        let package = Package {
            name: "syncline-new".into(),
            folder: "crates/new".into(),
            ..Package::default()
        };
        let findings = run(&Checkout::default().with_packages(vec![package]));
        assert!(
            findings
                .iter()
                .any(|finding| finding.path == "crates/new/Cargo.toml")
        );
    }
}
