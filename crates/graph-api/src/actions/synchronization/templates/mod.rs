//! `…/synchronization/templates`.

pub mod get;
pub mod list;
pub mod schema;

use serde_json::{Value as Json, json};

use super::resolve::Configuration;

/// The one template there is.
pub const AZURE_TO_AZURE: &str = "Azure2Azure";

/// `synchronizationTemplate`, without context.
fn show(configuration: &Configuration) -> Json {
    json!({
        "id": AZURE_TO_AZURE,
        "applicationId": configuration.app_id,
        "default": true,
        "description": "Cross-tenant synchronization",
        "discoverable": true,
        "factoryTag": AZURE_TO_AZURE,
        "metadata": [
            { "key": "AzureIngestionAttributeOptimization", "value": "False" },
            { "key": "configurationFields", "value": "[{\"name\":\"CompanyId\"},{\"name\":\"AuthenticationType\"}]" },
        ],
    })
}
