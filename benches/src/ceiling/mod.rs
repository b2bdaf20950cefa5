//! The two ceilings that a cycle is compared with, written in the same run on the same disk with
//! the same driver, page size and durability. Only the writing is timed: rows are made before.
//!
//! *A*, [`raw`]: three bare rows per person. *B*, [`tables`]: the product's own tables with every
//! live index, through the store's verbs. Neither decides anything.

mod raw;
mod tables;

use std::path::Path;

use crate::Result;
use crate::population::Population;
use crate::step::{Done, Step};

/// People per transaction, in both ceilings.
const PAGE: u64 = 5_000;
/// Bytes of a log row's evidence: what the first cycle writes of a created user.
const EVIDENCE: usize = 480;

/// Writes the bare rows.
pub fn raw(step: Step, folder: &Path, population: Population) -> Result<Done> {
    let spent = raw::run(folder, population)?;
    Ok(done(step, population, spent))
}

/// Writes the product's rows.
pub fn tables(step: Step, folder: &Path, population: Population) -> Result<Done> {
    let spent = tables::run(folder, population)?;
    Ok(done(step, population, spent))
}

fn done(step: Step, population: Population, spent: crate::seam::Spent) -> Done {
    Done {
        step,
        people: population.people,
        spent,
        report: None,
    }
}

/// Ranges of places, a page each.
fn pages(population: Population) -> impl Iterator<Item = std::ops::Range<u64>> {
    let people = population.people;
    (0..people.div_ceil(PAGE)).map(move |page| page * PAGE..((page + 1) * PAGE).min(people))
}

/// Bytes that no compression shortens, as compressed evidence is; others for each row.
fn filler(row: u64, length: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(length + 8);
    let mut number = row;
    while bytes.len() < length {
        number = crate::population::mixed(number);
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEOPLE: Population = Population {
        people: 120,
        seed: 3,
    };

    #[test]
    fn the_bare_rows_of_everybody_are_written() {
        let folder = tempfile::tempdir().unwrap();
        let done = raw(Step::RawRows, folder.path(), PEOPLE).unwrap();
        assert_eq!(done.people, 120);
        assert_eq!(raw::count(folder.path()).unwrap(), [120, 120, 120]);
    }

    #[test]
    fn the_products_rows_of_everybody_are_written_with_each_manager() {
        let folder = tempfile::tempdir().unwrap();
        tables(Step::ProductRows, folder.path(), PEOPLE).unwrap();
        assert_eq!(tables::count(folder.path()).unwrap(), [120, 119]);
    }

    #[test]
    fn pages_cover_everybody_once() {
        let of = |people| pages(Population::new(people, 1)).collect::<Vec<_>>();
        assert_eq!(of(12_000), [0..5_000, 5_000..10_000, 10_000..12_000]);
        assert_eq!(of(60), vec![0..60]);
    }
}
