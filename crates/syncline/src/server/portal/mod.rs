//! The status page at `/`: after sign-in an administrator sees his own tenant, its jobs, their last
//! cycles and the newest log entries. Read only; everything that changes something is Graph's.

mod page;
mod sessions;
mod sign_in;
mod status;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::{HeaderMap, StatusCode, header};

use crate::app::App;
use sessions::{Session, Sessions};

/// A form of two fields.
const LARGEST_FORM: usize = 8 * 1024;

/// What the pages work with.
#[derive(Clone)]
struct Portal {
    app: Arc<App>,
    sessions: Arc<Sessions>,
}

pub fn router(app: Arc<App>) -> Router {
    let portal = Portal {
        app,
        sessions: Arc::new(Sessions::default()),
    };
    Router::new()
        .route("/", get(home))
        .route("/favicon.ico", get(no_icon))
        .route("/sign-in", post(sign_in::post))
        .route("/sign-out", post(sign_in::out))
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
        .with_state(portal)
}

/// Browsers ask for one at every page, and would take Graph's error for it.
async fn no_icon() -> impl IntoResponse {
    let for_a_day = [(header::CACHE_CONTROL, "public, max-age=86400")];
    (StatusCode::NO_CONTENT, for_a_day)
}

async fn home(State(portal): State<Portal>, headers: HeaderMap) -> Response {
    let answered = tokio::task::spawn_blocking(move || {
        let Some(session) = portal.visitor(&headers) else {
            return page::respond(StatusCode::OK, page::sign_in_form("", None));
        };
        match status::read(&portal.app, &session) {
            Ok(Some(status)) => page::respond(StatusCode::OK, page::status(&status)),
            // Deleted, disabled, signed out everywhere, or without a role since the sign-in.
            Ok(None) => page::respond(StatusCode::OK, page::sign_in_form("", None)),
            Err(failure) => {
                tracing::error!(%failure, "the status page cannot be made");
                page::respond(StatusCode::INTERNAL_SERVER_ERROR, page::broken())
            }
        }
    })
    .await;
    answered.unwrap_or_else(|_| page::respond(StatusCode::INTERNAL_SERVER_ERROR, page::broken()))
}

impl Portal {
    /// Who is signed in in this browser.
    fn visitor(&self, headers: &HeaderMap) -> Option<Session> {
        self.sessions
            .find(&self.cookie(headers)?, self.app.clock.now())
    }

    fn cookie(&self, headers: &HeaderMap) -> Option<String> {
        let name = self.cookie_name();
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .find_map(|pair| {
                pair.trim()
                    .strip_prefix(name)?
                    .strip_prefix('=')
                    .map(str::to_owned)
            })
    }

    /// `__Host-` binds the cookie to this very host, and browsers demand HTTPS for it.
    fn cookie_name(&self) -> &'static str {
        if self.is_secure() {
            "__Host-syncline-status"
        } else {
            "syncline-status"
        }
    }

    fn is_secure(&self) -> bool {
        self.app.settings.public_url.starts_with("https://")
    }
}
