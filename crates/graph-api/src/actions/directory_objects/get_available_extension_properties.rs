//! `POST /directoryObjects/getAvailableExtensionProperties`

use syncline_directory::extension_properties;
use syncline_model::Problem;

use crate::actions::applications::extension_properties::table;
use crate::actions::whole;
use crate::wire::collection::Collection;
use crate::{Call, Reply};

/// All extensions of the tenant. None is synchronized from on-premises.
pub fn get_available_extension_properties(call: &Call<'_>) -> Result<Reply, Problem> {
    let body = call.optional_body("")?;
    body.only(&["isSyncedFromOnPremises"])?;
    let only_synced = body.boolean("isSyncedFromOnPremises")? == Some(true);
    let items = call.read(|reader| {
        let mut all = extension_properties::available(reader, call.tenant())?;
        if only_synced {
            all.clear();
        }
        table::of_any_application(call, reader, &all)
    })?;
    whole::list(call, items.len())?;
    Ok(Collection::new(call, "Collection(microsoft.graph.extensionProperty)", items).reply())
}
