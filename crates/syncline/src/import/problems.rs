//! What is wrong with the files, as `users.csv:LINE:COLUMN: message`.

use std::path::Path;

use syncline_model::Problem;

use crate::failure::Failure;

/// So many are shown; all are counted.
const MOST_SHOWN: usize = 20;
/// So many of them with the same words: a wrong column must not hide what else is wrong.
const MOST_ALIKE: usize = 3;

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
    shown: Vec<Shown>,
    count: u64,
    /// So many of them have the name of somebody, or of a group, in the recycle bin.
    in_recycle_bin: usize,
    warnings: Vec<String>,
}

#[derive(Clone, Debug)]
struct Shown {
    place: String,
    message: String,
    /// Rows of which the same is to be said, and which are not shown.
    more: u64,
}

impl Shown {
    fn line(&self) -> String {
        let Self { place, message, .. } = self;
        match self.more {
            0 => format!("{place}: {message}"),
            1 => format!("{place}: {message} (and 1 more row like it)"),
            more => format!("{place}: {message} (and {more} more rows like it)"),
        }
    }
}

impl Problems {
    pub fn add(&mut self, file: &Path, place: &Place, message: &str) {
        self.count += 1;
        let mut alike = self.shown.iter_mut().filter(|it| it.message == message);
        if let Some(last) = alike.nth(MOST_ALIKE - 1) {
            last.more += 1;
        } else if self.shown.len() < MOST_SHOWN {
            self.shown.push(Shown {
                place: format!("{}:{}:{}", name(file), place.line, place.column),
                message: message.to_owned(),
                more: 0,
            });
        }
    }

    /// What is no mistake, but hardly meant.
    pub fn warn(&mut self, warning: String) {
        self.warnings.push(warning);
    }

    /// So many rows would be created beside somebody in the recycle bin, and were asked for so.
    pub fn warn_of_recreated(&mut self, count: usize) {
        if count > 0 {
            let who = match count {
                1 => "1 of the created users has the name of somebody".to_owned(),
                _ => format!("{count} of the created users have the names of people"),
            };
            self.warn(format!(
                "{who} in the recycle bin, who can no longer come back under it; targets treat the new users as other people"
            ));
        }
    }

    /// So many groups would be created beside one in the recycle bin, and were asked for so.
    pub fn warn_of_groups_made_again(&mut self, count: usize) {
        if count > 0 {
            let which = match count {
                1 => "1 of the created groups has the name of one".to_owned(),
                _ => format!("{count} of the created groups have the names of others"),
            };
            self.warn(format!(
                "{which} in the recycle bin; what was assigned to that, and who is in scope by it, does not follow, and targets treat the new groups as other groups"
            ));
        }
    }

    /// So many of the rows that are added have the name of somebody, or of a group, in the recycle bin.
    pub fn in_recycle_bin(&mut self, count: usize) {
        self.in_recycle_bin += count;
    }

    pub fn take_warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }

    pub fn count(&self) -> u64 {
        self.count
    }

    pub fn into_lines(self) -> Vec<String> {
        self.shown.iter().map(Shown::line).collect()
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
            message.push_str(&line.line());
        }
        let told: u64 = self.shown.iter().map(|it| 1 + it.more).sum();
        if self.count > told {
            message.push_str(&format!("\n  … and {} more", self.count - told));
        }
        Failure::new(message).with_help(match self.in_recycle_bin {
            0 => "correct the file, or import the other rows with --skip-invalid",
            _ => "import again with --restore to restore the users and groups in the recycle bin, with their ids, memberships and managers, or with --recreate to create new ones with their names; --skip-invalid imports the other rows only",
        })
    }
}

/// Why somebody could not be written whose row was good.
pub fn not_written(user_principal_name: &str, problem: &Problem) -> Failure {
    Failure::new(format!(
        "`{user_principal_name}` could not be imported: {}",
        problem.message
    ))
    .with_help(
        "the pages before it are imported, and this row was good when the file was checked: something changed in the tenant since. Run the import again: it checks every row anew and goes on with the rest",
    )
}

/// A file's name without its folders.
pub fn name(file: &Path) -> String {
    file.file_name().map_or_else(
        || file.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    )
}
