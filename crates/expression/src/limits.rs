//! Bounds: a mapping is written by a person and run on every object, so nothing in it may grow
//! without end.

use syncline_model::Meter;

/// How long, how deep and how laborious an expression may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Characters of one expression; Entra's limit is the default.
    pub length: usize,
    /// How deep calls may be nested.
    pub depth: usize,
    /// Bytes of one value while evaluating.
    pub value_bytes: usize,
    /// Work of one evaluation, whoever does it: each step, each byte of each value, and all that
    /// patterns do. See [`Meter`] for the unit: the worst expression is refused after some tens of
    /// milliseconds, an ordinary one takes some hundred units.
    pub work: usize,
    /// Rules of `SelectUniqueValue`: each may be a look-up in the target, one after the other.
    pub unique_rules: usize,
    /// Whether it was accepted once: what came to be refused after that is let go on, and fails object by object if
    /// at all.
    pub accepted: bool,
}

impl Limits {
    pub const DEFAULT: Self = Self {
        length: 10_000,
        depth: 64,
        value_bytes: 256 * 1024,
        work: Meter::DEFAULT,
        unique_rules: 100,
        accepted: false,
    };
}

impl Limits {
    /// No setting allows a longer expression: characters.
    pub const LONGEST: usize = 1_000_000;

    /// The default, with another length.
    pub fn with_length(length: usize) -> Self {
        Self {
            length: length.min(Self::LONGEST),
            ..Self::DEFAULT
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
