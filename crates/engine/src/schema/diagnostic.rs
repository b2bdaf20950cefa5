//! What is wrong with a schema, told all at once.

use std::fmt;

use syncline_expression as expression;
use syncline_expression::Span;

/// One thing wrong with a schema, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaDiagnostic {
    /// JSON path, e.g. `synchronizationRules[0].objectMappings[0].scope.groups[1].clauses[0]`.
    pub path: String,
    /// [`SchemaDiagnostic::INVALID`] or [`SchemaDiagnostic::NOT_SUPPORTED`].
    pub code: &'static str,
    /// What is wrong and what to write instead.
    pub message: String,
    /// Where in the expression that `path` names.
    pub span: Option<Span>,
}

impl SchemaDiagnostic {
    /// Graph's code for a schema it refuses.
    pub const INVALID: &'static str = "schemaInvalid";
    /// Correct, but this version can not do it yet. Refused rather than ignored: an ignored filter
    /// would put the wrong people into the target.
    pub const NOT_SUPPORTED: &'static str = "notSupported";
}

impl fmt::Display for SchemaDiagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)
    }
}

/// All that is wrong in a schema, by place.
pub fn in_words(diagnostics: &[SchemaDiagnostic]) -> String {
    let words: Vec<String> = diagnostics.iter().map(ToString::to_string).collect();
    words.join("; ")
}

/// Collects diagnostics while compiling goes on.
#[derive(Debug, Default)]
pub(super) struct Diagnostics(pub(super) Vec<SchemaDiagnostic>);

impl Diagnostics {
    pub(super) fn invalid(&mut self, path: &str, message: impl Into<String>) {
        self.0.push(SchemaDiagnostic {
            path: path.to_owned(),
            code: SchemaDiagnostic::INVALID,
            message: message.into(),
            span: None,
        });
    }

    /// A problem with the expression at `path`.
    pub(super) fn expression(&mut self, path: &str, problem: &expression::Diagnostic) {
        self.0.push(SchemaDiagnostic {
            path: path.to_owned(),
            code: SchemaDiagnostic::INVALID,
            message: problem.to_string(),
            span: Some(problem.span),
        });
    }

    pub(super) fn not_supported(&mut self, path: &str, message: impl Into<String>) {
        self.0.push(SchemaDiagnostic {
            path: path.to_owned(),
            code: SchemaDiagnostic::NOT_SUPPORTED,
            message: message.into(),
            span: None,
        });
    }
}
