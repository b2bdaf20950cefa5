//! Cross-origin requests: the JavaScript client may run in a browser. Callers authenticate by a
//! bearer token and never by a cookie, so any origin may be answered.

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
};
use http::{HeaderMap, HeaderValue};

use crate::Reply;

/// The answer to `OPTIONS`.
pub(crate) fn preflight() -> Reply {
    Reply::no_content()
        .with_header(
            ACCESS_CONTROL_ALLOW_METHODS,
            "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
        )
        .with_header(
            ACCESS_CONTROL_ALLOW_HEADERS,
            "Authorization, Content-Type, Content-Encoding, ConsistencyLevel, Prefer, SdkVersion, \
             client-request-id, return-client-request-id, Accept, If-Match, x-ms-useragent, x-ms-client-request-id",
        )
        .with_header(ACCESS_CONTROL_MAX_AGE, "86400")
}

/// The headers of every answer.
pub(crate) fn add(headers: &mut HeaderMap) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(
        ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static(
            "request-id, client-request-id, Retry-After, Location, Preference-Applied, ETag, WWW-Authenticate",
        ),
    );
}
