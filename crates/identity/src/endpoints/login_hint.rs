//! `login_hint` of an authorization request: whose account the client means (OpenID Connect Core, 3.1.2.1).

use syncline_access::{Refusal, enabled_user, user_named};
use syncline_model::fold::fold;
use syncline_model::{Attr, Entry, TenantId, Value};
use syncline_store::Reader;

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
    /// somebody else, or of nobody and no mail address of this user; what is no user name hints at nobody.
    ///
    /// Names are looked up in the tenant of the session alone. Where the request names none, a name at a domain of
    /// another tenant means somebody of that one, whether anybody there has it or not: the answer would tell who does.
    pub(super) fn allows(
        self,
        identity: &Identity,
        named: Option<TenantId>,
        session: &Session,
    ) -> Result<bool, Refusal> {
        if !self.0.contains('@') {
            return Ok(true);
        }
        identity.store.read(|reader| {
            if named.is_none() && is_elsewhere(reader, session.tenant, self.0)? {
                return Ok(false);
            }
            if let Some(meant) = user_named(reader, session.tenant, self.0)? {
                return Ok(meant == session.user);
            }
            let user = enabled_user(reader, session.tenant, session.user)?;
            Ok(has_address(&user, self.0))
        })
    }
}

/// Whether the domain of a name is verified in another tenant than this one.
fn is_elsewhere(reader: &Reader<'_>, tenant: TenantId, name: &str) -> Result<bool, Refusal> {
    let Some((_, domain)) = name.trim().rsplit_once('@') else {
        return Ok(false);
    };
    let home = reader.tenant_of_domain(domain)?;
    Ok(home.is_some_and(|home| home.id != tenant))
}

/// Clients that know somebody by their mail hint its address, which need not be the user name.
fn has_address(user: &Entry, hint: &str) -> bool {
    let hint = fold(hint.trim());
    let of = |attr| user.get(attr).map_or(&[][..], Value::as_slice).iter();
    let plain = of(Attr::MAIL).chain(of(Attr::OTHER_MAILS));
    let proxies = of(Attr::PROXY_ADDRESSES).filter_map(Value::as_text);
    let proxies = proxies
        .filter_map(|it| it.split_once(':'))
        .filter(|(protocol, _)| protocol.eq_ignore_ascii_case("smtp"))
        .map(|(_, address)| address);
    plain
        .filter_map(Value::as_text)
        .chain(proxies)
        .any(|address| fold(address) == hint)
}
