//! `/policies/crossTenantAccessPolicy/partners/{tenantId}/identitySynchronization`: may that tenant
//! synchronize its users into this one?

pub mod create;
pub mod delete;
pub mod get;
pub mod update;

use serde_json::{Map, Value as Json, json};
use syncline_model::policy::IdentitySynchronization;
use syncline_model::{Problem, TenantId};

use crate::Body;

const RESOURCE: &str = "crossTenantIdentitySyncPolicyPartner";

/// Applies a body; absent leaves, null clears.
fn apply(
    policy: &mut IdentitySynchronization,
    partner: TenantId,
    body: &Body,
) -> Result<(), Problem> {
    body.only(&[
        "displayName",
        "tenantId",
        "userSyncInbound",
        "groupSyncInbound",
    ])?;
    if body.guid("tenantId")?.is_some_and(|sent| sent != partner.0) {
        return Err(Problem::bad_request(
            "The tenantId of an identitySynchronization policy is its partner's and cannot be changed.",
        ));
    }
    if body.has("displayName") {
        policy.display_name = body.text("displayName")?.map(str::to_owned);
    }
    if body.has("userSyncInbound") {
        policy.user_sync_allowed = allowed(body, "userSyncInbound", policy.user_sync_allowed)?;
    }
    if body.has("groupSyncInbound") {
        policy.group_sync_allowed = allowed(body, "groupSyncInbound", policy.group_sync_allowed)?;
    }
    Ok(())
}

/// `isSyncAllowed` of a block: null clears the block, a block without it leaves what was said.
fn allowed(body: &Body, block: &str, before: Option<bool>) -> Result<Option<bool>, Problem> {
    let Some(block) = body.object(block)? else {
        return Ok(None);
    };
    block.only(&["isSyncAllowed"])?;
    match block.has("isSyncAllowed") {
        true => block.boolean("isSyncAllowed"),
        false => Ok(before),
    }
}

/// `crossTenantIdentitySyncPolicyPartner`, without context. Group synchronization shows only when
/// it was set: official v1.0 clients do not know it.
pub fn show(partner: TenantId, policy: &IdentitySynchronization) -> Map<String, Json> {
    let mut json = Map::new();
    json.insert("tenantId".to_owned(), json!(partner));
    json.insert("displayName".to_owned(), json!(policy.display_name));
    let block =
        |allowed: Option<bool>| allowed.map_or(Json::Null, |it| json!({ "isSyncAllowed": it }));
    json.insert(
        "userSyncInbound".to_owned(),
        block(policy.user_sync_allowed),
    );
    if policy.group_sync_allowed.is_some() {
        json.insert(
            "groupSyncInbound".to_owned(),
            block(policy.group_sync_allowed),
        );
    }
    json
}
