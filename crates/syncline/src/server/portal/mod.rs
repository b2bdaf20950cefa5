//! The status page at `/`: after sign-in an administrator sees his own tenant, its jobs, their last
//! cycles and the newest log entries. Read only; everything that changes something is Graph's.

mod newest;
mod page;
mod sessions;
mod sign_in;
mod status;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use syncline_graph_api::Api;
use syncline_identity::Forms;
use syncline_model::{Problem, ProblemKind};

use crate::app::App;
use sessions::{Session, Sessions};

/// What the pages work with.
#[derive(Clone)]
struct Portal {
    app: Arc<App>,
    /// Whose requests the views are among.
    api: Arc<Api>,
    /// Room for the form of a sign-in, beside those of the identity pages.
    forms: Arc<Forms>,
    sessions: Arc<Sessions>,
}

pub fn router(app: Arc<App>, api: Arc<Api>, forms: Arc<Forms>) -> Router {
    let portal = Portal {
        app,
        api,
        forms,
        sessions: Arc::new(Sessions::default()),
    };
    Router::new()
        .route("/", get(home))
        .route("/favicon.ico", get(no_icon))
        .route("/sign-in", post(sign_in::post))
        .route("/sign-out", post(sign_in::out))
        .with_state(portal)
}

/// Browsers ask for one at every page, and would take Graph's error for it.
async fn no_icon() -> impl IntoResponse {
    let for_a_day = [(header::CACHE_CONTROL, "public, max-age=86400")];
    (StatusCode::NO_CONTENT, for_a_day)
}

async fn home(State(portal): State<Portal>, headers: HeaderMap) -> Response {
    let Some(session) = portal.visitor(&headers) else {
        return page::respond(StatusCode::OK, page::sign_in_form("", None));
    };
    // A view reads as much as a large request to Graph does.
    let place = match portal.api.place(session.who.tenant) {
        Ok(place) => place,
        Err(problem) => return busy(&problem),
    };
    let answered = tokio::task::spawn_blocking(move || {
        let _place = place;
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

fn busy(problem: &Problem) -> Response {
    let status = match problem.kind {
        ProblemKind::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    let mut response = page::respond(status, page::busy());
    let seconds = problem.retry_after_seconds.unwrap_or(1);
    let headers = response.headers_mut();
    headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
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

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use syncline_graph_api::{Limits, Most};

    use super::*;
    use crate::commands::Action as _;
    use crate::commands::tenant_create::TenantCreate;
    use crate::progress::Silent;
    use crate::server::router::api;
    use crate::server::sweeper::testing::{job, opened};

    const ANN: &str = "ann@contoso.example";

    /// A portal that lets one request at a time in, and the cookie of an administrator.
    fn visited(folder: &tempfile::TempDir) -> (Portal, Session, HeaderMap) {
        let app = Arc::new(opened(folder));
        let create = TenantCreate {
            domain: "contoso.example".to_owned(),
            display_name: "Contoso".to_owned(),
            id: None,
            admin: Some(ANN.to_owned()),
        };
        let made = create.execute(&app, &Silent).unwrap().admin.unwrap();
        let right = app.access.sign_in(None, None, ANN, &made.password).unwrap();
        let session = status::begin(&app, &right).unwrap().unwrap();
        let one = Most {
            all: 1,
            of_tenant: 1,
        };
        let limits = Limits {
            requests: one,
            ..Limits::default()
        };
        let portal = Portal {
            api: Arc::new(api(&app).with_limits(limits)),
            app,
            forms: Arc::default(),
            sessions: Arc::default(),
        };
        let now = portal.app.clock.now();
        let ids = portal.app.ids.as_ref();
        let secret = portal.sessions.begin(session.clone(), ids, now);
        let cookie = format!("{}={secret}", portal.cookie_name());
        let headers = HeaderMap::from_iter([(header::COOKIE, cookie.parse().unwrap())]);
        (portal, session, headers)
    }

    #[tokio::test]
    async fn a_view_is_one_of_the_requests_of_its_tenant() {
        let folder = tempfile::tempdir().unwrap();
        let (portal, session, headers) = visited(&folder);
        let held = portal.api.place(session.who.tenant).unwrap();
        let refused = home(State(portal.clone()), headers.clone()).await;
        assert_eq!(refused.status(), 429);
        assert_eq!(refused.headers()["retry-after"], "5");
        // Who is not signed in looks at nothing.
        let form = home(State(portal.clone()), HeaderMap::new()).await;
        assert_eq!(form.status(), 200);
        drop(held);
        for _ in 0..2 {
            let page = home(State(portal.clone()), headers.clone()).await;
            assert_eq!(page.status(), 200);
        }
    }

    #[tokio::test]
    async fn of_very_many_jobs_the_page_shows_some_and_says_how_many_there_are() {
        let folder = tempfile::tempdir().unwrap();
        let (portal, session, headers) = visited(&folder);
        let whose = session.who.tenant;
        let read = |tenant| portal.app.store.read(|reader| reader.tenant(tenant));
        let tenant = read(whose).unwrap().unwrap();
        let jobs: Vec<_> = (0..103).map(|_| job(&portal.app, &tenant).id).collect();
        let page = home(State(portal), headers).await;
        let page = to_bytes(page.into_body(), usize::MAX).await.unwrap();
        let page = String::from_utf8(page.to_vec()).unwrap();
        let is_shown = |id: &&syncline_model::JobId| page.contains(id.as_str());
        assert_eq!(jobs.iter().filter(is_shown).count(), 100);
        assert!(page.contains("And 3 more"), "{page}");
    }
}
