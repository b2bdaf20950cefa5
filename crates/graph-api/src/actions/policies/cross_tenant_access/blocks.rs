//! The settings of a partner that are kept as they came, checked for shape, merged member by member on PATCH (the
//! how-to patches one member alone). Synchronization asks of them whether B2B collaboration is blocked for all users
//! (`syncline_model::policy::check`), and nothing else.

use serde_json::{Map, Value as Json};
use syncline_model::Problem;
use uuid::Uuid;

use crate::Body;

/// What a block must look like.
#[derive(Clone, Copy)]
enum Shape {
    /// true, false or null.
    Boolean,
    /// An object of Booleans with these members.
    Booleans(&'static [&'static str]),
    /// `crossTenantAccessPolicyB2BSetting`.
    B2b,
    /// `crossTenantAccessPolicyTenantRestrictions`: the same, and `devices`.
    TenantRestrictions,
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
    ("tenantRestrictions", Shape::TenantRestrictions, true),
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

/// Where `crossTenantAccessPolicyTargetConfiguration` stands in a block.
const RULES: [&str; 2] = ["usersAndGroups", "applications"];

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
        let checked =
            check(*shape, &without_annotations(sent)).ok_or_else(|| body.invalid(name))?;
        if checked.is_null() {
            blocks.remove(*name);
            continue;
        }
        let sent = rules_in(*shape, &checked);
        let block = blocks.entry(*name).or_insert(Json::Null);
        let was = block.clone();
        merge_into(block, checked);
        // Whoever sends back what he has read asks for nothing, whatever is stored.
        for place in sent.into_iter().filter(|it| block[*it] != was[*it]) {
            is_about_somebody(name, place, &block[place])?;
        }
    }
    Ok(Json::Object(blocks).to_string())
}

/// The places of a block that say who or what is let in, where a body says something there.
fn rules_in(shape: Shape, checked: &Json) -> Vec<&'static str> {
    let mut places = match shape {
        Shape::B2b | Shape::TenantRestrictions => RULES.to_vec(),
        Shape::Boolean | Shape::Booleans(_) | Shape::Object => Vec::new(),
    };
    places.retain(|place| checked[place].is_object());
    places
}

/// Whoever allows or blocks says whom: by an `accessType` alone nobody would be kept out, whatever was meant.
fn is_about_somebody(block: &str, place: &str, rule: &Json) -> Result<(), Problem> {
    let has_targets = rule["targets"].as_array().is_some_and(|it| !it.is_empty());
    if has_targets || rule["accessType"].is_null() {
        return Ok(());
    }
    let all = match place {
        "applications" => "AllApplications",
        _ => "AllUsers",
    };
    let message = format!(
        "The '{place}' of '{block}' have an accessType and no targets, so that it would be about nobody. Send targets with it: ids, or '{all}'."
    );
    Err(Problem::bad_request(message.clone()).with_detail("InvalidValue", message, Some(block)))
}

/// Objects member by member, everything else as a whole.
fn merge_into(before: &mut Json, sent: Json) {
    match (before, sent) {
        (Json::Object(before), Json::Object(sent)) => {
            for (name, value) in sent {
                merge_into(before.entry(name).or_insert(Json::Null), value);
            }
        }
        (before, sent) => *before = sent,
    }
}

/// Beta clients name the type of every nested object (`@odata.type`); that is no setting.
fn without_annotations(sent: &Json) -> Json {
    match sent {
        Json::Object(members) => members
            .iter()
            .filter(|(name, _)| !name.contains('@'))
            .map(|(name, value)| (name.clone(), without_annotations(value)))
            .collect(),
        Json::Array(items) => items.iter().map(without_annotations).collect(),
        other => other.clone(),
    }
}

/// The blocks as a response shows them.
pub fn show(stored: &str) -> Map<String, Json> {
    let mut blocks = parse(stored);
    let mut shown = Map::new();
    for (name, shape, always) in BLOCKS {
        let value = match blocks.remove(*name) {
            Some(value) => value,
            None if *always => Json::Null,
            None => continue,
        };
        shown.insert((*name).to_owned(), with_all_members(*shape, value));
    }
    shown
        .entry("crossCloudMeetingConfiguration")
        .or_insert_with(|| serde_json::json!({ "inboundAllowed": null, "outboundAllowed": null }));
    shown
}

/// A block that is there has all its Booleans, the unset ones as null.
fn with_all_members(shape: Shape, value: Json) -> Json {
    let (Shape::Booleans(members), Json::Object(mut object)) = (shape, value.clone()) else {
        return value;
    };
    for member in members {
        object.entry(*member).or_insert(Json::Null);
    }
    Json::Object(object)
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
        Shape::Booleans(known) => members(sent, known, |_, value| boolean(value)),
        Shape::B2b => members(sent, &RULES, targets),
        Shape::TenantRestrictions => members(
            sent,
            &["usersAndGroups", "applications", "devices"],
            |name, value| match name {
                "devices" => devices(value),
                _ => targets(name, value),
            },
        ),
        Shape::Object => sent.is_object().then(|| sent.clone()),
    }
}

/// The members of an object that may have no others, each checked unless it is null.
fn members(
    sent: &Json,
    known: &[&'static str],
    check: impl Fn(&str, &Json) -> Option<Json>,
) -> Option<Json> {
    let mut object = Map::new();
    for (name, value) in sent.as_object()? {
        let name = known.iter().find(|it| it.eq_ignore_ascii_case(name))?;
        let checked = if value.is_null() {
            Json::Null
        } else {
            check(name, value)?
        };
        object.insert((*name).to_owned(), checked);
    }
    Some(Json::Object(object))
}

fn boolean(value: &Json) -> Option<Json> {
    match value {
        Json::Null | Json::Bool(_) => Some(value.clone()),
        Json::String(text) if text.eq_ignore_ascii_case("true") => Some(true.into()),
        Json::String(text) if text.eq_ignore_ascii_case("false") => Some(false.into()),
        _ => None,
    }
}

/// `devicesFilter`.
fn devices(value: &Json) -> Option<Json> {
    members(value, &["mode", "rule"], |name, value| match name {
        "mode" => word(value, &["allowed", "blocked"]),
        _ => value.is_string().then(|| value.clone()),
    })
}

/// What a target may be where it stands: words with the type that they have, and types of what else has an id.
struct Targets {
    words: &'static [(&'static str, &'static str)],
    types: &'static [&'static str],
}

const USERS_AND_GROUPS: Targets = Targets {
    words: &[("AllUsers", "user")],
    types: &["user", "group"],
};
const APPLICATIONS: Targets = Targets {
    words: &[
        ("AllApplications", "application"),
        ("Office365", "application"),
    ],
    types: &["application"],
};

/// `crossTenantAccessPolicyTargetConfiguration`: `AllUsers` and `AllApplications` stand alone.
fn targets(place: &str, value: &Json) -> Option<Json> {
    let known = match place {
        "applications" => &APPLICATIONS,
        _ => &USERS_AND_GROUPS,
    };
    members(
        value,
        &["accessType", "targets"],
        |name, value| match name {
            "accessType" => word(value, &["allowed", "blocked"]),
            _ => {
                let shown: Vec<Json> = value
                    .as_array()?
                    .iter()
                    .map(|it| target(known, it))
                    .collect::<Option<_>>()?;
                let everything = |it: &Json| {
                    ["AllUsers", "AllApplications"]
                        .iter()
                        .any(|all| it["target"] == *all)
                };
                (shown.len() < 2 || !shown.iter().any(everything)).then(|| shown.into())
            }
        },
    )
}

/// `crossTenantAccessPolicyTarget`. Whom an id belongs to is not asked: it may be the other tenant's.
fn target(known: &Targets, value: &Json) -> Option<Json> {
    let checked = members(value, &["target", "targetType"], |name, value| match name {
        "target" => value.is_string().then(|| value.clone()),
        _ => word(value, known.types),
    })?;
    let (target, kind) = (checked["target"].as_str()?, checked["targetType"].as_str()?);
    let is_meant = |(word, _): &&(&str, &str)| word.eq_ignore_ascii_case(target);
    let target = match known.words.iter().find(is_meant) {
        Some((word, its)) => (*its == kind).then(|| (*word).to_owned())?,
        None => guid(target)?,
    };
    Some(serde_json::json!({ "target": target, "targetType": kind }))
}

/// In the only form that Graph has.
fn guid(text: &str) -> Option<String> {
    let id = Uuid::try_parse(text).ok()?.hyphenated().to_string();
    id.eq_ignore_ascii_case(text).then_some(id)
}

/// One of these words, in any case.
fn word(value: &Json, known: &[&'static str]) -> Option<Json> {
    let text = value.as_str()?;
    known
        .iter()
        .find(|it| it.eq_ignore_ascii_case(text))
        .map(|it| (*it).into())
}
