//! An expression that was read and checked, ready to run on any number of objects.

use syncline_model::Attr;
use syncline_model::predicate::Attributes;

use crate::attributes::AttributeTypes;
use crate::checker;
use crate::diagnostic::{Diagnostic, EvaluationError};
use crate::evaluator::{Context, Machine, Node, Outcome, Stop};
use crate::limits::Limits;
use crate::mapping_source::MappingSource;
use crate::parser;
use crate::types::Type;

/// A checked expression.
#[derive(Clone, Debug)]
pub struct Program {
    pub(crate) root: Node,
    pub(crate) attributes: Vec<Attr>,
    pub(crate) result: Type,
    pub(crate) random: bool,
    pub(crate) redacted: bool,
    pub(crate) source: MappingSource,
    pub(crate) limits: Limits,
}

/// Reads and checks `text` against the source object's attributes. All problems come out at once,
/// in the order of the text.
pub fn compile(text: &str, attributes: &dyn AttributeTypes) -> Result<Program, Vec<Diagnostic>> {
    compile_with(text, attributes, &Limits::DEFAULT)
}

/// [`compile`] with other limits.
pub fn compile_with(
    text: &str,
    attributes: &dyn AttributeTypes,
    limits: &Limits,
) -> Result<Program, Vec<Diagnostic>> {
    let (expression, mut diagnostics) = parser::parse_recovering(text, limits);
    let Some(expression) = expression else {
        return Err(diagnostics);
    };
    let checked = checker::check(&expression, attributes);
    diagnostics.extend(checked.diagnostics);
    if !diagnostics.is_empty() {
        diagnostics.sort_by_key(|it| (it.span.start, it.code.number()));
        return Err(diagnostics);
    }
    Ok(Program {
        root: checked.root,
        attributes: checked.attributes,
        result: checked.result,
        random: checked.random,
        redacted: checked.redacted,
        source: MappingSource::from(&expression),
        limits: *limits,
    })
}

impl Program {
    /// Runs the program on one object. Deterministic: same object, same context, same outcome.
    pub fn evaluate(
        &self,
        subject: &dyn Attributes,
        context: &Context,
    ) -> Result<Outcome, EvaluationError> {
        match Machine::new(subject, context, &self.limits).evaluate(&self.root) {
            Ok(value) => Ok(Outcome::Value(value)),
            Err(Stop::Ignore) => Ok(Outcome::Ignored),
            Err(Stop::Error(error)) => Err(error),
        }
    }

    /// The attributes it reads, sorted, each once.
    pub fn attributes(&self) -> &[Attr] {
        &self.attributes
    }

    pub fn result_type(&self) -> Type {
        self.result
    }

    /// Whether it yields another value each time (`Guid`, `RandomString`, `Now`): a mapping that
    /// always flows would then write in every cycle.
    pub fn is_random(&self) -> bool {
        self.random
    }

    /// Whether its value must not appear in any log: `Redact` stands somewhere in it.
    pub fn is_redacted(&self) -> bool {
        self.redacted
    }

    /// The tree as Graph shows it.
    pub fn source_tree(&self) -> &MappingSource {
        &self.source
    }
}
