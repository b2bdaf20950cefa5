//! `GET /applications/{id}/extensionProperties`

use syncline_directory::extension_properties;
use syncline_model::{Attr, Problem};
use syncline_odata::Rules;

use super::table::{self, TABLE};
use crate::actions::lookup;
use crate::list::small;
use crate::{Call, Reply};

pub fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let (application, items) = call.read(|reader| {
        let application = lookup::application(call, reader)?.entry;
        let name = application.text(Attr::DISPLAY_NAME).unwrap_or_default();
        let all = extension_properties::list(reader, call.tenant(), application.id)?;
        let items = all.iter().map(|it| table::json(it, name)).collect();
        Ok::<_, Problem>((application.id, items))
    })?;
    let context = format!("applications('{application}')/extensionProperties");
    small::reply(call, &context, &TABLE, &Rules::directory(), items)
}
