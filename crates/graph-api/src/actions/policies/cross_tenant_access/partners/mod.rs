//! `/policies/crossTenantAccessPolicy/partners`.

pub mod count;
pub mod create;
pub mod delete;
pub mod get;
pub mod list;
pub mod update;

use serde_json::{Map, Value as Json, json};
use syncline_directory::policy;
use syncline_model::policy::{Partner, Redemption};
use syncline_model::{Problem, ProblemKind, TenantId};
use syncline_odata::select::not_expandable;
use syncline_store::Tx;

use super::blocks;
use super::identity_synchronization;
use crate::{Body, Call};

const RESOURCE: &str = "crossTenantAccessPolicyConfigurationPartner";

/// Some five hundred targets.
const MOST_BYTES: usize = 64 * 1024;

/// The tenant id in the URL; anything else names no partner.
pub fn partner_id(call: &Call<'_>) -> Result<TenantId, Problem> {
    let key = call.key("tenantId")?;
    key.id()
        .and_then(|id| id.parse().ok())
        .ok_or_else(|| Problem::not_found(key.value()))
}

/// Graph's answer to a PATCH of something that is not there.
pub fn absent() -> Problem {
    Problem::new(
        ProblemKind::NotFound,
        "Directory_ObjectNotFound",
        "Unable to read the company information from the directory.",
    )
}

/// Stores a partner's settings.
///
/// # Errors
/// 400 when all of them together are too large: they are read in every page of a cycle.
pub fn store(call: &Call<'_>, tx: &mut Tx<'_>, partner: &Partner) -> Result<(), Problem> {
    let name = partner.identity_synchronization.as_ref();
    let name = name.and_then(|it| it.display_name.as_deref());
    if partner.blocks_json.len() + name.map_or(0, str::len) > MOST_BYTES {
        return Err(Problem::bad_request(format!(
            "The settings of a partner may take {MOST_BYTES} bytes. Name groups instead of their members, or fewer targets."
        )));
    }
    policy::put_partner(tx, call.tenant(), partner)
}

/// Applies a body to a partner; an absent setting stays as it is.
fn apply(partner: &mut Partner, body: &Body) -> Result<(), Problem> {
    let known: Vec<&str> = blocks::names()
        .chain(["tenantId", "automaticUserConsentSettings"])
        .collect();
    body.only(&known)?;
    if body.has("automaticUserConsentSettings") {
        match body.object("automaticUserConsentSettings")? {
            None => partner.redemption = Redemption::default(),
            Some(settings) => {
                settings.only(&["inboundAllowed", "outboundAllowed"])?;
                if settings.has("inboundAllowed") {
                    partner.redemption.inbound_allowed = settings.boolean("inboundAllowed")?;
                }
                if settings.has("outboundAllowed") {
                    partner.redemption.outbound_allowed = settings.boolean("outboundAllowed")?;
                }
            }
        }
    }
    partner.blocks_json = blocks::merge(&partner.blocks_json, body)?;
    Ok(())
}

/// `crossTenantAccessPolicyConfigurationPartner`, without context.
fn show(call: &Call<'_>, partner: &Partner) -> Map<String, Json> {
    let mut json = Map::new();
    json.insert("tenantId".to_owned(), json!(partner.tenant_id));
    json.extend(blocks::show(&partner.blocks_json));
    json.insert(
        "automaticUserConsentSettings".to_owned(),
        json!({
            "inboundAllowed": partner.redemption.inbound_allowed,
            "outboundAllowed": partner.redemption.outbound_allowed,
        }),
    );
    let expanded = call
        .query
        .expand
        .iter()
        .any(|it| it.name.eq_ignore_ascii_case("identitySynchronization"));
    if expanded {
        let value = partner.identity_synchronization.as_ref();
        let value =
            value.map(|it| Json::Object(identity_synchronization::show(partner.tenant_id, it)));
        json.insert(
            "identitySynchronization".to_owned(),
            value.unwrap_or(Json::Null),
        );
    }
    if !call.query.select.is_empty() {
        let wanted = |name: &str| {
            call.query
                .select
                .iter()
                .any(|it| it.eq_ignore_ascii_case(name))
        };
        json.retain(|name, _| wanted(name) || (expanded && name == "identitySynchronization"));
    }
    json
}

/// 400 for options that are not honoured, and for a `$expand` of anything but the identity synchronization
/// policy as a whole. `$top` has no effect: partners come all at once.
fn check_options(call: &Call<'_>) -> Result<(), Problem> {
    call.query
        .refuse(&["orderby", "search", "skip", "skiptoken"])?;
    for expansion in &call.query.expand {
        let name = expansion.property();
        if !name.eq_ignore_ascii_case("identitySynchronization") {
            return Err(not_expandable(name));
        }
        expansion.only(&[])?;
    }
    Ok(())
}

/// One partner as an entity of its own.
fn entity(call: &Call<'_>, partner: &Partner) -> Json {
    let mut json = Map::new();
    json.insert(
        "@odata.context".to_owned(),
        call.context("policies/crossTenantAccessPolicy/partners/$entity")
            .into(),
    );
    json.extend(show(call, partner));
    Json::Object(json)
}
