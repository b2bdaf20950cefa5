//! One log line per request: method, path, status, duration. Never the query string, headers or
//! bodies: they carry codes, tokens and personal data.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use syncline_model::Clock as _;

use crate::seam::SystemClock;

pub async fn log(request: Request, next: Next) -> Response {
    let began = SystemClock.now();
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    let took_ms = SystemClock.now().milliseconds_since(began);
    let status = response.status().as_u16();
    if response.status().is_server_error() {
        tracing::error!(target: "syncline::http", %method, path, status, took_ms);
    } else {
        tracing::info!(target: "syncline::http", %method, path, status, took_ms);
    }
    response
}
