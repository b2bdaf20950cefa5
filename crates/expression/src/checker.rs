//! A tree to a program: names looked up, arguments counted, types compared, patterns compiled.
//! Everything that can be known before an object is seen is reported here, and all of it at once.

use syncline_model::{Attr, Value};

use crate::ast::{Expression, ExpressionKind, Span, quote};
use crate::attributes::AttributeTypes;
use crate::call_check::CallCheck;
use crate::coerce;
use crate::diagnostic::{Code, Diagnostic};
use crate::dotnet_pattern::PatternRoom;
use crate::evaluator::{CallNode, Node};
use crate::facts::{Facts, most_varying, of_call, settled};
use crate::functions::{self, Function, FunctionParameter, Varies};
use crate::limits::Limits;
use crate::similar;
use crate::types::{Kind, Type};

/// What checking finds. The root only means something when there are no diagnostics.
pub(crate) struct Checked {
    pub root: Node,
    pub facts: Facts,
    pub attributes: Vec<Attr>,
    pub redacted: bool,
    pub diagnostics: Vec<Diagnostic>,
}

pub(crate) fn check(
    expression: &Expression,
    attributes: &dyn AttributeTypes,
    limits: &Limits,
    room: &mut PatternRoom,
) -> Checked {
    room.begin();
    let mut checker = Checker {
        attributes,
        accepted: limits.accepted,
        reads: Vec::new(),
        redacted: false,
        depth: 0,
        pattern_room: room,
        names_compared: 0,
        diagnostics: Vec::new(),
    };
    let (root, facts) = checker.expression(expression, None);
    checker.reads.sort_unstable();
    checker.reads.dedup();
    Checked {
        root,
        facts,
        attributes: checker.reads,
        redacted: checker.redacted,
        diagnostics: checker.diagnostics,
    }
}

struct Checker<'a> {
    attributes: &'a dyn AttributeTypes,
    /// See [`Limits::accepted`].
    accepted: bool,
    reads: Vec<Attr>,
    redacted: bool,
    /// How many calls and comparisons stand around the node in hand.
    depth: usize,
    /// What patterns may still take.
    pattern_room: &'a mut PatternRoom,
    /// Names that unknown ones were compared with.
    names_compared: usize,
    diagnostics: Vec<Diagnostic>,
}

/// So many names are compared with unknown ones to say what may be meant; more help nobody.
const MOST_COMPARED: usize = 20_000;

/// Stands for what could not be checked.
fn unknown() -> (Node, Facts) {
    (Node::Constant(Value::Null), Facts::steady(Type::ANY))
}

impl Checker<'_> {
    /// Checks a node; `parameter` is what it is given for, none at the top.
    fn expression(
        &mut self,
        it: &Expression,
        parameter: Option<&FunctionParameter>,
    ) -> (Node, Facts) {
        match &it.kind {
            ExpressionKind::Invalid => unknown(),
            ExpressionKind::Attribute(name) => self.attribute(name, it.span),
            ExpressionKind::Text(text) => {
                let missing = text.is_empty().then_some(it.span);
                let facts = Facts {
                    missing,
                    ..Facts::steady(Type::TEXT)
                };
                (Node::Constant(Value::text(text)), facts)
            }
            ExpressionKind::Number(number) => {
                let constant = Node::Constant(Value::Int(number.value));
                (constant, Facts::steady(Type::INTEGER))
            }
            ExpressionKind::Word(word) => self.word(word, it.span, parameter),
            ExpressionKind::Call {
                function,
                arguments,
            } => {
                self.depth += 1;
                let call = self.call(function, arguments, it.span);
                self.depth -= 1;
                call
            }
            ExpressionKind::Comparison {
                left,
                operator,
                right,
            } => {
                if !parameter.is_some_and(|it| it.condition) {
                    self.diagnostics.push(
                        Diagnostic::new(
                            Code::MisplacedComparison,
                            it.span,
                            "a comparison cannot stand here",
                        )
                        .with_help(
                            "only the condition of `IIF` and the argument of `CBool` may be one",
                        ),
                    );
                }
                self.depth += 1;
                let (left, right) = (self.operand(left), self.operand(right));
                self.depth -= 1;
                let facts = Facts {
                    // Whether a date lies before now changes once, not each time.
                    varies: settled(most_varying([left.1.varies, right.1.varies])),
                    clock: left.1.clock || right.1.clock,
                    ..Facts::steady(Type::BOOLEAN)
                };
                let node = Node::Comparison {
                    left: Box::new(left.0),
                    operator: *operator,
                    right: Box::new(right.0),
                    dates: left.1.date_text || right.1.date_text,
                    span: it.span,
                };
                (node, facts)
            }
        }
    }

    /// One side of a comparison.
    fn operand(&mut self, it: &Expression) -> (Node, Facts) {
        let (node, found) = self.expression(it, None);
        if !found.kind.fits(Type::TEXT) {
            let message = format!("{} cannot be compared", found.kind);
            self.diagnostics
                .push(Diagnostic::new(Code::WrongType, it.span, message));
        }
        (node, found)
    }

    fn attribute(&mut self, name: &str, span: Span) -> (Node, Facts) {
        if let Some(info) = self.attributes.resolve(name) {
            self.reads.push(info.attr);
            let facts = Facts {
                missing: info.nullable.then_some(span),
                ..Facts::steady(Type::of(info))
            };
            return (Node::Attribute(info.attr, span), facts);
        }
        if let Some(help) = self.attributes.no_name(name) {
            let message = format!("the attribute `{name}` has no name in mappings");
            self.diagnostics
                .push(Diagnostic::new(Code::UnknownAttribute, span, message).with_help(help));
            return unknown();
        }
        let diagnostic = Diagnostic::new(
            Code::UnknownAttribute,
            span,
            format!("unknown attribute `{name}`"),
        );
        let names = if self.names_compared < MOST_COMPARED {
            self.attributes.names()
        } else {
            Vec::new()
        };
        self.names_compared += names.len();
        let meant = self.attributes.other_name(name);
        let meant = meant
            .as_deref()
            .or_else(|| similar::closest(name, names.iter().map(String::as_str)));
        self.diagnostics
            .push(diagnostic.did_you_mean(meant.map(|it| format!("[{it}]")).as_deref()));
        unknown()
    }

    fn word(
        &mut self,
        word: &str,
        span: Span,
        parameter: Option<&FunctionParameter>,
    ) -> (Node, Facts) {
        let words = parameter.map_or(&[] as &[_], |it| it.words);
        if words.contains(&word) {
            let constant = Node::Constant(Value::text(word));
            return (constant, Facts::steady(Type::TEXT));
        }
        let boolean = match word {
            "True" => Some(true),
            "False" => Some(false),
            _ => None,
        };
        if let Some(value) = boolean {
            let constant = Node::Constant(Value::Bool(value));
            return (constant, Facts::steady(Type::BOOLEAN));
        }
        let diagnostic = Diagnostic::new(Code::UnknownWord, span, format!("unknown word `{word}`"));
        let known = words.iter().copied().chain(["True", "False"]);
        self.diagnostics
            .push(if let Some(meant) = similar::closest(word, known) {
                diagnostic.did_you_mean(Some(meant))
            } else if self.attributes.resolve(word).is_some() {
                diagnostic.did_you_mean(Some(&format!("[{word}]")))
            } else {
                diagnostic
                    .with_help("texts stand in double quotes")
                    .with_suggestion(quote(word))
            });
        unknown()
    }

    fn call(&mut self, name: &str, arguments: &[Option<Expression>], span: Span) -> (Node, Facts) {
        let name_span = Span::new(span.start, span.start + name.len());
        let Some(function) = functions::find(name) else {
            self.diagnostics.push(functions::unknown(name, name_span));
            // What stands inside is checked all the same.
            for argument in arguments.iter().flatten() {
                self.expression(argument, None);
            }
            return unknown();
        };
        // Blanks at the end say nothing, as in `ToLower([mail], )`.
        let used = arguments
            .iter()
            .rposition(Option::is_some)
            .map_or(0, |last| last + 1);
        let arguments = &arguments[..used];
        self.redacted |= function.name == "Redact";
        if function.name == "SelectUniqueValue" && self.depth > 1 {
            self.diagnostics.push(
                Diagnostic::new(
                    Code::MisplacedFunction,
                    name_span,
                    "`SelectUniqueValue` cannot stand inside another function",
                )
                .with_help("put it around the whole expression, and the others into its rules"),
            );
        }
        self.count(function, arguments, name_span);

        let mut nodes = Vec::with_capacity(arguments.len());
        let mut facts: Vec<Option<Facts>> = Vec::with_capacity(arguments.len());
        for (position, argument) in arguments.iter().enumerate() {
            let parameter = function.parameter(position);
            let Some(argument) = argument else {
                nodes.push(None);
                facts.push(None);
                continue;
            };
            let (node, found) = self.expression(argument, parameter);
            if let Some(parameter) = parameter {
                self.argument(function, parameter, argument, found.kind);
            }
            facts.push(Some(found));
            nodes.push(Some(node));
        }

        let mut call = CallCheck {
            function,
            arguments,
            facts: &facts,
            span: name_span,
            diagnostics: &mut self.diagnostics,
            pattern: None,
            pattern_room: self.pattern_room,
            missing: None,
            present: false,
            varies: function.varies,
            clock: function.varies == Varies::WithTime,
            accepted: self.accepted,
        };
        // What could not be read is no argument to judge.
        let readable = arguments
            .iter()
            .flatten()
            .all(|it| it.kind != ExpressionKind::Invalid);
        if let Some(check) = function.check.filter(|_| readable) {
            check(&mut call);
        }
        let (pattern, varies, missing) = (call.pattern, call.varies, call.missing);
        let (clock, present) = (call.clock, call.present);
        let node = Node::Call(Box::new(CallNode {
            function,
            arguments: nodes,
            pattern,
            span,
        }));
        let facts = of_call(function, varies, &facts, name_span);
        let missing = facts.missing.or(missing).filter(|_| !present);
        let clock = facts.clock || clock;
        let facts = Facts {
            missing,
            clock,
            ..facts
        };
        (node, facts)
    }

    /// Neither too few arguments nor too many.
    fn count(&mut self, function: &Function, arguments: &[Option<Expression>], span: Span) {
        for (position, parameter) in function.parameters.iter().enumerate() {
            let given = matches!(arguments.get(position), Some(Some(_)));
            if parameter.required && !given {
                let message = format!(
                    "`{}` needs its argument {} `{}`",
                    function.name,
                    position + 1,
                    parameter.name
                );
                self.diagnostics.push(
                    Diagnostic::new(Code::MissingArgument, span, message).with_help(parameter.doc),
                );
            }
        }
        for (position, argument) in arguments.iter().enumerate() {
            match (function.parameter(position), argument) {
                (None, Some(argument)) => {
                    let most = function.parameters.len();
                    let message = format!("`{}` takes at most {most} arguments", function.name);
                    self.diagnostics.push(Diagnostic::new(
                        Code::TooManyArguments,
                        argument.span,
                        message,
                    ));
                    break;
                }
                // The first repetition, when required, is reported as missing.
                (Some(parameter), None)
                    if parameter.repeating
                        && !(parameter.required && position < function.parameters.len()) =>
                {
                    let message =
                        format!("argument {} of `{}` is blank", position + 1, function.name);
                    self.diagnostics.push(
                        Diagnostic::new(Code::BlankArgument, span, message)
                            .with_help("write `\"\"` for an empty text"),
                    );
                }
                _ => {}
            }
        }
    }

    fn argument(
        &mut self,
        function: &Function,
        parameter: &FunctionParameter,
        argument: &Expression,
        found: Type,
    ) {
        if !found.fits(parameter.kind) {
            let message = format!(
                "`{}` of `{}` takes {}, not {found}",
                parameter.name, function.name, parameter.kind
            );
            let diagnostic = Diagnostic::new(Code::WrongType, argument.span, message);
            self.diagnostics
                .push(if found.many && !parameter.kind.many {
                    diagnostic
                        .with_help("take one value with `Item` or put them together with `Join`")
                } else {
                    diagnostic.with_help(parameter.doc)
                });
            return;
        }
        let ExpressionKind::Text(text) = &argument.kind else {
            return;
        };
        let wrong = match parameter.kind.kind {
            Kind::Integer => coerce::integer_text(text).is_none(),
            Kind::Boolean => {
                coerce::boolean_text(text).is_none() && coerce::integer_text(text).is_none()
            }
            _ => false,
        };
        if wrong {
            let message = format!(
                "`{}` of `{}` takes {}, not the text `{text}`",
                parameter.name, function.name, parameter.kind
            );
            self.diagnostics.push(
                Diagnostic::new(Code::WrongConstant, argument.span, message)
                    .with_help(parameter.doc),
            );
        }
    }
}
