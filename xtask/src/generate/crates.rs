//! The list of crates, from their descriptions and levels, in every document that has a place for it.

use std::fmt::Write;

use super::{Page, replace_block};
use crate::tidy::LEVELS;
use crate::{Checkout, Package, Result};

const MARK: &str = "<!-- generated: crates -->\n";

pub(super) fn pages(checkout: &Checkout) -> Result<Vec<Page>> {
    let table = table(&checkout.packages);
    let documents = checkout
        .files
        .iter()
        .filter(|(path, text)| path.ends_with(".md") && text.contains(MARK));
    let pages = documents.map(|(path, text)| {
        Ok(Page {
            path: path.clone(),
            text: replace_block(text, "crates", &table)?,
        })
    });
    pages.collect()
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
