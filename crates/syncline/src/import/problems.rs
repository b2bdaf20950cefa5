//! What is wrong with the files, as `users.csv:LINE:COLUMN: message`.

use std::path::Path;

use crate::failure::Failure;

/// So many are shown; all are counted.
const MOST_SHOWN: usize = 20;

/// Where something is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub line: u64,
    /// Counted from one, as spreadsheets do.
    pub column: usize,
}

/// Bad rows so far. One problem per row: the first one found.
#[derive(Clone, Debug, Default)]
pub struct Problems {
    shown: Vec<String>,
    count: u64,
}

impl Problems {
    pub fn add(&mut self, file: &Path, place: &Place, message: &str) {
        self.count += 1;
        if self.shown.len() < MOST_SHOWN {
            self.shown.push(format!(
                "{}:{}:{}: {message}",
                name(file),
                place.line,
                place.column
            ));
        }
    }

    pub fn count(&self) -> u64 {
        self.count
    }

    pub fn into_lines(self) -> Vec<String> {
        self.shown
    }

    /// Why nothing was imported.
    pub fn into_failure(self) -> Failure {
        let rows = if self.count == 1 {
            "1 row is".to_owned()
        } else {
            format!("{} rows are", self.count)
        };
        let mut message = format!("{rows} not valid; nothing was imported");
        for line in &self.shown {
            message.push_str("\n  ");
            message.push_str(line);
        }
        if self.count > self.shown.len() as u64 {
            message.push_str(&format!(
                "\n  … and {} more",
                self.count - self.shown.len() as u64
            ));
        }
        Failure::new(message)
            .with_help("correct the file, or import the other rows with --skip-invalid")
    }
}

/// A file's name without its folders.
pub fn name(file: &Path) -> String {
    file.file_name().map_or_else(
        || file.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    )
}
