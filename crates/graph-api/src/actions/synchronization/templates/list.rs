//! `GET …/synchronization/templates`; `$filter` by `id` or `factoryTag`, `$expand=schema`.

use serde_json::Value as Json;
use syncline_engine::template::AZURE2AZURE;
use syncline_model::Problem;

use super::shown;
use crate::actions::synchronization::options::{Shown, equality};
use crate::actions::synchronization::resolve;
use crate::call::Tail;
use crate::wire::collection::Collection;
use crate::{Call, Reply};

pub fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let options = Shown::many(call, &super::RESOURCE)?;
    let configuration = call.read(|reader| resolve::configuration(call, reader))?;
    let mut items = vec![Json::Object(shown(&configuration, &options)?)];
    if let Some(filter) = &call.query.texts.filter {
        // Both are the same text of the one template there is.
        let (_, value) = equality(filter, &["id", "factoryTag"])?;
        items.retain(|_| value == AZURE2AZURE);
    }
    if call.tail == Tail::Count {
        return Ok(Reply::text(items.len().to_string()));
    }
    let count = call.query.texts.count.then_some(items.len() as u64);
    let context = format!(
        "servicePrincipals('{}')/synchronization/templates",
        configuration.service_principal
    );
    Ok(Collection::new(call, &context, items).count(count).reply())
}
