//! Cross-origin requests: a single-page application redeems its codes and refresh tokens, and asks who signed in,
//! from the page itself. No cookie is looked at there, so any origin may be answered.

use axum::response::Response;
use http::HeaderValue;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
};

use crate::Identity;
use crate::asked::Asked;
use crate::reply::Reply;

/// The answer to `OPTIONS`.
pub(crate) fn preflight(_identity: &Identity, _asked: &Asked) -> Reply {
    Reply::no_content()
        .with(ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, OPTIONS")
        .with(
            ACCESS_CONTROL_ALLOW_HEADERS,
            "Accept, Authorization, Content-Type, X-AnchorMailbox, client-request-id, \
             return-client-request-id, x-client-CPU, x-client-OS, x-client-SKU, x-client-VER, \
             x-client-current-telemetry, x-client-last-telemetry",
        )
        .with(ACCESS_CONTROL_MAX_AGE, "86400")
}

/// The headers of every answer, also of those that no endpoint gives.
pub(crate) async fn add(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(
        ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static("client-request-id, Retry-After, WWW-Authenticate"),
    );
    response
}
