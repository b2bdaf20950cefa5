//! Step 4: the source tenant consents on behalf of its users.

use serde_json::json;

use super::setup::PARTNERS;
use super::step_02_allow_synchronization::is_a_new_partner;
use super::walk::Walk;

pub fn run(walk: &Walk<'_>) {
    let source = &walk.source;
    let made = source.post(&walk.v1(PARTNERS), json!({"tenantId": walk.target_id}));
    is_a_new_partner(
        walk,
        "4.1",
        &walk.line("4.1").created(&made),
        &walk.target_id,
    );

    let partner = walk.v1(&format!("{PARTNERS}/{}", walk.target_id));
    let body = json!({"automaticUserConsentSettings": {"outboundAllowed": true}});
    walk.line("4.2").no_content(&source.patch(&partner, body));
    let state =
        json!({"automaticUserConsentSettings": {"inboundAllowed": null, "outboundAllowed": true}});
    walk.line("4.2")
        .contains(&walk.line("4.2").ok(&source.get(&partner)), &state);
}
