//! .NET's replacement texts: `${name}`, `$1`, `$&`, `` $` ``, `$'`, `$+`, `$_`, `$$`. Anything else
//! is literal, a `$` too.

use crate::dotnet_pattern::{Found, Pattern};
use crate::evaluator::Stop;
use crate::output::Output;

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
    /// Names in `${…}` that the pattern does not have; they stay literal, as in .NET.
    pub unknown_groups: Vec<String>,
}

impl Substitution {
    pub fn read(text: &str, pattern: &Pattern) -> Self {
        let groups = Groups::of(pattern);
        let mut substitution = Self {
            pieces: Vec::new(),
            unknown_groups: Vec::new(),
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
    fn dollar(&mut self, rest: &str, groups: &Groups) -> usize {
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
        if let Some((name, _)) = rest.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
            match groups.named(name) {
                Some(group) => {
                    self.pieces.push(Piece::Group(group));
                    return name.len() + 2;
                }
                None => self.unknown_groups.push(name.to_owned()),
            }
        }
        // As many digits as name a group.
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        for length in (1..=digits).rev() {
            if let Some(group) = rest[..length]
                .parse()
                .ok()
                .and_then(|number| groups.numbered(number))
            {
                self.pieces.push(Piece::Group(group));
                return length;
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

/// .NET numbers the unnamed groups first and the named ones behind them; the regex crates
/// number all by their place.
struct Groups {
    order: Vec<usize>,
    names: Vec<(String, usize)>,
}

impl Groups {
    fn of(pattern: &Pattern) -> Self {
        let mut order = Vec::new();
        let mut names = Vec::new();
        for (group, name) in pattern.groups().iter().enumerate() {
            match name {
                Some(name) => names.push((name.clone(), group)),
                None => order.push(group),
            }
        }
        order.extend(names.iter().map(|(_, group)| *group));
        Self { order, names }
    }

    fn numbered(&self, number: usize) -> Option<usize> {
        self.order.get(number).copied()
    }

    /// `${name}` or `${1}`.
    fn named(&self, name: &str) -> Option<usize> {
        let named = self
            .names
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, group)| *group);
        named.or_else(|| name.parse().ok().and_then(|number| self.numbered(number)))
    }

    fn last(&self) -> usize {
        self.order.last().copied().unwrap_or(0)
    }
}
