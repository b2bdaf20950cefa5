//! Cross-tenant access policy as stored, per tenant and partner. The wire shapes are Graph's; here
//! are only the settings the engine asks about, beside the blocks kept as they came.

use serde::{Deserialize, Serialize};

use crate::TenantId;

/// One tenant's settings for one partner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Partner {
    pub tenant_id: TenantId,
    /// `automaticUserConsentSettings`.
    #[serde(default)]
    pub redemption: Redemption,
    /// `identitySynchronization`, when it was created.
    #[serde(default)]
    pub identity_synchronization: Option<IdentitySynchronization>,
    /// All other blocks (`inboundTrust`, `b2bCollaborationInbound`, …), JSON text of one object.
    #[serde(default)]
    pub blocks_json: String,
}

/// `automaticUserConsentSettings`; null counts as false.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redemption {
    pub inbound_allowed: Option<bool>,
    pub outbound_allowed: Option<bool>,
}

/// `crossTenantIdentitySyncPolicyPartner`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentitySynchronization {
    pub display_name: Option<String>,
    /// `userSyncInbound.isSyncAllowed`; `None` when the block is null.
    pub user_sync_allowed: Option<bool>,
    /// `groupSyncInbound.isSyncAllowed` (beta; kept on both versions).
    pub group_sync_allowed: Option<bool>,
}

/// Why a target does not (or no longer) let a source in. Both sides are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PolicyRefusal {
    /// The target tenant does not exist (any more).
    TargetTenantNotFound,
    /// The target has no partner entry or no identity synchronization for the source, or it is
    /// switched off.
    InboundSynchronizationNotAllowed,
    /// The target does not redeem invitations of the source automatically.
    InboundRedemptionNotAllowed,
    /// The source does not consent on behalf of its users.
    OutboundRedemptionNotAllowed,
}

impl PolicyRefusal {
    /// Graph's error code for every refusal.
    pub const CODE: &'static str = "AzureActiveDirectoryCrossTenantSyncPolicyCheckFailure";

    /// Says which side is missing what, and what to switch on.
    pub fn message(self) -> &'static str {
        match self {
            Self::TargetTenantNotFound => {
                "The target tenant does not exist. Check the CompanyId of the configuration."
            }
            Self::InboundSynchronizationNotAllowed => {
                "The target tenant has not enabled inbound synchronization. Set identitySynchronization userSyncInbound.isSyncAllowed for the source tenant in the target's cross-tenant access policy."
            }
            Self::InboundRedemptionNotAllowed => {
                "The target tenant has not enabled automatic user consent. Set automaticUserConsentSettings.inboundAllowed for the source tenant in the target's cross-tenant access policy."
            }
            Self::OutboundRedemptionNotAllowed => {
                "The source tenant has not enabled automatic user consent. Set automaticUserConsentSettings.outboundAllowed for the target tenant in the source's cross-tenant access policy."
            }
        }
    }
}

/// What the two tenants' policies say together. `source_view` is the source tenant's entry for the
/// target, `target_view` the target tenant's entry for the source.
pub fn check(
    source_view: Option<&Partner>,
    target_view: Option<&Partner>,
) -> Result<(), PolicyRefusal> {
    let allowed = target_view
        .and_then(|partner| partner.identity_synchronization.as_ref())
        .and_then(|sync| sync.user_sync_allowed)
        .unwrap_or(false);
    if !allowed {
        return Err(PolicyRefusal::InboundSynchronizationNotAllowed);
    }
    if !target_view
        .and_then(|partner| partner.redemption.inbound_allowed)
        .unwrap_or(false)
    {
        return Err(PolicyRefusal::InboundRedemptionNotAllowed);
    }
    if !source_view
        .and_then(|partner| partner.redemption.outbound_allowed)
        .unwrap_or(false)
    {
        return Err(PolicyRefusal::OutboundRedemptionNotAllowed);
    }
    Ok(())
}
