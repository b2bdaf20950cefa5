//! What went wrong, in the domain's words. One place (the Graph face) turns a [`Problem`] into the
//! wire's error envelope.

use std::borrow::Cow;
use std::fmt;

/// The family of a problem; decides the HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    /// 400
    BadRequest,
    /// 401
    Unauthenticated,
    /// 401 of a token that was good: only a new sign-in helps, or a new token.
    SessionRevoked,
    /// 403
    Forbidden,
    /// 404
    NotFound,
    /// 405
    MethodNotAllowed,
    /// 409
    Conflict,
    /// 410
    Gone,
    /// 412
    PreconditionFailed,
    /// 413
    TooLarge,
    /// 415
    UnsupportedMediaType,
    /// 429
    TooManyRequests,
    /// 500
    Internal,
    /// 500 of a request that may have been carried out, or not: who repeats it may do it twice.
    OutcomeUnknown,
    /// 503
    Unavailable,
}

/// One error, with Graph's code and a message that says what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub kind: ProblemKind,
    /// Graph's `error.code`, e.g. `Request_BadRequest`.
    pub code: Cow<'static, str>,
    pub message: String,
    /// Graph's `error.details`.
    pub details: Vec<Detail>,
    /// Seconds to wait before trying again (`Retry-After`).
    pub retry_after_seconds: Option<u32>,
    /// What is behind it, for the operator: in logs and on the command line, never on the wire.
    pub cause: Option<Box<Cause>>,
}

/// What is behind a problem. A type of its own, for a box of it is half as large as one of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause(pub String);

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One entry of `error.details`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    pub code: Cow<'static, str>,
    pub message: String,
    pub target: Option<String>,
    /// Where in the text that `target` names, in UTF-16 code units: `start..end`.
    pub span: Option<(usize, usize)>,
}

impl Problem {
    pub fn new(
        kind: ProblemKind,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            code: code.into(),
            message: message.into(),
            details: Vec::new(),
            retry_after_seconds: None,
            cause: None,
        }
    }

    /// 400 `Request_BadRequest`.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(ProblemKind::BadRequest, "Request_BadRequest", message)
    }

    /// 400 `BadRequest`: the request can not be read at all.
    pub fn malformed(message: impl Into<String>) -> Self {
        Self::new(ProblemKind::BadRequest, "BadRequest", message)
    }

    /// 400 `Request_UnsupportedQuery`.
    pub fn unsupported_query(message: impl Into<String>) -> Self {
        Self::new(ProblemKind::BadRequest, "Request_UnsupportedQuery", message)
    }

    /// 400 with details code `InvalidValue` and the property as target.
    pub fn invalid_value(property: &str, resource: &str) -> Self {
        let message =
            format!("Invalid value specified for property '{property}' of resource '{resource}'.");
        Self::bad_request(message.clone()).with_detail("InvalidValue", message, Some(property))
    }

    /// 400 with details code `ObjectConflict`: another object has this value.
    pub fn object_conflict(property: &str) -> Self {
        let message =
            format!("Another object with the same value for property {property} already exists.");
        Self::bad_request(message.clone()).with_detail("ObjectConflict", message, Some(property))
    }

    /// 404 `Request_ResourceNotFound` in Graph's wording.
    pub fn not_found(id: impl fmt::Display) -> Self {
        Self::new(
            ProblemKind::NotFound,
            "Request_ResourceNotFound",
            format!(
                "Resource '{id}' does not exist or one of its queried reference-property objects are not present."
            ),
        )
    }

    /// 403 `Authorization_RequestDenied`.
    pub fn denied() -> Self {
        Self::new(
            ProblemKind::Forbidden,
            "Authorization_RequestDenied",
            "Insufficient privileges to complete the operation.",
        )
    }

    /// 401 `InvalidAuthenticationToken`.
    pub fn invalid_token(message: impl Into<String>) -> Self {
        Self::new(
            ProblemKind::Unauthenticated,
            "InvalidAuthenticationToken",
            message,
        )
    }

    /// 401 `InvalidAuthenticationToken` that sends the client for a new token before the old one expires.
    pub fn session_revoked(message: impl Into<String>) -> Self {
        Self::new(
            ProblemKind::SessionRevoked,
            "InvalidAuthenticationToken",
            message,
        )
    }

    /// 409 `Conflict`.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(ProblemKind::Conflict, "Conflict", message)
    }

    /// 500 `InternalServerError`. The message is for the log; the wire shows a neutral one.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(ProblemKind::Internal, "InternalServerError", message)
    }

    #[must_use]
    pub fn with_detail(
        mut self,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
        target: Option<&str>,
    ) -> Self {
        self.details.push(Detail {
            code: code.into(),
            message: message.into(),
            target: target.map(str::to_owned),
            span: None,
        });
        self
    }

    /// Says of the last detail where in its target's text the trouble is.
    #[must_use]
    pub fn with_span(mut self, span: Option<(usize, usize)>) -> Self {
        if let Some(last) = self.details.last_mut() {
            last.span = span;
        }
        self
    }

    #[must_use]
    pub fn with_cause(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(Box::new(Cause(cause.into())));
        self
    }

    #[must_use]
    pub fn with_retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }
}

/// For the operator; callers are shown the message.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.cause {
            Some(cause) => write!(f, " ({cause})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Problem {}
