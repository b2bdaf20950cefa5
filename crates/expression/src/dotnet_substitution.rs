//! .NET's replacement texts: `${name}`, `$1`, `$&`, `` $` ``, `$'`, `$+`, `$_`, `$$`. Anything else
//! is literal, a `$` too.

use std::collections::HashMap;

use crate::dotnet_pattern::{Found, Pattern};
use crate::output::Output;
use crate::stop::Stop;

/// A piece of a replacement text.
#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Literal(String),
    /// By its place; 0 is the whole match.
    Group(usize),
    Before,
    After,
    Source,
}

/// A replacement text, read for one pattern.
#[derive(Clone, Debug, PartialEq)]
pub struct Substitution {
    pieces: Vec<Piece>,
    /// The first name in `${…}` that the pattern does not have; such names stay literal, as in .NET.
    pub unknown_group: Option<String>,
}

impl Substitution {
    pub fn read(text: &str, pattern: &Pattern) -> Self {
        let groups = Groups::of(pattern);
        let mut substitution = Self {
            pieces: Vec::new(),
            unknown_group: None,
        };
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            substitution.literal(&rest[..at]);
            rest = &rest[at + 1..];
            rest = &rest[substitution.dollar(rest, &groups)..];
        }
        substitution.literal(rest);
        substitution
    }

    fn literal(&mut self, text: &str) {
        if !text.is_empty() {
            self.pieces.push(Piece::Literal(text.to_owned()));
        }
    }

    /// Reads what follows a `$`, and says how many bytes that was.
    fn dollar(&mut self, rest: &str, groups: &Groups<'_>) -> usize {
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
        if let Some(name) = groups.name_in_braces(rest) {
            match groups.named(name) {
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

/// .NET numbers the unnamed groups first and the named ones behind them; the regex crates
/// number all by their place.
struct Groups<'p> {
    order: Vec<usize>,
    names: HashMap<&'p str, usize>,
    /// Bytes of the longest name.
    longest: usize,
}

impl<'p> Groups<'p> {
    fn of(pattern: &'p Pattern) -> Self {
        let mut order = Vec::new();
        let mut named = Vec::new();
        for (group, name) in pattern.groups().iter().enumerate() {
            match name {
                Some(name) => named.push((name.as_str(), group)),
                None => order.push(group),
            }
        }
        order.extend(named.iter().map(|(_, group)| *group));
        Self {
            order,
            longest: named.iter().map(|(name, _)| name.len()).max().unwrap_or(0),
            names: named.into_iter().collect(),
        }
    }

    /// What stands between braces, when it is short enough for a name: nobody looks through the whole
    /// text for the other brace, and that for each one.
    fn name_in_braces<'t>(&self, rest: &'t str) -> Option<&'t str> {
        let inside = rest.strip_prefix('{')?;
        let end = inside
            .bytes()
            .take(self.longest.max(MISSPELT_BYTES) + 1)
            .position(|it| it == b'}')?;
        inside.get(..end)
    }

    fn numbered(&self, number: usize) -> Option<usize> {
        self.order.get(number).copied()
    }

    /// `${name}` or `${1}`.
    fn named(&self, name: &str) -> Option<usize> {
        let named = self.names.get(name).copied();
        named.or_else(|| name.parse().ok().and_then(|number| self.numbered(number)))
    }

    fn last(&self) -> usize {
        self.order.last().copied().unwrap_or(0)
    }
}
