//! `GET /metadata/endpoints`: what Terraform's azuread provider and the Azure command line read to
//! learn about a cloud (`metadata_host`). Hosts for services that do not exist here are our own.

use serde_json::json;

use crate::Identity;
use crate::asked::Asked;
use crate::reply::Reply;

pub(crate) fn get(identity: &Identity, _asked: &Asked) -> Reply {
    let base = identity.access.public_url();
    let slash = format!("{base}/");
    Reply::public_json(&json!({
        "name": "SynclineCloud",
        "portal": base,
        "resourceManager": slash,
        "microsoftGraphResourceId": slash,
        "graph": slash,
        "graphAudience": slash,
        "batch": slash,
        "gallery": slash,
        "media": slash,
        "sqlManagement": slash,
        "activeDirectoryDataLake": slash,
        "attestationResourceId": base,
        "ossrDbmsResourceId": base,
        "synapseAnalyticsResourceId": base,
        "logAnalyticsResourceId": base,
        "appInsightsResourceId": base,
        "authentication": {
            "loginEndpoint": base,
            "audiences": [slash],
            // Exactly these two: others make the provider think of Azure Stack and refuse.
            "tenant": "common",
            "identityProvider": "AAD",
        },
        "suffixes": {
            "storage": "core.windows.net",
            "keyVaultDns": "vault.azure.net",
            "mhsmDns": "managedhsm.azure.net",
            "acrLoginServer": "azurecr.io",
            "sqlServerHostname": "database.windows.net",
            "attestationEndpoint": "attest.azure.net",
        },
    }))
}
