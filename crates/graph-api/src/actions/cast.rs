//! Casts in paths: `/members/microsoft.graph.user`.

use syncline_model::{EntityKind, Problem};
use syncline_odata::path::segment_not_found;

use crate::Call;

/// What a member, owner or manager may be.
pub const PRINCIPALS: [EntityKind; 3] = [
    EntityKind::User,
    EntityKind::Group,
    EntityKind::ServicePrincipal,
];

/// The kinds that `{cast}` leaves of a mixed collection; without a cast, all of `whole`.
///
/// # Errors
/// 400 for a type that is no directory object.
pub fn kinds(
    call: &Call<'_>,
    whole: &'static [EntityKind],
) -> Result<&'static [EntityKind], Problem> {
    let Some(cast) = call.captures.id("cast") else {
        return Ok(whole);
    };
    match cast.to_ascii_lowercase().as_str() {
        "directoryobject" => Ok(whole),
        "user" => Ok(&[EntityKind::User]),
        "group" => Ok(&[EntityKind::Group]),
        "application" => Ok(&[EntityKind::Application]),
        "serviceprincipal" => Ok(&[EntityKind::ServicePrincipal]),
        "directoryrole" if whole.contains(&EntityKind::DirectoryRole) => {
            Ok(&[EntityKind::DirectoryRole])
        }
        // Kinds of objects of which none is here: an empty list of something that is known.
        "device" | "orgcontact" | "directoryrole" | "administrativeunit" => Ok(&[]),
        _ => Err(segment_not_found(cast)),
    }
}

/// The kind that `{cast}` names, for collections that exist only with one.
pub fn kind(call: &Call<'_>) -> Result<Option<EntityKind>, Problem> {
    Ok(kinds(call, &[])?.first().copied())
}
