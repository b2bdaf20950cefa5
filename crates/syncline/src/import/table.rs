//! A CSV file: byte order mark, quotes and line ends are dealt with here; everyone else sees rows
//! of text with their line.

use std::fs::File;
use std::io::{self, BufReader, Read as _, Seek as _};
use std::path::{Path, PathBuf};

use csv::{ByteRecord, StringRecord};

use super::End;
use super::normalized::{Normalized, TooLong};
use super::problems::name;
use crate::failure::Failure;
use crate::progress::{Progress, Step};

/// What spreadsheets of some countries, and others, write instead of commas. No name of a column has one.
const SEPARATORS: [char; 3] = [';', '\t', '|'];

/// The quote before it closes another value than its writer meant: rows between the two are no rows any more.
const TORN: &str = "text behind the closing quote of a value; is a quote not closed, in this row or an earlier one?";

/// Tell how far we are after so many rows.
const REPORT_EVERY: u64 = 1000;

/// An open file, its header read.
pub struct Table {
    path: PathBuf,
    pub header: Vec<String>,
    reader: csv::Reader<Normalized<BufReader<File>>>,
    size: u64,
    rows: u64,
}

/// One row.
#[derive(Clone, Debug)]
pub struct Line {
    /// Where it begins, counted from one.
    pub number: u64,
    /// Its place among the rows, from zero.
    pub index: u64,
    /// A text per column of the header, or what is wrong with the row as a whole.
    pub cells: Result<StringRecord, String>,
    /// What stands in such a row, as far as it can be read; which columns these are is not known.
    pub torn: Vec<String>,
}

impl Table {
    /// Opens the file and reads its header.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let unreadable = |error: io::Error| Failure::file("read", path, &error);
        let mut file = File::open(path).map_err(unreadable)?;
        let metadata = file.metadata().map_err(unreadable)?;
        if metadata.is_dir() {
            return Err(Failure::new(format!("{} is a directory", path.display()))
                .with_help("name the CSV file in it"));
        }
        let size = metadata.len();
        if is_utf_16(&mut file).map_err(unreadable)? {
            return Err(Failure::new(format!("{} is UTF-16 text", name(path)))
                .with_help("save the file as UTF-8; spreadsheets call it “CSV UTF-8”"));
        }
        let source = Normalized::new(BufReader::with_capacity(1 << 16, file));
        // Flexible: a row that is too short is reported with its line, beside the other problems.
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(source);
        let header = reader
            .headers()
            .map_err(|error| not_csv(path, &error))?
            .clone();
        let end = reader.position().byte();
        let header: Vec<String> = header.iter().map(|it| it.trim().to_owned()).collect();
        if header.iter().all(String::is_empty) {
            return Err(Failure::new(format!(
                "{} is empty; its first line must name the columns",
                name(path)
            )));
        }
        if header.first().is_some_and(|it| it.starts_with(['{', '['])) {
            return Err(
                Failure::new(format!("{} looks like JSON; CSV is needed", name(path))).with_help(
                    "write the names of the columns into the first line, separated by commas, and one person per line below it",
                ),
            );
        }
        if let [only] = header.as_slice()
            && let Some(separator) = SEPARATORS.into_iter().find(|it| only.contains(*it))
        {
            let separator = if separator == '\t' {
                "tabs".to_owned()
            } else {
                format!("`{separator}`")
            };
            return Err(Failure::new(format!(
                "the columns of {} seem to be separated by {separator}",
                name(path)
            ))
            .with_help(
                "separate them by commas, with quotes around values that have a comma inside",
            ));
        }
        // Behind what says better what is wrong: names in quotes between other separators are torn as well.
        if reader.get_mut().take_torn(end) {
            return Err(Failure::new(format!("{}:1:1: {TORN}", name(path))));
        }
        Ok(Self {
            path: path.to_owned(),
            header,
            reader,
            size,
            rows: 0,
        })
    }

    /// The next row; `None` at the end. Empty lines are no rows.
    ///
    /// # Errors
    /// Also when nobody waits for it any more, at the rows behind which it says how far it is.
    pub(super) fn next(
        &mut self,
        label: &str,
        progress: &dyn Progress,
    ) -> Result<Option<Line>, End> {
        if self.rows.is_multiple_of(REPORT_EVERY) {
            if progress.gone() {
                return Err(End::Interrupted);
            }
            let done = self.reader.position().byte();
            progress.step(Step {
                label: label.to_owned(),
                done,
                total: self.size,
            });
        }
        let mut record = ByteRecord::new();
        if !self
            .reader
            .read_byte_record(&mut record)
            .map_err(|error| not_csv(&self.path, &error))?
        {
            return Ok(None);
        }
        // The reader stands on the line behind the row; the row may have lines inside quotes.
        let inside = record
            .iter()
            .flatten()
            .filter(|byte| **byte == b'\n')
            .count() as u64;
        let number = self.reader.position().line().saturating_sub(1 + inside);
        if self.reader.get_ref().ended_inside_quotes() {
            let unclosed = "the file ends inside quotes; close the value that begins here, or in an earlier row, with a quote";
            // Such a row has no line end of its own.
            return Ok(Some(self.torn(number + 1, &record, unclosed.to_owned())));
        }
        let end = self.reader.position().byte();
        if self.reader.get_mut().take_torn(end) {
            return Ok(Some(self.torn(number, &record, TORN.to_owned())));
        }
        Ok(Some(match StringRecord::from_byte_record(record) {
            Ok(record) if record.len() == self.header.len() => self.line(number, record),
            Ok(record) => {
                let message = self.incomplete(&record);
                self.torn(number, record.as_byte_record(), message)
            }
            Err(error) => {
                let message = "the row is not UTF-8 text; save the file as UTF-8".to_owned();
                self.torn(number, &error.into_byte_record(), message)
            }
        }))
    }

    fn line(&mut self, number: u64, mut cells: StringRecord) -> Line {
        cells.trim();
        Line {
            number,
            index: self.counted(),
            cells: Ok(cells),
            torn: Vec::new(),
        }
    }

    /// A row that is wrong as a whole.
    fn torn(&mut self, number: u64, record: &ByteRecord, message: String) -> Line {
        let read = |field: &[u8]| String::from_utf8_lossy(field).trim().to_owned();
        Line {
            number,
            index: self.counted(),
            cells: Err(message),
            torn: record.iter().map(read).collect(),
        }
    }

    fn counted(&mut self) -> u64 {
        let index = self.rows;
        self.rows += 1;
        index
    }

    /// What to say of a file that was read to its end and had nothing in it.
    pub fn without_rows(&self) -> Option<String> {
        (self.rows == 0).then(|| format!("{} has no rows below its header", name(&self.path)))
    }

    fn incomplete(&self, record: &StringRecord) -> String {
        format!(
            "the row has {} fields, the header has {}; a comma inside a value needs quotes around the value",
            record.len(),
            self.header.len()
        )
    }
}

/// Whether it begins as UTF-16 does: with its mark, or with a letter that takes two bytes.
fn is_utf_16(file: &mut File) -> io::Result<bool> {
    let mut start = Vec::with_capacity(2);
    file.by_ref().take(2).read_to_end(&mut start)?;
    file.rewind()?;
    Ok(matches!(
        start.as_slice(),
        [0xFF, 0xFE] | [0xFE, 0xFF] | [0, _] | [_, 0]
    ))
}

fn not_csv(path: &Path, error: &csv::Error) -> Failure {
    if let csv::ErrorKind::Io(error) = error.kind()
        && let Some(too_long) = error.get_ref().and_then(|it| it.downcast_ref::<TooLong>())
    {
        return Failure::new(format!("{}: {too_long}", name(path))).with_help(
            "close the value with a quote, and import again; what comes behind it cannot be told apart, with --skip-invalid neither",
        );
    }
    // Rows are read as bytes: it is the header.
    if matches!(error.kind(), csv::ErrorKind::Utf8 { .. }) {
        return Failure::new(format!("{}:1:1: the header is not UTF-8 text", name(path)))
            .with_help("save the file as UTF-8; spreadsheets call it “CSV UTF-8”");
    }
    Failure::new(format!("cannot read {} as CSV: {error}", name(path)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Silent;

    type Row = (u64, Result<Vec<String>, String>);

    fn read(text: &[u8]) -> (Vec<String>, Vec<Row>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("users.csv");
        std::fs::write(&path, text).unwrap();
        let mut table = Table::open(&path).unwrap();
        let mut lines = Vec::new();
        while let Some(line) = table.next("", &Silent).unwrap() {
            lines.push((
                line.number,
                line.cells
                    .map(|cells| cells.iter().map(str::to_owned).collect()),
            ));
        }
        (table.header, lines)
    }

    fn cells(cells: &[&str]) -> Result<Vec<String>, String> {
        Ok(cells.iter().map(|it| (*it).to_owned()).collect())
    }

    #[test]
    fn byte_order_mark_quotes_and_windows_line_ends_are_dealt_with() {
        let (header, lines) =
            read(b"\xEF\xBB\xBF\"a\",b\r\n1,\"x, \"\"y\"\"\nz\"\r\n\r\n 2 ,3\r\n");
        assert_eq!(header, ["a", "b"]);
        assert_eq!(
            lines,
            [(2, cells(&["1", "x, \"y\"\nz"])), (5, cells(&["2", "3"]))]
        );
    }

    #[test]
    fn a_quote_that_is_not_closed_swallows_no_row() {
        let (_, lines) = read(b"a,b\n1,2\n3,\"4\n5,6\n");
        assert_eq!(lines[0], (2, Ok(vec!["1".to_owned(), "2".to_owned()])));
        assert_eq!(lines.len(), 2);
        let (line, cells) = &lines[1];
        assert_eq!(*line, 3);
        assert!(cells.as_ref().unwrap_err().contains("ends inside quotes"));
    }

    #[test]
    fn a_quote_that_the_next_one_closes_swallows_no_row() {
        for end in ["\n", "\r\n"] {
            let text = [
                "a,b",
                "1,2",
                "3,\"4",
                "5,6",
                "7,\"8\"",
                "9,\"10\" ",
                "11,\"12\" x",
                "13,\"14\"",
            ]
            .join(end);
            let (_, lines) = read(text.as_bytes());
            let numbers: Vec<u64> = lines.iter().map(|(number, _)| *number).collect();
            assert_eq!(numbers, [2, 3, 6, 7, 8], "{lines:?}");
            for (at, expected) in [
                (0, cells(&["1", "2"])),
                (1, Err(TORN.to_owned())),
                (2, cells(&["9", "10"])),
                (3, Err(TORN.to_owned())),
                (4, cells(&["13", "14"])),
            ] {
                assert_eq!(lines[at].1, expected, "{lines:?}");
            }
        }
    }

    #[test]
    fn where_text_stands_behind_quotes_is_known_in_files_longer_than_is_read_at_once() {
        let row = format!("\"{}\r\ny\",z\r\n", "x".repeat(1000));
        let text = format!("a,b\r\n{}1,\"2\"3\r\n{}", row.repeat(300), row.repeat(300));
        let (_, lines) = read(text.as_bytes());
        assert_eq!(lines.len(), 601);
        for (at, (number, cells)) in lines.iter().enumerate() {
            assert_eq!(cells.is_err(), at == 300, "{number}");
        }
        assert_eq!(lines[300].0, 602);
    }

    #[test]
    fn a_quote_inside_a_value_is_a_letter_like_others() {
        let (_, lines) = read(b"a,b\n1,5\" pipe\n2,\"x\"\" y\"\n3,4\n");
        assert_eq!(
            lines,
            [
                (2, cells(&["1", "5\" pipe"])),
                (3, cells(&["2", "x\" y"])),
                (4, cells(&["3", "4"]))
            ]
        );
    }

    #[test]
    fn a_row_that_does_not_end_is_refused_before_the_file_is_in_the_memory() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("users.csv");
        let row = |value: &str| format!("\"x\r\ny\",{value}\r\n");
        let long = "a".repeat(1 << 19);
        // Quotes that are letters, and long rows that end, stop nothing.
        let before = row("5\"") + &row(&long) + &row(&long) + &row(&long);
        for (last, line) in [
            (row("\"open") + &"z,z\r\n".repeat(1 << 18), Some(10)),
            (row(&long.repeat(3)), Some(10)),
            (row("end"), None),
        ] {
            std::fs::write(&path, format!("a,b\r\n{before}{last}")).unwrap();
            let mut table = Table::open(&path).unwrap();
            let mut rows = 0;
            let ended = loop {
                match table.next("", &Silent) {
                    Ok(Some(_)) => rows += 1,
                    Ok(None) => break None,
                    Err(End::Failed(failure)) => break Some(failure.message),
                    Err(End::Interrupted) => panic!("nobody did"),
                }
            };
            let expected = line.map(|line| {
                format!("users.csv: the row that begins at line {line} has more than 1 MiB: is a quote not closed?")
            });
            assert_eq!(ended, expected);
            assert_eq!(rows == 5, line.is_none(), "{rows}");
        }
    }

    #[test]
    fn a_short_row_and_a_row_in_another_encoding_are_told_with_their_lines() {
        let (_, lines) = read(b"a,b\n1\nJos\xe9,2\n3,4\n");
        assert!(
            lines[0].1.as_ref().unwrap_err().contains("has 1 fields"),
            "{lines:?}"
        );
        assert_eq!(lines[0].0, 2);
        assert!(
            lines[1].1.as_ref().unwrap_err().contains("UTF-8"),
            "{lines:?}"
        );
        assert_eq!(lines[1].0, 3);
        assert_eq!(lines[2], (4, cells(&["3", "4"])));
    }

    #[test]
    fn files_shorter_than_a_byte_order_mark_are_read_whole() {
        assert_eq!(read(b"a").0, ["a"]);
    }
}
