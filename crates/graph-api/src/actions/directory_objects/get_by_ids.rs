//! `POST /directoryObjects/getByIds`, also on `/users` and `/groups`

use syncline_model::{EntityKind, ObjectId, Problem};

use crate::list::{Shape, Sight, rows};
use crate::wire::collection::Collection;
use crate::{Body, Call, Reply};

const MAX_IDS: usize = 1_000;

/// Of the objects together, as they are stored and as they are told, with what is expanded inside of them: those of one
/// answer are in memory until it was sent.
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
            return Err(too_large());
        }
        let found = rows::live(reader, call.tenant(), &ids, &kinds)?;
        let most = shape.most_objects();
        if found.len() > most {
            return Err(Problem::bad_request(format!(
                "With this '$expand' no more than {most} objects are told together. Ask for fewer of them at a time."
            )));
        }
        let (mut items, mut bytes) = (Vec::with_capacity(found.len()), 0);
        for stored in &found {
            let item = shape.item(call, reader, stored, true)?.written()?;
            bytes += item.get().len();
            // Before the next one is made: what is expanded inside of one may have megabytes.
            if bytes > MAX_BYTES {
                return Err(too_large());
            }
            items.push(item);
        }
        Ok(Collection::new(call, "directoryObjects", items).reply())
    })
}

fn too_large() -> Problem {
    Problem::bad_request(
        "The objects with these ids are too large to be told together. Ask for fewer of them at a time.",
    )
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
