//! What a browser brings: its session, and the proof that a form came from our page.

use syncline_access::{Refusal, RightPassword, secrets};
use syncline_model::TenantId;

use crate::Identity;
use crate::asked::Asked;
use crate::reply::Reply;
use crate::tickets::session::{self, Session};

/// One browser during one request.
pub(crate) struct Browser {
    /// Random, in a cookie that only our origin sets and reads. Each form carries a hash of it and
    /// of the session; a page of another origin can send the form but does not know the hash.
    seal: String,
    seal_is_new: bool,
    /// The session cookie as sent, whatever it is worth: forms are sealed with it, so that a form
    /// shown to one session can not be sent by another.
    session_secret: Option<String>,
    session: Option<Session>,
    session_is_new: bool,
    secure: bool,
}

impl Browser {
    /// The browser behind a request; its session only if it is still good and of this tenant.
    pub(crate) fn of(
        identity: &Identity,
        asked: &Asked,
        tenant: Option<TenantId>,
    ) -> Result<Self, Refusal> {
        let secure = identity.access.public_url().starts_with("https://");
        let seal = asked
            .cookies
            .get(seal_cookie(secure))
            .filter(|seal| seal.len() == 43)
            .map(str::to_owned);
        let session_secret = asked.cookies.get(session_cookie(secure)).map(str::to_owned);
        let session = match &session_secret {
            Some(secret) => session::find(identity, secret)?
                .filter(|session| tenant.is_none_or(|tenant| tenant == session.tenant)),
            None => None,
        };
        Ok(Self {
            seal_is_new: seal.is_none(),
            seal: seal.unwrap_or_else(|| secrets::generate(identity.ids.as_ref())),
            session_secret,
            session,
            session_is_new: false,
            secure,
        })
    }

    pub(crate) fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    /// The session's cookie, as sent or as it is going to be.
    pub(crate) fn session_secret(&self) -> Option<&str> {
        self.session_secret.as_deref()
    }

    /// Begins a session for who just signed in, and ends the one before.
    pub(crate) fn sign_in(
        &mut self,
        identity: &Identity,
        right: &RightPassword,
    ) -> Result<(), Refusal> {
        let former = self.session_secret.as_deref();
        let (secret, session) = session::begin(identity, right, former)?;
        self.session_secret = Some(secret);
        self.session = Some(session);
        self.session_is_new = true;
        Ok(())
    }

    /// Ends the session, of whatever tenant.
    pub(crate) fn sign_out(&mut self, identity: &Identity) -> Result<(), Refusal> {
        self.session = None;
        match self.session_secret.take() {
            Some(secret) => session::end(identity, &secret),
            None => Ok(()),
        }
    }

    /// The hidden field of a form.
    pub(crate) fn form_seal(&self) -> String {
        let session = self.session_secret.as_deref().unwrap_or_default();
        secrets::fingerprint(&format!("{}|{session}", self.seal))
    }

    /// Whether a form came from a page that this browser got from us.
    pub(crate) fn check_form(&self, asked: &Asked) -> bool {
        let sent = asked.form.get("seal").unwrap_or_default();
        !self.seal_is_new && secrets::equal(sent, &self.form_seal())
    }

    /// Adds the cookies that changed.
    pub(crate) fn keep(&self, reply: Reply) -> Reply {
        let mut reply = reply;
        if self.seal_is_new {
            reply = reply.with_cookie(&self.cookie(seal_cookie(self.secure), &self.seal, None));
        }
        if let Some(secret) = self.session_secret.as_ref().filter(|_| self.session_is_new) {
            reply = reply.with_cookie(&self.cookie(session_cookie(self.secure), secret, None));
        }
        reply
    }

    /// Removes the session cookie.
    pub(crate) fn forget(&self, reply: Reply) -> Reply {
        reply.with_cookie(&self.cookie(session_cookie(self.secure), "", Some(0)))
    }

    fn cookie(&self, name: &str, value: &str, max_age: Option<u32>) -> String {
        let secure = if self.secure { "; Secure" } else { "" };
        let max_age = max_age
            .map(|seconds| format!("; Max-Age={seconds}"))
            .unwrap_or_default();
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{max_age}")
    }
}

/// The `__Host-` prefix keeps other hosts of our domain from setting the cookie; it needs HTTPS.
fn seal_cookie(secure: bool) -> &'static str {
    if secure {
        "__Host-syncline-seal"
    } else {
        "syncline-seal"
    }
}

fn session_cookie(secure: bool) -> &'static str {
    if secure {
        "__Host-syncline-session"
    } else {
        "syncline-session"
    }
}
