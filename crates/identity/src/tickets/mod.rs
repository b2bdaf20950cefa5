//! Running sign-ins: documents that expire. Their names are fingerprints of secrets that only the
//! client or the browser knows, so the database opens no door. They belong to no tenant's folder,
//! because a request to `common` comes before its tenant is known; each names its tenant, and who
//! redeems it compares.

pub(crate) mod authorization_code;
pub(crate) mod device_code;
pub(crate) mod device_networks;
mod device_requests;
pub(crate) mod password_step;
pub(crate) mod refresh_token;
pub(crate) mod session;

/// Expired documents removed with each new one: as fast as they come, they go.
const SWEPT_WITH_EACH_NEW: usize = 32;
