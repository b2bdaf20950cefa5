//! `$expand`: references shown inside the object they belong to, at most twenty.

use serde_json::Value as Json;
use syncline_model::{EntityKind, Problem, Schema};
use syncline_odata::select::{Expansion, not_expandable};
use syncline_odata::{QueryOptions, navigation};
use syncline_store::{EdgeKind, Reader, Stored};

use super::containers::{self, CONTAINERS};
use super::page::BUDGET;
use super::rows::{self, CHUNK, FULL, Rows};
use super::{Shape, Sight};
use crate::Call;
use crate::actions::cast::PRINCIPALS;
use crate::wire::entity_out::Object;

/// Graph shows no more, and has no next page inside an object.
const MAX_ITEMS: usize = 20;

/// References that one page shows inside of its objects; a page that would show more has fewer
/// objects, and a next page.
const MAX_PER_PAGE: usize = 2_000;

/// Managers above each other that one object is shown with. Some clients read no more than 64 objects
/// inside of each other.
const MAX_LEVELS: usize = 40;

/// The bound `$expand` of a request.
#[derive(Debug, Default)]
pub(super) struct Expansions(Vec<One>);

#[derive(Debug)]
struct One {
    name: &'static str,
    shape: Shape,
    /// Of managers.
    levels: usize,
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
                return Err(not_expandable(known));
            }
            let honoured: &[&str] = match known {
                "manager" => &["select", "levels"],
                _ => &["select"],
            };
            expansion.only(honoured)?;
            let options = QueryOptions {
                select: expansion.select.clone(),
                ..QueryOptions::default()
            };
            bound.push(One {
                name: known,
                shape: Shape::bind(call, schema, &options, kinds_of(known), Sight::of(call))?,
                levels: levels(expansion)?,
            });
        }
        Ok(Self(bound))
    }

    /// How many objects an answer may have.
    pub(super) fn most_objects(&self) -> usize {
        let each: usize = self.0.iter().map(One::most_items).sum();
        MAX_PER_PAGE.checked_div(each).unwrap_or(usize::MAX)
    }

    pub(super) fn add(
        &self,
        call: &Call<'_>,
        reader: &Reader<'_>,
        stored: &Stored,
        object: &mut Object<'_>,
    ) -> Result<(), Problem> {
        for one in &self.0 {
            if one.name == "manager" {
                // Absent, not null, when there is none.
                if let Some(manager) = one.manager(call, reader, stored)? {
                    object.insert(one.name, manager);
                }
                continue;
            }
            let found = related(call, reader, stored, one.name)?;
            let items = found
                .iter()
                .map(|it| one.shape.item(call, reader, it, true)?.json())
                .collect::<Result<Vec<_>, _>>()?;
            object.insert(one.name, items);
        }
        Ok(())
    }
}

impl One {
    fn most_items(&self) -> usize {
        if self.name == "manager" {
            self.levels
        } else {
            MAX_ITEMS
        }
    }

    /// The manager, with his own inside, and so on.
    fn manager(
        &self,
        call: &Call<'_>,
        reader: &Reader<'_>,
        stored: &Stored,
    ) -> Result<Option<Json>, Problem> {
        let mut above: Option<Json> = None;
        for manager in managers(call, reader, stored, self.levels)?.iter().rev() {
            let mut object = self.shape.item(call, reader, manager, true)?;
            if let Some(above) = above {
                object.insert(self.name, above);
            }
            above = Some(object.json()?);
        }
        Ok(above)
    }
}

/// How many levels are asked for; one when nothing is said.
fn levels(expansion: &Expansion) -> Result<usize, Problem> {
    match expansion.levels.as_deref() {
        None => Ok(1),
        Some(text) if text.eq_ignore_ascii_case("max") => Ok(MAX_LEVELS),
        Some(text) => text
            .parse()
            .ok()
            .filter(|number| (1..=MAX_LEVELS).contains(number))
            .ok_or_else(|| {
                Problem::malformed(format!(
                    "Invalid value '{text}' for $levels query option found. Send 'max' or a number from 1 to {MAX_LEVELS}."
                ))
            }),
    }
}

/// Those above somebody, nearest first, each once: two may be each other's managers.
fn managers(
    call: &Call<'_>,
    reader: &Reader<'_>,
    stored: &Stored,
    levels: usize,
) -> Result<Vec<Stored>, Problem> {
    let mut found: Vec<Stored> = Vec::new();
    while found.len() < levels {
        let below = found.last().unwrap_or(stored).entry.id;
        let batch = rows::edges_from(reader, call.tenant(), EdgeKind::Manager, below, &PRINCIPALS)(
            None, 1,
        )?;
        let met = |it: &Stored| {
            it.entry.id == stored.entry.id
                || found.iter().any(|known| known.entry.id == it.entry.id)
        };
        match batch.rows.into_iter().next().filter(|it| !met(it)) {
            Some(manager) => found.push(manager),
            None => break,
        }
        call.has_read(1)?;
    }
    Ok(found)
}

/// What may be inside of what is expanded.
fn kinds_of(name: &str) -> &'static [EntityKind] {
    if name == "memberOf" {
        &CONTAINERS
    } else {
        &PRINCIPALS
    }
}

/// The first live ones of those that an object refers to, or that refer to it. Whoever is in the recycle bin takes
/// nobody's place.
fn related(
    call: &Call<'_>,
    reader: &Reader<'_>,
    stored: &Stored,
    name: &str,
) -> Result<Vec<Stored>, Problem> {
    let (tenant, id) = (call.tenant(), stored.entry.id);
    let from = |edge| Box::new(rows::edges_from(reader, tenant, edge, id, &PRINCIPALS));
    let rows: Box<Rows<'_>> = match name {
        "members" => from(EdgeKind::Member),
        "owners" => from(EdgeKind::Owner),
        "sponsors" => from(EdgeKind::Sponsor),
        "directReports" => Box::new(rows::edges_to(
            reader,
            tenant,
            EdgeKind::Manager,
            id,
            &PRINCIPALS,
        )),
        _ => Box::new(move |after, limit| {
            let member = (stored.entry.kind, id);
            containers::direct(call, reader, member, &CONTAINERS, after, limit)
        }),
    };
    first_shown(call, &*rows)
}

/// The first of these rows, as many as are shown and have room; of very many that are not shown, none behind them.
pub fn first_shown(call: &Call<'_>, rows: &Rows<'_>) -> Result<Vec<Stored>, Problem> {
    let mut found: Vec<Stored> = Vec::new();
    let (mut after, mut looked_at, mut room) = (None, 0, FULL);
    loop {
        let missing = MAX_ITEMS - found.len();
        // Where many do not get as far as here, it would take long to pass them over a few at a time.
        let left_out = usize::saturating_sub(looked_at, found.len());
        let batch = rows(after, missing.max(left_out.min(CHUNK)))?;
        call.has_read(batch.looked_at)?;
        looked_at += batch.looked_at;
        for stored in batch.rows {
            if found.len() == MAX_ITEMS || room == 0 {
                return Ok(found);
            }
            room = room.saturating_sub(stored.bytes());
            found.push(stored);
        }
        after = batch.next;
        if after.is_none() || found.len() == MAX_ITEMS || room == 0 || looked_at >= BUDGET {
            return Ok(found);
        }
    }
}
