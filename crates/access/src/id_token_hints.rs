//! Id tokens of ours that come back: clients hint with them whose session they mean, and who they are.

use jsonwebtoken::Algorithm;
use syncline_model::{AppId, Problem, TenantId};
use uuid::Uuid;

use crate::Access;
use crate::authenticate::LONGEST_TOKEN;
use crate::jwt::{Unverified, text_claim};

impl Access {
    /// For which client an id token of ours was made, and in which tenant; `None` for what is none. Also one that has
    /// expired tells, as long as the key is known that signed it: nobody is let in by it (OpenID Connect RP-Initiated
    /// Logout, 2).
    ///
    /// # Errors
    /// The keys can not be read.
    pub fn client_of_id_token(&self, token: &str) -> Result<Option<(TenantId, AppId)>, Problem> {
        if token.len() > LONGEST_TOKEN {
            return Ok(None);
        }
        let Some(unverified) = Unverified::parse(token) else {
            return Ok(None);
        };
        let algorithm = unverified.algorithm(&[Algorithm::RS256]);
        let Some((algorithm, kid)) = algorithm.zip(unverified.header_text("kid")) else {
            return Ok(None);
        };
        let mut ring = self.verifying_keys()?;
        if ring.find(kid).is_none() {
            ring = self.verifying_keys_anew()?;
        }
        let claims = ring
            .find(kid)
            .and_then(|key| unverified.verify(&key.decoding, algorithm));
        let Some(claims) = claims else {
            return Ok(None);
        };
        // Access tokens are signed with the same keys.
        if claims.contains_key("idtyp") {
            return Ok(None);
        }
        let id = |name| Uuid::try_parse(text_claim(&claims, name)?).ok();
        let named = id("tid").map(TenantId).zip(id("aud").map(AppId));
        Ok(named.filter(|(tenant, _)| {
            let issuers = [self.issuer(*tenant), self.issuer_of_version_one(*tenant)];
            text_claim(&claims, "iss").is_some_and(|it| issuers.iter().any(|known| known == it))
        }))
    }
}
