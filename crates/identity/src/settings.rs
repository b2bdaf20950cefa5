//! How long things live, and how many there may be.

/// Settings of the sign-in endpoints; the defaults are those of Entra.
#[derive(Clone, Debug)]
pub struct Settings {
    /// A device code, from its request to the user's confirmation.
    pub device_code_lifetime_seconds: i64,
    /// Between two polls of a device code.
    pub device_code_interval_seconds: i64,
    /// Device codes of one tenant, or of `common`, that may be asked for within one such lifetime:
    /// whoever asks need not be known.
    pub device_codes_of_a_tenant: u32,
    /// The same, of all tenants together.
    pub device_codes: u32,
    /// The same, of one network that asks, whichever tenant it names. Behind a reverse proxy all come
    /// from one.
    pub device_codes_of_a_network: u32,
    /// From the redirect to the token request.
    pub authorization_code_lifetime_seconds: i64,
    /// Of the page on which a new password is chosen.
    pub password_step_lifetime_seconds: i64,
    /// Of a browser's sign-in.
    pub session_lifetime_seconds: i64,
    /// Of a refresh token that is not used.
    pub refresh_token_lifetime_seconds: i64,
    /// Of all refresh tokens of one sign-in to a single-page application together, used or not.
    pub spa_refresh_tokens_lifetime_seconds: i64,
}

impl Settings {
    /// Enough for an office behind one address; ten of them have what `common` has.
    pub const DEVICE_CODES_OF_A_NETWORK: u32 = 100;
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            device_code_lifetime_seconds: 900,
            device_code_interval_seconds: 5,
            device_codes_of_a_tenant: 1_000,
            device_codes_of_a_network: Self::DEVICE_CODES_OF_A_NETWORK,
            device_codes: 10_000,
            authorization_code_lifetime_seconds: 600,
            password_step_lifetime_seconds: 600,
            session_lifetime_seconds: 8 * 3600,
            refresh_token_lifetime_seconds: 90 * 24 * 3600,
            spa_refresh_tokens_lifetime_seconds: 24 * 3600,
        }
    }
}
