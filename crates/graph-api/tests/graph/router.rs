//! The asynchronous edge.

use std::sync::Arc;
use std::task::Poll;

use axum::extract::State;
use http::Request;
use syncline_graph_api::{MAX_BODY_BYTES, Waiting, handle, router};

use crate::world::World;

fn call(world: World, request: Request<Vec<u8>>) -> (u16, String, String) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let World { api, .. } = world;
    runtime.block_on(async {
        let router = router(Arc::new(api));
        let request = request.map(axum::body::Body::from);
        let response = tower::ServiceExt::oneshot(router, request).await.unwrap();
        let status = response.status().as_u16();
        let content_type = response
            .headers()
            .get("content-type")
            .map(|it| it.to_str().unwrap().to_owned())
            .unwrap_or_default();
        let body = axum::body::to_bytes(response.into_body(), usize::MAX)
            .await
            .unwrap();
        (
            status,
            content_type,
            String::from_utf8(body.to_vec()).unwrap(),
        )
    })
}

#[test]
fn a_request_reaches_its_action() {
    let world = World::new();
    let token = world.tenants.contoso.token.clone();
    let request = Request::get("/v1.0/organization")
        .header("authorization", format!("Bearer {token}"))
        .body(Vec::new())
        .unwrap();
    let (status, content_type, body) = call(world, request);
    assert_eq!(status, 200, "{body}");
    assert!(content_type.starts_with("application/json"));
    assert!(body.contains("Contoso"));
}

#[test]
fn other_versions_are_told_so() {
    let request = Request::get("/v2.0/users").body(Vec::new()).unwrap();
    let (status, _, body) = call(World::new(), request);
    assert_eq!(status, 400);
    assert!(body.contains("Invalid version."), "{body}");
}

#[test]
fn a_body_without_end_is_413_with_an_envelope() {
    let world = World::new();
    let token = world.tenants.contoso.token.clone();
    let request = Request::post("/v1.0/users")
        .header("authorization", format!("Bearer {token}"))
        .body(vec![b' '; MAX_BODY_BYTES + 1])
        .unwrap();
    let (status, content_type, body) = call(world, request);
    assert_eq!(status, 413);
    assert!(content_type.starts_with("application/json"));
    assert!(body.contains("RequestEntityTooLarge"), "{body}");
}

#[test]
fn a_stranger_is_refused_before_the_body_is_read() {
    for (path, wanted, code) in [
        ("/v1.0/users", 401, "InvalidAuthenticationToken"),
        ("/v2.0/users", 400, "Invalid version."),
    ] {
        let request = Request::post(path)
            .header("authorization", "Bearer nonsense")
            .body(vec![b' '; MAX_BODY_BYTES + 1])
            .unwrap();
        let (status, content_type, body) = call(World::new(), request);
        // Had the body been read, it would have been too large.
        assert_eq!(status, wanted, "{body}");
        assert!(content_type.starts_with("application/json"));
        assert!(body.contains(code), "{body}");
    }
}

#[test]
fn a_preflight_needs_no_token_and_no_body() {
    let request = Request::options("/v1.0/users")
        .body(vec![b' '; MAX_BODY_BYTES + 1])
        .unwrap();
    let (status, _, _) = call(World::new(), request);
    assert_eq!(status, 204);
}

#[test]
fn whoever_hangs_up_does_not_wait_any_more() {
    let World { api, .. } = World::new();
    let waiting = Waiting::default();
    let request = Request::get("/v1.0/organization")
        .extension(waiting.clone())
        .body(axum::body::Body::empty())
        .unwrap();
    // Nothing is answered meanwhile: the one thread that could is busy.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .max_blocking_threads(1)
        .build()
        .unwrap();
    let (done, busy) = std::sync::mpsc::channel::<()>();
    runtime.spawn_blocking(move || busy.recv());
    runtime.block_on(async {
        let mut answer = Box::pin(handle(State(Arc::new(api)), request));
        // As the server does until the connection is closed.
        std::future::poll_fn(|context| {
            let _ = answer.as_mut().poll(context);
            Poll::Ready(())
        })
        .await;
        assert!(!waiting.is_over());
        drop(answer);
        assert!(waiting.is_over());
    });
    drop(done);
}
