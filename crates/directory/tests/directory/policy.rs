//! Cross-tenant access policy.

use syncline_directory::policy;
use syncline_model::policy::{IdentitySynchronization, Partner, PolicyRefusal, Redemption};
use syncline_model::{ProblemKind, TenantId};

use crate::world::{World, world};

pub fn partner(tenant_id: TenantId) -> Partner {
    Partner {
        tenant_id,
        redemption: Redemption::default(),
        identity_synchronization: None,
        blocks_json: "{}".to_owned(),
    }
}

/// Both sides allow synchronization from contoso to fabrikam.
pub fn allow(world: &World) {
    let mut inbound = partner(world.contoso.id);
    inbound.redemption.inbound_allowed = Some(true);
    inbound.identity_synchronization = Some(IdentitySynchronization {
        user_sync_allowed: Some(true),
        ..IdentitySynchronization::default()
    });
    let mut outbound = partner(world.fabrikam.id);
    outbound.redemption.outbound_allowed = Some(true);
    world
        .write(|tx, _| policy::put_partner(tx, world.fabrikam.id, &inbound))
        .unwrap();
    world
        .write(|tx, _| policy::put_partner(tx, world.contoso.id, &outbound))
        .unwrap();
}

/// Fabrikam lets contoso's groups in, too, or no longer.
pub fn allow_groups(world: &World, allowed: bool) {
    allow(world);
    let mut inbound = policy_of_fabrikam(world);
    if let Some(sync) = &mut inbound.identity_synchronization {
        sync.group_sync_allowed = Some(allowed);
    }
    world
        .write(|tx, _| policy::put_partner(tx, world.fabrikam.id, &inbound))
        .unwrap();
}

fn policy_of_fabrikam(world: &World) -> Partner {
    world
        .store
        .read(|reader| policy::partner(reader, world.fabrikam.id, world.contoso.id))
        .unwrap()
        .unwrap()
}

fn check(world: &World) -> Result<(), PolicyRefusal> {
    world
        .store
        .read(|reader| policy::check(reader, world.contoso.id, world.fabrikam.id))
        .unwrap()
}

#[test]
fn both_sides_must_agree() {
    let world = world();
    assert_eq!(
        check(&world),
        Err(PolicyRefusal::InboundSynchronizationNotAllowed)
    );
    allow(&world);
    assert_eq!(check(&world), Ok(()));
    world
        .write(|tx, _| policy::delete_partner(tx, world.contoso.id, world.fabrikam.id))
        .unwrap();
    assert_eq!(
        check(&world),
        Err(PolicyRefusal::OutboundRedemptionNotAllowed)
    );
    let nowhere = TenantId::from_bytes([1; 16]);
    let refused = world
        .store
        .read(|reader| policy::check(reader, world.contoso.id, nowhere))
        .unwrap();
    assert_eq!(refused, Err(PolicyRefusal::TargetTenantNotFound));
}

/// Also where an earlier release stored the block, and did not ask about it.
#[test]
fn a_block_of_all_users_counts_on_either_side() {
    let world = world();
    allow(&world);
    let (contoso, fabrikam) = (world.contoso.id, world.fabrikam.id);
    let blocked = |of, about, block: &str| {
        let all =
            r#"{"accessType":"blocked","targets":[{"target":"AllUsers","targetType":"user"}]}"#;
        let before = world
            .store
            .read(|reader| policy::partner(reader, of, about))
            .unwrap()
            .unwrap();
        let with_block = Partner {
            blocks_json: format!(r#"{{"{block}":{{"usersAndGroups":{all}}}}}"#),
            ..before.clone()
        };
        let put = |partner: &Partner| {
            world
                .write(|tx, _| policy::put_partner(tx, of, partner))
                .unwrap();
        };
        put(&with_block);
        let said = check(&world);
        put(&before);
        said
    };
    assert_eq!(
        blocked(fabrikam, contoso, "b2bCollaborationInbound"),
        Err(PolicyRefusal::InboundCollaborationBlocked)
    );
    assert_eq!(
        blocked(contoso, fabrikam, "b2bCollaborationOutbound"),
        Err(PolicyRefusal::OutboundCollaborationBlocked)
    );
    // These are about the way back, and about something else.
    for (of, about, block) in [
        (fabrikam, contoso, "b2bCollaborationOutbound"),
        (contoso, fabrikam, "b2bCollaborationInbound"),
        (fabrikam, contoso, "b2bDirectConnectInbound"),
    ] {
        assert_eq!(blocked(of, about, block), Ok(()), "{block}");
    }
}

#[test]
fn partners_are_listed_and_removed_per_tenant() {
    let world = world();
    allow(&world);
    let partners = |tenant| {
        world
            .store
            .read(|reader| policy::partners(reader, tenant))
            .unwrap()
    };
    assert_eq!(partners(world.contoso.id).len(), 1);
    assert_eq!(partners(world.contoso.id)[0].tenant_id, world.fabrikam.id);
    world
        .write(|tx, _| policy::delete_partner(tx, world.contoso.id, world.fabrikam.id))
        .unwrap();
    assert!(partners(world.contoso.id).is_empty());
    assert_eq!(partners(world.fabrikam.id).len(), 1);
    let again =
        world.write(|tx, _| policy::delete_partner(tx, world.contoso.id, world.fabrikam.id));
    assert_eq!(again.unwrap_err().kind, ProblemKind::NotFound);
}
