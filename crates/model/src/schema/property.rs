//! One row of the entity table.

use std::borrow::Cow;

use super::complex::{self, Complex};
use crate::{Attr, Value};

/// The type of a property's (single) value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PropertyType {
    Bool,
    Int,
    Text,
    Time,
    Guid,
    Bytes,
    /// A complex value: [`crate::Value::Map`].
    Complex,
    /// A reference to another directory object; kept as an edge, never in [`crate::Attrs`].
    Reference,
}

/// Who may write a property, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutability {
    /// Set by the system; a caller who sends it gets 400.
    ReadOnly,
    /// Create and update.
    ReadWrite,
    /// At creation only.
    CreateOnly,
    /// Never shown.
    WriteOnly,
}

/// What `$filter` may do with a property, as the columns of the Graph reference of `user` say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Not filterable.
    No,
    /// eq, ne, not, in.
    Basic,
    /// eq, ne, not, ge, le, gt, lt, in, startsWith, eq null.
    Full,
    /// `Full` and endsWith.
    WithEndsWith,
    /// Everything, `contains` too (applicationTemplates, auditLogs).
    WithContains,
}

/// One property of one kind of object.
#[derive(Clone, Debug)]
pub struct Property {
    pub attr: Attr,
    /// Graph's name, exact case. Borrowed in the core table, owned in a tenant's overlay.
    pub name: Cow<'static, str>,
    /// The mapping engine's name, when it knows the attribute.
    pub engine_name: Option<Cow<'static, str>>,
    pub kind: PropertyType,
    pub multi_valued: bool,
    pub mutability: Mutability,
    /// Must be given at creation.
    pub required: bool,
    /// A cleared required value is refused.
    pub clearable: bool,
    pub filter: Filter,
    pub sortable: bool,
    /// Returned without `$select`.
    pub default_select: bool,
    /// Shown over Graph at all; false for attributes only the engine knows.
    pub visible: bool,
    /// Never written to a log.
    pub sensitive: bool,
    /// Longest text in characters, longest binary value in bytes.
    pub max_length: Option<usize>,
    /// Smallest and largest integer.
    pub range: Option<(i64, i64)>,
    /// Allowed texts, when the property is an enumeration.
    pub one_of: &'static [&'static str],
    /// Collections Graph shows as `[]` instead of null when empty.
    pub empty_as_list: bool,
    /// One sentence: meaning, and the source of a surprising fact.
    pub doc: &'static str,
}

impl Property {
    /// What logs and messages of the engine call the attribute: its engine name, or else Graph's.
    pub fn engine_or_graph_name(&self) -> &str {
        self.engine_name.as_deref().unwrap_or(&self.name)
    }

    /// The members of its values; `None` when it is not complex, or takes any members.
    pub fn complex(&self) -> Option<&'static Complex> {
        match self.kind {
            PropertyType::Complex => complex::of(self.attr),
            _ => None,
        }
    }

    /// Whether mappings read and write one value: Graph shows a list of one telephone number, and of one
    /// alternative security id.
    pub fn is_one_in_engine(&self) -> bool {
        !self.multi_valued
            || matches!(
                self.attr,
                Attr::BUSINESS_PHONES | Attr::ALTERNATIVE_SECURITY_IDS
            )
    }

    /// Whether a single value is neither too long nor too large. Not asked: whether it is of the type,
    /// or a member of the enumeration.
    pub fn has_room_for(&self, value: &Value) -> bool {
        let short = |length: usize| self.max_length.is_none_or(|longest| length <= longest);
        match value {
            // It has no more characters than bytes.
            Value::Text(text) => short(text.len()) || short(text.chars().count()),
            Value::Bytes(bytes) => short(bytes.len()),
            Value::Int(number) => self
                .range
                .is_none_or(|(least, most)| (least..=most).contains(number)),
            _ => true,
        }
    }

    /// A read-only, invisible-by-default single value; the builder methods below widen it.
    pub fn new(attr: Attr, kind: PropertyType, doc: &'static str) -> Self {
        Self {
            attr,
            name: Cow::Borrowed(attr.core_name().unwrap_or("")),
            engine_name: None,
            kind,
            multi_valued: false,
            mutability: Mutability::ReadOnly,
            required: false,
            clearable: true,
            filter: Filter::No,
            sortable: false,
            default_select: false,
            visible: true,
            sensitive: false,
            max_length: None,
            range: None,
            one_of: &[],
            empty_as_list: false,
            doc,
        }
    }

    pub fn writable(mut self) -> Self {
        self.mutability = Mutability::ReadWrite;
        self
    }

    pub fn create_only(mut self) -> Self {
        self.mutability = Mutability::CreateOnly;
        self
    }

    pub fn write_only(mut self) -> Self {
        self.mutability = Mutability::WriteOnly;
        self.sensitive = true;
        self
    }

    pub fn required(mut self) -> Self {
        self.required = true;
        self.clearable = false;
        self
    }

    pub fn many(mut self) -> Self {
        self.multi_valued = true;
        self.empty_as_list = true;
        self
    }

    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = filter;
        self
    }

    pub fn sortable(mut self) -> Self {
        self.sortable = true;
        self
    }

    pub fn by_default(mut self) -> Self {
        self.default_select = true;
        self
    }

    pub fn engine(mut self, name: &'static str) -> Self {
        self.engine_name = Some(Cow::Borrowed(name));
        self
    }

    /// Known to the engine under its own name and never shown over Graph.
    pub fn engine_only(mut self) -> Self {
        self.engine_name = Some(self.name.clone());
        self.visible = false;
        self
    }

    pub fn max(mut self, characters: usize) -> Self {
        self.max_length = Some(characters);
        self
    }

    pub fn one_of(mut self, values: &'static [&'static str]) -> Self {
        self.one_of = values;
        self
    }
}
