//! The built-in templates. Microsoft publishes no complete `Azure2Azure` schema: ours is composed
//! from the published fragment, the portal's list of default mappings and the shape of the fullest
//! public schema.

mod directories;
mod groups;
mod metadata;
mod users;

use uuid::Uuid;

pub use directories::discovered;

use crate::schema::{Extra, SynchronizationRule, SynchronizationSchema};

/// The id of the cross-tenant template.
pub const AZURE2AZURE: &str = "Azure2Azure";

/// The settings of a new job.
pub const JOB_SETTINGS: [(&str, &str); 2] = [
    ("AzureIngestionAttributeOptimization", "False"),
    ("LookaheadQueryEnabled", "False"),
];

/// Display name of the source directory, in schemas and logs.
pub const SOURCE_DIRECTORY: &str = "Azure Active Directory";

/// Display name of the target directory, in schemas and logs.
pub const TARGET_DIRECTORY: &str = "Azure Active Directory (target tenant)";

/// The default schema of cross-tenant synchronization. `id` is the job's (or the template's own);
/// `rule` is minted by the caller, once per job, and stays for the job's life.
pub fn azure2azure(id: &str, rule: Uuid) -> SynchronizationSchema {
    let object_mappings = vec![users::mapping(), groups::mapping()];
    SynchronizationSchema {
        id: id.to_owned(),
        version: Some("v1.2".to_owned()),
        directories: directories::both(),
        synchronization_rules: vec![SynchronizationRule {
            container_filter: None,
            editable: true,
            group_filter: None,
            id: rule.hyphenated().to_string(),
            metadata: metadata::rule(&object_mappings),
            name: Some("USER_INBOUND_USER".to_owned()),
            object_mappings,
            priority: 1,
            source_directory_name: Some(SOURCE_DIRECTORY.to_owned()),
            target_directory_name: Some(TARGET_DIRECTORY.to_owned()),
            extra: Extra::new(),
        }],
        extra: Extra::new(),
    }
}
