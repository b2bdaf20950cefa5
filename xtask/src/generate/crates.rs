//! The list of crates in CONTRIBUTING.md, from their descriptions and levels.

use std::fmt::Write;

use super::{Page, replace_block};
use crate::tidy::LEVELS;
use crate::{Checkout, Package, Result};

const GUIDE: &str = "CONTRIBUTING.md";

pub(super) fn page(checkout: &Checkout) -> Result<Page> {
    let guide = checkout
        .files
        .get(GUIDE)
        .ok_or_else(|| format!("{GUIDE} is missing"))?;
    let text = replace_block(guide, "crates", &table(&checkout.packages))?;
    Ok(Page {
        path: GUIDE.to_owned(),
        text,
    })
}

fn table(packages: &[Package]) -> String {
    let level = |package: &Package| {
        LEVELS
            .iter()
            .find(|(folder, _)| *folder == package.folder)
            .map(|(_, level)| *level)
    };
    let mut packages: Vec<&Package> = packages.iter().collect();
    packages.sort_by_key(|package| (level(package).unwrap_or(u8::MAX), package.folder.clone()));
    let mut text = String::from("| level | crate | what it is for |\n| --- | --- | --- |\n");
    for package in packages {
        let level = level(package).map_or_else(|| "tool".to_owned(), |level| level.to_string());
        // Writing to a string can not fail.
        let _ = writeln!(
            text,
            "| {level} | [`{0}`]({0}) | {1} |",
            package.folder, package.description
        );
    }
    text
}
