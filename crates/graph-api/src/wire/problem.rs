//! The error envelope; the only place that makes one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use http::header::{LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use serde_json::{Value as Json, json};
use syncline_model::problem::Detail;
use syncline_model::well_known::GRAPH_APP_ID;
use syncline_model::{Problem, ProblemKind};
use syncline_store::StoreError;

use crate::Reply;
use crate::trace::Trace;

/// The answer to a request that failed. `path`: where callers begin who must start again.
pub(crate) fn reply(problem: &Problem, trace: &Trace, public_url: &str, path: &str) -> Reply {
    let mut reply = Reply::new(
        status(problem.kind),
        crate::Content::Json(envelope(problem, trace)),
    );
    if let Some(seconds) = problem.retry_after_seconds {
        reply = reply.with_header(RETRY_AFTER, seconds.to_string());
    }
    if let Some(cause) = &problem.cause {
        let (request_id, code) = (&trace.request_id, &problem.code);
        // That is said once: a line for each request that is tried again would help to fill a full disk.
        if StoreError::was_obstacle(problem) {
            tracing::debug!(request_id, %code, %cause, "request failed");
        } else {
            tracing::warn!(request_id, %code, %cause, "request failed");
        }
    }
    match problem.kind {
        ProblemKind::Internal => {
            tracing::error!(
                request_id = trace.request_id,
                problem = problem.message,
                "request failed"
            );
            reply
        }
        // The client starts a new round of changes there.
        ProblemKind::Gone => reply.with_header(LOCATION, format!("{public_url}{path}")),
        ProblemKind::Unauthenticated => reply.with_header(WWW_AUTHENTICATE, challenge(public_url)),
        // Continuous access evaluation: clients hand the claims to the token endpoint, past their cache.
        ProblemKind::SessionRevoked => {
            let since = trace.now.seconds().to_string();
            let claims = json!({"access_token": {"nbf": {"essential": true, "value": since}}});
            let claims = STANDARD.encode(claims.to_string());
            let challenge = challenge(public_url);
            reply.with_header(
                WWW_AUTHENTICATE,
                format!("{challenge}, error=\"insufficient_claims\", claims=\"{claims}\""),
            )
        }
        _ => reply,
    }
}

fn challenge(public_url: &str) -> String {
    format!(
        "Bearer realm=\"\", authorization_uri=\"{public_url}/common/oauth2/authorize\", \
         client_id=\"{GRAPH_APP_ID}\""
    )
}

/// `{"error": {…}}`.
pub(crate) fn envelope(problem: &Problem, trace: &Trace) -> Json {
    // What failed inside is for the operator's log, not for the caller.
    let message = match problem.kind {
        ProblemKind::Internal => {
            "The server failed to answer. Its log has the reason under this request-id."
        }
        _ => &problem.message,
    };
    // Python reads this date as one without zone, and it must have none.
    let date = trace.now.to_seconds_text();
    let mut error = json!({
        "code": problem.code,
        "message": message,
        "innerError": {
            "date": date.trim_end_matches('Z'),
            "request-id": trace.request_id,
            "client-request-id": trace.client_request_id,
        },
    });
    if !problem.details.is_empty() {
        error["details"] = problem.details.iter().map(detail).collect();
    }
    json!({ "error": error })
}

fn detail(detail: &Detail) -> Json {
    let mut json =
        json!({ "code": detail.code, "message": detail.message, "target": detail.target });
    if let Some((start, end)) = detail.span {
        json["span"] = json!({ "start": start, "end": end });
    }
    json
}

/// The HTTP status of a kind of problem.
pub fn status(kind: ProblemKind) -> StatusCode {
    match kind {
        ProblemKind::BadRequest => StatusCode::BAD_REQUEST,
        ProblemKind::Unauthenticated | ProblemKind::SessionRevoked => StatusCode::UNAUTHORIZED,
        ProblemKind::Forbidden => StatusCode::FORBIDDEN,
        ProblemKind::NotFound => StatusCode::NOT_FOUND,
        ProblemKind::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        ProblemKind::Conflict => StatusCode::CONFLICT,
        ProblemKind::Gone => StatusCode::GONE,
        ProblemKind::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
        ProblemKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ProblemKind::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ProblemKind::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
        ProblemKind::Internal | ProblemKind::OutcomeUnknown => StatusCode::INTERNAL_SERVER_ERROR,
        ProblemKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{OnceCell, RefCell};

    use syncline_model::Timestamp;
    use syncline_store::StoreError;

    use super::*;

    fn trace() -> Trace {
        Trace {
            request_id: "1".to_owned(),
            client_request_id: "2".to_owned(),
            now: Timestamp(0),
            route: OnceCell::new(),
            tenant: OnceCell::new(),
            objects: RefCell::default(),
            counted: OnceCell::new(),
            items: RefCell::default(),
        }
    }

    #[test]
    fn a_busy_database_says_when_to_come_back() {
        let trace = trace();
        let busy = Problem::from(StoreError::Busy("others write (57P03)".to_owned()));
        assert!(busy.to_string().contains("57P03"), "the log says why");
        let reply = reply(&busy, &trace, "https://example.com", "/v1.0/users");
        assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(reply.headers, [(RETRY_AFTER, "5".to_owned())]);
        let crate::Content::Json(json) = reply.content else {
            panic!("{reply:?}");
        };
        assert_eq!(json["error"]["code"], "ServiceUnavailable");
        let message = json["error"]["message"].to_string();
        assert!(!message.contains("others write"), "{message}");
    }

    #[test]
    fn a_full_disk_is_named_and_says_when_to_come_back() {
        let trace = trace();
        let full = Problem::from(StoreError::Full("database or disk is full".to_owned()));
        let reply = reply(&full, &trace, "https://example.com", "/v1.0/users");
        assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(reply.headers, [(RETRY_AFTER, "30".to_owned())]);
        let crate::Content::Json(json) = reply.content else {
            panic!("{reply:?}");
        };
        assert_eq!(json["error"]["code"], "InsufficientStorage");
        let message = json["error"]["message"].to_string();
        assert!(message.contains("disk is full"), "{message}");
    }
}
