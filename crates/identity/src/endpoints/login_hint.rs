//! `login_hint` of an authorization request: whose account the client means (OpenID Connect Core, 3.1.2.1).

use syncline_access::{Refusal, user_named};
use syncline_model::TenantId;

use crate::Identity;
use crate::asked::Parameters;
use crate::tickets::session::Session;

#[derive(Clone, Copy)]
pub(super) struct LoginHint<'q>(&'q str);

impl<'q> LoginHint<'q> {
    pub(super) const NAME: &'static str = "login_hint";

    pub(super) fn of(query: &'q Parameters) -> Self {
        Self(query.get(Self::NAME).unwrap_or_default())
    }

    /// The user name to begin a sign-in with; empty when the request has none.
    pub(super) fn user_name(self) -> &'q str {
        self.0
    }

    /// Whether the client may mean the user of this session. It does not when the hint is the user name of
    /// somebody else, or of nobody; what is no user name hints at nobody.
    pub(super) fn allows(
        self,
        identity: &Identity,
        named: Option<TenantId>,
        session: &Session,
    ) -> Result<bool, Refusal> {
        if !self.0.contains('@') {
            return Ok(true);
        }
        let meant = identity
            .store
            .read(|reader| user_named(reader, named, self.0))?;
        Ok(meant == Some((session.tenant, session.user)))
    }
}
