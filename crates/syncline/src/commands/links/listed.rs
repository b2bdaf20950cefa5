//! Rows on their way: the first of them into the answer, or all of them into a CSV file.

use std::fs;
use std::path::{Path, PathBuf};

use crate::app::App;
use crate::commands::new_file::{Partial, already_there, refuse_own_folder};
use crate::failure::Failure;
use crate::progress::Progress;

/// Where they go.
pub(super) enum Listed<R> {
    Answer { top: usize, rows: Vec<R> },
    File(Box<Csv>),
}

pub(super) struct Csv {
    file: PathBuf,
    partial: Partial,
    writer: csv::Writer<fs::File>,
}

impl<R> Listed<R> {
    pub(super) fn begin(
        app: &App,
        top: usize,
        file: Option<&Path>,
        header: &[&str],
    ) -> Result<Self, Failure> {
        let Some(file) = file else {
            let rows = Vec::new();
            return Ok(Self::Answer { top, rows });
        };
        refuse_own_folder(&app.data, file)?;
        if fs::symlink_metadata(file).is_ok() {
            return Err(already_there(file));
        }
        let partial = Partial::create(app, file)?;
        let opened = fs::OpenOptions::new().write(true).open(partial.path());
        let opened = opened.map_err(|error| Failure::file("write", file, &error))?;
        let mut csv = Csv {
            file: file.to_owned(),
            partial,
            writer: csv::Writer::from_writer(opened),
        };
        csv.write(header.iter().map(|it| (*it).to_owned()))?;
        Ok(Self::File(Box::new(csv)))
    }

    /// Whether another row would go anywhere.
    pub(super) fn wants_more(&self) -> bool {
        match self {
            Self::Answer { top, rows } => rows.len() < *top,
            Self::File(_) => true,
        }
    }

    /// Of so many rows at once, as many as are wanted.
    pub(super) fn at_most(&self, at_once: usize) -> usize {
        match self {
            Self::Answer { top, rows } => at_once.min(*top - rows.len()),
            Self::File(_) => at_once,
        }
    }

    /// Takes a row, unless there are enough.
    pub(super) fn add(&mut self, row: R, cells: impl Fn(&R) -> Vec<String>) -> Result<(), Failure> {
        match self {
            Self::Answer { top, rows } => {
                if rows.len() < *top {
                    rows.push(row);
                }
                Ok(())
            }
            Self::File(csv) => csv.write(cells(&row).into_iter()),
        }
    }

    /// Fails when nobody waits for the list any more; nothing of its file is left behind then.
    pub(super) fn refuse_to_go_on_for_nobody(
        &self,
        app: &App,
        progress: &dyn Progress,
    ) -> Result<(), Failure> {
        if !progress.gone() && !app.cycles.stopping() {
            return Ok(());
        }
        Err(Failure::new(
            "the list was given up, because the server stops or nobody waits for it any more",
        )
        .with_help("ask again when the server runs"))
    }

    /// What is in the answer, and the file.
    pub(super) fn end(self) -> Result<(Vec<R>, Option<PathBuf>), Failure> {
        match self {
            Self::Answer { rows, .. } => Ok((rows, None)),
            Self::File(csv) => Ok((Vec::new(), Some(csv.end()?))),
        }
    }
}

impl Csv {
    fn write(&mut self, cells: impl Iterator<Item = String>) -> Result<(), Failure> {
        let written = self.writer.write_record(cells.map(harmless));
        written.map_err(|error| unwritten(&self.file, &error.into()))
    }

    fn end(self) -> Result<PathBuf, Failure> {
        let Self {
            file,
            partial,
            writer,
        } = self;
        let written = writer.into_inner().map_err(|it| it.into_error());
        written
            .and_then(|it| it.sync_all())
            .map_err(|error| unwritten(&file, &error))?;
        partial.become_file(&file, false, already_there)?;
        Ok(file)
    }
}

fn unwritten(file: &Path, error: &std::io::Error) -> Failure {
    Failure::file("write", file, error)
        .with_help("is there room on the disk? Nothing of the file was left behind")
}

/// A spreadsheet takes a cell that begins like this for a formula, and names are what strangers chose; an apostrophe
/// before it makes it text. Where spreadsheets part cells at another letter than a comma, one that begins behind such a
/// letter is a cell of its own (OWASP, "CSV Injection").
fn harmless(cell: String) -> String {
    let mut begins = true;
    let mut safe = String::with_capacity(cell.len());
    for letter in cell.chars() {
        if begins && FORMULA.contains(&letter) {
            safe.push('\'');
        }
        begins = PARTS.contains(&letter);
        safe.push(letter);
    }
    safe
}

const FORMULA: [char; 7] = ['=', '+', '-', '@', '\t', '\r', '\n'];
const PARTS: [char; 7] = [';', ',', '|', '\t', '\r', '\n', '"'];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for bad in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx"] {
            assert_eq!(harmless(bad.to_owned()), format!("'{bad}"));
        }
        for good in ["", "ana@x.example", "1-1", "'", "a=b", "a;b", "Okafor, Ben"] {
            assert_eq!(harmless(good.to_owned()), good);
        }
    }

    #[test]
    fn nor_is_a_part_of_one() {
        for part in [';', ',', '|', '"'] {
            let bad = format!("x{part}=1+1{part}y");
            assert_eq!(harmless(bad), format!("x{part}'=1+1{part}y"));
        }
        assert_eq!(harmless("x\n=1".to_owned()), "x\n'=1");
    }
}
