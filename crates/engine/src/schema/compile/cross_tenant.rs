//! The matching rule of cross-tenant synchronization: exactly the alternative security id, first
//! and alone. Anything else could adopt somebody else's object in the target, so Graph answers
//! `schemaInvalid`. What it is made of is free for groups: they have no `netId`.

use syncline_model::EntityKind;

use super::Diagnostics;
use crate::schema::{ObjectMapping, SynchronizationRule, SynchronizationSchema};
use crate::template;

const ONLY_MATCHING_EXPRESSION: &str = "AltSecIdFromNetId([netId])";
const ONLY_MATCHING_ATTRIBUTE: &str = "alternativeSecurityIds";

/// Whether a rule of this schema synchronizes to another tenant.
pub(super) fn applies(schema: &SynchronizationSchema, rule: &SynchronizationRule) -> bool {
    schema.id == template::AZURE2AZURE
        || schema.id.starts_with("Azure2Azure.")
        || rule
            .target_directory_name
            .as_deref()
            .is_some_and(|name| name.ends_with("(target tenant)"))
}

pub(super) fn check(mapping: &ObjectMapping, path: &str, found: &mut Diagnostics) {
    if !is_of(mapping, EntityKind::User) {
        return;
    }
    check_unique(mapping, &UNIQUE, path, found);
    let mut kept = false;
    for (at, attribute) in mapping.attribute_mappings.iter().enumerate() {
        let is_anchor = attribute.target_attribute_name.as_deref() == Some(ONLY_MATCHING_ATTRIBUTE);
        if attribute.matching_priority <= 0 && !is_anchor {
            continue;
        }
        let expression = attribute
            .source
            .as_ref()
            .and_then(|source| source.text().ok())
            .map(|text| without_spaces(&text));
        if is_anchor
            && attribute.matching_priority == 1
            && expression.as_deref() == Some(ONLY_MATCHING_EXPRESSION)
        {
            kept = true;
        } else {
            found.invalid(
                &format!("{path}.attributeMappings[{at}]"),
                format!(
                    "users of another tenant are matched by `{ONLY_MATCHING_EXPRESSION}` -> \
                     `{ONLY_MATCHING_ATTRIBUTE}` with matchingPriority 1 and by nothing else; restore that mapping"
                ),
            );
        }
    }
    if !kept {
        found.invalid(
            &format!("{path}.attributeMappings"),
            format!(
                "the matching mapping `{ONLY_MATCHING_EXPRESSION}` -> `{ONLY_MATCHING_ATTRIBUTE}` \
                 (matchingPriority 1) is missing"
            ),
        );
    }
}

/// The same for groups. A schema that comes in is refused for it. One that was stored before this was asked is
/// not, for its users: those groups fail that would have to be looked for ([`crate::Rule::unfindable`]).
pub(super) fn check_groups(mapping: &ObjectMapping, path: &str, found: &mut Diagnostics) {
    if !is_of(mapping, EntityKind::Group) {
        return;
    }
    check_unique(mapping, &[], path, found);
    let mut kept = false;
    for (at, attribute) in mapping.attribute_mappings.iter().enumerate() {
        let is_anchor = attribute.target_attribute_name.as_deref() == Some(ONLY_MATCHING_ATTRIBUTE);
        let matches = attribute.matching_priority > 0;
        if is_anchor && matches {
            kept = true;
        } else if is_anchor || matches {
            found.invalid(
                &format!("{path}.attributeMappings[{at}]"),
                format!(
                    "groups of another tenant are matched by `{ONLY_MATCHING_ATTRIBUTE}` with matchingPriority 1 \
                     and by nothing else; give all others 0"
                ),
            );
        }
    }
    if !kept {
        found.invalid(
            &format!("{path}.attributeMappings"),
            format!(
                "the matching mapping of groups, such as `[objectId]` -> `{ONLY_MATCHING_ATTRIBUTE}` \
                 (matchingPriority 1), is missing"
            ),
        );
    }
}

fn is_of(mapping: &ObjectMapping, kind: EntityKind) -> bool {
    let name = mapping.source_object_name.as_deref();
    name.is_some_and(|name| name.eq_ignore_ascii_case(kind.engine_name()))
}

/// A tenant finds people by their sign-in name and by their mail address; by nothing else could it
/// say whether a value is taken. It finds no group by what a mapping may fill.
const UNIQUE: [&str; 2] = ["userPrincipalName", "mail"];

fn check_unique(mapping: &ObjectMapping, fillable: &[&str], path: &str, found: &mut Diagnostics) {
    for (at, attribute) in mapping.attribute_mappings.iter().enumerate() {
        let target = attribute.target_attribute_name.as_deref().unwrap_or("");
        let text = attribute
            .source
            .as_ref()
            .and_then(|source| source.text().ok())
            .unwrap_or_default();
        if text.trim_start().starts_with("SelectUniqueValue") && !fillable.contains(&target) {
            found.not_supported(
                &format!("{path}.attributeMappings[{at}].source.expression"),
                format!(
                    "a tenant cannot be asked who has a value of `{target}`; `SelectUniqueValue` can fill {} of users",
                    UNIQUE.join(" and ")
                ),
            );
        }
    }
}

fn without_spaces(expression: &str) -> String {
    expression
        .chars()
        .filter(|it| !it.is_whitespace())
        .collect()
}
