//! Literals to values of a property's type.

use syncline_model::predicate::TextFunction;
use syncline_model::{Problem, PropertyType, Value};
use uuid::Uuid;

use super::super::ast::{Literal, Term};
use super::Binder;
use super::subject::Subject;

/// The constant a term stands for: a literal, or `tolower('X')`.
pub(super) fn of(term: &Term) -> Option<Literal> {
    match term {
        Term::Literal(literal, _) => Some(literal.clone()),
        Term::Call {
            function, inner, ..
        } => match (function, of(inner)?) {
            (TextFunction::ToLower, Literal::Text(text)) => {
                Some(Literal::Text(text.to_lowercase()))
            }
            (TextFunction::ToUpper, Literal::Text(text)) => {
                Some(Literal::Text(text.to_uppercase()))
            }
            _ => None,
        },
        Term::Path(_) | Term::Count(_) => None,
    }
}

impl Binder<'_> {
    /// The value to compare the subject with.
    pub(super) fn value(
        &self,
        subject: &Subject,
        wanted: &Literal,
        word: &str,
        at: usize,
    ) -> Result<Value, Problem> {
        let Some(kind) = subject.kind else {
            return Ok(untyped(wanted));
        };
        let value = match (kind, wanted) {
            (_, Literal::Null) => Value::Null,
            (PropertyType::Bool, Literal::Bool(it)) => Value::Bool(*it),
            (PropertyType::Int, Literal::Int(number)) => Value::Int(*number),
            (PropertyType::Text, Literal::Text(text)) => Value::text(text.clone()),
            // Ids in logs and templates are texts, and scripts leave out the quotes.
            (PropertyType::Text, Literal::Guid(id)) => Value::text(id.hyphenated().to_string()),
            (PropertyType::Time, Literal::Time(at)) => Value::Time(*at),
            (PropertyType::Guid, Literal::Guid(id)) => Value::Guid(*id),
            (PropertyType::Guid, Literal::Text(text)) => {
                // Only the form with hyphens is an id; the parser would take others.
                let id = (text.len() == 36)
                    .then(|| Uuid::try_parse(text).ok())
                    .flatten();
                Value::Guid(id.ok_or_else(|| {
                    Problem::invalid_value(&subject.name, self.entity.kind.engine_name())
                })?)
            }
            _ => return Err(self.incompatible(edm_name(kind), wanted, word, at)),
        };
        Ok(value)
    }

    /// OData's wording.
    pub(super) fn incompatible(
        &self,
        left: &str,
        right: &Literal,
        word: &str,
        at: usize,
    ) -> Problem {
        self.rules.invalid(format!(
            "Invalid filter clause: A binary operator with incompatible types was detected. Found operand types '{left}' and '{}' for '{word}' at position {at}.",
            right.type_name()
        ))
    }
}

fn untyped(wanted: &Literal) -> Value {
    match wanted {
        Literal::Null => Value::Null,
        Literal::Bool(it) => Value::Bool(*it),
        Literal::Int(number) => Value::Int(*number),
        Literal::Text(text) => Value::text(text.clone()),
        Literal::Guid(id) => Value::Guid(*id),
        Literal::Time(at) => Value::Time(*at),
    }
}

fn edm_name(kind: PropertyType) -> &'static str {
    match kind {
        PropertyType::Bool => "Edm.Boolean",
        PropertyType::Int => "Edm.Int64",
        PropertyType::Text => "Edm.String",
        PropertyType::Time => "Edm.DateTimeOffset",
        PropertyType::Guid => "Edm.Guid",
        PropertyType::Bytes => "Edm.Binary",
        PropertyType::Complex => "a complex type",
        PropertyType::Reference => "a navigation property",
    }
}
