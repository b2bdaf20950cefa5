//! Runs a checked expression on one object: a walk over the tree, arguments on demand, within a
//! budget.

use std::cell::{Cell, RefCell};

use syncline_model::predicate::Attributes;
use syncline_model::{Attr, Meter, Text, Timestamp, Value};

use crate::ast::{Operator, Span};
use crate::branches::Branch;
use crate::coerce;
use crate::comparison;
use crate::diagnostic::{Code, EvaluationError};
use crate::dotnet_pattern::Pattern;
use crate::functions::Function;
use crate::limits::Limits;
use crate::output::Output;
use crate::stop::{Evaluated, Stop, too_large_value};

/// What an evaluation may depend on besides the object. Same context, same result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// What `Now()` says.
    pub now: Timestamp,
    /// The source tenant's default verified domain.
    pub default_domain: Option<Text>,
    /// From which `Guid()` and `RandomString()` are drawn.
    pub seed: u64,
}

/// What an expression yields for one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A value, or none.
    Value(Option<Value>),
    /// `IgnoreFlowIfNullOrEmpty` found nothing: the attribute is left out of the export.
    Ignored,
}

/// A checked expression, every name replaced by what it names.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    Constant(Value),
    Attribute(Attr, Span),
    Call(Box<CallNode>),
    Comparison {
        left: Box<Node>,
        operator: Operator,
        right: Box<Node>,
        /// Whether one side may be the text of a date.
        dates: bool,
        span: Span,
    },
}

#[derive(Clone, Debug)]
pub(crate) struct CallNode {
    pub function: &'static Function,
    pub arguments: Vec<Option<Node>>,
    /// The compiled pattern of a call that has a constant one.
    pub pattern: Option<Pattern>,
    pub span: Span,
}

impl Node {
    pub(crate) fn span(&self) -> Option<Span> {
        match self {
            Self::Constant(_) => None,
            Self::Attribute(_, span) | Self::Comparison { span, .. } => Some(*span),
            Self::Call(call) => Some(call.span),
        }
    }
}

/// One evaluation in progress.
pub(crate) struct Machine<'a> {
    pub subject: &'a dyn Attributes,
    pub context: &'a Context,
    pub limits: &'a Limits,
    meter: Meter,
    random: Cell<u64>,
    /// Somebody has asked for the time.
    read_clock: Cell<bool>,
    /// The ways gone, when somebody wants to know.
    trace: Option<RefCell<Vec<Branch>>>,
}

impl<'a> Machine<'a> {
    pub(crate) fn new(
        subject: &'a dyn Attributes,
        context: &'a Context,
        limits: &'a Limits,
    ) -> Self {
        Self {
            subject,
            context,
            limits,
            meter: Meter::new(limits.work),
            random: Cell::new(context.seed),
            read_clock: Cell::new(false),
            trace: None,
        }
    }

    /// The same, and it notes the ways it goes.
    pub(crate) fn tracing(mut self) -> Self {
        self.trace = Some(RefCell::default());
        self
    }

    /// The ways gone, in order.
    pub(crate) fn into_trace(self) -> Vec<Branch> {
        self.trace.map(RefCell::into_inner).unwrap_or_default()
    }

    /// Whether the time was asked for.
    pub(crate) fn has_read_clock(&self) -> bool {
        self.read_clock.get()
    }

    /// One value, or none.
    pub(crate) fn evaluate_single(&self, node: &Node) -> Evaluated {
        single(self.evaluate(node)?)
    }

    pub(crate) fn evaluate(&self, node: &Node) -> Evaluated {
        let result = match node {
            Node::Constant(value) => Ok(Some(value.clone())),
            Node::Attribute(attr, _) => {
                Ok(self.subject.value(*attr).map(|value| value.into_owned()))
            }
            Node::Call(call) => (call.function.evaluate)(&Call {
                machine: self,
                node: call,
            }),
            Node::Comparison {
                left,
                operator,
                right,
                dates,
                ..
            } => self.compare(left, *operator, right, *dates),
        };
        let value = match result {
            Ok(value) => value.filter(|it| !is_absent(it)),
            Err(stop) => return Err(locate(stop, node)),
        };
        self.spend(value.as_ref().map_or(0, size))
            .map_err(|stop| locate(stop, node))?;
        Ok(value)
    }

    fn compare(&self, left: &Node, operator: Operator, right: &Node, dates: bool) -> Evaluated {
        let left = single(self.evaluate(left)?)?;
        let right = single(self.evaluate(right)?)?;
        let holds = if dates {
            comparison::holds_of_dates
        } else {
            comparison::holds
        };
        Ok(Some(Value::Bool(holds(
            left.as_ref(),
            operator,
            right.as_ref(),
        ))))
    }

    /// Counts a value of this many bytes, and the step that made it.
    fn spend(&self, bytes: usize) -> Result<(), Stop> {
        if bytes > self.limits.value_bytes {
            return Err(too_large_value(self.limits));
        }
        Ok(self.meter.charge(bytes + 1)?)
    }

    /// Units of work done so far.
    pub(crate) fn work(&self) -> usize {
        self.limits.work - self.meter.left()
    }
}

/// A null and a list of nothing are no values.
pub(crate) fn is_absent(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::List(values) => values.is_empty(),
        _ => false,
    }
}

/// The innermost place wins.
fn locate(stop: Stop, node: &Node) -> Stop {
    match stop {
        Stop::Error(error) if error.span.is_none() => Stop::Error(EvaluationError {
            span: node.span(),
            ..error
        }),
        other => other,
    }
}

/// Bytes that an element of a list or a member of a complex value takes beside what it says.
const ELEMENT: usize = 16;

fn size(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        Value::List(values) => values.iter().map(|it| size(it) + ELEMENT).sum(),
        Value::Map(members) => members
            .iter()
            .map(|(name, value)| name.len() + size(value) + ELEMENT)
            .sum(),
        _ => 8,
    }
}

/// A list of one, such as `telephoneNumber`, is its element.
fn single(value: Option<Value>) -> Evaluated {
    match value {
        Some(Value::List(mut values)) => {
            if values.len() > 1 {
                let message = format!(
                    "there are {} values where one is needed; take one with `Item` or put them together with `Join`",
                    values.len()
                );
                return Err(Stop::Error(EvaluationError::new(
                    Code::SeveralValues,
                    message,
                )));
            }
            Ok(values.pop().filter(|it| *it != Value::Null))
        }
        other => Ok(other),
    }
}

/// A function's view of its call: arguments are evaluated when asked for, so a branch not taken
/// costs nothing and can not fail.
pub struct Call<'a> {
    machine: &'a Machine<'a>,
    node: &'a CallNode,
}

impl std::fmt::Debug for Call<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call")
            .field("function", &self.node.function.name)
            .finish_non_exhaustive()
    }
}

impl Call<'_> {
    /// How many arguments there are, blank ones included.
    pub fn count(&self) -> usize {
        self.node.arguments.len()
    }

    /// Whether the argument is there and not blank.
    pub fn given(&self, position: usize) -> bool {
        matches!(self.node.arguments.get(position), Some(Some(_)))
    }

    /// Whether the argument is written out.
    pub fn is_constant(&self, position: usize) -> bool {
        matches!(
            self.node.arguments.get(position),
            Some(Some(Node::Constant(_)))
        )
    }

    /// The argument as it is, several values included.
    pub fn value(&self, position: usize) -> Evaluated {
        match self.node.arguments.get(position) {
            Some(Some(node)) => self.machine.evaluate(node),
            _ => Ok(None),
        }
    }

    /// The argument as one value.
    pub fn single(&self, position: usize) -> Evaluated {
        single(self.value(position)?)
    }

    /// All values of the argument, nulls left out.
    pub fn values(&self, position: usize) -> Result<Vec<Value>, Stop> {
        Ok(match self.value(position)? {
            None => Vec::new(),
            Some(Value::List(values)) => {
                values.into_iter().filter(|it| *it != Value::Null).collect()
            }
            Some(one) => vec![one],
        })
    }

    /// The argument as text.
    pub fn text(&self, position: usize) -> Result<Option<Text>, Stop> {
        Ok(self.single(position)?.map(|value| match value {
            Value::Text(text) => text,
            other => coerce::text(&other),
        }))
    }

    /// The argument as a whole number.
    pub fn integer(&self, position: usize) -> Result<Option<i64>, Stop> {
        let Some(value) = self.single(position)? else {
            return Ok(None);
        };
        match coerce::integer(&value) {
            Some(number) => Ok(Some(number)),
            None => {
                let message = format!(
                    "`{}` of `{}` is not a whole number",
                    self.parameter(position),
                    self.node.function.name
                );
                Err(self.fail(Code::NotANumber, message))
            }
        }
    }

    /// The argument as a point in time.
    pub fn time(&self, position: usize) -> Result<Option<Timestamp>, Stop> {
        let Some(value) = self.single(position)? else {
            return Ok(None);
        };
        match coerce::time(&value) {
            Some(at) => Ok(Some(at)),
            None => {
                let message = format!(
                    "`{}` of `{}` is not a date; convert it with `FormatDateTime` first",
                    self.parameter(position),
                    self.node.function.name
                );
                Err(self.fail(Code::NotADate, message))
            }
        }
    }

    /// Whether the argument counts as true.
    pub fn truth(&self, position: usize) -> Result<bool, Stop> {
        Ok(coerce::truth(self.single(position)?.as_ref()))
    }

    /// Notes which way the call goes, see [`crate::branches`].
    pub fn goes(&self, way: usize) {
        if let Some(trace) = &self.machine.trace {
            trace.borrow_mut().push(Branch {
                span: self.node.span,
                way,
            });
        }
    }

    /// The present time.
    pub fn now(&self) -> Timestamp {
        self.machine.read_clock.set(true);
        self.machine.context.now
    }

    /// The source tenant's default verified domain.
    pub fn default_domain(&self) -> Option<&Text> {
        self.machine.context.default_domain.as_ref()
    }

    /// The compiled pattern that the function's check left.
    pub fn pattern(&self) -> Option<&Pattern> {
        self.node.pattern.as_ref()
    }

    /// The next number drawn from the context's seed (SplitMix64).
    pub fn random(&self) -> u64 {
        let state = self
            .machine
            .random
            .get()
            .wrapping_add(0x9E37_79B9_7F4A_7C15);
        self.machine.random.set(state);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A text that is built piece by piece and can not outgrow the limit.
    pub fn output(&self) -> Output<'_> {
        Output::new(self.machine.limits, &self.machine.meter)
    }

    /// Charges work that is more than the arguments and the result have bytes, before it is done.
    pub fn charge(&self, units: usize) -> Result<(), Stop> {
        Ok(self.machine.meter.charge(units)?)
    }

    /// What is left of the evaluation's work.
    pub fn meter(&self) -> &Meter {
        &self.machine.meter
    }

    pub fn fail(&self, code: Code, message: impl Into<String>) -> Stop {
        Stop::Error(EvaluationError::new(code, message))
    }

    fn parameter(&self, position: usize) -> &'static str {
        self.node
            .function
            .parameter(position)
            .map_or("argument", |parameter| parameter.name)
    }
}
