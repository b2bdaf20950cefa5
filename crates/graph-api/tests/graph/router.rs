//! The asynchronous edge.

use std::io::Write as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::State;
use axum::response::Response;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::Request;
use hyper::body::{Frame, SizeHint};
use syncline_graph_api::{AnswerRoom, Api, Limits, MAX_BODY_BYTES, Most, Waiting, handle, router};

use crate::world::{Tenants, World, person};

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

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A POST of a body that is said to be encoded so.
fn post_encoded(url: &str, encoding: &str, body: Vec<u8>) -> (u16, String) {
    let world = World::new();
    let token = world.tenants.contoso.token.clone();
    let request = Request::post(url)
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .header("content-encoding", encoding)
        .body(body)
        .unwrap();
    let (status, content_type, body) = call(world, request);
    assert!(content_type.starts_with("application/json"), "{body}");
    (status, body)
}

#[test]
fn a_compressed_body_is_read_as_if_it_had_come_plain() {
    let ann = person("ann").to_string().into_bytes();
    for (encoding, body) in [
        ("gzip", gzip(&ann)),
        ("GZIP", gzip(&ann)),
        ("x-gzip", gzip(&ann)),
        ("identity", ann.clone()),
        ("identity, gzip", gzip(&ann)),
    ] {
        let (status, body) = post_encoded("/v1.0/users", encoding, body);
        assert_eq!(status, 201, "{encoding}: {body}");
        assert!(body.contains("ann@contoso.example"), "{body}");
    }
    let item = r#"{"requests": [{"id": "1", "method": "GET", "url": "/organization"}]}"#;
    let (status, body) = post_encoded("/v1.0/$batch", "gzip", gzip(item.as_bytes()));
    assert_eq!(status, 200, "{body}");
    assert!(body.contains("Contoso"), "{body}");
}

#[test]
fn a_body_that_grows_without_end_when_decompressed_is_413() {
    let (status, body) = post_encoded("/v1.0/users", "gzip", gzip(&vec![b' '; MAX_BODY_BYTES + 1]));
    assert_eq!(status, 413, "{body}");
    assert!(body.contains("RequestEntityTooLarge"), "{body}");
    // As much as may be sent is read to its end, and then found to be no object.
    let (status, body) = post_encoded("/v1.0/users", "gzip", gzip(&vec![b' '; MAX_BODY_BYTES]));
    assert_eq!(status, 400, "{body}");
    // Empty blocks take room on the line and become nothing.
    let mut blocks = gzip(b"")[..10].to_vec();
    blocks.resize(MAX_BODY_BYTES + 11, 0);
    for block in blocks[10..].chunks_exact_mut(5) {
        block.copy_from_slice(&[0, 0, 0, 0xFF, 0xFF]);
    }
    let (status, body) = post_encoded("/v1.0/users", "gzip", blocks);
    assert_eq!(status, 413, "{body}");
}

#[test]
fn an_encoding_that_is_not_known_is_415_and_says_which_is() {
    for encoding in ["br", "deflate", "gzip, gzip", "nonsense"] {
        let (status, body) = post_encoded("/v1.0/users", encoding, b"{}".to_vec());
        assert_eq!(status, 415, "{encoding}: {body}");
        assert!(body.contains("UnsupportedMediaType"), "{body}");
        assert!(body.contains("gzip"), "{body}");
    }
}

#[test]
fn a_damaged_compressed_body_is_400() {
    let whole = gzip(person("ann").to_string().as_bytes());
    let (mut flipped, mut longer) = (whole.clone(), whole.clone());
    *flipped.last_mut().unwrap() ^= 1;
    longer.push(b'x');
    for body in [
        b"{}".to_vec(),
        whole[..whole.len() - 1].to_vec(),
        whole[..5].to_vec(),
        flipped,
        longer,
    ] {
        let (status, body) = post_encoded("/v1.0/users", "gzip", body);
        assert_eq!(status, 400, "{body}");
        assert!(body.contains("gzip"), "{body}");
    }
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

#[test]
fn what_a_compressed_body_may_become_counts_before_it_is_read() {
    let World { api, tenants, .. } = World::new();
    let body = gzip(b"{}");
    let api = Arc::new(api.with_limits(Limits {
        body_bytes: Most {
            all: 100_000,
            of_tenant: body.len() * 100,
        },
        patience: Duration::ZERO,
        ..Limits::default()
    }));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    for (encoding, status) in [("gzip", 429), ("identity", 400)] {
        let request = Request::post("/v1.0/users")
            .header("authorization", format!("Bearer {}", tenants.contoso.token))
            .header("content-encoding", encoding)
            .body(Body::from(body.clone()))
            .unwrap();
        let answer = runtime.block_on(handle(State(Arc::clone(&api)), request));
        assert_eq!(answer.status(), status, "{encoding}");
    }
}

/// A body of so many bytes, none of which comes. Says when it is asked for the first: the request is
/// admitted then, and its bytes are taken.
struct Announced(u64, Arc<tokio::sync::Notify>);

impl HttpBody for Announced {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.1.notify_one();
        Poll::Pending
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0)
    }
}

async fn post(api: &Arc<Api>, token: &str, body: Body) -> Response {
    let request = Request::post("/v1.0/users")
        .header("authorization", format!("Bearer {token}"))
        .body(body)
        .unwrap();
    handle(State(Arc::clone(api)), request).await
}

#[test]
fn a_tenant_whose_bodies_fill_its_share_of_the_memory_waits_and_others_do_not() {
    let World { api, tenants, .. } = World::new();
    let api = Arc::new(api.with_limits(Limits {
        body_bytes: Most {
            all: 100,
            of_tenant: 60,
        },
        patience: Duration::ZERO,
        ..Limits::default()
    }));
    let (contoso, fabrikam) = (tenants.contoso.token, tenants.fabrikam.token);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(async {
        let asked = Arc::new(tokio::sync::Notify::new());
        let body = Body::new(Announced(50, Arc::clone(&asked)));
        let (of_slow, token) = (Arc::clone(&api), contoso.clone());
        let slow = tokio::spawn(async move { post(&of_slow, &token, body).await });
        asked.notified().await;
        let refused = post(&api, &contoso, Body::from(vec![b' '; 11])).await;
        assert_eq!(refused.status(), 429);
        assert!(refused.headers().contains_key("retry-after"));
        let small = post(&api, &contoso, Body::from("{}")).await;
        assert_eq!(small.status(), 400);
        let other = post(&api, &fabrikam, Body::from(vec![b' '; 50])).await;
        assert_eq!(other.status(), 400);
        let full = post(&api, &fabrikam, Body::from(vec![b' '; 51])).await;
        assert_eq!(full.status(), 503);
        assert!(full.headers().contains_key("retry-after"));
        // Whoever hangs up gives back what was taken for it, and so does work that ended.
        slow.abort();
        assert!(slow.await.is_err());
        let again = post(&api, &contoso, Body::from(vec![b' '; 60])).await;
        assert_eq!(again.status(), 400);
    });
}

#[test]
fn a_tenant_whose_answers_are_not_read_gets_no_more_of_them_and_others_do() {
    let World { api, tenants, .. } = World::new();
    let api = Arc::new(api.with_limits(Limits {
        answer_bytes: Most {
            all: 100_000,
            of_tenant: 1,
        },
        ..Limits::default()
    }));
    let (contoso, fabrikam) = (tenants.contoso.token, tenants.fabrikam.token);
    let get = async |token: &str| {
        let request = Request::get("/v1.0/organization")
            .header("authorization", format!("Bearer {token}"))
            .body(Body::empty())
            .unwrap();
        handle(State(Arc::clone(&api)), request).await
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut unread = get(&contoso).await;
        assert_eq!(unread.status(), 200);
        let refused = get(&contoso).await;
        assert_eq!(refused.status(), 429);
        assert!(refused.headers().contains_key("retry-after"));
        assert_eq!(get(&fabrikam).await.status(), 200);
        // As the transport does, which keeps the bytes until they are sent.
        let mut body = std::mem::take(unread.body_mut());
        let frame = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await;
        drop((body, unread, refused));
        assert_eq!(get(&contoso).await.status(), 429);
        drop(frame);
        assert_eq!(get(&contoso).await.status(), 200);
    });
}

#[test]
fn answers_that_one_tenant_does_not_read_leave_others_their_share() {
    let World { api, tenants, .. } = World::new();
    let api = Arc::new(api.with_limits(Limits {
        answer_bytes: Most {
            all: 2,
            of_tenant: 1,
        },
        ..Limits::default()
    }));
    let get = async |token: &str| {
        let request = Request::get("/v1.0/organization")
            .header("authorization", format!("Bearer {token}"))
            .body(Body::empty())
            .unwrap();
        handle(State(Arc::clone(&api)), request).await
    };
    runtime().block_on(async {
        // Many times all there is.
        let unread = get(&tenants.contoso.token).await;
        assert_eq!(unread.status(), 200);
        assert_eq!(get(&tenants.fabrikam.token).await.status(), 200);
        assert_eq!(get(&tenants.contoso.token).await.status(), 429);
        drop(unread);
        assert_eq!(get(&tenants.contoso.token).await.status(), 200);
    });
}

#[test]
fn what_an_answer_becomes_on_its_way_takes_room_as_well() {
    let World { api, tenants, .. } = World::new();
    let api = Arc::new(api.with_limits(Limits {
        answer_bytes: Most {
            all: 100_000,
            of_tenant: 1,
        },
        ..Limits::default()
    }));
    let get = async |path: &str| {
        let request = Request::get(path)
            .header("authorization", format!("Bearer {}", tenants.contoso.token))
            .body(Body::empty())
            .unwrap();
        handle(State(Arc::clone(&api)), request).await
    };
    runtime().block_on(async {
        let answer = get("/v1.0/organization").await;
        let room: AnswerRoom = answer.extensions().get().cloned().unwrap();
        drop(answer);
        let held = room.hold(1);
        assert_eq!(get("/v1.0/organization").await.status(), 429);
        drop(held);
        assert_eq!(get("/v1.0/organization").await.status(), 200);
    });
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
}

/// A page of many users, of some hundred KiB.
async fn many(api: &Arc<Api>, tenants: &Tenants) -> Response {
    let request = Request::get("/v1.0/users?$top=999")
        .header("authorization", format!("Bearer {}", tenants.contoso.token))
        .body(Body::empty())
        .unwrap();
    handle(State(Arc::clone(api)), request).await
}

async fn frame(body: &mut Body) -> Option<Result<Bytes, axum::Error>> {
    let frame = std::future::poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await?;
    Some(frame.map(|it| it.into_data().unwrap()))
}

#[test]
fn a_large_answer_comes_whole_in_slices_and_says_how_long_it_is() {
    let world = World::new();
    world.crowd(999);
    let World { api, tenants, .. } = world;
    runtime().block_on(async {
        let mut body = many(&Arc::new(api), &tenants).await.into_body();
        let (mut whole, mut slices) = (Vec::new(), 0);
        let length = body.size_hint().exact().unwrap();
        while let Some(slice) = frame(&mut body).await {
            let slice = slice.unwrap();
            assert!(slice.len() <= 64 * 1024, "{}", slice.len());
            whole.extend_from_slice(&slice);
            slices += 1;
            let left = length - whole.len() as u64;
            assert_eq!(body.size_hint().exact(), Some(left));
            assert_eq!(body.is_end_stream(), left == 0);
        }
        assert!(slices > 1, "{slices}");
        let page: serde_json::Value = serde_json::from_slice(&whole).unwrap();
        assert_eq!(page["value"].as_array().unwrap().len(), 999);
    });
}

#[test]
fn a_large_answer_gives_the_room_of_each_slice_back_and_all_of_it_when_it_is_given_up() {
    let world = World::new();
    world.crowd(999);
    let World { api, tenants, .. } = world;
    let api = Arc::new(api.with_limits(Limits {
        answer_bytes: Most {
            all: 100_000_000,
            of_tenant: 64 * 1024 + 1,
        },
        ..Limits::default()
    }));
    runtime().block_on(async {
        let mut unread = many(&api, &tenants).await.into_body();
        assert_eq!(many(&api, &tenants).await.status(), 429);
        let mut of_transport = Vec::new();
        while !unread.is_end_stream() {
            of_transport.push(frame(&mut unread).await.unwrap().unwrap());
        }
        // What the transport has is still in memory.
        assert_eq!(many(&api, &tenants).await.status(), 429);
        drop(of_transport.drain(1..));
        let again = many(&api, &tenants).await;
        assert_eq!(again.status(), 200);
        // Whoever hangs up gives it back at once.
        assert_eq!(many(&api, &tenants).await.status(), 429);
        drop((again, of_transport));
        assert_eq!(many(&api, &tenants).await.status(), 200);
    });
}
