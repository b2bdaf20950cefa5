//! The one place where a refusal becomes an OAuth error.

use http::HeaderName;
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use serde_json::json;
use syncline_access::Refusal;
use syncline_store::StoreError;

use crate::Identity;
use crate::asked::Asked;
use crate::reply::Reply;

/// The JSON of token endpoints, in Entra's shape.
pub(crate) fn reply(identity: &Identity, asked: &Asked, refusal: &Refusal) -> Reply {
    if let Refusal::Internal(problem) = refusal {
        // That is said once: a line for each request that is tried again would help to fill a full disk.
        if StoreError::was_obstacle(problem) {
            tracing::debug!(error = %problem, "a token request failed");
        } else {
            tracing::error!(error = %problem, "a token request failed");
        }
    } else {
        tracing::info!(
            code = refusal.code(),
            error = refusal.error(),
            "a token request was refused"
        );
    }
    // The log knows the request by this id.
    let trace_id = asked
        .request_id
        .map_or_else(|| identity.ids.random_uuid(), |id| id.0);
    let correlation_id = asked.correlation_id.unwrap_or(trace_id);
    let timestamp = identity.clock.now().to_seconds_text().replace('T', " ");
    let body = json!({
        "error": refusal.error(),
        "error_description": format!(
            "{} Trace ID: {trace_id} Correlation ID: {correlation_id} Timestamp: {timestamp}",
            refusal.description()
        ),
        "error_codes": [refusal.code()],
        "timestamp": timestamp,
        "trace_id": trace_id.to_string(),
        "correlation_id": correlation_id.to_string(),
        "error_uri": format!("{}/error?code={}", identity.access.public_url(), refusal.code()),
    });
    let mut reply = Reply::json(refusal.status(), &body).with(
        HeaderName::from_static("client-request-id"),
        &correlation_id.to_string(),
    );
    reply.error = Some(refusal.error());
    if let Some(seconds) = refusal.retry_after() {
        reply = reply.with(RETRY_AFTER, &seconds);
    }
    // RFC 6749, 5.2: who tried Basic is told so.
    if refusal.status() == 401 && asked.basic.is_some() {
        return reply.with(WWW_AUTHENTICATE, "Basic realm=\"token endpoint\"");
    }
    reply
}

/// Runs an endpoint whose errors are JSON.
pub(crate) fn answer(
    identity: &Identity,
    asked: &Asked,
    endpoint: impl FnOnce() -> Result<Reply, Refusal>,
) -> Reply {
    endpoint().unwrap_or_else(|refusal| reply(identity, asked, &refusal))
}
