//! `…/synchronization/templates`.

pub mod get;
pub mod list;
pub mod schema;

use serde_json::{Map, Value as Json, json};
use syncline_engine::template::AZURE2AZURE;
use syncline_model::Problem;

use super::options::{Resource, Shown, selected};
use super::resolve::Configuration;

pub(super) const RESOURCE: Resource = Resource {
    name: "synchronizationTemplate",
    expandable: &["schema"],
};

/// `synchronizationTemplate`, without context.
pub(super) fn show(configuration: &Configuration) -> Map<String, Json> {
    [
        ("id", json!(AZURE2AZURE)),
        ("applicationId", json!(configuration.app_id)),
        ("default", json!(true)),
        ("description", json!("Cross-tenant synchronization")),
        ("discoverable", json!(true)),
        ("factoryTag", json!(AZURE2AZURE)),
        (
            "metadata",
            json!([
                { "key": "AzureIngestionAttributeOptimization", "value": "False" },
                { "key": "configurationFields", "value": "[{\"name\":\"CompanyId\"},{\"name\":\"AuthenticationType\"}]" },
            ]),
        ),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

/// The template as `$select` and `$expand` ask.
fn shown(configuration: &Configuration, shown: &Shown<'_>) -> Result<Map<String, Json>, Problem> {
    let mut json = show(configuration);
    shown.apply(&mut json)?;
    if let Some(names) = shown.expanded("schema") {
        let schema = selected(
            &super::schema::RESOURCE,
            names,
            schema::json(configuration)?,
        )?;
        json.insert("schema".to_owned(), schema);
    }
    Ok(json)
}
