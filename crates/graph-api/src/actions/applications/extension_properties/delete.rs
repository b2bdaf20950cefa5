//! `DELETE /applications/{id}/extensionProperties/{extensionId}`

use syncline_directory::extension_properties;
use syncline_model::Problem;

use crate::actions::lookup;
use crate::{Call, Reply};

/// Its values are gone with it, everywhere and at once. Jobs whose schemas still name it fail, and say
/// so, until their mappings are changed.
pub fn delete(call: &Call<'_>) -> Result<Reply, Problem> {
    let id = call.object_id("extensionId")?;
    call.write(|tx, context| {
        let application = lookup::application(call, tx)?.entry.id;
        extension_properties::delete(tx, context, application, id)
    })?;
    Ok(Reply::no_content())
}
