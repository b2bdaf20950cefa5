//! What a pattern costs, told from its text before it is compiled or run.
//!
//! Engines tell neither how large a pattern will be nor how much work a search took. Both can be
//! bounded from the pattern's tree: a search tries each place of the pattern at most once at each
//! byte of the text, where a repetition that counts has as many places as it counts to.

use fancy_regex::{Assertion, Expr};
use regex_syntax::hir::{Class, Hir, HirKind};

/// Bytes of a compiled class: `\w` takes 50 KiB, because it knows the letters of the world.
const CLASS_BYTES: usize = 1024;
const RANGE_BYTES: usize = 64;
/// Bytes of any other place.
pub(super) const PLACE_BYTES: usize = 32;

/// A pattern for the linear engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Linear {
    /// Places that may be tried at each byte of the text.
    pub places: usize,
    /// Bytes when compiled, roughly.
    pub bytes: usize,
}

impl Linear {
    pub(super) fn of(hir: &Hir) -> Self {
        let (places, bytes) = match hir.kind() {
            HirKind::Empty => (1, PLACE_BYTES),
            HirKind::Literal(literal) => (literal.0.len(), literal.0.len() * PLACE_BYTES),
            HirKind::Class(class) => (1, class_bytes(class)),
            // The edge of a word looks at the letters on both sides.
            HirKind::Look(_) => (4, PLACE_BYTES),
            HirKind::Repetition(it) => {
                let times = times(it.min as usize, it.max.map(|it| it as usize));
                let inner = Self::of(&it.sub);
                (
                    times.saturating_mul(inner.places + 1),
                    times.saturating_mul(inner.bytes + PLACE_BYTES),
                )
            }
            HirKind::Capture(it) => {
                let inner = Self::of(&it.sub);
                (inner.places + 2, inner.bytes + 2 * PLACE_BYTES)
            }
            HirKind::Concat(parts) | HirKind::Alternation(parts) => parts
                .iter()
                .map(Self::of)
                .fold((1_usize, 0_usize), |(places, bytes), it| {
                    (
                        places.saturating_add(it.places),
                        bytes.saturating_add(it.bytes),
                    )
                }),
        };
        Self {
            // Far from the end of the numbers, so that sums can not leave them.
            places: places.min(FAR),
            bytes: bytes.min(FAR),
        }
    }
}

const FAR: usize = 1 << 40;

/// What it costs to compile what a group holds, and each byte of that: where case does not count, the engine does so at
/// each step that compares it with letters that are not ASCII.
const COMPILING: usize = 4 * 1024;
const COMPILING_BYTE: usize = 80;

/// How many copies of what is repeated there are.
fn times(least: usize, most: Option<usize>) -> usize {
    most.unwrap_or(least).max(1)
}

fn class_bytes(class: &Class) -> usize {
    match class {
        Class::Unicode(class) if class.ranges().last().is_some_and(|it| !it.end().is_ascii()) => {
            CLASS_BYTES + class.ranges().len() * RANGE_BYTES
        }
        _ => PLACE_BYTES,
    }
}

/// A pattern for the engine that goes back. It gives what needs no going back to the linear engine,
/// piece by piece; only how often it goes back can be limited, and neither what a piece reads nor
/// how far it goes on without having to go back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Backtracking {
    /// Places gone through from one way to the next.
    places: usize,
    /// Bytes when compiled, roughly.
    pub bytes: usize,
    /// Work of pieces that read a bounded number of bytes.
    bounded: usize,
    /// Work, for each byte of the text, of pieces that may read all of it.
    endless: usize,
    /// How often what a group holds is compared with letters whose case does not count.
    caseless: usize,
    /// Whether something that can not be given away is repeated without end.
    loops: bool,
}

impl Backtracking {
    pub(super) fn of(expression: &Expr) -> Self {
        let part = Part::of(expression).settled();
        Self {
            places: part.places,
            bytes: part.bytes,
            bounded: part.bounded,
            endless: part.endless,
            caseless: part.caseless,
            loops: part.loops,
        }
    }

    /// The most that one search in a text takes, when it goes back at most `steps` times: a unit is a place tried on a byte,
    /// as with the linear engine; a place of this one costs four.
    pub(super) fn work(&self, text: &str, steps: usize) -> usize {
        let bytes = text.len();
        let walk = self.places.saturating_mul(4);
        let compiling = match text.is_ascii() {
            true => 0,
            false => COMPILING + COMPILING_BYTE.saturating_mul(bytes),
        };
        let step = walk
            .saturating_add(self.bounded)
            .saturating_add(self.endless.saturating_mul(bytes))
            .saturating_add(self.caseless.saturating_mul(compiling));
        // A loop goes through the whole text once before it has to go back.
        let ahead = if self.loops { step } else { walk };
        step.saturating_mul(steps + 1)
            .saturating_add(ahead.saturating_mul(bytes))
    }
}

/// A part of the tree.
#[derive(Clone, Copy, Debug)]
struct Part {
    places: usize,
    bytes: usize,
    /// How many bytes it may read; none when there is no end.
    longest: Option<usize>,
    /// Places where it is open what comes next. Without them few combinations of places can be
    /// alive together, and reading a byte costs the same however many places there are.
    open: usize,
    /// It can not be given to the linear engine.
    hard: bool,
    bounded: usize,
    endless: usize,
    caseless: usize,
    loops: bool,
}

/// So few open places have at most a thousand combinations, which the linear engine keeps.
const FEW_OPEN: usize = 10;

impl Part {
    fn leaf(places: usize, longest: usize) -> Self {
        Self {
            places,
            bytes: places.saturating_mul(PLACE_BYTES),
            longest: Some(longest),
            open: 0,
            hard: false,
            bounded: 0,
            endless: 0,
            caseless: 0,
            loops: false,
        }
    }

    fn of(expression: &Expr) -> Self {
        match expression {
            Expr::Any { .. } => Self {
                bytes: CLASS_BYTES,
                open: 1,
                ..Self::leaf(1, 4)
            },
            Expr::Delegate { inner, casei, .. } => Self {
                bytes: delegate_bytes(inner, *casei),
                open: 1,
                ..Self::leaf(2, 4)
            },
            // In another case a letter may take more bytes.
            Expr::Literal { val, .. } => Self::leaf(val.len().max(1), val.len().saturating_mul(3)),
            Expr::Assertion(
                Assertion::StartText
                | Assertion::EndText
                | Assertion::StartLine { .. }
                | Assertion::EndLine { .. },
            ) => Self::leaf(1, 4),
            // At the edge of a word the linear engine can not rely on what it keeps.
            Expr::Assertion(_) => Self {
                open: FEW_OPEN,
                ..Self::leaf(4, 4)
            },
            // Compares as much as the group holds.
            Expr::Backref { casei, .. } | Expr::BackrefWithRelativeRecursionLevel { casei, .. } => {
                Self {
                    hard: true,
                    endless: 1,
                    caseless: usize::from(*casei),
                    ..Self::leaf(4, 0)
                }
            }
            Expr::Concat(parts) => Self::all(parts, 0),
            Expr::Alt(parts) => Self::all(parts, parts.len()),
            Expr::Group(inner) => Self::around(Self::of(inner)),
            Expr::LookAround(inner, _) | Expr::AtomicGroup(inner) => {
                Self::around(Self::of(inner).settled())
            }
            Expr::Conditional {
                condition,
                true_branch,
                false_branch,
            } => [condition, true_branch, false_branch]
                .into_iter()
                .map(|it| Self::of(it).settled())
                .fold(
                    Self {
                        hard: true,
                        ..Self::leaf(1, 0)
                    },
                    Self::with,
                ),
            Expr::Repeat { child, lo, hi, .. } => Self::repeated(Self::of(child), *lo, *hi),
            // The rest stands for nothing, for a place, or for what is not compiled.
            _ => Self {
                hard: !matches!(expression, Expr::Empty),
                ..Self::leaf(1, 0)
            },
        }
    }

    fn around(inner: Self) -> Self {
        Self {
            places: inner.places.saturating_add(2),
            bytes: inner.bytes.saturating_add(2 * PLACE_BYTES),
            ..inner
        }
    }

    fn all(parts: &[Expr], ways: usize) -> Self {
        let parts: Vec<Self> = parts.iter().map(Self::of).collect();
        let hard = parts.iter().any(|it| it.hard);
        let (given, own): (Vec<Self>, Vec<Self>) = parts.into_iter().partition(|it| !it.hard);
        let none = Self {
            open: ways,
            ..Self::leaf(1, 0)
        };
        let given = given.into_iter().fold(none, Self::with);
        if hard {
            own.into_iter().fold(given.settled(), Self::with)
        } else {
            given
        }
    }

    fn with(self, other: Self) -> Self {
        Self {
            places: self.places.saturating_add(other.places),
            bytes: self.bytes.saturating_add(other.bytes),
            longest: self
                .longest
                .zip(other.longest)
                .map(|(one, two)| one.saturating_add(two)),
            open: self.open.saturating_add(other.open),
            hard: self.hard || other.hard,
            bounded: self.bounded.saturating_add(other.bounded),
            endless: self.endless.saturating_add(other.endless),
            caseless: self.caseless.saturating_add(other.caseless),
            loops: self.loops || other.loops,
        }
    }

    fn repeated(inner: Self, least: usize, most: usize) -> Self {
        let without_end = most == usize::MAX;
        let copies = times(least, (!without_end).then_some(most));
        let varies = usize::from(least != most);
        Self {
            places: copies.saturating_mul(inner.places.saturating_add(1)),
            // What is hard is compiled once and counted.
            bytes: if inner.hard {
                inner.bytes
            } else {
                copies.saturating_mul(inner.bytes.saturating_add(PLACE_BYTES))
            },
            longest: inner
                .longest
                .filter(|_| !without_end)
                .map(|it| it.saturating_mul(copies)),
            open: copies.saturating_mul(inner.open.saturating_add(varies)),
            hard: inner.hard,
            bounded: copies.saturating_mul(inner.bounded),
            endless: copies.saturating_mul(inner.endless),
            caseless: copies.saturating_mul(inner.caseless),
            loops: inner.loops || (inner.hard && without_end),
        }
    }

    /// As a piece that is given to the linear engine, if it can be.
    fn settled(self) -> Self {
        if self.hard {
            return self;
        }
        // With many open places it meets ever new combinations, each of which it must work out.
        let each_byte = if self.open <= FEW_OPEN {
            1
        } else {
            self.places.saturating_add(32)
        };
        match self.longest {
            Some(longest) => Self {
                hard: true,
                bounded: each_byte.saturating_mul(longest),
                ..self
            },
            None => Self {
                hard: true,
                endless: each_byte,
                ..self
            },
        }
    }
}

fn delegate_bytes(inner: &str, ignores_case: bool) -> usize {
    regex_syntax::ParserBuilder::new()
        .case_insensitive(ignores_case)
        .build()
        .parse(inner)
        .map_or(CLASS_BYTES, |hir| Linear::of(&hir).bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn linear(pattern: &str) -> Linear {
        Linear::of(&regex_syntax::parse(pattern).unwrap())
    }

    fn backtracking(pattern: &str) -> Backtracking {
        Backtracking::of(&Expr::parse_tree(pattern).unwrap().expr)
    }

    #[test]
    fn a_repetition_has_as_many_places_as_it_counts_to() {
        assert!(linear("abc").places < 10);
        assert!(linear("(?:[ab]*a[ab]{900}c)|").places > 900);
        assert!(linear("(?:(?:a{1000}){1000}){1000}").places > 1_000_000_000);
        assert_eq!(linear("a*"), linear("a{0,1}"));
    }

    #[test]
    fn the_compiled_size_is_near_what_was_told() {
        for pattern in [
            r"\w+@\w+",
            r"\d{10}",
            ".{256}",
            r"\p{L}\S{20}",
            "(?:[ab]*a[ab]{900}c)|",
            "[^a-zA-Z0-9]",
        ] {
            let told = linear(pattern).bytes;
            let hir = regex_syntax::parse(pattern).unwrap();
            let fits = |bytes| super::super::linear(&hir, bytes).is_ok();
            assert!(fits(2 * told + 1024), "{pattern} takes more than {told}");
            assert!(!fits(told / 4), "{pattern} takes less than {told}");
        }
    }

    fn text(bytes: usize) -> String {
        "a".repeat(bytes)
    }

    #[test]
    fn a_step_back_costs_what_is_read_in_it() {
        let short = backtracking("(?=ab)a");
        assert!(short.work(&text(2_000), 16) < 100_000);
        // The rest is read at each step, and in a loop without any.
        let reading = backtracking("(?=a*!)a");
        assert!(reading.work(&text(2_000), 1_000) > 1_000 * 2_000);
        assert!(backtracking("(?:(?=a*!)a)*").work(&text(2_000), 0) > 2_000 * 2_000);
        // With many open places each byte costs as much as there are places.
        assert!(
            backtracking("(?=[ab]*a[ab]{40}c)x").work(&text(1_000), 16)
                > 40 * backtracking("(?=[ab]*c)x").work(&text(1_000), 16)
        );
    }

    /// The engine compiles anew what the group holds, each time.
    #[test]
    fn what_a_group_holds_is_dear_where_case_does_not_count() {
        let (any, exact) = (backtracking(r"(?i)(.+)\1x"), backtracking(r"(.+)\1x"));
        for letters in [10, 1_000] {
            let text = "é".repeat(letters);
            assert!(any.work(&text, 256) >= 32 * exact.work(&text, 256));
            // Letters of ASCII are compared as they are.
            let plain = "e".repeat(letters);
            assert_eq!(any.work(&plain, 256), exact.work(&plain, 256));
        }
        let name = "Jürgen Müller-Lüdenscheidt";
        let twice = backtracking(r"(?i)\b(\w+) \1\b");
        assert!(twice.work(name, 256) < syncline_model::Meter::DEFAULT / 2);
    }

    #[test]
    fn what_is_counted_is_paid_for_as_often() {
        let nested = backtracking("(?:(?:(?:(?=a*!)(?=)){1000}){1000}){1000}");
        assert!(nested.work(&text(1), 0) > 1_000_000_000);
        assert!(nested.bytes < 10_000, "it is compiled once");
    }
}
