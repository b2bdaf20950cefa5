//! `$expand`: references shown inside the object they belong to, at most twenty.

use syncline_model::{EntityKind, Problem, Schema};
use syncline_odata::select::Expansion;
use syncline_odata::{QueryOptions, navigation};
use syncline_store::{EdgeKind, Reader, Stored};

use super::rows;
use super::{Shape, Sight};
use crate::Call;
use crate::actions::cast::PRINCIPALS;
use crate::actions::member_of;
use crate::wire::entity_out::Object;

/// Graph shows no more, and has no next page inside an object.
const MAX_ITEMS: usize = 20;

/// References that one page shows inside of its objects; a page that would show more has fewer
/// objects, and a next page.
const MAX_PER_PAGE: usize = 2_000;

/// The bound `$expand` of a request.
#[derive(Debug, Default)]
pub(super) struct Expansions(Vec<One>);

#[derive(Debug)]
struct One {
    name: &'static str,
    shape: Shape,
}

impl Expansions {
    /// # Errors
    /// 400 for a name that is no reference of any kind here, or one that can not be expanded.
    pub(super) fn bind(
        call: &Call<'_>,
        schema: &Schema,
        expand: &[Expansion],
        kinds: &[EntityKind],
    ) -> Result<Self, Problem> {
        let mut bound = Vec::new();
        for expansion in expand {
            let name = expansion.property();
            let known = kinds.iter().find_map(|kind| navigation::find(*kind, name)).ok_or_else(|| {
                Problem::malformed(format!(
                    "Parsing OData Select and Expand failed: Could not find a property named '{name}' on type 'microsoft.graph.{}'.",
                    kinds.first().map_or("directoryObject", |kind| kind.graph_name())
                ))
            })?;
            if !matches!(
                known,
                "manager" | "directReports" | "memberOf" | "members" | "owners" | "sponsors"
            ) {
                return Err(Problem::unsupported_query(format!(
                    "Expanding '{known}' is not supported."
                )));
            }
            let options = QueryOptions {
                select: expansion.select.clone(),
                ..QueryOptions::default()
            };
            bound.push(One {
                name: known,
                shape: Shape::bind(call, schema, &options, kinds_of(known), Sight::of(call))?,
            });
        }
        Ok(Self(bound))
    }

    /// How many objects a page may have.
    pub(super) fn most_objects(&self) -> usize {
        let each: usize = self.0.iter().map(|it| most_items(it.name)).sum();
        MAX_PER_PAGE.checked_div(each).unwrap_or(usize::MAX)
    }

    pub(super) fn add(
        &self,
        call: &Call<'_>,
        reader: &Reader<'_>,
        stored: &Stored,
        object: &mut Object<'_>,
    ) -> Result<(), Problem> {
        for One { name, shape } in &self.0 {
            let found = related(call, reader, stored, name)?;
            let mut items = found
                .iter()
                .map(|it| shape.item(call, reader, it, true)?.json())
                .collect::<Result<Vec<_>, _>>()?;
            if *name == "manager" {
                // Absent, not null, when there is none.
                if let Some(manager) = items.pop() {
                    object.insert(name, manager);
                }
            } else {
                object.insert(name, items);
            }
        }
        Ok(())
    }
}

fn most_items(name: &str) -> usize {
    if name == "manager" { 1 } else { MAX_ITEMS }
}

/// What may be inside of what is expanded.
fn kinds_of(name: &str) -> &'static [EntityKind] {
    if name == "memberOf" {
        &member_of::CONTAINERS
    } else {
        &PRINCIPALS
    }
}

fn related(
    call: &Call<'_>,
    reader: &Reader<'_>,
    stored: &Stored,
    name: &str,
) -> Result<Vec<Stored>, Problem> {
    let (tenant, id, limit) = (call.tenant(), stored.entry.id, most_items(name));
    let from = |edge| rows::edges_from(reader, tenant, edge, id, &PRINCIPALS)(None, limit);
    let to = |edge| rows::edges_to(reader, tenant, edge, id, &PRINCIPALS)(None, limit);
    let batch = match name {
        "manager" => from(EdgeKind::Manager)?,
        "members" => from(EdgeKind::Member)?,
        "owners" => from(EdgeKind::Owner)?,
        "sponsors" => from(EdgeKind::Sponsor)?,
        "directReports" => to(EdgeKind::Manager)?,
        _ => {
            let mut batch =
                member_of::direct(call, reader, id, &member_of::CONTAINERS, None, limit)?;
            batch.rows.truncate(limit);
            batch
        }
    };
    Ok(batch.rows)
}
