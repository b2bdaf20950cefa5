//! Tokens to an expression, by recursive descent: `or` over `and` over `not` over comparisons.

use syncline_model::Problem;
use syncline_model::predicate::TextFunction;

use super::ast::{Comparison, Expression, Literal, Path, Quantifier, Term, TextTest};
use super::lexer::{self, Kind, Token, syntax_error};
use crate::limits;

/// Parses a whole filter.
pub(super) fn parse(text: &str) -> Result<Expression, Problem> {
    if text.len() > limits::MAX_TEXT_BYTES {
        return Err(Problem::unsupported_query("The filter is too long."));
    }
    let mut parser = Parser {
        text,
        tokens: lexer::tokens(text)?,
        next: 0,
        depth: 0,
        clauses: 0,
    };
    let expression = parser.or()?;
    match parser.peek() {
        Kind::End => Ok(expression),
        _ => Err(parser.expected("'and', 'or' or the end")),
    }
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
    clauses: usize,
}

impl Parser<'_> {
    fn or(&mut self) -> Result<Expression, Problem> {
        let first = self.and()?;
        let mut all = vec![first];
        while self.keyword("or") {
            all.push(self.and()?);
        }
        Ok(if all.len() == 1 {
            all.remove(0)
        } else {
            Expression::Or(all)
        })
    }

    fn and(&mut self) -> Result<Expression, Problem> {
        let first = self.not()?;
        let mut all = vec![first];
        while self.keyword("and") {
            all.push(self.not()?);
        }
        Ok(if all.len() == 1 {
            all.remove(0)
        } else {
            Expression::And(all)
        })
    }

    fn not(&mut self) -> Result<Expression, Problem> {
        if self.keyword("not") {
            let inner = self.deeper(Self::not)?;
            return Ok(Expression::Not(Box::new(inner)));
        }
        self.clause()
    }

    fn clause(&mut self) -> Result<Expression, Problem> {
        if *self.peek() == Kind::Open {
            self.skip();
            let inner = self.deeper(Self::or)?;
            self.take(&Kind::Close, "')'")?;
            return self.compared_with_boolean(inner);
        }
        self.clauses += 1;
        if self.clauses > limits::MAX_FILTER_CLAUSES {
            return Err(Problem::unsupported_query(format!(
                "The filter has more than {} clauses.",
                limits::MAX_FILTER_CLAUSES
            )));
        }
        let at = self.at();
        if let Some(name) = self.call_name()
            && let Some(test) = TextTest::ALL
                .iter()
                .find(|(word, _)| word.eq_ignore_ascii_case(&name))
        {
            let test = self.test(test.1, at)?;
            return self.compared_with_boolean(test);
        }
        if let Kind::Word(_) = self.peek()
            && self.call_name().is_none()
            && self.literal_word().is_none()
        {
            let path = self.path()?;
            return self.after_path(path);
        }
        let left = self.term()?;
        self.after_term(left)
    }

    /// `path`, then `/any(…)`, `/all(…)`, `/$count`, or what follows any term.
    fn after_path(&mut self, mut path: Path) -> Result<Expression, Problem> {
        if *self.peek() == Kind::Open {
            let quantifier = path.segments.pop().unwrap_or_default();
            let quantifier = match quantifier.to_ascii_lowercase().as_str() {
                "any" => Quantifier::Any,
                "all" => Quantifier::All,
                _ => return Err(self.unknown_function(&quantifier)),
            };
            let lambda = self.lambda(path, quantifier)?;
            return self.compared_with_boolean(lambda);
        }
        let term = counted(path);
        self.after_term(term)
    }

    fn after_term(&mut self, left: Term) -> Result<Expression, Problem> {
        let at = self.at();
        if self.keyword("in") {
            let values = self.list()?;
            return Ok(Expression::In { left, values, at });
        }
        let Some(comparison) = self.comparison() else {
            if self.ends_clause() {
                return Ok(Expression::Term(left));
            }
            return Err(self.expected("a comparison such as 'eq'"));
        };
        let right = self.term()?;
        Ok(Expression::Compare {
            left,
            comparison,
            right,
            at,
        })
    }

    /// `startsWith(…) eq true` says the same as `startsWith(…)`.
    fn compared_with_boolean(&mut self, expression: Expression) -> Result<Expression, Problem> {
        let Some(comparison) = self.comparison() else {
            return Ok(expression);
        };
        let wanted = match (comparison, self.literal_word()) {
            (Comparison::Equal, Some(Literal::Bool(it))) => it,
            (Comparison::NotEqual, Some(Literal::Bool(it))) => !it,
            _ => return Err(self.expected("'true' or 'false' after 'eq' or 'ne'")),
        };
        self.skip();
        Ok(if wanted {
            expression
        } else {
            Expression::Not(Box::new(expression))
        })
    }

    fn test(&mut self, test: TextTest, at: usize) -> Result<Expression, Problem> {
        self.skip();
        self.skip();
        let subject = self.term()?;
        self.take(&Kind::Comma, "','")?;
        let wanted = self.term()?;
        self.take(&Kind::Close, "')'")?;
        Ok(Expression::Test {
            test,
            subject,
            wanted,
            at,
        })
    }

    fn lambda(&mut self, path: Path, quantifier: Quantifier) -> Result<Expression, Problem> {
        if path.segments.is_empty() {
            return Err(self.expected("a collection before 'any' or 'all'"));
        }
        self.skip();
        if *self.peek() == Kind::Close && quantifier == Quantifier::Any {
            self.skip();
            return Ok(Expression::Lambda {
                path,
                quantifier,
                body: None,
            });
        }
        let Kind::Word(variable) = self.peek().clone() else {
            return Err(self.expected("a variable"));
        };
        self.skip();
        self.take(&Kind::Colon, "':'")?;
        let inner = self.deeper(Self::or)?;
        self.take(&Kind::Close, "')'")?;
        Ok(Expression::Lambda {
            path,
            quantifier,
            body: Some((variable, Box::new(inner))),
        })
    }

    fn list(&mut self) -> Result<Vec<Term>, Problem> {
        self.take(&Kind::Open, "'('")?;
        let mut values = Vec::new();
        loop {
            values.push(self.term()?);
            if values.len() > limits::MAX_IN_VALUES {
                return Err(Problem::unsupported_query(format!(
                    "More than {} values after 'in'.",
                    limits::MAX_IN_VALUES
                )));
            }
            if *self.peek() != Kind::Comma {
                break;
            }
            self.skip();
        }
        self.take(&Kind::Close, "',' or ')'")?;
        Ok(values)
    }

    fn term(&mut self) -> Result<Term, Problem> {
        let at = self.at();
        if let Some(literal) = self.literal_word() {
            self.skip();
            return Ok(Term::Literal(literal, at));
        }
        if let Some(name) = self.call_name() {
            let function = match name.to_ascii_lowercase().as_str() {
                "tolower" => TextFunction::ToLower,
                "toupper" => TextFunction::ToUpper,
                _ => return Err(self.unknown_function(&name)),
            };
            self.skip();
            self.skip();
            let inner = Box::new(self.deeper(Self::term)?);
            self.take(&Kind::Close, "')'")?;
            return Ok(Term::Call {
                function,
                inner,
                at,
            });
        }
        match self.peek().clone() {
            Kind::Literal(literal) => {
                self.skip();
                Ok(Term::Literal(literal, at))
            }
            Kind::Word(_) => Ok(counted(self.path()?)),
            _ => Err(self.expected("a property or a value")),
        }
    }

    fn path(&mut self) -> Result<Path, Problem> {
        let at = self.at();
        let mut segments = Vec::new();
        loop {
            let Kind::Word(word) = self.peek().clone() else {
                return Err(self.expected("a property name"));
            };
            segments.push(word);
            self.skip();
            if *self.peek() != Kind::Slash {
                return Ok(Path { segments, at });
            }
            self.skip();
        }
    }

    fn comparison(&mut self) -> Option<Comparison> {
        let Kind::Word(word) = self.peek() else {
            return None;
        };
        let found = Comparison::ALL
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(word))?
            .1;
        self.skip();
        Some(found)
    }

    /// `true`, `false`, `null`, when they stand here and are no path.
    fn literal_word(&self) -> Option<Literal> {
        let Kind::Word(word) = self.peek() else {
            return None;
        };
        if matches!(self.kind(self.next + 1), Kind::Slash | Kind::Open) {
            return None;
        }
        match word.to_ascii_lowercase().as_str() {
            "true" => Some(Literal::Bool(true)),
            "false" => Some(Literal::Bool(false)),
            "null" => Some(Literal::Null),
            _ => None,
        }
    }

    /// The name when a function call begins here.
    fn call_name(&self) -> Option<String> {
        match (self.peek(), self.kind(self.next + 1)) {
            (Kind::Word(word), Kind::Open) => Some(word.clone()),
            _ => None,
        }
    }

    fn keyword(&mut self, wanted: &str) -> bool {
        let found = matches!(self.peek(), Kind::Word(word) if word.eq_ignore_ascii_case(wanted));
        if found {
            self.skip();
        }
        found
    }

    fn ends_clause(&self) -> bool {
        match self.peek() {
            Kind::End | Kind::Close => true,
            Kind::Word(word) => ["and", "or"].iter().any(|it| it.eq_ignore_ascii_case(word)),
            _ => false,
        }
    }

    /// Counts nesting, so that no text can exhaust the stack.
    fn deeper<T>(&mut self, parse: impl Fn(&mut Self) -> Result<T, Problem>) -> Result<T, Problem> {
        if self.depth >= limits::MAX_FILTER_DEPTH {
            return Err(Problem::unsupported_query(format!(
                "The filter is nested more than {} levels deep.",
                limits::MAX_FILTER_DEPTH
            )));
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    fn kind(&self, at: usize) -> &Kind {
        self.tokens.get(at).map_or(&Kind::End, |token| &token.kind)
    }

    fn peek(&self) -> &Kind {
        self.kind(self.next)
    }

    fn at(&self) -> usize {
        // The end token is always there; the fallback is for a parser that ran past it.
        self.tokens
            .get(self.next)
            .map_or(self.text.chars().count(), |token| token.at)
    }

    fn skip(&mut self) {
        self.next += 1;
    }

    fn take(&mut self, wanted: &Kind, name: &str) -> Result<(), Problem> {
        if self.peek() != wanted {
            return Err(self.expected(name));
        }
        self.skip();
        Ok(())
    }

    fn expected(&self, what: &str) -> Problem {
        syntax_error(self.at(), self.text, &format!("{what} is expected"))
    }

    fn unknown_function(&self, name: &str) -> Problem {
        Problem::malformed(format!(
            "Invalid filter clause: An unknown or unsupported function '{name}' was found at position {}.",
            self.at()
        ))
    }
}

fn counted(mut path: Path) -> Term {
    if path.segments.len() > 1
        && path
            .segments
            .last()
            .is_some_and(|it| it.eq_ignore_ascii_case("$count"))
    {
        path.segments.pop();
        return Term::Count(path);
    }
    Term::Path(path)
}
