//! Step 3: the target tenant redeems invitations automatically.

use serde_json::json;

use super::setup::PARTNERS;
use super::walk::Walk;

pub fn run(walk: &Walk<'_>) {
    let target = &walk.target;
    let partner = walk.v1(&format!("{PARTNERS}/{}", walk.source_id));
    let state = json!({
        "inboundTrust": null,
        "automaticUserConsentSettings": {"inboundAllowed": true, "outboundAllowed": null},
    });

    let body =
        json!({"inboundTrust": null, "automaticUserConsentSettings": {"inboundAllowed": true}});
    walk.line("3.1").no_content(&target.patch(&partner, body));
    walk.line("3.2")
        .contains(&walk.line("3.2").ok(&target.get(&partner)), &state);

    walk.line("3.3, cleared")
        .no_content(&target.patch(&partner, json!({"automaticUserConsentSettings": null})));
    let cleared =
        json!({"automaticUserConsentSettings": {"inboundAllowed": null, "outboundAllowed": null}});
    walk.line("3.3, cleared")
        .contains(&walk.line("3.3").ok(&target.get(&partner)), &cleared);

    let powershell = json!({"AutomaticUserConsentSettings": {"InboundAllowed": "True"}});
    walk.line("3.3")
        .no_content(&target.patch(&partner, powershell));
    walk.line("3.3")
        .contains(&walk.line("3.3").ok(&target.get(&partner)), &state);
}
