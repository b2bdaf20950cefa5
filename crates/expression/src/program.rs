//! An expression that was read and checked, ready to run on any number of objects.

use std::borrow::Cow;

use syncline_model::predicate::Attributes;
use syncline_model::{Attr, Meter, Value};

use crate::ast::Span;
use crate::attributes::AttributeTypes;
use crate::branches::{self, Branch, Way};
use crate::checker;
use crate::diagnostic::{Code, Diagnostic, EvaluationError};
use crate::distinct::Distinct;
use crate::dotnet_pattern::PatternRoom;
use crate::evaluator::{CallNode, Context, Machine, Node, Outcome, is_absent};
use crate::facts::Facts;
use crate::functions::Varies;
use crate::limits::Limits;
use crate::mapping_source::MappingSource;
use crate::parser;
use crate::place::locate;
use crate::stop::Stop;
use crate::types::Type;

/// A checked expression.
#[derive(Clone, Debug)]
pub struct Program {
    pub(crate) root: Node,
    pub(crate) attributes: Vec<Attr>,
    pub(crate) facts: Facts,
    pub(crate) redacted: bool,
    pub(crate) source: MappingSource,
    pub(crate) text: String,
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
    let mut room = match limits.accepted {
        true => PatternRoom::accepted(),
        false => PatternRoom::unshared(),
    };
    compile_within(text, attributes, limits, &mut room)
}

/// [`compile_with`] of one expression of several whose patterns share `room`.
pub fn compile_within(
    text: &str,
    attributes: &dyn AttributeTypes,
    limits: &Limits,
    room: &mut PatternRoom,
) -> Result<Program, Vec<Diagnostic>> {
    let (expression, mut diagnostics) = parser::parse_recovering(text, limits);
    let Some(expression) = expression else {
        locate(text, &mut diagnostics);
        return Err(diagnostics);
    };
    let checked = checker::check(&expression, attributes, limits, room);
    diagnostics.extend(checked.diagnostics);
    if !diagnostics.is_empty() {
        diagnostics.sort_by_key(|it| (it.span.start, it.code.number()));
        locate(text, &mut diagnostics);
        return Err(diagnostics);
    }
    Ok(Program {
        root: checked.root,
        attributes: checked.attributes,
        facts: checked.facts,
        redacted: checked.redacted,
        source: MappingSource::from(&expression),
        text: text.to_owned(),
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
        self.evaluate_within(subject, context, &Meter::new(self.limits.work))
    }

    /// The same; it takes no more work than `meter` has left, so that all mappings of an object can
    /// share a bound.
    pub fn evaluate_within(
        &self,
        subject: &dyn Attributes,
        context: &Context,
        meter: &Meter,
    ) -> Result<Outcome, EvaluationError> {
        // Nothing to account for but its size, which is the source's.
        if let Some(attr) = self.copies() {
            let value = subject.value(attr).map(Cow::into_owned);
            return Ok(Outcome::Value(value.filter(|it| !is_absent(it))));
        }
        let limits = self.limits_within(meter);
        let machine = Machine::new(subject, context, &limits);
        let result = machine.evaluate(&self.root);
        // It could not take more than was left.
        let _ = meter.charge(machine.work());
        match result {
            Ok(value) => Ok(Outcome::Value(value)),
            Err(Stop::Ignore) => Ok(Outcome::Ignored),
            Err(Stop::Error(error)) => Err(error),
        }
    }

    fn limits_within(&self, meter: &Meter) -> Limits {
        Limits {
            work: self.limits.work.min(meter.left()),
            ..self.limits
        }
    }

    /// How much of [`Limits::work`] one evaluation takes.
    pub fn work(&self, subject: &dyn Attributes, context: &Context) -> usize {
        let machine = Machine::new(subject, context, &self.limits);
        // Only the work is asked for; what was done before a failure was done.
        let _ = machine.evaluate(&self.root);
        machine.work()
    }

    /// The ways one evaluation goes, whatever comes out of it.
    pub fn trace(&self, subject: &dyn Attributes, context: &Context) -> Vec<Branch> {
        let machine = Machine::new(subject, context, &self.limits).tracing();
        // Only the way is asked for; what was reached before a failure was reached.
        let _ = machine.evaluate(&self.root);
        machine.into_trace()
    }

    /// All ways an evaluation can go.
    pub fn ways(&self) -> Vec<Way> {
        branches::of(&self.root)
    }

    /// The attribute whose value it yields as it is, if that is all it does.
    pub fn copies(&self) -> Option<Attr> {
        match self.root {
            Node::Attribute(attr, _) => Some(attr),
            _ => None,
        }
    }

    /// The attributes it reads, sorted, each once.
    pub fn attributes(&self) -> &[Attr] {
        &self.attributes
    }

    pub fn result_type(&self) -> Type {
        self.facts.kind
    }

    /// Whether it yields another value each time (`Guid`, `RandomString`, `Now`): a mapping that
    /// always flows would then write in every cycle. A comparison with `Now()`, or a difference to
    /// it, seldom changes and does not count.
    pub fn is_random(&self) -> bool {
        self.facts.varies.0 > Varies::SettlesTime
    }

    /// Whether the clock is read for its value, of some object at least: by `Now`, or by `FormatDateTime` of a time without
    /// date or of a date without year. What comes out may be another value later, though nothing of the object has changed.
    pub fn goes_by_clock(&self) -> bool {
        self.facts.clock
    }

    /// Whether the clock is read for the value of this object. Otherwise an evaluation goes the same way at any time, and
    /// yields the same.
    pub fn reads_clock(&self, subject: &dyn Attributes, context: &Context) -> bool {
        self.reads_clock_within(subject, context, &Meter::new(self.limits.work))
    }

    /// The same; it takes no more work than `meter` has left. True where that does not do: nobody knows then.
    pub fn reads_clock_within(
        &self,
        subject: &dyn Attributes,
        context: &Context,
        meter: &Meter,
    ) -> bool {
        if !self.goes_by_clock() {
            return false;
        }
        let limits = self.limits_within(meter);
        let machine = Machine::new(subject, context, &limits);
        let outcome = machine.evaluate(&self.root);
        // It could not take more than was left.
        let _ = meter.charge(machine.work());
        let is_used_up = limits.work < self.limits.work
            && matches!(outcome, Err(Stop::Error(error)) if error.code == Code::TooMuchWork);
        // What fails by itself before the clock is read fails at any time.
        machine.has_read_clock() || is_used_up
    }

    /// Whether its values come out of `SelectUniqueValue`, see [`Program::candidates`].
    pub fn selects_unique_value(&self) -> bool {
        self.unique_call().is_some()
    }

    /// What is wrong with using it in a mapping that flows in every cycle.
    pub fn problem_flowing_always(&self) -> Option<Diagnostic> {
        let (varies, span) = self.facts.varies;
        let (message, help) = if varies > Varies::SettlesTime {
            (
                "this yields another value each time, so the mapping would write in every cycle",
                "let the mapping flow at creation only (flowType ObjectAddOnly)",
            )
        } else if self.selects_unique_value() {
            (
                "a unique value is chosen once, when the object is created",
                "let the mapping flow at creation only (flowType ObjectAddOnly)",
            )
        } else {
            return None;
        };
        let span = if varies > Varies::SettlesTime {
            span
        } else {
            self.root.span().unwrap_or_default()
        };
        let problem = Diagnostic::new(Code::VariesAlways, span, message).with_help(help);
        Some(problem.in_text(&self.text))
    }

    /// What is wrong with using it where there must be a value.
    pub fn problem_without_value(&self) -> Option<Diagnostic> {
        let span: Span = self.facts.missing?;
        let message = "there may be no value here, and a value is needed";
        let problem = Diagnostic::new(Code::MayBeMissing, span, message).with_help(
            "give the mapping a default value, or put one in: `Coalesce(…, \"constant\")`",
        );
        Some(problem.in_text(&self.text))
    }

    /// What is wrong with the number of `SelectUniqueValue`'s rules.
    pub fn problem_with_unique_rules(&self) -> Option<Diagnostic> {
        let call = self.unique_call()?;
        let (rules, most) = (call.arguments.len(), self.limits.unique_rules);
        let message =
            format!("there are {rules} rules, and at most {most} values are tried in the target");
        let too_many = Diagnostic::new(Code::TooManyArguments, call.span, message);
        let help =
            "write fewer rules, or one with a value that is seldom taken, such as `RandomString`";
        (rules > most).then(|| too_many.with_help(help).in_text(&self.text))
    }

    /// The values of `SelectUniqueValue`'s rules, in order, each once, those without value left
    /// out; none for any other program.
    pub fn candidates(
        &self,
        subject: &dyn Attributes,
        context: &Context,
    ) -> Result<Vec<Value>, EvaluationError> {
        self.candidates_within(subject, context, &Meter::new(self.limits.work))
    }

    /// The same; it takes no more work than `meter` has left.
    pub fn candidates_within(
        &self,
        subject: &dyn Attributes,
        context: &Context,
        meter: &Meter,
    ) -> Result<Vec<Value>, EvaluationError> {
        let limits = self.limits_within(meter);
        let machine = Machine::new(subject, context, &limits);
        let candidates = self.collect_candidates(&machine);
        // It could not take more than was left.
        let _ = meter.charge(machine.work());
        candidates
    }

    fn collect_candidates(&self, machine: &Machine<'_>) -> Result<Vec<Value>, EvaluationError> {
        let Some(call) = self.unique_call() else {
            return Ok(Vec::new());
        };
        let mut candidates: Vec<Value> = Vec::new();
        let mut met = Distinct::default();
        for node in call.arguments.iter().flatten() {
            match machine.evaluate_single(node) {
                Ok(Some(value)) if value.as_text() != Some("") => {
                    if met.is_new(&value) {
                        candidates.push(value);
                    }
                }
                Ok(_) | Err(Stop::Ignore) => {}
                Err(Stop::Error(error)) => return Err(error),
            }
        }
        Ok(candidates)
    }

    fn unique_call(&self) -> Option<&CallNode> {
        match &self.root {
            Node::Call(call) if call.function.name == "SelectUniqueValue" => Some(call),
            _ => None,
        }
    }

    /// Whether its value must not appear in any log: `Redact` stands somewhere in it.
    pub fn is_redacted(&self) -> bool {
        self.redacted
    }

    /// The text as it was written; spans are of it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The tree as Graph shows it.
    pub fn source_tree(&self) -> &MappingSource {
        &self.source
    }
}
