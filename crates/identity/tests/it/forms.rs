//! Forms that never end.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use http::{Request, header};
use hyper::body::Frame;
use syncline_access::Peer;
use tokio::time::Instant;

use crate::world::{Reply, World};

const MALLORY: &str = "192.0.2.1";
const ADA: &str = "198.51.100.1";

/// A client that sends so much and no end.
struct Unfinished(Option<Bytes>);

impl hyper::body::Body for Unfinished {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match self.0.take() {
            Some(sent) => Poll::Ready(Some(Ok(Frame::data(sent)))),
            None => Poll::Pending,
        }
    }
}

fn unfinished(address: &str) -> Request<Body> {
    let sent = Bytes::from(vec![b'x'; 63 * 1024]);
    Request::post("/common/oauth2/v2.0/token")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .extension(Peer(address.parse().unwrap()))
        .body(Body::new(Unfinished(Some(sent))))
        .unwrap()
}

async fn token_from(world: &World, address: &str) -> Reply {
    let path = format!("/{}/oauth2/v2.0/token", world.contoso.id);
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", world.contoso.client_id.as_str()),
        ("client_secret", world.contoso.client_secret.as_str()),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    world.post_from(address, &path, &fields).await
}

#[tokio::test(start_paused = true)]
async fn a_stranger_whose_forms_never_end_takes_no_room_of_others_and_loses_his_own() {
    let world = std::sync::Arc::new(World::new());
    let begun = Instant::now();
    let mut forms = Vec::new();
    for _ in 0..32 {
        let world = std::sync::Arc::clone(&world);
        forms.push(tokio::spawn(async move {
            world.send(unfinished(MALLORY)).await
        }));
    }
    tokio::task::yield_now().await;
    for refused in [
        world.send(unfinished(MALLORY)).await,
        token_from(&world, MALLORY).await,
    ] {
        assert_eq!((refused.status, refused.header("retry-after")), (429, "5"));
    }
    assert_eq!(token_from(&world, ADA).await.status, 200);
    for form in forms {
        assert_eq!(form.await.unwrap().status, 408);
    }
    // By the paused clock: nobody waits for it.
    assert_eq!(begun.elapsed().as_secs(), Duration::from_secs(15).as_secs());
    assert_eq!(token_from(&world, MALLORY).await.status, 200);
}

#[tokio::test]
async fn a_form_that_says_it_is_too_large_is_not_read() {
    let world = World::new();
    let large = "x".repeat(64 * 1024 + 1);
    let request = Request::post("/common/oauth2/v2.0/token").body(Body::from(large));
    assert_eq!(world.send(request.unwrap()).await.status, 413);
}
