//! What each number after `AADSTS` means, and what to do about it.

use super::Page;

#[rustfmt::skip]
const EXPLAINED: &[(u32, &str)] = &[
    (50011, "The address to return to is not registered for this application, or is not the one with which the sign-in began. Register it exactly as it is sent: under web, spa or publicClient of the application."),
    (50013, "The client assertion is not signed with the key of the certificate that it names. Sign it with the private key that belongs to the registered certificate."),
    (50027, "The client assertion cannot be read, or lacks something. Send a signed JWT with iss, sub, aud, exp and jti."),
    (50034, "There is no such user in the tenant any more. Sign in with another account, or let an administrator restore this one."),
    (50053, "Too many wrong passwords were tried for this account. Wait a minute, then try again with the right one."),
    (50055, "The password has to be changed: an administrator set it for a while only. Open /changepassword of this server in a browser, or sign in with a page; there another one is chosen."),
    (50057, "An administrator has disabled the account. Only an administrator can enable it again."),
    (50058, "The application asked for a sign-in without showing a page, and nobody is signed in. Let it ask again with a page."),
    (50059, "Nothing in the request says which tenant is meant. Name the tenant in the address, or sign in with a full user name."),
    (50089, "The page on which to choose a new password was open for too long, was sent too often or already, or the password was changed elsewhere. Sign in again."),
    (50105, "The application is for people who are assigned to it, and this user is not: neither directly nor as a direct member of an assigned group. An administrator assigns them (appRoleAssignedTo of the service principal), or lets everybody use it (appRoleAssignmentRequired: false)."),
    (50126, "The user name or the password is wrong. The server does not say which."),
    (50148, "The sign-in began with a code_challenge, and the code was redeemed without its code_verifier. Send the verifier."),
    (50173, "The sign-in does not count any more: the password was changed or has to be, sessions were ended, or a refresh token was used a second time. The user signs in again."),
    (54005, "The authorization code was used already; each is good once. Use the refresh token, or let the user sign in again."),
    (65001, "Nobody has agreed yet that this application may have the permissions that it asks for. Let the user sign in with a page, or an administrator give consent for all."),
    (65004, "The user did not agree to the permissions that the application asked for."),
    (70000, "This server did not issue the authorization code. Begin the sign-in anew."),
    (70003, "The token endpoint does not know this grant_type. It knows authorization_code, refresh_token, client_credentials and the device code."),
    (70008, "The authorization code or refresh token was not used in time. Begin the sign-in anew."),
    (70011, "The scope cannot be read, or is missing. Name permissions, or a resource followed by /.default."),
    (70014, "The user refused the sign-in of the device."),
    (70016, "The user has not entered the code of the device yet. Ask again after the interval."),
    (70018, "There is no device sign-in with this code. Look at the code once more, or begin anew on the device."),
    (70020, "The user did not enter the code of the device in time. Begin anew on the device."),
    (70021, "The device asks more often than it was told to. Wait for the interval between two requests."),
    (90002, "This server has no such tenant. Look at the tenant's id or domain in the address."),
    (90033, "Something went wrong at the server, or its database is busy. Try again; if it stays, the server's log says more under the trace id."),
    (90052, "The answer cannot be sent in this way. Ask for response_mode query, fragment or form_post."),
    (90055, "There are more requests of this kind than are answered now. Wait as long as Retry-After says."),
    (90093, "This user may not give consent for the whole organization. A Global Administrator, Privileged Role Administrator or Application Administrator may."),
    (90094, "The application asks for permissions that an administrator has to agree to first."),
    (500011, "The resource that the application wants to reach is not in this tenant. Name this server, or Microsoft Graph."),
    (501481, "The code_verifier does not belong to the code_challenge with which the sign-in began."),
    (650053, "One of the permissions that the application asks for does not exist. Look at its spelling."),
    (700002, "The code or refresh token was given to another application."),
    (700005, "The code or refresh token is for another tenant than the one in the address."),
    (700016, "The tenant has no application with this client_id. Look at the id, at the tenant in the address, and whether the application was added to that tenant."),
    (700021, "The client assertion speaks for another application. Its iss and sub both are the client_id."),
    (700023, "The client assertion is meant for somebody else. Its aud is the token endpoint or the issuer of this tenant."),
    (700024, "The client assertion is not valid yet, or not any more. Look at the clock of the client, and sign a new one for each request."),
    (700027, "The certificate that signed the client assertion is not registered for the application, or its time is over. Add it to keyCredentials."),
    (700028, "The jti of the client assertion belongs to another one. Sign a new one with a jti of its own."),
    (700051, "The authorization endpoint does not know this response_type. Ask for code."),
    (900144, "The request lacks a parameter, which the message names."),
    (1002012, "An application that signs in as itself asks for all that it was given: the scope is the resource followed by /.default."),
    (7000112, "An administrator has disabled the application in this tenant (accountEnabled of its service principal)."),
    (7000215, "The client secret is wrong, or not valid yet. Send the secret's value, not its id; the value is shown once, when the secret is made. When it is lost, make another: addPassword of the application, or `syncline tenant recover` at the server."),
    (7000218, "The application has to prove who it is, with a secret or a certificate. One that cannot keep a secret is made public with isFallbackPublicClient."),
    (7000222, "The client secret was right, and has expired. Make another: addPassword of the application, or `syncline tenant recover` at the server."),
    (9002313, "The request, or the refresh token in it, cannot be read. Look at the message, and begin the sign-in anew when it is about a token."),
    (9002325, "A client without a secret has to bind the sign-in to itself. Send a code_challenge with code_challenge_method S256 (PKCE)."),
    (9002326, "The code_challenge is made by a method that is not known here. Use S256."),
];

impl Page {
    /// `None`: no refusal has this number.
    pub(crate) fn explained(code: u32) -> Option<Self> {
        let (_, text) = EXPLAINED.iter().find(|(known, _)| *known == code)?;
        Some(Self::message(&format!("Error AADSTS{code}"), text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syncline_access::Refusal;

    #[test]
    fn every_refusal_is_explained_and_nothing_else() {
        let mut codes = Refusal::CODES.to_vec();
        codes.sort_unstable();
        codes.dedup();
        let explained: Vec<u32> = EXPLAINED.iter().map(|(code, _)| *code).collect();
        assert_eq!(explained, codes);
    }
}
