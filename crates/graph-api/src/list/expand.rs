//! `$expand`: references shown inside the object they belong to, at most twenty.

use syncline_model::{EntityKind, Problem, Schema};
use syncline_odata::select::Expansion;
use syncline_odata::{QueryOptions, navigation};
use syncline_store::{EdgeKind, Reader, Stored};

use super::Shape;
use super::rows;
use crate::Call;
use crate::wire::entity_out::Object;

/// Graph shows no more, and has no next page inside an object.
const MAX_ITEMS: usize = 20;

/// What may be inside of what is expanded.
const PRINCIPALS: [EntityKind; 3] = [
    EntityKind::User,
    EntityKind::Group,
    EntityKind::ServicePrincipal,
];

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
        schema: &Schema,
        expand: &[Expansion],
        kinds: &[EntityKind],
    ) -> Result<Self, Problem> {
        let mut bound = Vec::new();
        for expansion in expand {
            let name = expansion.name.split('/').next().unwrap_or_default();
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
                shape: Shape::bind(schema, &options, &PRINCIPALS)?,
            });
        }
        Ok(Self(bound))
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

fn related(
    call: &Call<'_>,
    reader: &Reader<'_>,
    stored: &Stored,
    name: &str,
) -> Result<Vec<Stored>, Problem> {
    let (tenant, id) = (call.tenant(), stored.entry.id);
    let batch = match name {
        "manager" => rows::edges_from(reader, tenant, EdgeKind::Manager, id, &PRINCIPALS)(None, 1)?,
        "members" => {
            rows::edges_from(reader, tenant, EdgeKind::Member, id, &PRINCIPALS)(None, MAX_ITEMS)?
        }
        "owners" => {
            rows::edges_from(reader, tenant, EdgeKind::Owner, id, &PRINCIPALS)(None, MAX_ITEMS)?
        }
        "sponsors" => {
            rows::edges_from(reader, tenant, EdgeKind::Sponsor, id, &PRINCIPALS)(None, MAX_ITEMS)?
        }
        "directReports" => {
            rows::edges_to(reader, tenant, EdgeKind::Manager, id, &PRINCIPALS)(None, MAX_ITEMS)?
        }
        _ => rows::edges_to(reader, tenant, EdgeKind::Member, id, &PRINCIPALS)(None, MAX_ITEMS)?,
    };
    Ok(batch.rows)
}
