//! The status page.

use std::sync::Arc;

use axum::Router;

use crate::app::App;

pub fn router(_app: Arc<App>) -> Router {
    Router::new()
}
