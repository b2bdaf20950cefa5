//! A text file as the CSV reader wants it: no byte order mark, lines end in one line feed, the
//! last one too. With that a row's line can be told from where the reader stands behind it. A row that never
//! ends, as behind a quote that is not closed, is an error before it fills the memory; where it ends at the next
//! quote, text stands behind that, which the CSV reader would take as a part of the value.

use std::fmt;
use std::io::{self, BufRead, Read};

const BYTE_ORDER_MARK: [u8; 3] = [0xEF, 0xBB, 0xBF];

/// The longest row, in bytes: far more than all properties of somebody take.
const LONGEST_ROW: u64 = 1 << 20;

/// A row that is longer than that. It ends the reading: where the next one begins is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong {
    /// Where it begins, counted from one.
    line: u64,
}

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line } = self;
        write!(
            f,
            "the row that begins at line {line} has more than 1 MiB: is a quote not closed?"
        )
    }
}

impl std::error::Error for TooLong {}

/// Where in a row the CSV reader stands: a quote inside a value that did not begin with one is a letter like others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Beginning,
    Value,
    Quoted,
    /// Behind a quote inside quotes, which closes them unless another one follows.
    Quote,
    /// Behind closed quotes, and blanks.
    Closed,
    /// Behind the first letter that stands behind closed quotes.
    Torn,
}

impl At {
    fn behind(self, byte: u8) -> Self {
        match (self, byte) {
            (Self::Beginning | Self::Quote, b'"') => Self::Quoted,
            (Self::Quoted, b'"') => Self::Quote,
            (Self::Quoted, _) => Self::Quoted,
            (_, b',' | b'\n' | b'\r') => Self::Beginning,
            (Self::Quote | Self::Closed, b' ' | b'\t') => Self::Closed,
            (Self::Quote | Self::Closed, _) => Self::Torn,
            _ => Self::Value,
        }
    }
}

/// Passes bytes on, normalized.
#[derive(Debug)]
pub struct Normalized<R> {
    inner: R,
    begun: bool,
    /// Bytes to hand out before the next ones are read.
    held: Vec<u8>,
    /// A carriage return of which it is not known yet whether a line feed follows.
    return_held: bool,
    last: u8,
    at: At,
    /// The line of the byte that comes next, counted from one.
    line: u64,
    /// Where the row begins that was passed on last, and how long it is so far.
    row: (u64, u64),
    /// How many bytes were held so far, those among them that are handed out.
    passed: u64,
    /// Which of them stand behind closed quotes, unless somebody took notice.
    torn: Vec<u64>,
    ended: bool,
}

impl<R: BufRead> Normalized<R> {
    pub fn new(inner: R) -> Self {
        Self {
            inner,
            begun: false,
            held: Vec::new(),
            return_held: false,
            last: b'\n',
            at: At::Beginning,
            line: 1,
            row: (1, 0),
            passed: 0,
            torn: Vec::new(),
            ended: false,
        }
    }

    /// Whether the file ended inside quotes: whatever followed the opening one was taken for one
    /// value, rows and all.
    pub fn ended_inside_quotes(&self) -> bool {
        self.ended && self.at == At::Quoted
    }

    /// Whether text stands behind closed quotes in what ends before this byte, counted from zero as they are handed
    /// out, and was not told of yet.
    pub fn take_torn(&mut self, end: u64) -> bool {
        let count = self.torn.partition_point(|at| *at < end);
        self.torn.drain(..count);
        count > 0
    }

    fn hold(&mut self, byte: u8) {
        self.held.push(byte);
        self.passed += 1;
    }

    /// Leaves the mark out when there is one.
    fn begin(&mut self) -> io::Result<()> {
        self.begun = true;
        let mut start = Vec::with_capacity(BYTE_ORDER_MARK.len());
        self.inner
            .by_ref()
            .take(BYTE_ORDER_MARK.len() as u64)
            .read_to_end(&mut start)?;
        if start != BYTE_ORDER_MARK {
            self.pass(&start)?;
        }
        Ok(())
    }

    fn pass(&mut self, bytes: &[u8]) -> io::Result<()> {
        for byte in bytes.iter().copied() {
            self.at = self.at.behind(byte);
            self.line += u64::from(byte == b'\n');
            self.row = match byte {
                b'\n' | b'\r' if self.at != At::Quoted => (self.line, 0),
                _ => (self.row.0, self.row.1 + 1),
            };
            if self.row.1 > LONGEST_ROW {
                return Err(io::Error::other(TooLong { line: self.row.0 }));
            }
            if self.return_held && byte != b'\n' {
                self.hold(b'\r');
            }
            if self.at == At::Torn {
                self.torn.push(self.passed);
            }
            self.return_held = byte == b'\r';
            if !self.return_held {
                self.hold(byte);
            }
            self.last = byte;
        }
        Ok(())
    }

    fn end(&mut self) {
        self.ended = true;
        self.return_held = false;
        if self.last != b'\n' {
            self.hold(b'\n');
            self.last = b'\n';
        }
    }
}

impl<R: BufRead> Read for Normalized<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.begun {
            self.begin()?;
        }
        while self.held.is_empty() {
            let chunk = self.inner.fill_buf()?.to_vec();
            if chunk.is_empty() {
                self.end();
                break;
            }
            self.inner.consume(chunk.len());
            self.pass(&chunk)?;
        }
        let count = self.held.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.held[..count]);
        self.held.drain(..count);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::BufReader;

    #[test]
    fn marks_go_and_lines_end_alike() {
        for (given, expected) in [
            (&b"\xEF\xBB\xBFa\r\nb"[..], &b"a\nb\n"[..]),
            (b"a\rb\r\r\nc\n", b"a\rb\r\nc\n"),
            (b"a\r", b"a\n"),
            (b"ab", b"ab\n"),
            (b"", b""),
        ] {
            // Every size of chunk: a line end may lie between two.
            for size in 1..6 {
                let mut text = Vec::new();
                Normalized::new(BufReader::with_capacity(size, given))
                    .read_to_end(&mut text)
                    .unwrap();
                assert_eq!(text, expected, "{given:?} in chunks of {size}");
            }
        }
    }
}
