//! The objects that a body binds: `owners@odata.bind` and its like.

use syncline_model::{ObjectId, Problem};
use syncline_store::Reader;

use crate::{Body, Call, Reference};

/// Most references that one request may bind to a name.
const MAX_BINDS: usize = 20;

/// The objects that `name@odata.bind` refers to, each once.
///
/// # Errors
/// 400 for more than twenty of them, 404 for one that there is not.
pub fn many(
    call: &Call<'_>,
    reader: &Reader<'_>,
    body: &Body,
    name: &str,
) -> Result<Vec<ObjectId>, Problem> {
    let urls = body.binds(name)?;
    if urls.len() > MAX_BINDS {
        return Err(Problem::bad_request(format!(
            "The request binds {} objects to '{name}'; {MAX_BINDS} are allowed in one request.",
            urls.len()
        )));
    }
    let mut ids = Vec::new();
    for url in urls {
        let id = Reference::parse(url)?.resolve(call, reader)?.entry.id;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// What `name@odata.bind` refers to, of which there is one at most.
///
/// # Errors
/// 400 for several.
pub fn one(body: &Body, name: &str) -> Result<Option<Reference>, Problem> {
    match body.binds(name)?[..] {
        [] => Ok(None),
        [url] => Reference::parse(url).map(Some),
        _ => Err(Problem::bad_request(format!(
            "The request binds several objects to '{name}'; there is one of it at most."
        ))),
    }
}
