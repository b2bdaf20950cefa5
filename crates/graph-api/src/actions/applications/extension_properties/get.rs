//! `GET /applications/{id}/extensionProperties/{extensionId}`

use syncline_directory::extension_properties;
use syncline_model::{Attr, Problem};

use super::table::{self, TABLE};
use crate::actions::lookup;
use crate::list::small;
use crate::{Call, Reply};

pub fn get(call: &Call<'_>) -> Result<Reply, Problem> {
    let id = call.object_id("extensionId")?;
    let (application, json) = call.read(|reader| {
        let application = lookup::application(call, reader)?.entry;
        let found = extension_properties::find(reader, call.tenant(), application.id, id)?;
        let name = application.text(Attr::DISPLAY_NAME).unwrap_or_default();
        Ok::<_, Problem>((application.id, table::json(&found, name)))
    })?;
    let mut json = small::select(&call.query, &TABLE, json)?;
    let context = format!("applications('{application}')/extensionProperties/$entity");
    json["@odata.context"] = call.context(&context).into();
    Ok(Reply::ok(json))
}
