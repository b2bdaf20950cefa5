//! What lets a job into its target: each can be taken back at any time, which stops writes at once.

use crate::world::World;

#[derive(Clone, Copy, Debug)]
pub enum Consent {
    /// Fabrikam's identity synchronization with Contoso.
    Synchronization,
    /// Fabrikam redeems invitations by itself.
    InboundRedemption,
    /// Contoso consents for its people.
    OutboundRedemption,
    /// Fabrikam takes external users from Contoso at all.
    Collaboration,
}

impl Consent {
    pub fn withdraw(self, world: &World) {
        match self {
            Self::Synchronization => world.fabrikam_policy(|partner| {
                partner.identity_synchronization = None;
            }),
            Self::InboundRedemption => world.fabrikam_policy(|partner| {
                partner.redemption.inbound_allowed = Some(false);
            }),
            Self::OutboundRedemption => world.contoso_policy(|partner| {
                partner.redemption.outbound_allowed = None;
            }),
            Self::Collaboration => world.fabrikam_policy(|partner| {
                partner.blocks_json = r#"{"b2bCollaborationInbound":{"usersAndGroups":{"accessType":"blocked","targets":[{"target":"AllUsers","targetType":"user"}]}}}"#.to_owned();
            }),
        }
    }
}

/// Gives all of them.
pub fn give(world: &World) {
    world.fabrikam_allows();
    world.fabrikam_policy(|partner| partner.blocks_json.clear());
    world.contoso_consents();
}
