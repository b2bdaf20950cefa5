//! The settings of a partner that synchronization does not ask about: kept as they came, checked
//! for shape, merged member by member on PATCH (the how-to patches one member alone).

use serde_json::{Map, Value as Json};
use syncline_model::Problem;

use crate::Body;

/// What a block must look like.
#[derive(Clone, Copy)]
enum Shape {
    /// true, false or null.
    Boolean,
    /// An object of Booleans with these members.
    Booleans(&'static [&'static str]),
    /// `crossTenantAccessPolicyB2BSetting`; with `devices` for tenant restrictions.
    B2b,
    /// Any object.
    Object,
}

/// Every block of a partner: name, shape, and whether it shows as null when unset (the others show
/// only when set).
const BLOCKS: &[(&str, Shape, bool)] = &[
    ("isServiceProvider", Shape::Boolean, true),
    (
        "inboundTrust",
        Shape::Booleans(&[
            "isMfaAccepted",
            "isCompliantDeviceAccepted",
            "isHybridAzureADJoinedDeviceAccepted",
        ]),
        true,
    ),
    ("b2bCollaborationOutbound", Shape::B2b, true),
    ("b2bCollaborationInbound", Shape::B2b, true),
    ("b2bDirectConnectOutbound", Shape::B2b, true),
    ("b2bDirectConnectInbound", Shape::B2b, true),
    ("tenantRestrictions", Shape::B2b, true),
    ("appServiceConnectInbound", Shape::Object, false),
    ("m365CollaborationInbound", Shape::Object, false),
    ("m365CollaborationOutbound", Shape::Object, false),
    ("protectedContentSharing", Shape::Object, false),
    ("blockServiceProviderOutboundAccess", Shape::Boolean, false),
    (
        "crossCloudMeetingConfiguration",
        Shape::Booleans(&["inboundAllowed", "outboundAllowed"]),
        false,
    ),
];

/// Names of all blocks.
pub fn names() -> impl Iterator<Item = &'static str> {
    BLOCKS.iter().map(|(name, ..)| *name)
}

/// Applies what a body says to the stored blocks. Absent leaves, null clears, objects merge.
pub fn merge(stored: &str, body: &Body) -> Result<String, Problem> {
    let mut blocks = parse(stored);
    for (name, shape, _) in BLOCKS {
        let Some(sent) = body.member(name) else {
            continue;
        };
        let checked = check(*shape, sent).ok_or_else(|| body.invalid(name))?;
        match (blocks.get_mut(*name), checked) {
            (_, Json::Null) => {
                blocks.remove(*name);
            }
            (Some(Json::Object(before)), Json::Object(more)) => before.extend(more),
            (_, checked) => {
                blocks.insert((*name).to_owned(), checked);
            }
        }
    }
    Ok(Json::Object(blocks).to_string())
}

/// The blocks as a response shows them.
pub fn show(stored: &str) -> Map<String, Json> {
    let mut blocks = parse(stored);
    let mut shown = Map::new();
    for (name, _, always) in BLOCKS {
        match blocks.remove(*name) {
            Some(value) => {
                shown.insert((*name).to_owned(), value);
            }
            None if *always => {
                shown.insert((*name).to_owned(), Json::Null);
            }
            None => {}
        }
    }
    shown
        .entry("crossCloudMeetingConfiguration")
        .or_insert_with(|| serde_json::json!({ "inboundAllowed": null, "outboundAllowed": null }));
    shown
}

fn parse(stored: &str) -> Map<String, Json> {
    // Only this file writes the text; an empty one is a partner without settings.
    serde_json::from_str(stored).unwrap_or_default()
}

/// The value with its member names in Graph's case; `None` when the shape is wrong.
fn check(shape: Shape, sent: &Json) -> Option<Json> {
    if sent.is_null() {
        return Some(Json::Null);
    }
    match shape {
        Shape::Boolean => boolean(sent),
        Shape::Booleans(members) => {
            let mut object = Map::new();
            for (name, value) in sent.as_object()? {
                let known = members
                    .iter()
                    .find(|member| member.eq_ignore_ascii_case(name))?;
                object.insert((*known).to_owned(), boolean(value)?);
            }
            Some(Json::Object(object))
        }
        Shape::B2b => b2b(sent),
        Shape::Object => sent.is_object().then(|| sent.clone()),
    }
}

fn boolean(value: &Json) -> Option<Json> {
    match value {
        Json::Null | Json::Bool(_) => Some(value.clone()),
        Json::String(text) if text.eq_ignore_ascii_case("true") => Some(true.into()),
        Json::String(text) if text.eq_ignore_ascii_case("false") => Some(false.into()),
        _ => None,
    }
}

fn b2b(sent: &Json) -> Option<Json> {
    let mut setting = Map::new();
    for (name, value) in sent.as_object()? {
        let known = ["usersAndGroups", "applications", "devices"]
            .into_iter()
            .find(|it| it.eq_ignore_ascii_case(name))?;
        let checked = if known == "devices" || value.is_null() {
            value.clone()
        } else {
            targets(value)?
        };
        setting.insert(known.to_owned(), checked);
    }
    Some(Json::Object(setting))
}

/// `crossTenantAccessPolicyTargetConfiguration`: `AllUsers` and `AllApplications` stand alone.
fn targets(value: &Json) -> Option<Json> {
    let object = value.as_object()?;
    let member = |name: &str| {
        object
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    };
    let access = member("accessType")
        .and_then(Json::as_str)?
        .to_ascii_lowercase();
    if !["allowed", "blocked"].contains(&access.as_str()) {
        return None;
    }
    let mut shown = Vec::new();
    for target in member("targets")
        .and_then(Json::as_array)
        .map_or(&[][..], Vec::as_slice)
    {
        let target = target.as_object()?;
        let text = |name: &str| {
            target
                .iter()
                .find(|(key, _)| key.eq_ignore_ascii_case(name))
                .and_then(|(_, value)| value.as_str())
        };
        let kind = text("targetType")?.to_ascii_lowercase();
        if !["user", "group", "application"].contains(&kind.as_str()) {
            return None;
        }
        shown.push(serde_json::json!({ "target": text("target")?, "targetType": kind }));
    }
    let everything = |it: &Json| {
        ["AllUsers", "AllApplications"]
            .iter()
            .any(|all| it["target"] == *all)
    };
    if shown.len() > 1 && shown.iter().any(everything) {
        return None;
    }
    Some(serde_json::json!({ "accessType": access, "targets": shown }))
}
