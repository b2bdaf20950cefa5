//! The one object that others hold: store, clock, ids, settings, two bounded caches, the places at which
//! passwords are hashed, who signs in, and who is told of it.

use std::sync::{Arc, Mutex};

use syncline_model::{Clock, Ids, TenantId, Timestamp};
use syncline_store::Store;

use crate::hashing::Hashing;
use crate::remembered_keys::RememberedKeys;
use crate::sign_in_networks::SignInNetworks;
use crate::sign_in_results::SignInResults;
use crate::verified_tokens::VerifiedTokens;
use crate::{Audiences, PasswordLimits};

/// What the operator decides.
#[derive(Clone, Debug, Default)]
pub struct AccessSettings {
    /// Scheme, host and port under which clients reach us, e.g. `https://localhost:8443`. Issuer and
    /// audiences come from it, never from a request's Host header.
    pub public_url: String,
    /// Refuse what Entra refuses although it is harmless: Global Reader may then not read
    /// synchronization settings.
    pub strict_graph: bool,
}

/// Issues and verifies tokens, and decides what a caller may do.
pub struct Access {
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn Ids>,
    pub(crate) settings: AccessSettings,
    pub(crate) audiences: Audiences,
    pub(crate) keys: RememberedKeys,
    /// Held by who makes a signing key; when none could be made last.
    pub(crate) making_key: parking_lot::Mutex<Option<Timestamp>>,
    pub(crate) verified: Mutex<VerifiedTokens>,
    hashing: Hashing,
    pub(crate) sign_in_networks: SignInNetworks,
    pub(crate) sign_in_results: SignInResults,
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Access")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl Access {
    pub fn new(
        store: Arc<Store>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
        mut settings: AccessSettings,
    ) -> Self {
        let limits = PasswordLimits::default();
        settings
            .public_url
            .truncate(settings.public_url.trim_end_matches('/').len());
        Self {
            store,
            clock,
            ids,
            audiences: Audiences::of(&settings.public_url),
            settings,
            keys: RememberedKeys::default(),
            making_key: parking_lot::Mutex::new(None),
            verified: Mutex::new(VerifiedTokens::default()),
            hashing: Hashing::new(limits),
            sign_in_networks: SignInNetworks::new(limits.sign_ins_of_network),
            sign_in_results: SignInResults::default(),
        }
    }

    /// The same with other limits on the hashing of passwords, and on sign-ins for its sake.
    #[must_use]
    pub fn with_password_limits(self, limits: PasswordLimits) -> Self {
        Self {
            hashing: Hashing::new(limits),
            sign_in_networks: SignInNetworks::new(limits.sign_ins_of_network),
            ..self
        }
    }

    /// Where every password is hashed, set or checked.
    pub fn hashing(&self) -> &Hashing {
        &self.hashing
    }

    /// Scheme, host and port, without a slash at the end.
    pub fn public_url(&self) -> &str {
        &self.settings.public_url
    }

    /// The names of this server in tokens and scopes.
    pub fn audiences(&self) -> &Audiences {
        &self.audiences
    }

    /// `iss` of a tenant's tokens.
    pub fn issuer(&self, tenant: TenantId) -> String {
        format!("{}/{tenant}/v2.0", self.settings.public_url)
    }

    /// `iss` of the id tokens that version 1 of the token endpoint gives.
    pub(crate) fn issuer_of_version_one(&self, tenant: TenantId) -> String {
        format!("{}/{tenant}/", self.settings.public_url)
    }
}
