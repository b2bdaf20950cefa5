//! `POST /applications/{id}/extensionProperties`

use http::header::LOCATION;
use syncline_directory::extension_properties::{self, NewExtension};
use syncline_model::schema::{ExtensionTarget, ExtensionType};
use syncline_model::{Attr, Problem};

use super::table;
use crate::actions::lookup;
use crate::{Body, Call, Reply};

/// From now on users and groups may hold values of it, and jobs whose schemas name it look at all
/// their objects again in their next cycle.
pub fn create(call: &Call<'_>) -> Result<Reply, Problem> {
    let body = call.body("extensionProperty")?;
    let new = read(&body)?;
    let (application, created) = call.write(|tx, context| {
        let application = lookup::application(call, tx)?;
        let created = extension_properties::create(tx, context, &application, new)?;
        Ok((application.entry, created))
    })?;
    let name = application.text(Attr::DISPLAY_NAME).unwrap_or_default();
    let set = format!("applications('{}')/extensionProperties", application.id);
    let mut json = table::json(&created, name);
    json["@odata.context"] = call.context(&format!("{set}/$entity")).into();
    let location = format!(
        "{}/applications/{}/extensionProperties/{}",
        call.base_url(),
        application.id,
        created.id
    );
    Ok(Reply::created(json).with_header(LOCATION, location))
}

fn read(body: &Body) -> Result<NewExtension, Problem> {
    body.only(&["name", "dataType", "targetObjects", "isMultiValued"])?;
    let data_type = ExtensionType::named(body.required_text("dataType")?)
        .ok_or_else(|| body.invalid("dataType"))?;
    let mut targets = Vec::new();
    for name in body
        .texts("targetObjects")?
        .ok_or_else(|| body.missing("targetObjects"))?
    {
        let target = ExtensionTarget::named(name).ok_or_else(|| body.invalid("targetObjects"))?;
        if !targets.contains(&target) {
            targets.push(target);
        }
    }
    if targets.is_empty() {
        return Err(body.invalid("targetObjects"));
    }
    Ok(NewExtension {
        name: body.required_text("name")?.to_owned(),
        data_type,
        multi_valued: body.boolean("isMultiValued")?.unwrap_or(false),
        targets,
    })
}
