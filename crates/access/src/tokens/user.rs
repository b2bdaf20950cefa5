//! Tokens of users: the access token, and the id token that tells the client who signed in.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use syncline_model::{AppId, Attr, Entry, ObjectId, TenantId, Timestamp};

use super::claims::{Common, common, pairwise_subject, wids};
use super::{ClientAuthentication, IssuedToken, LIFETIME_SECONDS, SIGNED_IN_AT, TokenVersion};
use crate::sign_in::enabled_user;
use crate::{Access, Client, DirectoryRole, Refusal, assignment_required, roles};

/// What a user's grant asks for, once consent is settled.
#[derive(Clone, Debug)]
pub struct UserTokenRequest {
    pub tenant: TenantId,
    pub app_id: AppId,
    pub user: ObjectId,
    /// `None`: our own origin.
    pub audience: Option<String>,
    /// Delegated permissions, consented already.
    pub scopes: Vec<String>,
    /// Which of `openid`, `profile`, `email`, `offline_access` were asked for.
    pub openid: Vec<String>,
    pub authentication: ClientAuthentication,
    pub version: TokenVersion,
    /// Echoed in the id token.
    pub nonce: Option<String>,
    /// When the user typed the password.
    pub signed_in_at: Timestamp,
    pub handles_claims_challenges: bool,
}

impl UserTokenRequest {
    /// The usual request: version 2, a public client, for our own origin, signed in just now.
    pub fn new(
        tenant: TenantId,
        app_id: AppId,
        user: ObjectId,
        scopes: &[&str],
        now: Timestamp,
    ) -> Self {
        Self {
            tenant,
            app_id,
            user,
            audience: None,
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            openid: Vec::new(),
            authentication: ClientAuthentication::None,
            version: TokenVersion::V2,
            nonce: None,
            signed_in_at: now,
            handles_claims_challenges: false,
        }
    }
}

/// The tokens of one answer.
#[derive(Clone, Debug)]
pub struct UserTokens {
    pub access: IssuedToken,
    /// When `openid` was asked for.
    pub id_token: Option<String>,
}

impl Access {
    /// Issues tokens for a user who exists, is enabled, and may use the client.
    pub fn issue_user_tokens(&self, request: &UserTokenRequest) -> Result<UserTokens, Refusal> {
        let tenant = request.tenant;
        let (client, user, held) = self.store.read(|reader| {
            let client = Client::find(reader, tenant, &request.app_id.to_string())?;
            let user = enabled_user(reader, tenant, request.user)?;
            assignment_required::check(reader, tenant, &client, request.user)?;
            let held = roles::held(reader, tenant, request.user)?;
            Ok::<_, Refusal>((client, user, held))
        })?;
        let claims = self.access_claims(request, &client, &user, &held);
        tracing::info!(
            %tenant,
            app_id = %client.app_id,
            user = %user.id,
            uti = %claims["uti"],
            "issued a user token"
        );
        let access = IssuedToken {
            token: self.sign(&claims)?,
            expires_in: LIFETIME_SECONDS - 1,
        };
        let id_token = match request.openid.iter().any(|scope| scope == "openid") {
            true => Some(self.sign(&self.id_claims(request, &client, &user))?),
            false => None,
        };
        Ok(UserTokens { access, id_token })
    }

    fn access_claims(
        &self,
        request: &UserTokenRequest,
        client: &Client,
        user: &Entry,
        held: &BTreeSet<DirectoryRole>,
    ) -> Map<String, Value> {
        let mut claims = common(
            self.ids.as_ref(),
            &Common {
                issuer: self.issuer(request.tenant),
                audience: request.audience.as_deref().unwrap_or(self.audiences.own()),
                tenant: request.tenant,
                app_id: client.app_id,
                principal: user.id,
                subject: pairwise_subject(client.app_id, user.id),
                authentication: request.authentication,
                version: request.version,
                handles_claims_challenges: request.handles_claims_challenges,
                now: self.clock.now(),
            },
        );
        // `offline_access` is a wish for a refresh token, not a right at the resource.
        let openid = request
            .openid
            .iter()
            .filter(|scope| *scope != "offline_access");
        let scp: Vec<&str> = openid.chain(&request.scopes).map(String::as_str).collect();
        claims.insert("idtyp".to_owned(), json!("user"));
        claims.insert("scp".to_owned(), json!(scp.join(" ")));
        claims.insert("wids".to_owned(), wids(held));
        claims.insert("amr".to_owned(), json!(["pwd"]));
        claims.insert(
            SIGNED_IN_AT.to_owned(),
            json!(request.signed_in_at.to_string()),
        );
        claims.insert("app_displayname".to_owned(), json!(client.display_name()));
        claims.insert(
            "upn".to_owned(),
            json!(user.text(Attr::USER_PRINCIPAL_NAME)),
        );
        put_names(&mut claims, user);
        claims
    }

    fn id_claims(
        &self,
        request: &UserTokenRequest,
        client: &Client,
        user: &Entry,
    ) -> Map<String, Value> {
        let now = self.clock.now().seconds();
        let issuer = match request.version {
            TokenVersion::V1 => self.issuer_of_version_one(request.tenant),
            TokenVersion::V2 => self.issuer(request.tenant),
        };
        let mut claims = Map::new();
        claims.insert("iss".to_owned(), json!(issuer));
        claims.insert("aud".to_owned(), json!(client.app_id.to_string()));
        claims.insert("iat".to_owned(), json!(now));
        claims.insert("nbf".to_owned(), json!(now));
        claims.insert("exp".to_owned(), json!(now + LIFETIME_SECONDS));
        claims.insert(
            "auth_time".to_owned(),
            json!(request.signed_in_at.seconds()),
        );
        claims.insert("oid".to_owned(), json!(user.id.to_string()));
        claims.insert("tid".to_owned(), json!(request.tenant.to_string()));
        claims.insert(
            "ver".to_owned(),
            json!(if request.version == TokenVersion::V1 {
                "1.0"
            } else {
                "2.0"
            }),
        );
        if let Some(nonce) = &request.nonce {
            claims.insert("nonce".to_owned(), json!(nonce));
        }
        put_person(&mut claims, client.app_id, user, &request.openid);
        claims
    }
}

/// Who the user is, as OpenID Connect tells a client.
pub(crate) fn put_person(
    claims: &mut Map<String, Value>,
    client: AppId,
    user: &Entry,
    scopes: &[String],
) {
    let subject = pairwise_subject(client, user.id);
    claims.insert("sub".to_owned(), json!(subject));
    if let Some(mail) = user.text(Attr::MAIL)
        && scopes.iter().any(|scope| scope == "email")
    {
        claims.insert("email".to_owned(), json!(mail));
    }
    put_names(claims, user);
}

fn put_names(claims: &mut Map<String, Value>, user: &Entry) {
    for (claim, attr) in [
        ("preferred_username", Attr::USER_PRINCIPAL_NAME),
        ("name", Attr::DISPLAY_NAME),
        ("given_name", Attr::GIVEN_NAME),
        ("family_name", Attr::SURNAME),
    ] {
        if let Some(text) = user.text(attr) {
            claims.insert(claim.to_owned(), json!(text));
        }
    }
}
