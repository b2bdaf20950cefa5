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

const IN_ORGANIZATION: &str = "isInMultiTenantOrganization";
const IDENTITY_SYNCHRONIZATION: &str = "identitySynchronization";

/// Some five hundred targets.
const MOST_BYTES: usize = 64 * 1024;

/// The tenant id in the URL, which is a partner's key, by its name or without; anything else names no partner.
pub fn partner_id(call: &Call<'_>) -> Result<TenantId, Problem> {
    let key = call.key("tenantId")?;
    let id = key.id().or_else(|| key.alternate("tenantId"));
    id.and_then(|id| id.parse().ok())
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
        .chain([IN_ORGANIZATION, IDENTITY_SYNCHRONIZATION])
        .collect();
    body.only(&known)?;
    sent_back(partner, body)?;
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

/// Whoever sends back what he read asks for nothing.
///
/// # Errors
/// 400 for another value of what is not set here.
fn sent_back(partner: &Partner, body: &Body) -> Result<(), Problem> {
    if body.boolean(IN_ORGANIZATION)?.unwrap_or_default() {
        return Err(Problem::bad_request(format!(
            "The property '{IN_ORGANIZATION}' is read-only, and false: there are no multitenant organizations here."
        )));
    }
    if let Some(sent) = body.object(IDENTITY_SYNCHRONIZATION)? {
        let there = partner.identity_synchronization.as_ref();
        let there = there.map(|it| identity_synchronization::show(partner.tenant_id, it));
        let is_there = |(name, sent): (&str, &Json)| {
            let mut there = there.iter().flatten();
            let value = there.find(|(known, _)| known.eq_ignore_ascii_case(name));
            value.map_or(&Json::Null, |(_, value)| value) == sent
        };
        if !sent.properties().all(is_there) {
            return Err(Problem::bad_request(format!(
                "The property '{IDENTITY_SYNCHRONIZATION}' of a partner is not set with it: send PUT or PATCH …/partners/{}/{IDENTITY_SYNCHRONIZATION}.",
                partner.tenant_id
            )));
        }
    }
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
        .any(|it| it.name.eq_ignore_ascii_case(IDENTITY_SYNCHRONIZATION));
    if expanded {
        let value = partner.identity_synchronization.as_ref();
        let value =
            value.map(|it| Json::Object(identity_synchronization::show(partner.tenant_id, it)));
        json.insert(
            IDENTITY_SYNCHRONIZATION.to_owned(),
            value.unwrap_or(Json::Null),
        );
    }
    if selects(call, IN_ORGANIZATION) {
        // No multitenant organizations yet. Graph shows it to whom asks for it alone.
        json.insert(IN_ORGANIZATION.to_owned(), json!(false));
    }
    if !call.query.select.is_empty() && !selects(call, "*") {
        json.retain(|name, _| {
            selects(call, name) || (expanded && name == IDENTITY_SYNCHRONIZATION)
        });
    }
    json
}

/// Whether `$select` names it, or a member of it.
fn selects(call: &Call<'_>, name: &str) -> bool {
    let mut heads = call.query.select.iter().map(|it| head(it));
    heads.any(|it| it.eq_ignore_ascii_case(name))
}

fn head(name: &str) -> &str {
    name.split('/').next().unwrap_or(name)
}

/// What `@odata.context` says, with the selected names.
fn context(call: &Call<'_>) -> String {
    let set = "policies/crossTenantAccessPolicy/partners";
    match call.query.select.as_slice() {
        [] => set.to_owned(),
        names => format!("{set}({})", names.join(",")),
    }
}

/// 400 for options that are not honoured, for a `$select` of what a partner does not have, and for a `$expand` of
/// anything but the identity synchronization policy as a whole. `$top` has no effect: partners come all at once.
fn check_options(call: &Call<'_>) -> Result<(), Problem> {
    call.query
        .refuse(&["orderby", "search", "skip", "skiptoken"])?;
    let known: Vec<&str> = blocks::names()
        .chain(["*", "tenantId", "automaticUserConsentSettings"])
        .chain([IN_ORGANIZATION, IDENTITY_SYNCHRONIZATION])
        .collect();
    for name in call.query.select.iter().map(|it| head(it)) {
        if !known.iter().any(|it| it.eq_ignore_ascii_case(name)) && !name.starts_with('@') {
            return Err(Problem::malformed(format!(
                "Parsing OData Select and Expand failed: Could not find a property named '{name}' on type 'microsoft.graph.{RESOURCE}'."
            )));
        }
    }
    for expansion in &call.query.expand {
        let name = expansion.property();
        if !name.eq_ignore_ascii_case(IDENTITY_SYNCHRONIZATION) {
            return Err(not_expandable(name));
        }
        expansion.only(&[])?;
    }
    Ok(())
}

/// One partner as an entity of its own.
fn entity(call: &Call<'_>, partner: &Partner) -> Json {
    let mut json = Map::new();
    let context = call.context(&format!("{}/$entity", context(call)));
    json.insert("@odata.context".to_owned(), context.into());
    json.extend(show(call, partner));
    Json::Object(json)
}
