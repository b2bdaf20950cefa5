//! `synchronizationSecret`: the keys Graph knows, and which of their values are secret.

/// Key, and whether reading it back shows `*`.
const KEYS: &[(&str, bool)] = &[
    ("UserName", false),
    ("Password", true),
    ("SecretToken", true),
    ("AppKey", true),
    ("BaseAddress", false),
    ("ClientIdentifier", false),
    ("ClientSecret", true),
    ("SingleSignOnType", false),
    ("Sandbox", false),
    ("Url", false),
    ("Domain", false),
    ("ConsumerKey", true),
    ("ConsumerSecret", true),
    ("TokenKey", true),
    ("TokenExpiration", false),
    ("Oauth2AccessToken", true),
    ("Oauth2AccessTokenCreationTime", false),
    ("Oauth2RefreshToken", true),
    ("SyncAll", false),
    ("InstanceName", false),
    ("Oauth2ClientId", false),
    ("Oauth2ClientSecret", true),
    ("CompanyId", false),
    ("UpdateKeyOnSoftDelete", false),
    ("SynchronizationSchedule", false),
    ("SystemOfRecord", false),
    ("SandboxName", false),
    ("EnforceDomain", false),
    ("SyncNotificationSettings", false),
    ("SkipOutOfScopeDeletions", false),
    ("Oauth2AuthorizationCode", true),
    ("Oauth2RedirectUri", false),
    ("ApplicationTemplateIdentifier", false),
    ("Oauth2TokenExchangeUri", false),
    ("Oauth2AuthorizationUri", false),
    ("AuthenticationType", false),
    ("Server", false),
    ("PerformInboundEntitlementGrants", false),
    ("HardDeletesEnabled", false),
    ("SyncAgentCompatibilityKey", false),
    ("SyncAgentADContainer", false),
    ("ValidateDomain", false),
    ("TestReferences", false),
    ("ConnectionString", true),
];

/// The key in Graph's case.
pub fn known(key: &str) -> Option<&'static str> {
    KEYS.iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(key))
        .map(|(known, _)| *known)
}

/// Whether its value must never be shown.
pub fn is_secret(key: &str) -> bool {
    KEYS.iter()
        .find(|(known, _)| *known == key)
        .is_none_or(|(_, secret)| *secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFERENCE: &str = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/reference/graph.md"
    ));

    /// Whoever reads one more takes it out of the reference, and puts it here.
    const READ: [&str; 5] = [
        "AuthenticationType",
        "CompanyId",
        "SkipOutOfScopeDeletions",
        "SyncAll",
        "SyncNotificationSettings",
    ];

    #[test]
    fn what_is_not_read_is_told() {
        let title = "\n## Secrets that have no effect\n\n";
        let (_, section) = REFERENCE.split_once(title).unwrap();
        let (list, _) = section.split_once("\n\n").unwrap();
        let told: Vec<&str> = list.split('`').skip(1).step_by(2).collect();
        for (key, _) in KEYS {
            assert_ne!(READ.contains(key), told.contains(key), "{key}");
        }
        for key in READ {
            assert_eq!(known(key), Some(key));
        }
    }
}
