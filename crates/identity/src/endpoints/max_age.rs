//! `max_age` of an authorization request: so many seconds ago the password may have been typed at most (OpenID
//! Connect Core, 3.1.2.1).

use syncline_access::Refusal;
use syncline_model::Timestamp;

use crate::asked::Parameters;
use crate::tickets::session::Session;

#[derive(Clone, Copy)]
pub(super) struct MaxAge(Option<i64>);

impl MaxAge {
    pub(super) const NAME: &'static str = "max_age";

    /// # Errors
    /// [`Refusal::RequestMalformed`] for what is no number of seconds.
    pub(super) fn of(query: &Parameters) -> Result<Self, Refusal> {
        let Some(text) = query.get(Self::NAME) else {
            return Ok(Self(None));
        };
        if !text.bytes().all(|it| it.is_ascii_digit()) {
            return Err(Refusal::RequestMalformed(format!(
                "{} must be a number of seconds.",
                Self::NAME
            )));
        }
        // What does not fit is longer than anything lasts.
        Ok(Self(Some(text.parse().unwrap_or(i64::MAX))))
    }

    /// Whether a session began so late that its password need not be typed again.
    pub(super) fn allows(self, session: &Session, now: Timestamp) -> bool {
        self.0
            .is_none_or(|seconds| now <= session.signed_in_at.plus_seconds(seconds))
    }
}
