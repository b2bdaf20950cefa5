//! How much compiled patterns may take together.

use super::PATTERN_BYTES;

/// Bytes that all patterns of one expression may take together: compiling as much takes some tens of
/// milliseconds.
const OF_EXPRESSION: usize = 4 * PATTERN_BYTES;

/// Bytes that all patterns of one schema may take together, those of its expressions and those of its
/// filters: each of them is kept as long as the schema is.
const OF_SCHEMA: usize = 32 * PATTERN_BYTES;

const MIB: usize = 1024 * 1024;

/// What is left for patterns. One is taken along through all that shares it; each expression, and each
/// pattern of a filter, has a smaller one inside of it.
#[derive(Debug)]
pub struct PatternRoom {
    expression: usize,
    all: usize,
    accepted: bool,
}

impl PatternRoom {
    /// For expressions that share nothing: only each of them has an end.
    pub const fn unshared() -> Self {
        Self {
            expression: OF_EXPRESSION,
            all: usize::MAX,
            accepted: false,
        }
    }

    /// As [`Self::unshared`], for what was accepted once: patterns that came to be refused after that go on, and fail object
    /// by object if at all.
    pub const fn accepted() -> Self {
        Self {
            accepted: true,
            ..Self::unshared()
        }
    }

    /// For all patterns of one schema.
    pub const fn of_schema() -> Self {
        Self {
            expression: OF_EXPRESSION,
            all: OF_SCHEMA,
            accepted: false,
        }
    }

    /// Bytes that are left for all of them.
    pub const fn left(&self) -> usize {
        self.all
    }

    /// Whether what it is for was accepted once.
    pub(super) const fn is_accepted(&self) -> bool {
        self.accepted
    }

    /// Another expression begins.
    pub(crate) fn begin(&mut self) {
        self.expression = OF_EXPRESSION;
    }

    /// Takes what a pattern needs, in bytes, before it is compiled; the error says in words that there is not as
    /// much.
    pub(super) fn take(&mut self, bytes: usize) -> Result<(), String> {
        let (Some(expression), Some(all)) = (
            self.expression.checked_sub(bytes),
            self.all.checked_sub(bytes),
        ) else {
            let (whole, most) = match bytes > self.expression {
                true => ("an expression", OF_EXPRESSION),
                false => ("a schema", OF_SCHEMA),
            };
            return Err(format!(
                "there is no room left for it; compiled, all patterns of {whole} may take {} MiB: shorten them, or repeat classes with `*` or `+`",
                most / MIB
            ));
        };
        (self.expression, self.all) = (expression, all);
        Ok(())
    }
}
