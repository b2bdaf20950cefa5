//! Signing in to the status page, and out.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use syncline_access::{Peer, Refusal, RightPassword};
use syncline_identity::NotRead;
use syncline_model::ProblemKind;

use super::status::{self, NotLet};
use super::{Portal, page};

/// A form of two fields.
const LARGEST_FORM: usize = 8 * 1024;

const WRONG: &str = "The user name or the password is wrong.";
const LOCKED: &str = "Too many wrong passwords. Wait a while and try again.";
const BUSY: &str = "Too many people are signing in right now. Wait a few seconds and try again.";
const AWAY: &str = "The database is busy or away right now. Your password was not checked. Wait a few seconds and try again.";
const ENDED: &str = "Your password was changed, or you were signed out everywhere, while you signed in. Sign in again.";
const NO_ROLE: &str = "Your account has no role that may look at synchronization in its tenant.";

/// `POST /sign-in`: user and password; a session and the status page when they are right.
pub async fn post(State(portal): State<Portal>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    if !from_our_page(&portal, &head.headers) {
        return form(StatusCode::FORBIDDEN, "", &elsewhere(&portal));
    }
    let peer = head.extensions.get::<Peer>().copied();
    let (sent, room) = match portal.forms.read(body, LARGEST_FORM, peer).await {
        Ok(read) => read,
        Err(why) => return not_read(why),
    };
    let field = |wanted: &str| {
        form_urlencoded::parse(&sent)
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default()
    };
    let (user, password) = (field("user"), field("password"));
    let answered = tokio::task::spawn_blocking(move || {
        // Many may wait for a thread, each with what was sent in memory.
        let _room = room;
        sign_in(&portal, peer, &user, &password)
    })
    .await;
    answered.unwrap_or_else(|_| page::respond(StatusCode::INTERNAL_SERVER_ERROR, page::broken()))
}

fn not_read(why: NotRead) -> Response {
    let status = StatusCode::from_u16(why.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response = form(status, "", &why.to_string());
    if let Some(seconds) = why.retry_after() {
        let headers = response.headers_mut();
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static(seconds));
    }
    response
}

/// `POST /sign-out`.
pub async fn out(State(portal): State<Portal>, headers: HeaderMap) -> Response {
    if let Some(secret) = portal
        .cookie(&headers)
        .filter(|_| from_our_page(&portal, &headers))
    {
        portal.sessions.end(&secret);
    }
    to_start(&format!("{}=; Max-Age=0", portal.cookie_name()), &portal)
}

fn sign_in(portal: &Portal, peer: Option<Peer>, user: &str, password: &str) -> Response {
    match portal.app.access.sign_in(peer, None, user, password) {
        Ok(right) => begin(portal, user, &right),
        Err(refusal) => refused(user, &refusal),
    }
}

fn begin(portal: &Portal, user: &str, right: &RightPassword) -> Response {
    let now = portal.app.clock.now();
    let session = match status::begin(&portal.app, right) {
        Ok(Ok(session)) => session,
        Ok(Err(NotLet::Ended)) => return form(StatusCode::UNAUTHORIZED, user, ENDED),
        Ok(Err(NotLet::NoRole)) => return form(StatusCode::FORBIDDEN, user, NO_ROLE),
        Err(failure) => {
            tracing::error!(%failure, "cannot read the roles of the user who signs in");
            return page::respond(StatusCode::INTERNAL_SERVER_ERROR, page::broken());
        }
    };
    let secret = portal.sessions.begin(session, portal.app.ids.as_ref(), now);
    to_start(&format!("{}={secret}", portal.cookie_name()), portal)
}

fn refused(user: &str, refusal: &Refusal) -> Response {
    let mut response = match refusal {
        Refusal::SignInsTooMany(_) => form(StatusCode::SERVICE_UNAVAILABLE, user, BUSY),
        Refusal::SignInsOfNetworkTooMany(_) => form(StatusCode::TOO_MANY_REQUESTS, user, BUSY),
        Refusal::AccountLocked => form(StatusCode::TOO_MANY_REQUESTS, user, LOCKED),
        Refusal::PasswordToBeChanged(page) => form(StatusCode::FORBIDDEN, user, &to_change(page)),
        // No password was found wrong: whoever is told so would change a right one.
        Refusal::Internal(problem) => {
            tracing::error!(error = %problem, "a sign-in to the status page failed");
            match problem.kind {
                ProblemKind::Unavailable => form(StatusCode::SERVICE_UNAVAILABLE, user, AWAY),
                _ => page::respond(StatusCode::INTERNAL_SERVER_ERROR, page::broken()),
            }
        }
        _ => form(StatusCode::UNAUTHORIZED, user, WRONG),
    };
    if let Some(seconds) = refusal.retry_after()
        && let Ok(seconds) = HeaderValue::from_str(&seconds)
    {
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    response
}

/// The page may have been opened under another name or address of this server, where no form of it counts.
fn elsewhere(portal: &Portal) -> String {
    format!(
        "Open {}/ and sign in there.",
        portal.app.settings.public_url
    )
}

/// Only who typed the right password is told.
fn to_change(page: &str) -> String {
    format!(
        "Your password has to be replaced by one that you choose. Change it at {page}, then sign in here."
    )
}

fn form(status: StatusCode, user: &str, why: &str) -> Response {
    page::respond(status, page::sign_in_form(user, Some(why)))
}

/// Browsers say from which page a form comes; another site's page may not sign anybody in or out.
fn from_our_page(portal: &Portal, headers: &HeaderMap) -> bool {
    let origin = headers
        .get(header::ORIGIN)
        .and_then(|value| value.to_str().ok());
    match origin {
        Some(origin) => origin == portal.app.settings.public_url,
        None => headers
            .get("sec-fetch-site")
            .is_none_or(|site| site == "same-origin"),
    }
}

fn to_start(cookie: &str, portal: &Portal) -> Response {
    let secure = if portal.is_secure() { "; Secure" } else { "" };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, HeaderValue::from_static("/"));
    // Base64 and constants: always a header value.
    if let Ok(cookie) = HeaderValue::from_str(&format!(
        "{cookie}; Path=/; HttpOnly; SameSite=Strict{secure}"
    )) {
        headers.insert(header::SET_COOKIE, cookie);
    }
    response
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::sync::Arc;
    use std::task::{Context, Poll};
    use std::time::Duration;

    use http::Request;
    use hyper::body::Frame;
    use syncline_access::{Access, AccessSettings, PasswordLimits, PasswordWork, passwords};
    use syncline_store::StoreError;
    use tempfile::TempDir;
    use tower::ServiceExt as _;

    use super::*;
    use crate::app::{App, Settings};
    use crate::commands::Action as _;
    use crate::commands::tenant_create::TenantCreate;
    use crate::data_dir::DataDir;
    use crate::progress::Silent;
    use crate::server::router::{api, router};

    fn open(folder: &TempDir, settings: Settings) -> App {
        let data = DataDir::new(folder.path().join("data"));
        data.create().unwrap();
        App::open(data, settings).unwrap()
    }

    async fn sign_in_at(app: &Arc<App>, address: &str) -> Response {
        let form = Body::from("user=ann@contoso.example&password=wrong");
        let request = Request::post("/sign-in")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .extension(Peer(address.parse().unwrap()))
            .body(form)
            .unwrap();
        let router = router(app, false);
        router.oneshot(request).await.unwrap()
    }

    #[tokio::test]
    async fn who_gets_no_place_to_check_a_password_at_is_told_when_to_come_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut app = open(&folder, Settings::default());
        let access = Access::new(
            app.store.clone(),
            app.clock.clone(),
            app.ids.clone(),
            AccessSettings::default(),
        );
        app.access = Arc::new(access.with_password_limits(PasswordLimits {
            at_once: 1,
            patience: Duration::ZERO,
            ..PasswordLimits::default()
        }));
        let app = Arc::new(app);
        // Whoever sets a password takes from the same.
        let held = app.access.hashing().place(PasswordWork::Set, None).unwrap();
        let refused = sign_in_at(&app, "192.0.2.1").await;
        assert_eq!(refused.status(), 503);
        assert_eq!(refused.headers()["retry-after"], "5");
        drop(held);
        assert_eq!(sign_in_at(&app, "192.0.2.1").await.status(), 401);
    }

    /// A form that begins and does not go on.
    struct Unfinished;

    impl axum::body::HttpBody for Unfinished {
        type Data = axum::body::Bytes;
        type Error = std::convert::Infallible;

        fn poll_frame(
            self: Pin<&mut Self>,
            _context: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
            Poll::Pending
        }
    }

    #[tokio::test]
    async fn a_stranger_whose_forms_never_end_takes_no_room_of_others_and_loses_his_own() {
        const MALLORY: &str = "192.0.2.1";
        let folder = tempfile::tempdir().unwrap();
        let app = Arc::new(open(&folder, Settings::default()));
        let router = router(&app, false);
        let to = |path: &str, body| {
            let request = Request::post(path)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .extension(Peer(MALLORY.parse().unwrap()));
            router.clone().oneshot(request.body(body).unwrap())
        };
        // All that one address may have, of what is sent to this page and to others.
        let mut forms = tokio::task::JoinSet::new();
        for _ in 0..31 {
            forms.spawn(to("/common/oauth2/v2.0/token", Body::new(Unfinished)));
        }
        for _ in 0..8 {
            forms.spawn(to("/sign-in", Body::new(Unfinished)));
        }
        tokio::task::yield_now().await;
        let wrong = || Body::from("user=ann@contoso.example&password=wrong");
        let refused = to("/sign-in", wrong()).await.unwrap();
        assert_eq!(refused.status(), 429);
        assert_eq!(refused.headers()["retry-after"], "5");
        let another = Request::post("/sign-in").extension(Peer("192.0.2.2".parse().unwrap()));
        let another = router.clone().oneshot(another.body(wrong()).unwrap());
        assert_eq!(another.await.unwrap().status(), 401);
        forms.shutdown().await;
        assert_eq!(to("/sign-in", wrong()).await.unwrap().status(), 401);
    }

    #[tokio::test]
    async fn a_form_that_is_larger_than_two_fields_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let app = Arc::new(open(&folder, Settings::default()));
        let large = Request::post("/sign-in").body(Body::from("x".repeat(LARGEST_FORM + 1)));
        let answer = router(&app, false).oneshot(large.unwrap()).await.unwrap();
        assert_eq!(answer.status(), 413);
    }

    #[test]
    fn a_database_that_is_busy_is_no_wrong_password() {
        let busy = refused(
            "ann@contoso.example",
            &StoreError::Busy("others write".to_owned()).into(),
        );
        assert_eq!(busy.status(), 503);
        assert!(busy.headers().contains_key("retry-after"));
        let damaged = refused("ann@contoso.example", &StoreError::Damaged("a row").into());
        assert_eq!(damaged.status(), 500);
    }

    #[test]
    fn a_temporary_password_is_no_wrong_one() {
        let page = "https://localhost:8443/changepassword";
        let refused = refused(
            "ann@contoso.example",
            &Refusal::PasswordToBeChanged(page.to_owned()),
        );
        assert_eq!(refused.status(), 403);
        assert!(to_change(page).contains(page));
    }

    #[test]
    fn a_password_that_is_reset_while_somebody_signs_in_with_the_one_before_begins_no_session() {
        const ANN: &str = "ann@contoso.example";
        let folder = tempfile::tempdir().unwrap();
        let app = Arc::new(open(&folder, Settings::default()));
        let create = TenantCreate {
            domain: "contoso.example".to_owned(),
            display_name: "Contoso".to_owned(),
            id: None,
            admin: Some(ANN.to_owned()),
        };
        let made = create.execute(&app, &Silent).unwrap().admin.unwrap();
        let portal = Portal {
            app: app.clone(),
            api: Arc::new(api(&app)),
            forms: Arc::default(),
            sessions: Arc::default(),
        };
        let right = app.access.sign_in(None, None, ANN, &made.password).unwrap();
        // Between the check and the session.
        let hashed = app.access.hash_password(None, "Another-Horse-2").unwrap();
        let who = right.who;
        let reset = app
            .store
            .write(|tx| passwords::set(tx, who.tenant, who.user, &hashed, app.clock.as_ref()));
        reset.unwrap();
        let answer = begin(&portal, ANN, &right);
        assert_eq!(answer.status(), 401);
        assert!(!answer.headers().contains_key(header::SET_COOKIE));
        let answer = sign_in(&portal, None, ANN, "Another-Horse-2");
        assert_eq!(answer.status(), 303);
        assert!(answer.headers().contains_key(header::SET_COOKIE));
    }

    #[tokio::test]
    async fn one_address_does_not_sign_in_as_often_at_once_as_it_likes() {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings {
            sign_ins_per_address: 1,
            ..Settings::default()
        };
        let app = Arc::new(open(&folder, settings));
        let hashing = app.access.hashing();
        // All that there are for those who sign in.
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let place = || hashing.place(PasswordWork::SignIn, None).unwrap();
        let held: Vec<_> = std::iter::repeat_with(place)
            .take(cores.saturating_sub(1).max(1))
            .collect();
        let meanwhile = async {
            syncline_testkit::until_in_task("the first waits", || hashing.waiting() > 0).await;
            let refused = sign_in_at(&app, "192.0.2.1").await;
            drop(held);
            refused
        };
        let (first, refused) = tokio::join!(sign_in_at(&app, "192.0.2.1"), meanwhile);
        assert_eq!(first.status(), 401);
        assert_eq!(refused.status(), 429);
        assert_eq!(refused.headers()["retry-after"], "5");
        assert_eq!(sign_in_at(&app, "192.0.2.1").await.status(), 401);
    }
}
