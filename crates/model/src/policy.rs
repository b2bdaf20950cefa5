//! Cross-tenant access policy as stored, per tenant and partner. The wire shapes are Graph's; here
//! are only the settings the engine asks about, beside the blocks kept as they came.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

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

impl Partner {
    /// Whether one of the blocks `b2bCollaborationInbound` and `b2bCollaborationOutbound` shuts everybody out: its
    /// `usersAndGroups` are `blocked` for `AllUsers`. Read where it is asked, so that what an earlier release stored and
    /// only showed holds as well. A text that can not be read shuts out, too, and so does `blocked` without targets,
    /// which earlier releases took: whoever sent it meant to block somebody, and who that is nobody knows.
    fn shuts_out(&self, block: &str) -> bool {
        if self.blocks_json.is_empty() {
            return false;
        }
        let Ok(blocks) = serde_json::from_str::<Json>(&self.blocks_json) else {
            return true;
        };
        let is =
            |it: &Json, word: &str| it.as_str().is_some_and(|it| it.eq_ignore_ascii_case(word));
        let people = &blocks[block]["usersAndGroups"];
        let targets = people["targets"].as_array().filter(|all| !all.is_empty());
        is(&people["accessType"], "blocked")
            && targets.is_none_or(|all| all.iter().any(|it| is(&it["target"], "AllUsers")))
    }
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
    /// The target blocks B2B collaboration with everybody of the source.
    InboundCollaborationBlocked,
    /// The target does not redeem invitations of the source automatically.
    InboundRedemptionNotAllowed,
    /// The source blocks B2B collaboration of everybody with the target.
    OutboundCollaborationBlocked,
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
            Self::InboundCollaborationBlocked => {
                "The target tenant blocks B2B collaboration with all users of the source tenant. Allow usersAndGroups in b2bCollaborationInbound for the source tenant in the target's cross-tenant access policy."
            }
            Self::InboundRedemptionNotAllowed => {
                "The target tenant has not enabled automatic user consent. Set automaticUserConsentSettings.inboundAllowed for the source tenant in the target's cross-tenant access policy."
            }
            Self::OutboundCollaborationBlocked => {
                "The source tenant blocks B2B collaboration of all its users with the target tenant. Allow usersAndGroups in b2bCollaborationOutbound for the target tenant in the source's cross-tenant access policy."
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
    if target_view.is_some_and(|partner| partner.shuts_out("b2bCollaborationInbound")) {
        return Err(PolicyRefusal::InboundCollaborationBlocked);
    }
    if !target_view
        .and_then(|partner| partner.redemption.inbound_allowed)
        .unwrap_or(false)
    {
        return Err(PolicyRefusal::InboundRedemptionNotAllowed);
    }
    if source_view.is_some_and(|partner| partner.shuts_out("b2bCollaborationOutbound")) {
        return Err(PolicyRefusal::OutboundCollaborationBlocked);
    }
    if !source_view
        .and_then(|partner| partner.redemption.outbound_allowed)
        .unwrap_or(false)
    {
        return Err(PolicyRefusal::OutboundRedemptionNotAllowed);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shuts_out(blocks_json: &str) -> bool {
        let partner = Partner {
            tenant_id: TenantId::from_bytes([1; 16]),
            redemption: Redemption::default(),
            identity_synchronization: None,
            blocks_json: blocks_json.to_owned(),
        };
        partner.shuts_out("b2bCollaborationInbound")
    }

    fn inbound(people: &str) -> String {
        format!(r#"{{"b2bCollaborationInbound":{{"usersAndGroups":{people}}}}}"#)
    }

    #[test]
    fn who_blocks_all_users_shuts_everybody_out() {
        let all = r#"[{"target":"AllUsers","targetType":"user"}]"#;
        for (people, expected) in [
            (format!(r#"{{"accessType":"blocked","targets":{all}}}"#), true),
            (format!(r#"{{"accessType":"allowed","targets":{all}}}"#), false),
            (format!(r#"{{"targets":{all}}}"#), false),
            (r#"{"accessType":"blocked"}"#.to_owned(), true),
            (r#"{"accessType":"blocked","targets":[]}"#.to_owned(), true),
            (r#"{"accessType":"blocked","targets":null}"#.to_owned(), true),
            (r#"{"accessType":"allowed","targets":[]}"#.to_owned(), false),
            (r#"{"accessType":"allowed"}"#.to_owned(), false),
            (
                r#"{"accessType":"blocked","targets":[{"target":"01234567-89ab-4def-8123-456789abcdef","targetType":"group"}]}"#.to_owned(),
                false,
            ),
            ("null".to_owned(), false),
        ] {
            assert_eq!(shuts_out(&inbound(&people)), expected, "{people}");
        }
    }

    #[test]
    fn other_blocks_are_none_of_its_business_and_an_unreadable_text_is() {
        let outbound = r#"{"b2bCollaborationOutbound":{"usersAndGroups":{"accessType":"blocked","targets":[{"target":"AllUsers","targetType":"user"}]}}}"#;
        for (text, expected) in [("", false), ("{}", false), (outbound, false), ("{", true)] {
            assert_eq!(shuts_out(text), expected, "{text}");
        }
    }
}
