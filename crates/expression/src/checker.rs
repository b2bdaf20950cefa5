//! A tree to a program: names looked up, arguments counted, types compared, patterns compiled.
//! Everything that can be known before an object is seen is reported here, and all of it at once.

use syncline_model::{Attr, Value};

use crate::ast::{Expression, ExpressionKind, Span, quote};
use crate::attributes::AttributeTypes;
use crate::call_check::CallCheck;
use crate::coerce;
use crate::diagnostic::{Code, Diagnostic};
use crate::evaluator::{CallNode, Node};
use crate::functions::{self, Function, FunctionParameter, Returns};
use crate::similar;
use crate::types::{Kind, Type};

/// What checking finds. The root only means something when there are no diagnostics.
pub(crate) struct Checked {
    pub root: Node,
    pub result: Type,
    pub attributes: Vec<Attr>,
    pub random: bool,
    pub redacted: bool,
    pub diagnostics: Vec<Diagnostic>,
}

pub(crate) fn check(expression: &Expression, attributes: &dyn AttributeTypes) -> Checked {
    let mut checker = Checker {
        attributes,
        reads: Vec::new(),
        random: false,
        redacted: false,
        diagnostics: Vec::new(),
    };
    let (root, result) = checker.expression(expression, None);
    checker.reads.sort_unstable();
    checker.reads.dedup();
    Checked {
        root,
        result,
        attributes: checker.reads,
        random: checker.random,
        redacted: checker.redacted,
        diagnostics: checker.diagnostics,
    }
}

struct Checker<'a> {
    attributes: &'a dyn AttributeTypes,
    reads: Vec<Attr>,
    random: bool,
    redacted: bool,
    diagnostics: Vec<Diagnostic>,
}

/// Stands for what could not be checked.
fn unknown() -> (Node, Type) {
    (Node::Constant(Value::Null), Type::ANY)
}

impl Checker<'_> {
    /// Checks a node; `parameter` is what it is given for, none at the top.
    fn expression(
        &mut self,
        it: &Expression,
        parameter: Option<&FunctionParameter>,
    ) -> (Node, Type) {
        match &it.kind {
            ExpressionKind::Invalid => unknown(),
            ExpressionKind::Attribute(name) => self.attribute(name, it.span),
            ExpressionKind::Text(text) => (Node::Constant(Value::text(text)), Type::TEXT),
            ExpressionKind::Number(number) => {
                (Node::Constant(Value::Int(number.value)), Type::INTEGER)
            }
            ExpressionKind::Word(word) => self.word(word, it.span, parameter),
            ExpressionKind::Call {
                function,
                arguments,
            } => self.call(function, arguments, it.span),
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
                            "a comparison can not stand here",
                        )
                        .with_help(
                            "only the condition of `IIF` and the argument of `CBool` may be one",
                        ),
                    );
                }
                let left = Box::new(self.operand(left));
                let right = Box::new(self.operand(right));
                (
                    Node::Comparison {
                        left,
                        operator: *operator,
                        right,
                        span: it.span,
                    },
                    Type::BOOLEAN,
                )
            }
        }
    }

    /// One side of a comparison.
    fn operand(&mut self, it: &Expression) -> Node {
        let (node, found) = self.expression(it, None);
        if !fits(found, Type::TEXT, it) {
            let message = format!("{found} can not be compared");
            self.diagnostics
                .push(Diagnostic::new(Code::WrongType, it.span, message));
        }
        node
    }

    fn attribute(&mut self, name: &str, span: Span) -> (Node, Type) {
        if let Some(info) = self.attributes.resolve(name) {
            self.reads.push(info.attr);
            return (Node::Attribute(info.attr, span), Type::of(info));
        }
        let diagnostic = Diagnostic::new(
            Code::UnknownAttribute,
            span,
            format!("unknown attribute `{name}`"),
        );
        let names = self.attributes.names();
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
    ) -> (Node, Type) {
        let words = parameter.map_or(&[] as &[_], |it| it.words);
        if words.contains(&word) {
            return (Node::Constant(Value::text(word)), Type::TEXT);
        }
        match word {
            "True" => return (Node::Constant(Value::Bool(true)), Type::BOOLEAN),
            "False" => return (Node::Constant(Value::Bool(false)), Type::BOOLEAN),
            _ => {}
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

    fn call(&mut self, name: &str, arguments: &[Option<Expression>], span: Span) -> (Node, Type) {
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
        self.random |= function.volatile;
        self.redacted |= function.name == "Redact";
        self.count(function, arguments, name_span);

        let mut nodes = Vec::with_capacity(arguments.len());
        let mut types = Vec::with_capacity(arguments.len());
        for (position, argument) in arguments.iter().enumerate() {
            let parameter = function.parameter(position);
            let Some(argument) = argument else {
                nodes.push(None);
                continue;
            };
            let (node, found) = self.expression(argument, parameter);
            if let Some(parameter) = parameter {
                self.argument(function, parameter, argument, found);
            }
            types.push((position, found));
            nodes.push(Some(node));
        }

        let mut call = CallCheck {
            function,
            arguments,
            span: name_span,
            diagnostics: &mut self.diagnostics,
            pattern: None,
        };
        // What could not be read is no argument to judge.
        let readable = arguments
            .iter()
            .flatten()
            .all(|it| it.kind != ExpressionKind::Invalid);
        if let Some(check) = function.check.filter(|_| readable) {
            check(&mut call);
        }
        let pattern = call.pattern;
        let result = match function.returns {
            Returns::Always(result) => result,
            Returns::OneOfArgumentsFrom(first) => types
                .iter()
                .filter(|(position, _)| *position >= first)
                .map(|(_, found)| *found)
                .reduce(Type::union)
                .unwrap_or(Type::ANY),
        };
        (
            Node::Call(Box::new(CallNode {
                function,
                arguments: nodes,
                pattern,
                span,
            })),
            result,
        )
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
        if !fits(found, parameter.kind, argument) {
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

/// An attribute with several values may turn out to have one (`telephoneNumber` always does), so
/// only calls that make several are refused where one is wanted.
fn fits(found: Type, wanted: Type, argument: &Expression) -> bool {
    let may_be_one = matches!(argument.kind, ExpressionKind::Attribute(_));
    found.fits(wanted)
        || (may_be_one
            && Type {
                many: false,
                ..found
            }
            .fits(wanted))
}
