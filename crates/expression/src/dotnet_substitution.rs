//! .NET's replacement texts: `${name}`, `$1`, `$&`, `` $` ``, `$'`, `$+`, `$_`, `$$`. Anything else
//! is literal, a `$` too.

use crate::dotnet_pattern::{Found, Groups};
use crate::output::Output;
use crate::stop::Stop;

/// A piece of a replacement text.
#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Literal(String),
    /// By where it stands among the groups; 0 is the whole match.
    Group(usize),
    Before,
    After,
    Source,
}

/// A replacement text, read for the groups of one pattern.
#[derive(Clone, Debug, PartialEq)]
pub struct Substitution {
    pieces: Vec<Piece>,
    /// The first name in `${…}` that the pattern does not have; such names stay literal, as in .NET.
    pub unknown_group: Option<String>,
}

impl Substitution {
    pub fn read(text: &str, groups: &Groups) -> Self {
        let longest = groups.names().map(str::len).max().unwrap_or(0);
        let mut substitution = Self {
            pieces: Vec::new(),
            unknown_group: None,
        };
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            substitution.literal(&rest[..at]);
            rest = &rest[at + 1..];
            rest = &rest[substitution.dollar(rest, groups, longest)..];
        }
        substitution.literal(rest);
        substitution
    }

    fn literal(&mut self, text: &str) {
        if !text.is_empty() {
            self.pieces.push(Piece::Literal(text.to_owned()));
        }
    }

    /// Reads what follows a `$`, and says how many bytes that was. The longest name has `longest` bytes.
    fn dollar(&mut self, rest: &str, groups: &Groups, longest: usize) -> usize {
        let simple = match rest.chars().next() {
            Some('$') => Some(Piece::Literal("$".to_owned())),
            Some('&') => Some(Piece::Group(0)),
            Some('`') => Some(Piece::Before),
            Some('\'') => Some(Piece::After),
            Some('+') => Some(Piece::Group(groups.last())),
            Some('_') => Some(Piece::Source),
            _ => None,
        };
        if let Some(piece) = simple {
            self.pieces.push(piece);
            return 1;
        }
        if let Some(name) = name_in_braces(rest, longest) {
            match named(groups, name) {
                Some(group) => {
                    self.pieces.push(Piece::Group(group));
                    return name.len() + 2;
                }
                None => {
                    self.unknown_group.get_or_insert_with(|| name.to_owned());
                }
            }
        }
        // As many digits as name a group; zeros before a number do not count.
        let zeros = rest.bytes().take_while(|it| *it == b'0').count();
        let digits = rest[zeros..]
            .bytes()
            .take(MOST_DIGITS)
            .take_while(u8::is_ascii_digit)
            .count();
        for length in (0..=digits).rev() {
            let number = match length {
                0 => (zeros > 0).then_some(0),
                _ => rest[zeros..zeros + length].parse().ok(),
            };
            if let Some(group) = number.and_then(|number| groups.numbered(number)) {
                self.pieces.push(Piece::Group(group));
                return zeros + length;
            }
        }
        self.literal("$");
        0
    }

    /// Writes the replacement for one match.
    pub fn write(&self, source: &str, found: &Found, output: &mut Output<'_>) -> Result<(), Stop> {
        let whole = found.whole();
        for piece in &self.pieces {
            output.push(match piece {
                Piece::Literal(text) => text,
                Piece::Group(group) => found.group(*group).map_or("", |it| &source[it]),
                Piece::Before => &source[..whole.start],
                Piece::After => &source[whole.end..],
                Piece::Source => source,
            })?;
        }
        Ok(())
    }
}

/// Digits of the number of a group; no pattern has a billion groups.
const MOST_DIGITS: usize = 9;

/// A name that is no group's is looked for within so many bytes.
const MISSPELT_BYTES: usize = 64;

/// What stands between braces, when it is short enough for a name: nobody looks through the whole
/// text for the other brace, and that for each one.
fn name_in_braces(rest: &str, longest: usize) -> Option<&str> {
    let inside = rest.strip_prefix('{')?;
    let end = inside
        .bytes()
        .take(longest.max(MISSPELT_BYTES) + 1)
        .position(|it| it == b'}')?;
    inside.get(..end)
}

/// `${name}` or `${1}`.
fn named(groups: &Groups, name: &str) -> Option<usize> {
    let named = groups.named(name);
    named.or_else(|| name.parse().ok().and_then(|number| groups.numbered(number)))
}
