//! `$orderby`.

use syncline_model::query::Order;
use syncline_model::{EntityType, Problem, PropertyType};

use crate::filter::path;
use crate::{Rules, limits};

/// Binds `displayName desc,userPrincipalName`.
pub(crate) fn bind(text: &str, entity: &EntityType, rules: &Rules) -> Result<Vec<Order>, Problem> {
    let mut order: Vec<Order> = Vec::new();
    for item in text.split(',') {
        let mut words = item.split_whitespace();
        let name = words.next().unwrap_or_default();
        let descending = match words.next() {
            None => false,
            Some(word) if word.eq_ignore_ascii_case("asc") => false,
            Some(word) if word.eq_ignore_ascii_case("desc") => true,
            Some(_) => return Err(syntax(item)),
        };
        if name.is_empty() || words.next().is_some() {
            return Err(syntax(item));
        }
        if order.len() >= limits::MAX_ORDER_KEYS {
            return Err(rules.unsupported(format!(
                "More than {} sort keys in $orderby.",
                limits::MAX_ORDER_KEYS
            )));
        }
        let segments: Vec<&str> = name.split('/').collect();
        let Some((property, members)) = path::find(&segments, entity) else {
            return Err(rules.invalid(format!(
                "Invalid orderby clause: Could not find a property named '{name}' on type 'microsoft.graph.{}'.",
                entity.kind.graph_name()
            )));
        };
        let single = !property.multi_valued
            && members.is_empty()
            && !matches!(
                property.kind,
                PropertyType::Complex | PropertyType::Reference | PropertyType::Bytes
            );
        if !single || !(property.sortable || rules.sort_any) {
            return Err(rules.unsupported(format!(
                "Sorting by '{}' is not supported in $orderby.",
                property.name
            )));
        }
        // A second mention can not change the order.
        if !order.iter().any(|it| it.attr == property.attr) {
            order.push(Order {
                attr: property.attr,
                descending,
            });
        }
    }
    Ok(order)
}

fn syntax(item: &str) -> Problem {
    Problem::malformed(format!(
        "Invalid orderby clause: '{}' cannot be read; a property and optionally asc or desc is expected.",
        item.trim()
    ))
}
