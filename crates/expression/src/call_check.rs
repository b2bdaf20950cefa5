//! A function's own check of a call, beyond counts and types.

use crate::ast::{Expression, ExpressionKind, Span, quote};
use crate::coerce;
use crate::diagnostic::{Code, Diagnostic};
use crate::dotnet_pattern::{Pattern, PatternRoom};
use crate::facts::Facts;
use crate::functions::{Function, Varies};
use crate::similar;
use crate::types::Type;

/// Characters of an id as a text.
const GUID_LETTERS: i64 = 36;

/// A call as its function's check sees it: what its arguments say where they are constants.
#[derive(Debug)]
pub struct CallCheck<'a> {
    pub(crate) function: &'static Function,
    pub(crate) arguments: &'a [Option<Expression>],
    /// What is known of each.
    pub(crate) facts: &'a [Option<Facts>],
    pub(crate) span: Span,
    pub(crate) diagnostics: &'a mut Vec<Diagnostic>,
    pub(crate) pattern: Option<Pattern>,
    /// What patterns may still take.
    pub(crate) pattern_room: &'a mut PatternRoom,
    /// The place because of which the call may have no value, beside what its function says of its arguments.
    pub(crate) missing: Option<Span>,
    /// Whether the call always has a value, whatever its function says of its arguments.
    pub(crate) present: bool,
    /// Whether this call varies: as its function does, unless the check knows it of its arguments.
    pub(crate) varies: Varies,
    /// Whether this call itself reads the clock.
    pub(crate) clock: bool,
    /// Whether the expression was accepted once, see [`Limits::accepted`](crate::Limits::accepted).
    pub(crate) accepted: bool,
}

impl CallCheck<'_> {
    /// How many arguments there are, blank ones included but for those at the end.
    pub fn count(&self) -> usize {
        self.arguments.len()
    }

    pub fn given(&self, position: usize) -> bool {
        self.argument(position).is_some()
    }

    pub fn argument(&self, position: usize) -> Option<&Expression> {
        self.arguments.get(position)?.as_ref()
    }

    /// The text, when the argument is a constant.
    pub fn constant_text(&self, position: usize) -> Option<&str> {
        match &self.argument(position)?.kind {
            ExpressionKind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, when the argument is a constant.
    pub fn constant_integer(&self, position: usize) -> Option<i64> {
        match &self.argument(position)?.kind {
            ExpressionKind::Number(number) => Some(number.value),
            ExpressionKind::Text(text) => coerce::integer_text(text),
            _ => None,
        }
    }

    /// How many characters the argument has at least, where it has a value: more than one where that is known of it.
    pub fn least_length(&self, position: usize) -> i64 {
        let kind = self.argument(position).map(|it| &it.kind);
        match kind {
            Some(ExpressionKind::Attribute(name)) if name == "objectId" => GUID_LETTERS,
            Some(ExpressionKind::Call { function, .. }) if function == "Guid" => GUID_LETTERS,
            Some(ExpressionKind::Text(text)) => {
                i64::try_from(text.chars().count()).unwrap_or(1).max(1)
            }
            _ => 1,
        }
    }

    /// The function, when the argument is a call.
    pub fn called(&self, position: usize) -> Option<&str> {
        match &self.argument(position)?.kind {
            ExpressionKind::Call { function, .. } => Some(function),
            _ => None,
        }
    }

    /// Reports a problem with one argument.
    pub fn report(
        &mut self,
        position: usize,
        code: Code,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let span = self.argument(position).map_or(self.span, |it| it.span);
        self.diagnostics
            .push(Diagnostic::new(code, span, message).with_help(help));
    }

    /// Reports an argument that should be `meant`.
    pub fn report_misspelt(
        &mut self,
        position: usize,
        code: Code,
        message: impl Into<String>,
        meant: Option<&str>,
    ) {
        let span = self.argument(position).map_or(self.span, |it| it.span);
        let diagnostic = Diagnostic::new(code, span, message);
        self.diagnostics.push(match meant {
            Some(meant) => diagnostic
                .with_help(format!("did you mean `{meant}`?"))
                .with_suggestion(quote(meant)),
            None => diagnostic,
        });
    }

    /// Reports a problem with the call as a whole.
    pub fn report_call(&mut self, code: Code, message: impl Into<String>, help: impl Into<String>) {
        self.diagnostics
            .push(Diagnostic::new(code, self.span, message).with_help(help));
    }

    /// Demands that a constant is one of `known`; what is not constant is judged at run time.
    pub fn one_of(&mut self, position: usize, known: &[&'static str]) {
        let Some(text) = self.constant_text(position) else {
            return;
        };
        if known.contains(&text) {
            return;
        }
        let parameter = self
            .function
            .parameter(position)
            .map_or("argument", |it| it.name);
        let message = format!(
            "`{parameter}` of `{}` is one of {}, not `{text}`",
            self.function.name,
            known.join(", ")
        );
        let meant = similar::closest(text, known.iter().copied());
        self.report_misspelt(position, Code::WrongConstant, message, meant);
    }

    /// Compiles the pattern that a constant argument is; the error says in words what is wrong.
    pub fn compile_pattern(&mut self, position: usize) -> Result<Option<Pattern>, String> {
        match self.arguments.get(position) {
            Some(Some(Expression {
                kind: ExpressionKind::Text(text),
                ..
            })) => Pattern::compile(text, self.pattern_room).map(Some),
            _ => Ok(None),
        }
    }

    /// Whether it was accepted before checks of today were there.
    pub fn accepted(&self) -> bool {
        self.accepted
    }

    /// This argument may be what the call yields, and is no value. An expression that was accepted before this was
    /// asked goes on.
    pub fn set_missing(&mut self, position: usize) {
        if !self.accepted {
            let span = self.argument(position).map_or(self.span, |it| it.span);
            self.missing = self.missing.or(Some(span));
        }
    }

    /// Whether the argument has a value whatever the object.
    pub fn is_present(&self, position: usize) -> bool {
        let facts = self.facts.get(position).copied().flatten();
        facts.is_some_and(|it| it.missing.is_none())
    }

    /// Whether the argument is a Boolean whatever the object.
    pub fn is_boolean(&self, position: usize) -> bool {
        let facts = self.facts.get(position).copied().flatten();
        self.is_present(position) && facts.is_some_and(|it| it.kind == Type::BOOLEAN)
    }

    /// The call has a value whatever the object, also where its function says otherwise of its arguments.
    pub fn set_present(&mut self) {
        self.present = true;
    }

    /// What this very call yields changes with the time.
    pub fn set_varies_with_time(&mut self) {
        self.varies = Varies::WithTime;
    }

    /// The clock is read for what this very call yields.
    pub fn set_reads_clock(&mut self) {
        self.clock = true;
    }

    /// Leaves the compiled pattern for the evaluation.
    pub fn set_pattern(&mut self, pattern: Pattern) {
        self.pattern = Some(pattern);
    }
}
