//! Why a sign-in or a token is refused: one sentence per reason, with the numbers that Entra's
//! documentation gives them. The identity endpoints turn them into OAuth errors.

use std::borrow::Cow;

use syncline_model::{Problem, ProblemKind};
use syncline_store::StoreError;

macro_rules! refusals {
    ($($(#[$doc:meta])* $variant:ident $(($($name:ident),+))? = $code:literal $error:literal $message:literal;)*) => {
        /// A reason for refusing a sign-in or a token.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Refusal {
            $($(#[$doc])* $variant $(($(refusals!(@text $name)),+))?,)*
            /// Not the caller's fault.
            Internal(Problem),
        }

        impl Refusal {
            /// Every number there is, some of them more than once.
            pub const CODES: &'static [u32] = &[$($code,)* Self::INTERNAL];

            const INTERNAL: u32 = 90033;

            /// The number after `AADSTS`.
            pub fn code(&self) -> u32 {
                match self {
                    $(Self::$variant { .. } => $code,)*
                    Self::Internal(_) => Self::INTERNAL,
                }
            }

            /// OAuth's `error`.
            pub fn error(&self) -> &'static str {
                match self {
                    $(Self::$variant { .. } => $error,)*
                    Self::Internal(problem) if problem.kind == ProblemKind::OutcomeUnknown => "server_error",
                    Self::Internal(_) => "temporarily_unavailable",
                }
            }

            /// What happened and what to do, without the number.
            pub fn message(&self) -> String {
                match self {
                    $(Self::$variant $(($($name),+))? => format!($message),)*
                    Self::Internal(problem) if problem.kind == ProblemKind::OutcomeUnknown => problem.message.clone(),
                    Self::Internal(_) => "A transient error has occurred. Please try again.".to_owned(),
                }
            }
        }
    };
    (@text $name:ident) => { String };
}

refusals! {
    TenantNotFound(tenant) = 90002 "invalid_tenant" "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.";
    TenantNotNamed = 50059 "invalid_request" "No tenant-identifying information found in either the request or implied by any provided credentials.";

    ParameterMissing(name) = 900144 "invalid_request" "The request body must contain the following parameter: '{name}'.";
    RequestMalformed(detail) = 9002313 "invalid_request" "Invalid request. Request is malformed or invalid: {detail}";
    GrantTypeUnsupported(grant) = 70003 "unsupported_grant_type" "The app requested an unsupported grant type '{grant}'.";
    ResponseTypeUnsupported(kind) = 700051 "unsupported_response_type" "The response_type '{kind}' is not supported. Use 'code'.";
    ResponseModeUnsupported(mode) = 90052 "invalid_request" "The response_mode '{mode}' is not supported. Use 'query', 'fragment' or 'form_post'.";
    ScopeInvalid(scope) = 70011 "invalid_scope" "The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid: {scope}";
    ScopeNotDefault(scope) = 1002012 "invalid_scope" "The provided value for scope {scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).";
    ScopeUnknown(scope) = 650053 "invalid_scope" "The application asked for scope '{scope}' that doesn't exist on the resource '00000003-0000-0000-c000-000000000000'.";
    ResourceNotFound(resource) = 500011 "invalid_resource" "The resource principal named {resource} was not found in the tenant. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.";

    ClientNotFound(client, tenant) = 700016 "unauthorized_client" "Application with identifier '{client}' was not found in the directory '{tenant}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.";
    ClientDisabled(client) = 7000112 "unauthorized_client" "Application '{client}' is disabled.";
    ClientNotAuthenticated = 7000218 "invalid_client" "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
    ClientNotPublic(client) = 7000218 "invalid_client" "Application '{client}' is not a public client. Set isFallbackPublicClient to true to allow public client flows, or authenticate the client.";
    SecretInvalid(client) = 7000215 "invalid_client" "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{client}'.";
    SecretNotYetValid(client) = 7000215 "invalid_client" "Invalid client secret provided. The secret of app '{client}' is not valid yet: wait for its startDateTime, or add one that is valid now (addPassword).";
    SecretExpired(client) = 7000222 "invalid_client" "The provided client secret keys for app '{client}' are expired. Create new keys for your app.";
    AssertionMalformed(detail) = 50027 "invalid_client" "The client assertion is malformed: {detail}";
    AssertionSubjectWrong(client) = 700021 "invalid_client" "Client assertion application identifier doesn't match 'client_id' parameter '{client}'. Both iss and sub must be the client id.";
    AssertionAudienceWrong(audience) = 700023 "invalid_client" "Client assertion audience claim '{audience}' does not match the token endpoint or the issuer of this tenant.";
    AssertionOutOfTime(range) = 700024 "invalid_client" "Client assertion is not within its valid time range. {range}";
    AssertionCertificateUnknown(thumbprint, client) = 700027 "invalid_client" "The certificate with identifier used to sign the client assertion is not registered on application '{client}', or is outside its validity. Thumbprint or key id of the assertion: {thumbprint}.";
    AssertionSignatureInvalid = 50013 "invalid_client" "Client assertion failed signature validation.";
    AssertionReplayed = 700028 "invalid_client" "The 'jti' of the client assertion belongs to another assertion. Sign a new one with a 'jti' of its own.";

    CredentialsInvalid = 50126 "invalid_grant" "Error validating credentials due to invalid username or password.";
    PasswordToBeChanged(page) = 50055 "invalid_grant" "The password is expired: its owner has to choose another first. Open {page} in a browser to do so, or sign in to an application with a page.";
    PasswordStepEnded = 50089 "invalid_grant" "The page on which to choose a new password is not good any more: it was open for too long, was sent too often, or the password was changed meanwhile. Sign in again.";
    AccountLocked = 50053 "invalid_grant" "The account is locked because of too many attempts with a wrong password. Wait a minute and try again.";
    SignInsTooMany(seconds) = 90055 "temporarily_unavailable" "There are too many incoming requests: too many people sign in right now. Try again in {seconds} seconds.";
    SignInsOfNetworkTooMany(seconds) = 90055 "temporarily_unavailable" "There are too many incoming requests: too many people sign in from your network right now. Try again in {seconds} seconds.";
    UserDisabled = 50057 "invalid_grant" "The user account is disabled.";
    NotAssigned(application, client, user) = 50105 "interaction_required" "Your administrator has configured the application {application} ('{client}') to block users unless they are specifically granted ('assigned') access to the application. The signed in user '{user}' is blocked because they are not a direct member of a group with access, nor had access directly assigned by an administrator. Please contact your administrator to assign access to this application.";
    UserNotFound = 50034 "invalid_grant" "The user account does not exist in the directory. To sign into this application, the account must be added to the directory.";
    SignInRequired = 50058 "login_required" "A silent sign-in request was sent but no user is signed in.";
    ConsentRequired(client, scopes) = 65001 "interaction_required" "The user or administrator has not consented to use the application with ID '{client}' for {scopes}. Send an interactive authorization request for this user and resource.";
    AdminConsentRequired(client, scopes) = 90094 "interaction_required" "Admin approval is needed: an administrator must consent to {scopes} for the application with ID '{client}'.";
    ConsentDeclined = 65004 "access_denied" "User declined to consent to access the app.";
    ConsentNotAllowed = 90093 "access_denied" "The user is not authorized to consent on behalf of the organization. Sign in as a Global Administrator, Privileged Role Administrator or (Cloud) Application Administrator.";

    RedirectNotRegistered(redirect, client) = 50011 "invalid_request" "The redirect URI '{redirect}' specified in the request does not match the redirect URIs configured for the application '{client}'.";
    CodeInvalid = 70000 "invalid_grant" "The provided value for the 'code' parameter is not valid.";
    CodeExpired = 70008 "invalid_grant" "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.";
    CodeRedeemed = 54005 "invalid_grant" "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.";
    CodeForOtherClient = 700002 "invalid_grant" "The code or refresh token was issued to another client.";
    CodeForOtherTenant = 700005 "invalid_grant" "The code or refresh token is intended to be used against another tenant.";
    CodeRedirectWrong = 50011 "invalid_grant" "The 'redirect_uri' does not match the one of the authorization request.";
    ChallengeMissing = 9002325 "invalid_request" "Proof Key for Code Exchange is required for this authorization request: send code_challenge with code_challenge_method=S256.";
    ChallengeMethodUnsupported(method) = 9002326 "invalid_request" "The code_challenge_method '{method}' is not supported. Use 'S256'.";
    VerifierMissing = 50148 "invalid_grant" "The code_verifier is missing although the authorization request carried a code_challenge.";
    VerifierWrong = 501481 "invalid_grant" "The Code_Verifier does not match the code_challenge supplied in the authorization request.";
    RefreshTokenInvalid = 9002313 "invalid_grant" "The refresh token is not valid. Send a new interactive authorization request for this user and resource.";
    RefreshTokenRevoked = 50173 "invalid_grant" "The provided grant has been revoked: the password was changed or has to be, sessions were revoked, or the token was used twice. The user has to sign in again.";

    DeviceRequestsTooMany(seconds) = 90055 "slow_down" "There are too many incoming requests: too many device sign-ins were begun. Try again in {seconds} seconds.";
    DevicePending = 70016 "authorization_pending" "OAuth 2.0 device flow error. Authorization is pending. Continue polling.";
    DeviceTooFast = 70021 "slow_down" "OAuth 2.0 device flow error. The client polls too often. Wait longer between two requests.";
    DeviceDeclined = 70014 "authorization_declined" "The end user denied the authorization request.";
    DeviceCodeExpired = 70020 "expired_token" "The provided value for the input parameter 'device_code' has expired. Start the device flow again.";
    DeviceCodeInvalid = 70018 "bad_verification_code" "Invalid verification code due to user typing in wrong user code for device code flow.";
}

impl Refusal {
    /// `AADSTS` with the number, then the message.
    pub fn description(&self) -> String {
        format!("AADSTS{}: {}", self.code(), self.message())
    }

    /// The HTTP status at the token endpoint.
    pub fn status(&self) -> u16 {
        match (self, self.error()) {
            (Self::DeviceRequestsTooMany(_) | Self::SignInsOfNetworkTooMany(_), _) => 429,
            (_, "invalid_client") => 401,
            (_, "temporarily_unavailable") => 503,
            (_, "server_error") => 500,
            _ => 400,
        }
    }

    /// Seconds to wait before the same request has a chance.
    pub fn retry_after(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::DeviceRequestsTooMany(seconds)
            | Self::SignInsOfNetworkTooMany(seconds)
            | Self::SignInsTooMany(seconds) => Some(seconds.into()),
            Self::Internal(problem) => Some(problem.retry_after_seconds?.to_string().into()),
            _ => None,
        }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.description())
    }
}

impl std::error::Error for Refusal {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Internal(problem) => Some(problem),
            _ => None,
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::UnknownTenant(tenant) => Self::TenantNotFound(tenant.to_string()),
            other => Self::Internal(other.into()),
        }
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Internal(problem)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_database_says_when_to_come_back() {
        let busy = Refusal::from(StoreError::Busy("others write".to_owned()));
        assert_eq!(busy.status(), 503);
        assert_eq!(busy.retry_after().as_deref(), Some("5"));
        // Nobody is to do again what may be done.
        let unanswered = Refusal::from(StoreError::Unanswered("it is gone".to_owned()));
        assert_eq!(
            (unanswered.error(), unanswered.status()),
            ("server_error", 500)
        );
        assert_eq!(unanswered.retry_after(), None);
        let damaged = Refusal::from(StoreError::Damaged("a row"));
        assert_eq!(damaged.retry_after(), None);
    }
}
