//! One object mapping becomes one rule.

use syncline_expression::{Limits, PatternRoom};
use syncline_model::schema::Mutability;
use syncline_model::{Attr, EntityKind, EntityType};

use super::{Diagnostics, Types, attribute, bytes, scope};
use crate::evidence::AttributeName;
use crate::rule::{Flow, ImportedAttribute};
use crate::schema::{ObjectMapping, SynchronizationRule};
use crate::{Rule, rule};

/// Imported attributes that every user's log entry shows, in the order Entra's shows them.
const USER_IMPORT: &[Attr] = &[
    Attr::ID,
    Attr::ACCOUNT_ENABLED,
    Attr::DEPARTMENT,
    Attr::DISPLAY_NAME,
    Attr::MAIL_NICKNAME,
    Attr::USER_PRINCIPAL_NAME,
    Attr::NET_ID,
    Attr::SHOW_IN_ADDRESS_LIST,
    Attr::ALTERNATIVE_SECURITY_IDS,
    Attr::IS_SOFT_DELETED,
    Attr::APP_ROLE_ASSIGNMENTS,
];

const GROUP_IMPORT: &[Attr] = &[
    Attr::ID,
    Attr::DISPLAY_NAME,
    Attr::MAIL_NICKNAME,
    Attr::SECURITY_ENABLED,
    Attr::IS_SOFT_DELETED,
    Attr::APP_ROLE_ASSIGNMENTS,
];

/// `None` for a helper mapping, or when the types are not ours to synchronize.
pub(super) fn compile(
    rule: &SynchronizationRule,
    mapping: &ObjectMapping,
    types: Types<'_>,
    (limits, room): (&Limits, &mut PatternRoom),
    path: &str,
    found: &mut Diagnostics,
) -> Option<Rule> {
    let source = object_kind(
        mapping,
        mapping.source_object_name.as_deref(),
        &format!("{path}.sourceObjectName"),
        found,
    )?;
    let target = object_kind(
        mapping,
        mapping.target_object_name.as_deref(),
        &format!("{path}.targetObjectName"),
        found,
    )?;
    if source != target {
        found.not_supported(
            &format!("{path}.targetObjectName"),
            format!(
                "a {} cannot become a {} yet; use the same type on both sides",
                source.engine_name(),
                target.engine_name()
            ),
        );
    }
    if let Some(flag) = mapping.flow_types.unknown() {
        found.invalid(
            &format!("{path}.flowTypes"),
            format!("`{flag}` is not a flow type; use any of Add, Update, Delete, separated by commas, or None"),
        );
    }
    let (source_type, target_type) = (types.source.of(source), types.target.of(target));
    let room_before = room.left();
    let mappings = attribute::compile(
        mapping,
        (source_type, target_type),
        (limits, room),
        path,
        found,
    );
    let redacted = redacted(&mappings);
    let scope = scope::compile(
        mapping.scope.as_ref(),
        source_type,
        &redacted,
        room,
        &format!("{path}.scope"),
        found,
    );
    Some(Rule {
        id: rule.id.clone(),
        name: rule.name.clone().unwrap_or_default(),
        source,
        target,
        enabled: mapping.enabled,
        flow: Flow {
            add: mapping.flow_types.has("Add"),
            update: mapping.flow_types.has("Update"),
            delete: mapping.flow_types.has("Delete"),
        },
        imported: imported(source, source_type, &mappings, &redacted, &scope.attributes),
        required: target_type
            .properties()
            .iter()
            .filter(|property| property.required && property.mutability != Mutability::ReadOnly)
            .cloned()
            .collect(),
        scope: scope.scope,
        mappings,
        unfindable: None,
        bytes: bytes::of(mapping).saturating_add(room_before.saturating_sub(room.left())),
    })
}

/// The kind of objects that has this name, in any case, of those that are synchronized.
pub(super) fn kind_named(name: &str) -> Option<EntityKind> {
    [EntityKind::User, EntityKind::Group]
        .into_iter()
        .find(|kind| kind.engine_name().eq_ignore_ascii_case(name))
}

fn object_kind(
    mapping: &ObjectMapping,
    name: Option<&str>,
    path: &str,
    found: &mut Diagnostics,
) -> Option<EntityKind> {
    let name = name.unwrap_or("");
    let kind = kind_named(name);
    // Helper mappings and mappings switched off may speak of types we do not have.
    if kind.is_none() && mapping.enabled {
        found.not_supported(
            path,
            format!("object type `{name}` is not supported; use `User` or `Group`"),
        );
    }
    kind
}

/// Source attributes that some mapping keeps out of logs.
fn redacted(mappings: &[rule::Mapping]) -> Vec<Attr> {
    let programs = mappings.iter().filter_map(rule::Mapping::program);
    programs
        .filter(|program| program.is_redacted())
        .flat_map(|program| program.attributes())
        .copied()
        .collect()
}

fn imported(
    kind: EntityKind,
    source: &EntityType,
    mappings: &[rule::Mapping],
    redacted: &[Attr],
    scoped: &[Attr],
) -> Vec<ImportedAttribute> {
    let always = if kind == EntityKind::User {
        USER_IMPORT
    } else {
        GROUP_IMPORT
    };
    let mut attrs: Vec<(Attr, bool)> = always.iter().map(|attr| (*attr, true)).collect();
    for program in mappings.iter().filter_map(rule::Mapping::program) {
        attrs.extend(program.attributes().iter().map(|attr| (*attr, false)));
    }
    attrs.extend(scoped.iter().map(|attr| (*attr, false)));

    let mut shown: Vec<ImportedAttribute> = Vec::new();
    for (attr, always) in attrs {
        if shown.iter().any(|it| it.attr == attr) {
            continue;
        }
        let Some(property) = source.property(attr) else {
            continue;
        };
        shown.push(ImportedAttribute {
            attr,
            name: AttributeName::of(property),
            always,
            redacted: property.sensitive || redacted.contains(&attr),
        });
    }
    shown
}
