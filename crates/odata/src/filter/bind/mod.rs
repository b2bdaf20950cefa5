//! An expression to a predicate: names become attributes, literals become values of their types,
//! and each operator is checked against what the property allows.

mod literal;
mod member;
mod operators;
mod subject;

use syncline_model::predicate::{Operator, Path};
use syncline_model::{Attr, EntityType, Predicate, Problem, Value};

use super::ast::{Comparison, Expression, Literal, Quantifier, Term, TextTest};
use crate::Rules;
use subject::{Scope, Subject};

/// Binds a parsed filter.
pub(super) fn bind(
    expression: &Expression,
    entity: &EntityType,
    rules: &Rules,
) -> Result<Predicate, Problem> {
    Binder { entity, rules }.expression(expression, &Scope::default())
}

struct Binder<'a> {
    entity: &'a EntityType,
    rules: &'a Rules,
}

impl Binder<'_> {
    fn expression(&self, expression: &Expression, scope: &Scope<'_>) -> Result<Predicate, Problem> {
        match expression {
            Expression::And(all) => Ok(Predicate::And(self.expressions(all, scope)?)),
            Expression::Or(any) => Ok(Predicate::Or(self.expressions(any, scope)?)),
            Expression::Not(inner) => Ok(Predicate::Not(Box::new(self.expression(inner, scope)?))),
            Expression::Compare {
                left,
                comparison,
                right,
                at,
            } => self.compare(left, *comparison, right, *at, scope),
            Expression::In { left, values, at } => self.any_of(left, values, *at, scope),
            Expression::Test {
                test,
                subject,
                wanted,
                at,
            } => self.test(*test, subject, wanted, *at, scope),
            Expression::Lambda {
                path,
                quantifier,
                body,
            } => {
                let body = body
                    .as_ref()
                    .map(|(variable, inner)| (variable.as_str(), &**inner));
                self.lambda(path, *quantifier, body, scope)
            }
            Expression::Term(Term::Literal(Literal::Bool(true), _)) => {
                Ok(Predicate::And(Vec::new()))
            }
            Expression::Term(Term::Literal(Literal::Bool(false), _)) => {
                Ok(Predicate::Or(Vec::new()))
            }
            Expression::Term(term) => {
                let right = Term::Literal(Literal::Bool(true), term.at());
                self.compare(term, Comparison::Equal, &right, term.at(), scope)
            }
        }
    }

    fn expressions(
        &self,
        all: &[Expression],
        scope: &Scope<'_>,
    ) -> Result<Vec<Predicate>, Problem> {
        all.iter().map(|it| self.expression(it, scope)).collect()
    }

    fn compare(
        &self,
        left: &Term,
        comparison: Comparison,
        right: &Term,
        at: usize,
        scope: &Scope<'_>,
    ) -> Result<Predicate, Problem> {
        // `'Fabrikam' eq displayName` is the same question.
        let (subject, comparison, wanted) = match (literal::of(left), literal::of(right)) {
            (None, Some(wanted)) => (left, comparison, wanted),
            (Some(wanted), None) => (right, comparison.mirrored(), wanted),
            _ => {
                return Err(self.rules.unsupported(format!(
                    "Unsupported or invalid query filter clause: '{}' at position {at} must compare a property with a value.",
                    comparison.word()
                )));
            }
        };
        let operator = operators::of(comparison);
        if let Term::Count(path) = subject {
            let path = match self.counted(path, scope) {
                Some(attr) => Path::attr(attr),
                None => self.collection(path, scope)?.0,
            };
            let Literal::Int(value) = wanted else {
                return Err(self.incompatible("Edm.Int64", &wanted, comparison.word(), at));
            };
            return Ok(Predicate::Count {
                path,
                operator,
                value,
            });
        }
        let subject = self.subject(subject, scope)?;
        self.check_comparison(&subject, comparison, &wanted, at)?;
        let value = self.value(&subject, &wanted, comparison.word(), at)?;
        let case = self.rules.case_of(subject.attr());
        Ok(Predicate::Compare {
            operand: subject.operand,
            operator,
            value,
            case,
        })
    }

    fn any_of(
        &self,
        left: &Term,
        values: &[Term],
        at: usize,
        scope: &Scope<'_>,
    ) -> Result<Predicate, Problem> {
        let subject = self.subject(left, scope)?;
        let mut wanted = Vec::with_capacity(values.len());
        for value in values {
            let Some(value) = literal::of(value) else {
                return Err(self.rules.unsupported(format!(
                    "Unsupported or invalid query filter clause: 'in' at position {at} takes a list of values."
                )));
            };
            self.check_comparison(&subject, Comparison::Equal, &value, at)?;
            wanted.push(self.value(&subject, &value, "in", at)?);
        }
        let case = self.rules.case_of(subject.attr());
        Ok(Predicate::In {
            operand: subject.operand,
            values: wanted,
            case,
        })
    }

    fn test(
        &self,
        test: TextTest,
        subject: &Term,
        wanted: &Term,
        at: usize,
        scope: &Scope<'_>,
    ) -> Result<Predicate, Problem> {
        let Some(wanted) = literal::of(wanted) else {
            return Err(self.rules.unsupported(format!(
                "Unsupported or invalid query filter clause: '{}' at position {at} takes a text as its second argument.",
                test.word()
            )));
        };
        let subject = self.subject(subject, scope)?;
        self.check_test(&subject, test, at)?;
        let Literal::Text(wanted) = wanted else {
            return Err(self.incompatible("Edm.String", &wanted, test.word(), at));
        };
        let operator = match test {
            TextTest::StartsWith => Operator::StartsWith,
            TextTest::EndsWith => Operator::EndsWith,
            TextTest::Contains => Operator::Contains,
        };
        let case = self.rules.case_of(subject.attr());
        Ok(Predicate::Compare {
            operand: subject.operand,
            operator,
            value: Value::text(wanted),
            case,
        })
    }

    fn lambda(
        &self,
        path: &super::ast::Path,
        quantifier: Quantifier,
        body: Option<(&str, &Expression)>,
        scope: &Scope<'_>,
    ) -> Result<Predicate, Problem> {
        let (path, element) = self.collection(path, scope)?;
        let Some((variable, inner)) = body else {
            return Ok(Predicate::Count {
                path,
                operator: Operator::Greater,
                value: 0,
            });
        };
        // Element by element the work is bounded by the object; a lambda over the object's own
        // collections inside another multiplies their sizes, once per level.
        if scope.is_inside() && path.attr.is_some() {
            return Err(self.rules.unsupported(
                "Unsupported or invalid query filter clause: a lambda inside another can only ask about its variable.",
            ));
        }
        let inner = Box::new(self.expression(inner, &scope.inside(variable, element))?);
        Ok(match quantifier {
            Quantifier::Any => Predicate::Any { path, inner },
            Quantifier::All => Predicate::All { path, inner },
        })
    }

    /// References whose number alone may be asked.
    fn counted(&self, path: &super::ast::Path, scope: &Scope<'_>) -> Option<Attr> {
        let [name] = path.segments.as_slice() else {
            return None;
        };
        let is_it = |attr: &Attr| {
            attr.core_name()
                .is_some_and(|it| it.eq_ignore_ascii_case(name))
        };
        let found = self.rules.counted.iter().copied().find(is_it);
        found.filter(|_| !scope.is_inside())
    }

    /// A collection, for `any`, `all` and `$count`, and what its elements allow.
    fn collection(
        &self,
        path: &super::ast::Path,
        scope: &Scope<'_>,
    ) -> Result<(Path, Subject), Problem> {
        let subject = self.path(path, scope)?;
        if !subject.is_collection() {
            return Err(self.rules.unsupported(format!(
                "Unsupported or invalid query filter clause: '{path}' at position {} is not a collection.",
                path.at
            )));
        }
        self.check_filterable(&subject, path.at)?;
        let element = subject.element();
        Ok((subject.operand.path, element))
    }
}
