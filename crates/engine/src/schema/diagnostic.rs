//! What is wrong with a schema, told all at once.

use std::fmt;

use syncline_expression as expression;
use syncline_expression::{Place, Span};

/// One thing wrong with a schema, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaDiagnostic {
    /// JSON path, e.g. `synchronizationRules[0].objectMappings[0].scope.groups[1].clauses[0]`.
    pub path: String,
    /// [`SchemaDiagnostic::INVALID`] or [`SchemaDiagnostic::NOT_SUPPORTED`].
    pub code: &'static str,
    /// What is wrong and what to write instead.
    pub message: String,
    /// Where in the expression that `path` names, in bytes.
    pub span: Option<Span>,
    /// The same for what reads JSON.
    pub place: Option<Place>,
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

/// Diagnostics that are told one by one: a person mends these first, and each of a million others would take
/// more than the schema does.
const MOST_TOLD: usize = 100;

/// Collects diagnostics while compiling goes on.
#[derive(Debug, Default)]
pub(super) struct Diagnostics {
    told: Vec<SchemaDiagnostic>,
    /// How many there are besides.
    more: usize,
}

impl Diagnostics {
    pub(super) fn count(&self) -> usize {
        self.told.len() + self.more
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// Whether something was told about this very place.
    pub(super) fn tells_of(&self, path: &str) -> bool {
        self.told.iter().any(|it| it.path == path)
    }

    /// All that is told; the last one says how many more there are.
    pub(super) fn into_told(mut self) -> Vec<SchemaDiagnostic> {
        if self.more > 0 {
            self.told.push(SchemaDiagnostic {
                path: "synchronizationRules".to_owned(),
                code: SchemaDiagnostic::INVALID,
                message: format!(
                    "and {} more; mend the first {MOST_TOLD} to see them",
                    self.more
                ),
                span: None,
                place: None,
            });
        }
        self.told
    }

    fn add(
        &mut self,
        path: &str,
        code: &'static str,
        message: impl Into<String>,
        at: Option<(Span, Place)>,
    ) {
        if self.told.len() == MOST_TOLD {
            self.more += 1;
            return;
        }
        self.told.push(SchemaDiagnostic {
            path: path.to_owned(),
            code,
            message: message.into(),
            span: at.map(|(span, _)| span),
            place: at.map(|(_, place)| place),
        });
    }

    pub(super) fn invalid(&mut self, path: &str, message: impl Into<String>) {
        self.add(path, SchemaDiagnostic::INVALID, message, None);
    }

    /// A problem with the expression at `path`.
    pub(super) fn expression(&mut self, path: &str, problem: &expression::Diagnostic) {
        let code = SchemaDiagnostic::INVALID;
        let at = Some((problem.span, problem.place));
        self.add(path, code, problem.to_string(), at);
    }

    pub(super) fn not_supported(&mut self, path: &str, message: impl Into<String>) {
        self.add(path, SchemaDiagnostic::NOT_SUPPORTED, message, None);
    }
}
