//! Query options bound to the kinds a collection may hold.

use syncline_model::query::Order;
use syncline_model::{Attr, EntityKind, Predicate, Problem, Query, Schema};
use syncline_odata::{QueryOptions, Rules};
use syncline_store::Stored;

use super::Sight;

/// A query per kind. In a mixed collection a filter may speak of a property that only some kinds
/// have: objects of the others do not satisfy it. An order may, too: the others have no value there, and
/// are in the list all the same.
#[derive(Debug)]
pub(super) struct Bound {
    queries: Vec<(EntityKind, Query)>,
    /// The same for all kinds.
    pub(super) order: Vec<Order>,
    pub(super) top: Option<u32>,
}

impl Bound {
    /// `schema` is the tenant's.
    ///
    /// # Errors
    /// 400 for what no kind knows; 403 for a question about what the caller may not read. Directory roles
    /// that may not be read are left out of the list instead, where there are others to ask about.
    pub(super) fn new(
        schema: &Schema,
        options: &QueryOptions,
        kinds: &[EntityKind],
        rules: &Rules,
        sight: &Sight,
    ) -> Result<Self, Problem> {
        let mut queries = Vec::new();
        let mut refused = None;
        let mut untold = None;
        for kind in kinds {
            match options.bind_unordered(schema.of(*kind), rules) {
                Ok(query) => queries.push((*kind, query)),
                Err(problem) => {
                    refused.get_or_insert(problem);
                }
            }
        }
        let order = order(schema, options, &queries, rules)?;
        let mut told = Vec::new();
        for (kind, mut query) in queries {
            let known = order
                .iter()
                .filter(|it| schema.of(kind).property(it.attr).is_some());
            query.order = known.copied().collect();
            match sight.check(kind, &query) {
                Ok(()) => told.push((kind, query)),
                // Roles stand among the groups of somebody: whoever may read groups, and no roles,
                // asks for groups.
                Err(problem) if kind == EntityKind::DirectoryRole => untold = Some(problem),
                Err(problem) => return Err(problem),
            }
        }
        let Some((_, first)) = told.first() else {
            let refused = untold.or(refused);
            return Err(refused.unwrap_or_else(|| Problem::internal("a list of no kind")));
        };
        Ok(Self {
            top: first.top,
            order,
            queries: told,
        })
    }

    /// The condition on objects of one kind.
    pub(super) fn predicate(&self, kind: EntityKind) -> Option<&Predicate> {
        self.queries
            .iter()
            .find(|(it, _)| *it == kind)
            .and_then(|(_, query)| query.predicate.as_ref())
    }

    /// Whether every object belongs to the list.
    pub(super) fn is_everything(&self) -> bool {
        self.queries
            .iter()
            .all(|(_, query)| query.predicate.is_none())
    }

    /// Whether the filter depends on this attribute.
    pub(super) fn asks_about(&self, attr: Attr) -> bool {
        let predicates = self
            .queries
            .iter()
            .filter_map(|(_, query)| query.predicate.as_ref());
        predicates.into_iter().any(|it| it.attrs().contains(&attr))
    }

    /// Whether the objects need not be looked at to know which come, and in which order.
    pub(super) fn asks_for_nothing(&self) -> bool {
        self.is_everything() && self.order.is_empty()
    }

    /// Whether an object belongs to the list.
    pub(super) fn keeps(&self, stored: &Stored) -> bool {
        match self
            .queries
            .iter()
            .find(|(kind, _)| *kind == stored.entry.kind)
        {
            Some((_, query)) => query
                .predicate
                .as_ref()
                .is_none_or(|it| it.evaluate(stored)),
            None => false,
        }
    }
}

/// The order, as the first kind that knows all of it has it.
fn order(
    schema: &Schema,
    options: &QueryOptions,
    queries: &[(EntityKind, Query)],
    rules: &Rules,
) -> Result<Vec<Order>, Problem> {
    let mut refused = None;
    for (kind, _) in queries {
        match options.bind_order(schema.of(*kind), rules) {
            Ok(order) => return Ok(order),
            Err(problem) => {
                refused.get_or_insert(problem);
            }
        }
    }
    refused.map_or_else(|| Ok(Vec::new()), Err)
}
