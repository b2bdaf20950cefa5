//! A sign-out in another window while a request is at work that would go on in the session: nothing comes of it any more.

use crate::authorization_code::{LOOPBACK, address};
use crate::device_code::{begin, poll};
use crate::visitor::Visitor;
use crate::world::World;

/// More often no request reads.
const MOST_READS: usize = 60;
const BOB: &str = "bob@contoso.example";

/// A world in which nobody has to be asked for consent.
fn world() -> World {
    let world = World::new();
    world.consent(&world.contoso, &["User.Read"]);
    world
}

fn sign_out(world: &World) -> String {
    format!("/{}/oauth2/v2.0/logout", world.contoso.id)
}

fn asks_for_password(visitor: &Visitor<'_>) -> bool {
    visitor.page.body.contains("name=\"password\"")
}

#[tokio::test]
async fn no_code_is_given_and_the_page_to_sign_in_at_is_shown() {
    for reads in 1..MOST_READS {
        let world = world();
        let plain = address(&world.contoso.id.to_string(), &[]);
        let mut visitor = Visitor::open(&world, &plain).await;
        visitor.sign_in(BOB).await;
        visitor.left_with(LOOPBACK);
        let signed_out = world.send_behind_read(reads, visitor.asks(&sign_out(&world)));
        visitor.go(&plain).await;
        if signed_out.try_recv().is_err() {
            // It was answered before.
            assert!(reads > 2, "nobody signed out behind the page");
            return;
        }
        assert!(
            asks_for_password(&visitor),
            "behind read {reads}: {:?}",
            visitor.page
        );
        // Nothing else is lost.
        visitor.sign_in(BOB).await;
        assert!(visitor.left_with(LOOPBACK).contains_key("code"));
    }
    panic!("the request reads for ever");
}

/// The page of consent was open when they signed out.
#[tokio::test]
async fn nor_is_one_given_to_who_has_just_agreed() {
    for reads in 1..MOST_READS {
        let world = World::new();
        let plain = address(&world.contoso.id.to_string(), &[]);
        let mut visitor = Visitor::open(&world, &plain).await;
        visitor.sign_in(BOB).await;
        let signed_out = world.send_behind_read(reads, visitor.asks(&sign_out(&world)));
        visitor.accept().await;
        if signed_out.try_recv().is_err() {
            assert!(reads > 2, "nobody signed out behind the page");
            return;
        }
        assert!(
            asks_for_password(&visitor),
            "behind read {reads}: {:?}",
            visitor.page
        );
    }
    panic!("the request reads for ever");
}

#[tokio::test]
async fn an_application_that_forbids_pages_is_told_that_nobody_is_signed_in() {
    for reads in 1..MOST_READS {
        let world = world();
        let id = world.contoso.id.to_string();
        let mut visitor = Visitor::open(&world, &address(&id, &[])).await;
        visitor.sign_in(BOB).await;
        visitor.left_with(LOOPBACK);
        let signed_out = world.send_behind_read(reads, visitor.asks(&sign_out(&world)));
        visitor.go(&address(&id, &[("prompt", "none")])).await;
        if signed_out.try_recv().is_err() {
            assert!(reads > 2, "nobody signed out behind the page");
            return;
        }
        let left = visitor.left_with(LOOPBACK);
        let told = left.get("error").map(String::as_str);
        assert_eq!(told, Some("login_required"), "behind read {reads}");
    }
    panic!("the request reads for ever");
}

#[tokio::test]
async fn no_device_is_confirmed_and_its_code_stays_good() {
    for reads in 1..MOST_READS {
        let world = world();
        let (device, user_code) = begin(&world, "common", "User.Read").await;
        let mut visitor = Visitor::open(&world, "/devicelogin").await;
        visitor.submit(&[("user_code", &user_code)]).await;
        visitor.sign_in(BOB).await;
        let signed_out = world.send_behind_read(reads, visitor.asks(&sign_out(&world)));
        visitor.accept().await;
        if signed_out.try_recv().is_err() {
            assert!(reads > 2, "nobody signed out behind the page");
            return;
        }
        assert!(
            asks_for_password(&visitor),
            "behind read {reads}: {:?}",
            visitor.page
        );
        poll(&world, &world.contoso, &device)
            .await
            .assert_refused("authorization_pending", 70016);
        visitor.sign_in(BOB).await;
        visitor.accept().await;
        assert!(visitor.page.body.contains("You are signed in"));
        world.clock.advance_seconds(5);
        poll(&world, &world.contoso, &device)
            .await
            .text("access_token");
    }
    panic!("the request reads for ever");
}
