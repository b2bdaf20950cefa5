//! What a comparison is about: a property, a member of a complex one, or a lambda's element.

use syncline_model::predicate::{Operand, Path, TextFunction};
use syncline_model::schema::Filter;
use syncline_model::schema::complex::Complex;
use syncline_model::{Attr, Problem, PropertyType};

use super::super::ast::{self, Term};
use super::super::path as names;
use super::Binder;
use super::member::{Astray, Member};
use crate::navigation;

/// A bound operand and what is known of its type.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    pub operand: Operand,
    /// The property's name, for messages.
    pub name: String,
    /// `None` for members of complex values that the entity table does not describe.
    pub kind: Option<PropertyType>,
    /// The members of complex values that it describes.
    complex: Option<&'static Complex>,
    pub multi_valued: bool,
    pub filter: Filter,
    /// The attribute it is part of, also inside a lambda.
    owner: Option<Attr>,
}

/// The lambda variable in reach. Inside a nested lambda only the innermost element can be asked.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope<'a> {
    variable: Option<(&'a str, Subject)>,
    hidden: Vec<&'a str>,
}

impl<'a> Scope<'a> {
    /// Whether a lambda is open.
    pub(super) fn is_inside(&self) -> bool {
        self.variable.is_some()
    }

    pub(super) fn inside(&self, variable: &'a str, element: Subject) -> Scope<'a> {
        let mut hidden = self.hidden.clone();
        hidden.extend(self.variable.as_ref().map(|(name, _)| *name));
        Scope {
            variable: Some((variable, element)),
            hidden,
        }
    }
}

impl Subject {
    pub(super) fn attr(&self) -> Option<Attr> {
        self.owner
    }

    /// Members that nobody describes may be collections.
    pub(super) fn is_collection(&self) -> bool {
        self.operand.function.is_none() && (self.multi_valued || self.kind.is_none())
    }

    /// One element of this collection.
    pub(super) fn element(&self) -> Self {
        Self {
            operand: Operand {
                path: Path::element(),
                function: None,
            },
            multi_valued: false,
            ..self.clone()
        }
    }
}

impl Binder<'_> {
    /// Binds the side of a comparison that is not a literal.
    pub(super) fn subject(&self, term: &Term, scope: &Scope<'_>) -> Result<Subject, Problem> {
        match term {
            Term::Path(path) => self.path(path, scope),
            Term::Call { function, inner, at } => {
                let subject = self.subject(inner, scope)?;
                self.with_function(subject, *function, *at)
            }
            Term::Count(path) => Err(self.rules.unsupported(format!(
                "Unsupported or invalid query filter clause: '{path}/$count' at position {} can only be compared with a number.",
                path.at
            ))),
            Term::Literal(_, at) => Err(self.rules.unsupported(format!(
                "Unsupported or invalid query filter clause: a property is expected at position {at}."
            ))),
        }
    }

    fn with_function(
        &self,
        mut subject: Subject,
        function: TextFunction,
        at: usize,
    ) -> Result<Subject, Problem> {
        let textual =
            matches!(subject.kind, Some(PropertyType::Text) | None) && !subject.multi_valued;
        if !textual {
            return Err(self.rules.unsupported(format!(
                "Unsupported or invalid query filter clause: the function at position {at} takes a text, which property '{}' is not.",
                subject.name
            )));
        }
        // The outer function decides the case, whatever was inside.
        subject.operand.function = Some(function);
        Ok(subject)
    }

    /// Binds a path to a property or to the lambda's element.
    pub(super) fn path(&self, path: &ast::Path, scope: &Scope<'_>) -> Result<Subject, Problem> {
        let segments: Vec<&str> = path.segments.iter().map(String::as_str).collect();
        let first = segments.first().copied().unwrap_or_default();
        if let Some((variable, element)) = &scope.variable
            && *variable == first
        {
            return self.element(path, element, &segments[1..]);
        }
        if scope.hidden.contains(&first) {
            return Err(self.rules.unsupported(format!(
                "Unsupported or invalid query filter clause: '{first}' at position {} belongs to an outer lambda.",
                path.at
            )));
        }
        let Some((property, members)) = names::find(&segments, self.entity) else {
            return Err(self.not_found(path));
        };
        // `assignedLicenses/skuId eq …` without a lambda asks for a member of a list.
        if property.multi_valued && !members.is_empty() {
            return Err(self.in_collection(path));
        }
        let member = Member::find(Some(property.kind), property.complex(), members)
            .map_err(|astray| self.astray(path, astray))?;
        let also =
            self.rules.also_filterable.contains(&property.attr) && property.filter == Filter::No;
        let bound = Path {
            attr: Some(property.attr),
            members: member.names,
        };
        Ok(Subject {
            operand: Operand {
                path: bound,
                function: None,
            },
            name: path.to_string(),
            kind: member.kind,
            complex: member.complex,
            multi_valued: property.multi_valued || member.multi_valued,
            filter: if also { Filter::Full } else { property.filter },
            owner: Some(property.attr),
        })
    }

    fn element(
        &self,
        path: &ast::Path,
        element: &Subject,
        members: &[&str],
    ) -> Result<Subject, Problem> {
        let mut subject = element.clone();
        if members.is_empty() {
            return Ok(subject);
        }
        let member = Member::find(subject.kind, subject.complex, members)
            .map_err(|astray| self.astray(path, astray))?;
        subject.operand.path.members = member.names;
        subject.name = path.to_string();
        subject.kind = member.kind;
        subject.complex = member.complex;
        subject.multi_valued = member.multi_valued;
        Ok(subject)
    }

    fn astray(&self, path: &ast::Path, astray: Astray) -> Problem {
        match astray {
            Astray::Unknown => self.not_found(path),
            Astray::InCollection => self.in_collection(path),
        }
    }

    fn in_collection(&self, path: &ast::Path) -> Problem {
        self.rules.unsupported(format!(
            "Unsupported or invalid query filter clause: '{path}' at position {} is a member of a collection; use any().",
            path.at
        ))
    }

    fn not_found(&self, path: &ast::Path) -> Problem {
        let first = path.segments.first().map_or("", String::as_str);
        if let Some(name) = navigation::find(self.entity.kind, first) {
            let counted = self
                .rules
                .counted
                .iter()
                .any(|it| it.core_name() == Some(name));
            let advice = match counted {
                true => format!("ask for their number, '{name}/$count eq 0'"),
                false => format!("read '{name}' of the objects"),
            };
            return self.rules.unsupported(format!(
                "Unsupported or invalid query filter clause: objects are not found by their references '{path}' at position {}; {advice}.",
                path.at
            ));
        }
        self.rules.invalid(format!(
            "Invalid filter clause: Could not find a property named '{path}' on type 'microsoft.graph.{}'.",
            self.entity.kind.graph_name()
        ))
    }
}
