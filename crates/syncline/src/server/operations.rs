//! What an operator's machines ask: `/healthz`, `/readyz` and `/metrics`.
//!
//! Anybody may ask whether the server lives and is ready; the answer names no tenant and no reason.
//! The figures tell how many jobs there are, what they are called and how much they do: they are for
//! the operator, and a tenant of the server is a stranger to the others. So they are answered at an
//! address of their own (`--metrics-listen`), or, without one, at the main address to this machine
//! alone, and not even that behind a proxy: there everybody comes from this machine.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Extension, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, get};
use http::request::Parts;
use http::uri::Authority;
use http::{StatusCode, header};
use serde_json::json;
use syncline_access::Peer;
use syncline_model::Problem;
use syncline_store::StoreError;

use crate::app::App;
use crate::metrics::{self, Stored};

use super::aside::Aside;

/// Questions to the store at a time: one that does not answer holds no more threads than these.
const ASKING: usize = 4;
/// Figures that are gathered at a time. They take turns anyway.
const GATHERING: usize = 2;

/// What the answers are made of, and the threads they are made on.
#[derive(Clone)]
struct Desk {
    app: Arc<App>,
    store: Aside,
    figures: Aside,
    now: Now,
}

/// Time since some moment that stays the same.
type Now = Arc<dyn Fn() -> Duration + Send + Sync>;

impl Desk {
    fn new(app: &Arc<App>, now: Now) -> Self {
        Self {
            app: Arc::clone(app),
            now,
            store: Aside::new(ASKING),
            figures: Aside::new(GATHERING),
        }
    }
}

/// A store that needs longer for one row does not answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Headers by which proxies say for whom they ask.
const PROXIED: [&str; 5] = [
    "forwarded",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-real-ip",
];

/// The same for all addresses: what is found out at one is remembered for the others.
fn running(app: &App) -> Now {
    let metrics = Arc::clone(&app.metrics);
    Arc::new(move || metrics.running())
}

/// At the main address. `figures`: whether `/metrics` is answered there to this machine.
pub fn public_router(app: &Arc<App>, figures: bool) -> Router {
    let guarded = if figures {
        get(metrics_for_this_machine)
    } else {
        get(metrics_elsewhere)
    };
    router(app, guarded, running(app))
}

/// At the operator's own address.
pub fn private_router(app: &Arc<App>) -> Router {
    router(app, get(metrics), running(app))
}

fn router(app: &Arc<App>, metrics: MethodRouter<Desk>, now: Now) -> Router {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", metrics)
        .with_state(Desk::new(app, now))
}

/// The process answers. Nothing else is looked at: whoever restarts it because of this would lose
/// what runs, and a restart mends no full disk.
pub async fn healthz() -> Response {
    answer(StatusCode::OK, &json!({ "status": "ok" }))
}

/// Whether requests should be sent here.
async fn readyz(State(desk): State<Desk>) -> Response {
    let serving = !desk.app.cycles.stopping();
    let Stored {
        store,
        migrations,
        room,
        writes,
    } = stored(&desk).await;
    let ready = serving && store && migrations && room && writes;
    let word = |good: bool| if good { "ok" } else { "failed" };
    let body = json!({
        "status": if ready { "ready" } else { "not ready" },
        "checks": {
            "store": word(store),
            "migrations": word(migrations),
            "writes": if writes { "ok" } else { "read-only" },
            "disk": if room { "ok" } else { "disk is full" },
            "serving": if serving { "ok" } else { "stopping" },
        },
    });
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    answer(status, &body)
}

async fn stored(desk: &Desk) -> Stored {
    let asked = Arc::clone(&desk.app);
    let now = (desk.now)();
    let questions = desk.store.run(move || {
        // First: where nothing can be written, other questions may fail for that.
        let room = asked.store.has_room(now);
        let layout = asked.store.layout();
        // Last: whoever is read from may be found not to take writes.
        let writes = asked.store.takes_writes(now);
        (room, writes, layout)
    });
    let mut stored = Stored {
        store: true,
        migrations: true,
        // What nobody has missed.
        room: true,
        writes: true,
    };
    let Ok(Some((room, writes, layout))) = tokio::time::timeout(PATIENCE, questions).await else {
        tracing::error!("the store does not answer in time");
        return Stored {
            store: false,
            migrations: false,
            ..stored
        };
    };
    for (question, said) in [(room, &mut stored.room), (writes, &mut stored.writes)] {
        match question {
            Ok(answer) => *said = answer,
            Err(error) => {
                tracing::error!(%error, "the store does not answer");
                stored.store = false;
            }
        }
    }
    match layout {
        Ok(layout) => stored.migrations = stored.store && layout.is_current(),
        Err(error) => {
            // That is said once, by who finds it out.
            if matches!(error, StoreError::Unwritable(_)) {
                tracing::debug!(%error, "the store does not answer");
            } else {
                tracing::error!(%error, "the store does not answer");
            }
            stored.store = false;
            stored.migrations = false;
        }
    }
    stored
}

async fn metrics(State(desk): State<Desk>) -> Response {
    let app = Arc::clone(&desk.app);
    let stored = stored(&desk).await;
    let render = move || app.metrics.render_with(&app, stored);
    let rendered = desk.figures.run(render).await;
    let text = rendered.unwrap_or_else(|| Err(Problem::internal("rendering broke off")));
    match text {
        Ok(text) => ([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], text).into_response(),
        Err(problem) => {
            tracing::error!(%problem, "the figures cannot be read");
            refuse(
                StatusCode::INTERNAL_SERVER_ERROR,
                "The figures cannot be read; the log says why.\n",
            )
        }
    }
}

async fn metrics_for_this_machine(
    desk: State<Desk>,
    peer: Option<Extension<Peer>>,
    request: Parts,
) -> Response {
    let near = peer.is_some_and(|Extension(Peer(address))| address.to_canonical().is_loopback());
    let headers = &request.headers;
    let proxied = PROXIED.iter().any(|name| headers.contains_key(*name));
    if near && !proxied && asks_this_machine(&request) {
        metrics(desk).await
    } else {
        metrics_elsewhere().await
    }
}

/// A page of some other site, whose name was made to lead here, asks for that name.
fn asks_this_machine(request: &Parts) -> bool {
    let named = request.uri.authority().map(Authority::as_str).or_else(|| {
        let host = request.headers.get(header::HOST)?;
        host.to_str().ok()
    });
    named
        .and_then(|text| text.parse::<Authority>().ok())
        .is_some_and(|authority| is_this_machine(authority.host()))
}

/// Whether this host is the machine itself: `localhost` or a loopback address.
pub fn is_this_machine(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

async fn metrics_elsewhere() -> Response {
    refuse(
        StatusCode::FORBIDDEN,
        "Figures are for the operator: start the server with --metrics-listen ADDR and ask there.\n",
    )
}

fn refuse(status: StatusCode, why: &'static str) -> Response {
    (status, why).into_response()
}

pub fn answer(status: StatusCode, body: &serde_json::Value) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, format!("{body}\n")).into_response()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use axum::body::{Body, to_bytes};
    use http::Request;
    use serde_json::Value;
    use tower::ServiceExt as _;

    use super::*;
    use crate::app::Settings;
    use crate::data_dir::DataDir;

    struct World {
        folder: tempfile::TempDir,
        app: Arc<App>,
        /// Seconds, as its operators' clock has them.
        now: Arc<AtomicU64>,
    }

    impl World {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let data = DataDir::new(folder.path().join("data"));
            data.create().unwrap();
            let app = Arc::new(App::open(data, Settings::default()).unwrap());
            let now = Arc::default();
            Self { folder, app, now }
        }

        async fn ask(&self, path: &str) -> (u16, Vec<u8>) {
            let request = Request::get(path).body(Body::empty()).unwrap();
            let seconds = Arc::clone(&self.now);
            let now = Arc::new(move || Duration::from_secs(seconds.load(Ordering::Relaxed)));
            let router = router(&self.app, get(metrics), now);
            let answer = router.oneshot(request).await.unwrap();
            let status = answer.status().as_u16();
            let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
            (status, body.to_vec())
        }
    }

    #[test]
    fn operators_are_answered_while_all_threads_are_busy() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .max_blocking_threads(1)
            .build()
            .unwrap();
        let (done, busy) = std::sync::mpsc::channel::<()>();
        runtime.spawn_blocking(move || busy.recv());
        let world = World::new();
        runtime.block_on(async {
            for path in ["/healthz", "/readyz", "/metrics"] {
                assert_eq!(world.ask(path).await.0, 200, "{path}");
            }
        });
        drop(done);
    }

    #[tokio::test]
    async fn a_server_on_a_full_disk_is_not_ready_until_there_is_room() {
        let world = World::new();
        let store = &world.app.store;
        let write = || {
            store.write(|tx| {
                let filling = vec!["x".repeat(1 << 20)];
                tx.put_document(None, "filling", &Filling(filling), None)
            })
        };
        store.bound_to(1).unwrap();
        // Nobody knows yet.
        assert_eq!(world.ask("/readyz").await.0, 200);
        assert!(write().is_err());
        let (status, body) = world.ask("/readyz").await;
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(
            (status, &body["checks"]["disk"]),
            (503, &json!("disk is full"))
        );
        assert_eq!(world.ask("/healthz").await.0, 200);
        let (_, figures) = world.ask("/metrics").await;
        let figures = String::from_utf8(figures).unwrap();
        let told = "\nsyncline_ready{check=\"disk\"} 0\n";
        assert!(figures.contains(told), "{figures}");
        store.bound_to(0).unwrap();
        // What was tried a moment ago is not tried again for everybody who asks.
        assert_eq!(world.ask("/readyz").await.0, 503);
        world.now.store(60, Ordering::Relaxed);
        assert_eq!(world.ask("/readyz").await.0, 200);
        write().unwrap();
    }

    #[tokio::test]
    async fn a_server_whose_disk_is_read_only_is_not_ready_until_it_is_written_again() {
        let world = World::new();
        let store = &world.app.store;
        let write =
            || store.write(|tx| tx.put_document(None, "filling", &Filling(Vec::new()), None));
        let checked = async |status: u16, writes: &str| {
            let (said, body) = world.ask("/readyz").await;
            let body: Value = serde_json::from_slice(&body).unwrap();
            assert_eq!((said, &body["checks"]["writes"]), (status, &json!(writes)));
        };
        store.let_write(false).unwrap();
        // Nobody knows yet.
        checked(200, "ok").await;
        assert!(write().is_err());
        checked(503, "read-only").await;
        assert_eq!(world.ask("/healthz").await.0, 200);
        store.let_write(true).unwrap();
        // What was tried a moment ago is not tried again for everybody who asks.
        checked(503, "read-only").await;
        world.now.store(60, Ordering::Relaxed);
        checked(200, "ok").await;
        // Nor is it tried once something was written.
        store.let_write(false).unwrap();
        assert!(write().is_err());
        store.let_write(true).unwrap();
        write().unwrap();
        checked(200, "ok").await;
    }

    #[derive(serde::Serialize, serde::Deserialize)]
    struct Filling(Vec<String>);

    impl syncline_store::Document for Filling {
        const KIND: &'static str = "filling";
    }

    #[tokio::test]
    async fn a_store_that_can_not_be_read_is_not_ready_but_alive_and_says_no_reason() {
        let world = World::new();
        assert_eq!(world.ask("/readyz").await.0, 200);

        let world = World::new();
        // Somebody cleaned up: no reader can be opened any more.
        std::fs::remove_dir_all(world.folder.path().join("data")).unwrap();
        let (status, body) = world.ask("/readyz").await;
        assert_eq!(status, 503);
        let body: Value = serde_json::from_slice(&body).unwrap();
        let expected = json!({
            "status": "not ready",
            "checks": {"store": "failed", "migrations": "failed", "writes": "read-only", "disk": "ok", "serving": "ok"},
        });
        assert_eq!(body, expected);
        assert_eq!(world.ask("/healthz").await.0, 200);
        // Figures that are not known are not made up, and the others are told.
        let (status, text) = world.ask("/metrics").await;
        let text = String::from_utf8(text).unwrap();
        assert_eq!(status, 200, "{text}");
        for (line, is_there) in [
            ("\nsyncline_ready{check=\"store\"} 0\n", true),
            ("\nsyncline_ready{check=\"disk\"} 1\n", true),
            ("\nprocess_start_time_seconds ", true),
            ("\nsyncline_jobs", false),
            ("\nsyncline_store_database_size_bytes", false),
        ] {
            assert_eq!(text.contains(line), is_there, "{line}{text}");
        }
    }
}
