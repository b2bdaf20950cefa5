//! Words of `displayName` and `description`, as `$search` finds them.
//!
//! Graph splits the value and the text that is looked for at spaces, symbols, digits and where a capital follows a small
//! letter, and wants each word of the text to begin a word of the value, in any order (*Use the $search query parameter*,
//! learn.microsoft.com/graph/search-query-parameter). A symbol is a word, too, and `hello.world` is also `helloworld`.
//!
//! Found here, and perhaps not in Graph: what goes on over a place where the value was split without a symbol. `onevideo` finds
//! `OneVideo`, so that capitals never decide.

use syncline_model::Meter;
use syncline_model::fold::{composed, fold};
use syncline_model::predicate::{TextPattern, TooMuchWork};

/// The words that a value must have.
#[derive(Debug)]
pub(crate) struct Words {
    text: String,
    /// Letters and digits with nothing between.
    runs: Vec<Run>,
    symbols: Vec<char>,
}

#[derive(Debug)]
struct Run {
    whole: String,
    parts: Vec<String>,
}

impl Words {
    pub(crate) fn of(text: &str) -> Self {
        let mut words = Self {
            text: text.to_owned(),
            runs: Vec::new(),
            symbols: Vec::new(),
        };
        for piece in pieces(text) {
            match (piece, words.runs.last_mut()) {
                (Piece::Part(part, Before::Part), Some(run)) => {
                    run.whole.push_str(&part);
                    run.parts.push(part);
                }
                (Piece::Part(part, _), _) => words.runs.push(Run {
                    whole: part.clone(),
                    parts: vec![part],
                }),
                (Piece::Symbol(symbol), _) => words.symbols.push(symbol),
            }
        }
        // Each is looked for once.
        for run in &mut words.runs {
            run.parts.sort_unstable();
            run.parts.dedup();
        }
        words.symbols.sort_unstable();
        words.symbols.dedup();
        words
    }

    fn are_in(&self, value: &Value) -> bool {
        self.runs
            .iter()
            .all(|run| value.begins(&run.whole) || run.parts.iter().all(|part| value.begins(part)))
            && self.symbols.iter().all(|it| value.symbols.contains(it))
    }
}

impl TextPattern for Words {
    fn text(&self) -> &str {
        &self.text
    }

    fn is_match(&self, text: &str, meter: &Meter) -> Result<bool, TooMuchWork> {
        // Each word, and each part of one, is looked for at the beginning of each; and each symbol.
        let parts: usize = self.runs.iter().map(|run| 1 + run.parts.len()).sum();
        let looked_for = 1 + parts + self.symbols.len();
        meter.charge(text.len().saturating_mul(looked_for))?;
        Ok(self.are_in(&Value::of(text)))
    }
}

/// A value, split.
struct Value {
    /// What stands between spaces, without symbols, and where in it words begin.
    chunks: Vec<(String, Vec<usize>)>,
    symbols: Vec<char>,
}

impl Value {
    fn of(text: &str) -> Self {
        let mut value = Self {
            chunks: Vec::new(),
            symbols: Vec::new(),
        };
        for piece in pieces(text) {
            match piece {
                Piece::Symbol(symbol) => value.symbols.push(symbol),
                Piece::Part(part, before) => {
                    if before == Before::Space {
                        value.chunks.push(Default::default());
                    }
                    if let Some((letters, begins)) = value.chunks.last_mut() {
                        begins.push(letters.len());
                        letters.push_str(&part);
                    }
                }
            }
        }
        value
    }

    fn begins(&self, word: &str) -> bool {
        let begins = |(letters, at): &(String, Vec<usize>)| {
            at.iter().any(|at| letters[*at..].starts_with(word))
        };
        self.chunks.iter().any(begins)
    }
}

enum Piece {
    /// Folded letters, or digits, and what is before them.
    Part(String, Before),
    Symbol(char),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// Or nothing, or a space and symbols.
    Space,
    /// Symbols, and a part before them.
    Symbol,
    /// Another part.
    Part,
}

fn pieces(text: &str) -> Vec<Piece> {
    let text = composed(text);
    let (mut pieces, mut before) = (Vec::new(), Before::Space);
    let mut rest = &*text;
    while let Some(first) = rest.chars().next() {
        let length = if first.is_alphanumeric() {
            let length = part(rest);
            pieces.push(Piece::Part(fold(&rest[..length]), before));
            before = Before::Part;
            length
        } else {
            if first.is_whitespace() {
                before = Before::Space;
            } else {
                pieces.push(Piece::Symbol(first));
                if before == Before::Part {
                    before = Before::Symbol;
                }
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    pieces
}

/// Bytes of the letters, or digits, with which a text begins.
fn part(text: &str) -> usize {
    let ends = |(last, next): &(char, (usize, char))| {
        let (_, next) = *next;
        !next.is_alphanumeric()
            || last.is_numeric() != next.is_numeric()
            || (last.is_lowercase() && next.is_uppercase())
    };
    let pairs = text.chars().zip(text.char_indices().skip(1));
    pairs
        .into_iter()
        .find(ends)
        .map_or(text.len(), |(_, (at, _))| at)
}
