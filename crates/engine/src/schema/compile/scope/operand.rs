//! `sourceOperandName`: the attribute that a clause looks at.

use syncline_expression::closest;
use syncline_model::predicate::Path;
use syncline_model::{Attr, EntityKind, EntityType, Property, PropertyType, schema::Mutability};

use super::{Context, Diagnostics};
use crate::schema::{AttributeType, FilterClause};

/// An attribute as clauses see it.
pub(super) struct Operand {
    /// As the log names it.
    pub(super) name: String,
    pub(super) attr: Attr,
    pub(super) path: Path,
    pub(super) kind: AttributeType,
    /// A text that is an id, in whatever case.
    pub(super) is_id: bool,
    pub(super) many: bool,
    /// The object itself as a member of groups.
    pub(super) is_membership: bool,
    pub(super) sensitive: bool,
}

/// The other name under which Entra knows the object as a member of groups.
const MEMBERSHIP: &str = "memberOf";

/// Windows' name for the time from which an account may not be used: the directory has the time at
/// which somebody leaves.
const ACCOUNT_EXPIRES: &str = "accountExpires";

impl Context<'_> {
    pub(super) fn operand(
        &self,
        clause: &FilterClause,
        path: &str,
        found: &mut Diagnostics,
    ) -> Option<Operand> {
        let name = clause.source_operand_name.as_deref().unwrap_or("");
        if name.is_empty() {
            found.invalid(
                path,
                "sourceOperandName is missing; write the attribute that the clause looks at, such as `department`",
            );
            return None;
        }
        if name == MEMBERSHIP {
            return Some(membership());
        }
        let Some(named) = named(self.types, name) else {
            found.invalid(path, unknown(self.types, name));
            return None;
        };
        let property = match named {
            Named::Member(property) => return Some(member(property, name)),
            Named::Property(property) => property,
        };
        match refusal(property, name) {
            Some(message) => {
                found.invalid(path, message);
                None
            }
            None => Some(operand(property, name)),
        }
    }
}

fn membership() -> Operand {
    Operand {
        name: MEMBERSHIP.to_owned(),
        attr: Attr::MEMBER_OF,
        path: Path::attr(Attr::MEMBER_OF),
        kind: AttributeType::Reference,
        is_id: false,
        many: true,
        is_membership: true,
        sensitive: false,
    }
}

/// What a clause calls by a name.
pub(crate) enum Named<'t> {
    Property(&'t Property),
    /// The member of that name of this complex property.
    Member(&'t Property),
}

/// What clauses mean by a name that is neither `memberOf` nor empty.
pub(crate) fn named<'t>(types: &'t EntityType, name: &str) -> Option<Named<'t>> {
    extension_attributes(types, name)
        .map(Named::Member)
        .or_else(|| property(types, name).map(Named::Property))
}

/// What `extensionAttribute1` to `extensionAttribute15` stand in.
fn extension_attributes<'t>(types: &'t EntityType, name: &str) -> Option<&'t Property> {
    let number = name.strip_prefix("extensionAttribute")?;
    let known = !number.starts_with('0')
        && number
            .parse::<u8>()
            .is_ok_and(|number| (1..=15).contains(&number));
    types
        .property(Attr::ON_PREMISES_EXTENSION_ATTRIBUTES)
        .filter(|_| known)
}

fn member(property: &Property, name: &str) -> Operand {
    Operand {
        name: name.to_owned(),
        attr: property.attr,
        path: Path {
            attr: Some(property.attr),
            members: vec![name.to_owned()],
        },
        kind: AttributeType::String,
        is_id: false,
        many: false,
        is_membership: false,
        sensitive: property.sensitive,
    }
}

/// By the engine's name, exactly; else by Graph's, in any case, so that every attribute that can be
/// read can be asked.
fn property<'t>(types: &'t EntityType, name: &str) -> Option<&'t Property> {
    let expires = || match (types.kind, name) {
        (EntityKind::User, ACCOUNT_EXPIRES) => types.property(Attr::EMPLOYEE_LEAVE_DATE_TIME),
        _ => None,
    };
    types
        .by_engine_name(name)
        .or_else(|| types.by_name(name))
        .or_else(expires)
}

fn unknown(types: &EntityType, name: &str) -> String {
    let kind = types.kind.engine_name();
    if name.starts_with("extension_") {
        return format!(
            "`{name}` is not an attribute of {kind} in the source; no such directory extension of the source tenant is known, or not any more: register it there, or remove the clause"
        );
    }
    let names: Vec<String> = types
        .properties()
        .iter()
        .filter(|it| refusal(it, "").is_none())
        .map(|it| match &it.engine_name {
            Some(engine) => engine.to_string(),
            None => it.name.to_string(),
        })
        .collect();
    let names = names.iter().map(String::as_str);
    let meant = closest(name, names.chain([MEMBERSHIP]))
        .map(|it| format!("; did you mean `{it}`?"))
        .unwrap_or_default();
    format!("`{name}` is not an attribute of {kind} in the source{meant}")
}

/// Why no clause can ask for it.
fn refusal(property: &Property, name: &str) -> Option<String> {
    if property.mutability == Mutability::WriteOnly {
        return Some(format!("`{name}` cannot be read; use another attribute"));
    }
    match (property.attr, property.kind) {
        (Attr::IS_SOFT_DELETED, _) => Some(format!(
            "`{name}` follows from the scope, so the scope cannot depend on it; remove the clause"
        )),
        (Attr::MEMBERS | Attr::OWNERS, _) => Some(format!(
            "the {name} of a group cannot be asked; use another attribute, or IsMemberOf on the members themselves"
        )),
        (_, PropertyType::Complex) => Some(format!(
            "`{name}` has members and no plain value; use an attribute with plain values"
        )),
        _ => None,
    }
}

fn operand(property: &Property, name: &str) -> Operand {
    let attr = property.attr;
    Operand {
        name: match &property.engine_name {
            Some(engine) if *engine == name => engine.to_string(),
            _ if name == ACCOUNT_EXPIRES => name.to_owned(),
            _ => property.name.to_string(),
        },
        attr,
        path: Path::attr(attr),
        kind: match (attr, property.kind) {
            // Roles are references in the schema, and stand here by their names.
            (Attr::APP_ROLE_ASSIGNMENTS, _) => AttributeType::String,
            (_, PropertyType::Int) => AttributeType::Integer,
            (_, PropertyType::Bool) => AttributeType::Boolean,
            (_, PropertyType::Time) => AttributeType::DateTime,
            (_, PropertyType::Bytes) => AttributeType::Binary,
            (_, PropertyType::Reference) => AttributeType::Reference,
            (_, PropertyType::Text | PropertyType::Guid | PropertyType::Complex) => {
                AttributeType::String
            }
        },
        is_id: property.kind == PropertyType::Guid
            || (property.kind == PropertyType::Reference && attr != Attr::APP_ROLE_ASSIGNMENTS),
        // The engine sees one telephone number, whatever Graph shows.
        many: property.multi_valued && attr != Attr::BUSINESS_PHONES,
        is_membership: false,
        sensitive: property.sensitive,
    }
}
