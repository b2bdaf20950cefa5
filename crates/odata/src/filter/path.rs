//! Property paths of a filter or sort key to properties.

use syncline_model::{Attr, EntityKind, EntityType, Property};

/// Old names of log properties (beta before 2021), still in many scripts.
const LOG_ALIASES: [(&str, Attr); 2] = [
    ("action", Attr::LOG_ACTION),
    ("statusinfo/status", Attr::LOG_STATUS),
];

/// The property a path begins with and the members that follow it. Some properties have whole
/// paths as names (`servicePrincipal/id`), so the longest name wins.
pub(crate) fn find<'e, 's>(
    segments: &'s [&'s str],
    entity: &'e EntityType,
) -> Option<(&'e Property, &'s [&'s str])> {
    // No property's name has more than two segments.
    for length in (1..=segments.len().min(2)).rev() {
        let name = segments[..length].join("/");
        if let Some(property) = by_name(&name, entity) {
            let members = &segments[length..];
            // Only complex values have members.
            let fits = members.is_empty() || property.kind == syncline_model::PropertyType::Complex;
            return fits.then_some((property, members));
        }
    }
    None
}

fn by_name<'e>(name: &str, entity: &'e EntityType) -> Option<&'e Property> {
    entity.by_name(name).or_else(|| {
        if entity.kind != EntityKind::ProvisioningEvent {
            return None;
        }
        let (_, attr) = LOG_ALIASES
            .iter()
            .find(|(alias, _)| alias.eq_ignore_ascii_case(name))?;
        entity.property(*attr)
    })
}
