//! What may be asked of a property.

use syncline_model::predicate::Operator;
use syncline_model::schema::Filter;
use syncline_model::{Problem, PropertyType};

use super::super::ast::{Comparison, Literal, TextTest};
use super::Binder;
use super::subject::Subject;

pub(super) fn of(comparison: Comparison) -> Operator {
    match comparison {
        Comparison::Equal => Operator::Equal,
        Comparison::NotEqual => Operator::NotEqual,
        Comparison::Greater => Operator::Greater,
        Comparison::GreaterOrEqual => Operator::GreaterOrEqual,
        Comparison::Less => Operator::Less,
        Comparison::LessOrEqual => Operator::LessOrEqual,
    }
}

impl Binder<'_> {
    pub(super) fn check_filterable(&self, subject: &Subject, at: usize) -> Result<(), Problem> {
        if subject.filter == Filter::No {
            return Err(self.rules.unsupported(format!(
                "The request uses a filter property that is not indexed: '{}' at position {at}.",
                subject.name
            )));
        }
        Ok(())
    }

    pub(super) fn check_comparison(
        &self,
        subject: &Subject,
        comparison: Comparison,
        wanted: &Literal,
        at: usize,
    ) -> Result<(), Problem> {
        self.check_filterable(subject, at)?;
        if subject.multi_valued {
            return Err(self.unsupported_clause(
                subject,
                comparison.word(),
                at,
                "use any() on a collection",
            ));
        }
        let equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        let whole_complex = matches!(
            subject.kind,
            Some(PropertyType::Complex | PropertyType::Reference)
        );
        if whole_complex && !(equality && *wanted == Literal::Null) {
            return Err(self.unsupported_clause(
                subject,
                comparison.word(),
                at,
                "compare a member of it",
            ));
        }
        // Order has no meaning for these, nor for null.
        let unordered = matches!(subject.kind, Some(PropertyType::Bool | PropertyType::Guid))
            || *wanted == Literal::Null;
        if !equality && (subject.filter == Filter::Basic || unordered) {
            return Err(self.unsupported_clause(
                subject,
                comparison.word(),
                at,
                "only eq, ne and in are supported",
            ));
        }
        Ok(())
    }

    pub(super) fn check_test(
        &self,
        subject: &Subject,
        test: TextTest,
        at: usize,
    ) -> Result<(), Problem> {
        self.check_filterable(subject, at)?;
        if subject.multi_valued {
            return Err(self.unsupported_clause(
                subject,
                test.word(),
                at,
                "use any() on a collection",
            ));
        }
        if !matches!(subject.kind, Some(PropertyType::Text) | None) {
            return Err(self.unsupported_clause(
                subject,
                test.word(),
                at,
                "the property is not a text",
            ));
        }
        let allowed = match test {
            TextTest::StartsWith => !matches!(subject.filter, Filter::No | Filter::Basic),
            TextTest::EndsWith => {
                matches!(subject.filter, Filter::WithEndsWith | Filter::WithContains)
            }
            TextTest::Contains => {
                self.rules.contains && !matches!(subject.filter, Filter::No | Filter::Basic)
            }
        };
        if !allowed {
            return Err(self.unsupported_clause(
                subject,
                test.word(),
                at,
                "the function is not supported here",
            ));
        }
        Ok(())
    }

    /// Graph's wording, with the operator and its position behind.
    fn unsupported_clause(&self, subject: &Subject, word: &str, at: usize, why: &str) -> Problem {
        self.rules.unsupported(format!(
            "Unsupported or invalid query filter clause specified for property '{}' of resource '{}': '{word}' at position {at}, {why}.",
            subject.name,
            self.entity.kind.engine_name()
        ))
    }
}
