//! `POST /directoryObjects/getByIds`, also on `/users` and `/groups`

use syncline_model::{EntityKind, ObjectId, Problem};

use crate::list::{Shape, Sight, rows};
use crate::wire::collection::Collection;
use crate::{Body, Call, Reply};

const MAX_IDS: usize = 1_000;

/// Of the objects together, as they are stored: those of one answer are in memory until it was sent.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// Ids that belong to nothing here are left out without a word, as in Graph.
pub fn get_by_ids(call: &Call<'_>) -> Result<Reply, Problem> {
    let body = call.body("")?;
    call.query
        .refuse(&["filter", "orderby", "search", "top", "skip", "skiptoken"])?;
    body.only(&["ids", "types"])?;
    let texts = body.texts("ids")?.ok_or_else(|| body.missing("ids"))?;
    if texts.is_empty() || texts.len() > MAX_IDS {
        return Err(Problem::bad_request(format!(
            "'ids' must hold between 1 and {MAX_IDS} ids."
        )));
    }
    let mut ids = texts
        .iter()
        .map(|text| {
            text.parse::<ObjectId>()
                .map_err(|_| Problem::bad_request(format!("Invalid object identifier '{text}'.")))
        })
        .collect::<Result<Vec<_>, _>>()?;
    ids.sort_unstable();
    ids.dedup();
    let kinds = kinds(&body)?;
    call.read(|reader| {
        let schema = reader.schema(call.tenant())?;
        let shape = Shape::bind(
            call,
            &schema,
            &call.query,
            &EntityKind::DIRECTORY,
            Sight::of(call),
        )?;
        if reader.fitting_of(call.tenant(), &kinds, &ids, MAX_BYTES)? < ids.len() {
            return Err(Problem::bad_request(
                "The objects with these ids are too large to be told together. Ask for fewer of them at a time.",
            ));
        }
        let found = rows::live(reader, call.tenant(), &ids, &kinds)?;
        let items: Vec<_> = found
            .iter()
            .map(|it| shape.item(call, reader, it, true)?.written())
            .collect::<Result<_, _>>()?;
        Ok(Collection::new(call, "directoryObjects", items).reply())
    })
}

fn kinds(body: &Body) -> Result<Vec<EntityKind>, Problem> {
    let Some(types) = body.texts("types")? else {
        return Ok(EntityKind::DIRECTORY.to_vec());
    };
    let named = |it: &&str| types.iter().any(|known| known.eq_ignore_ascii_case(it));
    if types.is_empty() || named(&"directoryObject") {
        return Ok(EntityKind::DIRECTORY.to_vec());
    }
    Ok(EntityKind::DIRECTORY
        .into_iter()
        .filter(|kind| named(&kind.graph_name()))
        .collect())
}
