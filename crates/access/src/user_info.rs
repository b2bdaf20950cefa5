//! What a client may read about the user for whom it got a token.

use serde_json::{Map, Value};
use syncline_model::Problem;

use crate::authenticate::gone;
use crate::sign_in::enabled_user;
use crate::tokens::put_person;
use crate::{Access, CallerKind};

impl Access {
    /// The claims of OpenID Connect's `userinfo` (Core, 5.3): the user by the same `sub` as in the client's id
    /// tokens.
    ///
    /// # Errors
    /// As [`Access::authenticate`]; 403 when the token is not for a user, or `openid` was not asked for.
    pub fn user_info(
        &self,
        authorization_header: Option<&str>,
    ) -> Result<Map<String, Value>, Problem> {
        let caller = self.authenticate(authorization_header)?;
        let (app_id, user, scopes) = match &caller.kind {
            CallerKind::Delegated {
                app_id,
                user,
                scopes,
                ..
            } if scopes.iter().any(|scope| scope == "openid") => (*app_id, *user, scopes),
            _ => return Err(Problem::denied()),
        };
        let found = self
            .store
            .read(|reader| enabled_user(reader, caller.tenant, user));
        let mut claims = Map::new();
        put_person(&mut claims, app_id, &found.map_err(gone)?, scopes);
        Ok(claims)
    }
}
