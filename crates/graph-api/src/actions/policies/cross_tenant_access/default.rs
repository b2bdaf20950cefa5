//! `GET /policies/crossTenantAccessPolicy/default`: the service's defaults, which nothing changes
//! yet.

use serde_json::{Value as Json, json};
use syncline_model::Problem;

use crate::actions::whole;
use crate::{Call, Reply};

pub fn get(call: &Call<'_>) -> Result<Reply, Problem> {
    whole::one(call)?;
    Ok(Reply::ok(json!({
        "@odata.context": call.context("policies/crossTenantAccessPolicy/default/$entity"),
        "id": call.tenant(),
        "isServiceDefault": true,
        "inboundTrust": {
            "isMfaAccepted": false,
            "isCompliantDeviceAccepted": false,
            "isHybridAzureADJoinedDeviceAccepted": false,
        },
        "b2bCollaborationOutbound": everybody("allowed"),
        "b2bCollaborationInbound": everybody("allowed"),
        "b2bDirectConnectOutbound": everybody("blocked"),
        "b2bDirectConnectInbound": everybody("blocked"),
        "tenantRestrictions": null,
        "automaticUserConsentSettings": { "inboundAllowed": false, "outboundAllowed": false },
        "invitationRedemptionIdentityProviderConfiguration": {
            "primaryIdentityProviderPrecedenceOrder": [
                "azureActiveDirectory", "externalFederation", "socialIdentityProviders",
            ],
            "fallbackIdentityProvider": "defaultConfiguredIdp",
        },
    })))
}

fn everybody(access: &str) -> Json {
    json!({
        "usersAndGroups": {
            "accessType": access, "targets": [{ "target": "AllUsers", "targetType": "user" }],
        },
        "applications": {
            "accessType": access, "targets": [{ "target": "AllApplications", "targetType": "application" }],
        },
    })
}
