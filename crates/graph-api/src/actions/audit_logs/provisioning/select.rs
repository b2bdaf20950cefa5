//! `$select` of the provisioning log. What `$filter` may name are members of these properties, so
//! the entity table does not tell them.

use serde_json::Value as Json;
use syncline_model::Problem;
use syncline_odata::QueryOptions;
use syncline_odata::path::Version;

use crate::list::small;

/// The properties of an event, as `show` writes them.
const PROPERTIES: [&str; 17] = [
    "id",
    "activityDateTime",
    "tenantId",
    "jobId",
    "cycleId",
    "changeId",
    "provisioningAction",
    "durationInMilliseconds",
    "initiatedBy",
    "servicePrincipal",
    "sourceSystem",
    "targetSystem",
    "sourceIdentity",
    "targetIdentity",
    "provisioningStatusInfo",
    "provisioningSteps",
    "modifiedProperties",
];
/// Their older names, which beta still shows.
const BETA: [&str; 2] = ["action", "statusInfo"];

/// Which properties of each event are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// In the order asked; `None` means all.
    names: Option<Vec<&'static str>>,
}

impl Selection {
    /// What these options ask for.
    ///
    /// # Errors
    /// 400 for a property that an event does not have, and for one to expand.
    pub fn bind(options: &QueryOptions, version: Version) -> Result<Self, Problem> {
        small::check_expand(options, &[])?;
        let asked = &options.select;
        if asked.is_empty() || asked.iter().any(|it| it == "*") {
            return Ok(Self { names: None });
        }
        let mut names = Vec::new();
        for name in asked {
            // `sourceIdentity/id` selects a member, of which the whole is shown, as in other lists.
            let name = name.split('/').next().unwrap_or(name);
            let known = known(name, version).ok_or_else(|| unknown(name))?;
            if !names.contains(&known) {
                names.push(known);
            }
        }
        Ok(Self { names: Some(names) })
    }

    /// The event with what was asked for.
    pub fn apply(&self, mut event: Json) -> Json {
        if let (Some(names), Json::Object(members)) = (&self.names, &mut event) {
            members.retain(|name, _| names.contains(&name.as_str()));
        }
        event
    }

    /// `auditLogs/provisioning` or `auditLogs/provisioning(id,jobId)`.
    pub fn context(&self, set: &str) -> String {
        match &self.names {
            Some(names) => format!("{set}({})", names.join(",")),
            None => set.to_owned(),
        }
    }
}

fn known(name: &str, version: Version) -> Option<&'static str> {
    let beta: &[&str] = match version {
        Version::Beta => &BETA,
        Version::V1 => &[],
    };
    PROPERTIES
        .iter()
        .chain(beta)
        .find(|it| it.eq_ignore_ascii_case(name))
        .copied()
}

fn unknown(name: &str) -> Problem {
    Problem::malformed(format!(
        "Parsing OData Select and Expand failed: Could not find a property named '{name}' on type 'microsoft.graph.provisioningObjectSummary'."
    ))
}
