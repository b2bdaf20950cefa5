//! What the two tenants' cross-tenant access policies are to say of each other.

use syncline_directory::policy;
use syncline_model::policy::{IdentitySynchronization, Partner, PolicyRefusal, Redemption, check};
use syncline_model::{Problem, TenantId};
use syncline_store::Tx;

use super::changes::Change;
use super::ends::Ends;
use super::file::Policy;
use super::present::Present;

pub fn compare(wanted: &Policy, present: &Present) -> Vec<Change> {
    let inbound = present.inbound.as_ref();
    let synchronization = inbound.and_then(|it| it.identity_synchronization.as_ref());
    let users = synchronization.and_then(|it| it.user_sync_allowed);
    let groups = synchronization.and_then(|it| it.group_sync_allowed);
    let redeemed = inbound.and_then(|it| it.redemption.inbound_allowed);
    let consented = present
        .outbound
        .as_ref()
        .and_then(|it| it.redemption.outbound_allowed);
    let redemption = wanted.automatic_redemption;
    let differs = |wanted: Option<bool>, is: Option<bool>, change: fn(bool) -> Change| {
        let wanted = wanted.filter(|wanted| *wanted != is.unwrap_or(false));
        wanted.map(change)
    };
    [
        differs(wanted.users, users, |to| Change::UsersAllowed { to }),
        differs(wanted.groups, groups, |to| Change::GroupsAllowed { to }),
        differs(redemption, redeemed, |to| Change::InboundRedemption { to }),
        differs(redemption, consented, |to| Change::OutboundRedemption {
            to,
        }),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What the policies say of each other once these changes are made; the others are none of theirs.
pub fn refusal_after(ends: &Ends, present: &Present, changes: &[Change]) -> Option<PolicyRefusal> {
    let (inbound, outbound) = (present.inbound.clone(), present.outbound.clone());
    let (inbound, outbound) = after(ends, inbound, outbound, changes);
    check(outbound.as_ref(), inbound.as_ref()).err()
}

/// Lays the changes on what there is by now: what two tenants say of each other for the way back, which the same file
/// may have changed just before, stands in the same documents.
pub fn write(tx: &mut Tx<'_>, ends: &Ends, changes: &[Change]) -> Result<(), Problem> {
    let (source, target) = (ends.source.id, ends.target.id);
    let inbound = policy::partner(tx, target, source)?;
    let outbound = policy::partner(tx, source, target)?;
    let (new_inbound, new_outbound) = after(ends, inbound.clone(), outbound.clone(), changes);
    for (tenant, before, after) in [
        (target, inbound, new_inbound),
        (source, outbound, new_outbound),
    ] {
        if let Some(after) = after.filter(|it| Some(it) != before.as_ref()) {
            policy::put_partner(tx, tenant, &after)?;
        }
    }
    Ok(())
}

/// The target's settings for the source and the source's for the target.
fn after(
    ends: &Ends,
    mut inbound: Option<Partner>,
    mut outbound: Option<Partner>,
    changes: &[Change],
) -> (Option<Partner>, Option<Partner>) {
    let (source, target) = (ends.source.id, ends.target.id);
    let synchronization = |partner: &mut Partner, set: &dyn Fn(&mut IdentitySynchronization)| {
        let of = partner
            .identity_synchronization
            .get_or_insert_with(|| IdentitySynchronization {
                display_name: Some(ends.source.display_name.clone()),
                ..IdentitySynchronization::default()
            });
        set(of);
    };
    for change in changes {
        match *change {
            Change::UsersAllowed { to } => {
                let partner = inbound.get_or_insert_with(|| new(source));
                synchronization(partner, &|it| it.user_sync_allowed = Some(to));
            }
            Change::GroupsAllowed { to } => {
                let partner = inbound.get_or_insert_with(|| new(source));
                synchronization(partner, &|it| it.group_sync_allowed = Some(to));
            }
            Change::InboundRedemption { to } => {
                let partner = inbound.get_or_insert_with(|| new(source));
                partner.redemption.inbound_allowed = Some(to);
            }
            Change::OutboundRedemption { to } => {
                let partner = outbound.get_or_insert_with(|| new(target));
                partner.redemption.outbound_allowed = Some(to);
            }
            _ => {}
        }
    }
    (inbound, outbound)
}

fn new(tenant_id: TenantId) -> Partner {
    Partner {
        tenant_id,
        redemption: Redemption::default(),
        identity_synchronization: None,
        blocks_json: String::new(),
    }
}
