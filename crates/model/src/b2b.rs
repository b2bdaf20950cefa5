//! Names of external (B2B collaboration) users, as Entra composes them.

use crate::ObjectId;

/// `john@contoso.com` in a target whose initial domain is `fabrikam.onmicrosoft.com` becomes
/// `john_contoso.com#EXT#@fabrikam.onmicrosoft.com`.
pub fn external_upn(home_upn: &str, target_initial_domain: &str) -> String {
    format!(
        "{}#EXT#@{target_initial_domain}",
        home_upn.replace('@', "_")
    )
}

/// The stable 16-digit id per user that plays the part of Entra's internal `netId`: derived from
/// the object id, so that it survives everything but the object itself.
pub fn net_id(id: ObjectId) -> String {
    let (high, low) = id.0.as_u64_pair();
    // The high half is time and counter, the low half random: folding them keeps both.
    format!("{:016X}", high.rotate_left(17) ^ low)
}

/// The alternative security id of a B2B user (`type` 5): what `AltSecIdFromNetId([netId])` yields.
pub fn alternative_security_id(net_id: &str) -> String {
    format!("5::{net_id}")
}
