use syncline_access::{grants, passwords};
use syncline_directory::{Context, deleted_items, users};
use syncline_model::{Attr, Clock as _, Value};
use syncline_testkit::CountedIds;

use crate::authorization_code::{VERIFIER, address};
use crate::visitor::Visitor;
use crate::world::{Hosted, POWERSHELL, Reply, World, claims};

const LOOPBACK: &str = "http://localhost:51234";

/// Signs Bob in with PowerShell; his refresh token.
async fn refresh_token(world: &World) -> String {
    world.consent(&world.contoso, &["User.Read", "Policy.Read.All"]);
    let mut visitor = Visitor::open(world, &address(&world.contoso.id.to_string(), &[])).await;
    visitor.sign_in("bob@contoso.example").await;
    let code = visitor.left_with(LOOPBACK).remove("code").unwrap();
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", POWERSHELL),
        ("code", code.as_str()),
        ("redirect_uri", LOOPBACK),
        ("code_verifier", VERIFIER),
    ];
    world
        .token(&world.contoso, &fields)
        .await
        .text("refresh_token")
}

async fn refresh(world: &World, tenant: &Hosted, token: &str, scope: &str) -> Reply {
    let mut fields = vec![
        ("grant_type", "refresh_token"),
        ("client_id", POWERSHELL),
        ("refresh_token", token),
    ];
    if !scope.is_empty() {
        fields.push(("scope", scope));
    }
    world.token(tenant, &fields).await
}

#[tokio::test]
async fn each_refresh_gives_the_next_token_and_the_scopes_asked_for() {
    let world = World::new();
    let first = refresh_token(&world).await;
    world.clock.advance_seconds(3600);
    let reply = refresh(&world, &world.contoso, &first, "").await;
    assert_eq!(
        claims(&reply.text("access_token"))["scp"],
        "openid profile User.Read"
    );
    let second = reply.text("refresh_token");
    assert_ne!(first, second);
    let reply = refresh(
        &world,
        &world.contoso,
        &second,
        "openid https://localhost:8443/.default",
    )
    .await;
    assert_eq!(
        claims(&reply.text("access_token"))["scp"],
        "openid User.Read Policy.Read.All"
    );
    assert_eq!(
        reply.json()["scope"],
        "openid https://localhost:8443/.default https://localhost:8443/User.Read https://localhost:8443/Policy.Read.All"
    );
    let third = reply.text("refresh_token");
    let refused = refresh(&world, &world.contoso, &third, "AuditLog.Read.All").await;
    refused.assert_refused("interaction_required", 65001);
    // A refusal uses nothing up.
    assert_eq!(
        refresh(&world, &world.contoso, &third, "").await.status,
        200
    );
}

#[tokio::test]
async fn a_token_used_twice_ends_its_family() {
    let world = World::new();
    let first = refresh_token(&world).await;
    let second = refresh(&world, &world.contoso, &first, "")
        .await
        .text("refresh_token");
    world.pass_since_last_use(61);
    refresh(&world, &world.contoso, &first, "")
        .await
        .assert_refused("invalid_grant", 50173);
    refresh(&world, &world.contoso, &second, "")
        .await
        .assert_refused("invalid_grant", 9002313);
}

/// Its minute would last until a clock that was ahead would have been right.
#[tokio::test]
async fn a_token_that_was_used_by_a_wrong_clock_is_not_answered_again() {
    let world = World::new();
    let first = refresh_token(&world).await;
    world.clock.advance_seconds(24 * 3600);
    refresh(&world, &world.contoso, &first, "")
        .await
        .text("refresh_token");
    world.pass_since_last_use(-24 * 3600);
    refresh(&world, &world.contoso, &first, "")
        .await
        .assert_refused("invalid_grant", 50173);
}

/// On a shared database, whose clock tells when the minute is over: the second use may come to a node with another.
#[tokio::test]
async fn a_token_used_again_at_a_node_with_another_clock_gives_the_same_next_one() {
    for ahead in [-600, -120, 120, 600] {
        let world = World::new();
        let first = refresh_token(&world).await;
        let next = refresh(&world, &world.contoso, &first, "").await;
        world.clock.advance_seconds(ahead);
        let again = refresh(&world, &world.contoso, &first, "").await;
        if world.store.is_shared() {
            let next = next.text("refresh_token");
            assert_eq!(again.text("refresh_token"), next, "{ahead}");
            let reply = refresh(&world, &world.contoso, &next, "").await;
            assert_eq!(reply.status, 200, "{ahead}: {}", reply.body);
        } else if ahead == -120 {
            // There is but one clock, which was set back a little: no minute has passed by it.
            assert_eq!(again.text("refresh_token"), next.text("refresh_token"));
        } else {
            again.assert_refused("invalid_grant", 50173);
        }
    }
}

/// The answer was lost on its way, or another process had read the token from the same cache.
#[tokio::test]
async fn a_token_used_again_within_a_minute_gives_the_same_next_one() {
    let world = World::new();
    let first = refresh_token(&world).await;
    let second = refresh(&world, &world.contoso, &first, "")
        .await
        .text("refresh_token");
    world.clock.advance_seconds(59);
    let again = refresh(&world, &world.contoso, &first, "").await;
    assert_eq!(again.text("refresh_token"), second);
    assert_eq!(
        claims(&again.text("access_token"))["scp"],
        "openid profile User.Read"
    );
    // Being asked again makes the minute no longer, and the family lives on with one token.
    let third = refresh(&world, &world.contoso, &second, "")
        .await
        .text("refresh_token");
    assert_ne!(third, second);
    world.clock.advance_seconds(3600);
    let fourth = refresh(&world, &world.contoso, &third, "").await;
    assert_eq!(fourth.status, 200, "{}", fourth.body);
}

#[tokio::test]
async fn two_at_once_get_the_same_next_token() {
    let world = World::new();
    let first = refresh_token(&world).await;
    let (one, other) = tokio::join!(
        refresh(&world, &world.contoso, &first, ""),
        refresh(&world, &world.contoso, &first, "")
    );
    let next = one.text("refresh_token");
    assert_eq!(next, other.text("refresh_token"));
    let reply = refresh(&world, &world.contoso, &next, "").await;
    assert_eq!(reply.status, 200, "{}", reply.body);
}

/// Only the one before: who has an older one kept it, or took it.
#[tokio::test]
async fn a_token_before_the_last_ends_its_family_within_the_minute_too() {
    let world = World::new();
    let first = refresh_token(&world).await;
    let mut newest = first.clone();
    for _ in 0..2 {
        let reply = refresh(&world, &world.contoso, &newest, "").await;
        newest = reply.text("refresh_token");
    }
    refresh(&world, &world.contoso, &first, "")
        .await
        .assert_refused("invalid_grant", 50173);
    refresh(&world, &world.contoso, &newest, "")
        .await
        .assert_refused("invalid_grant", 9002313);
}

#[tokio::test]
async fn within_the_minute_a_new_password_counts_nevertheless() {
    let world = World::new();
    let first = refresh_token(&world).await;
    let next = refresh(&world, &world.contoso, &first, "").await;
    assert_eq!(next.status, 200, "{}", next.body);
    let hashed = world.access.hash_password(None, "Another-Horse-2").unwrap();
    let (tenant, bob) = (world.contoso.id, world.contoso.bob);
    world.write(|tx| {
        Ok(passwords::set(
            tx,
            tenant,
            bob,
            &hashed,
            world.clock.as_ref(),
        )?)
    });
    refresh(&world, &world.contoso, &first, "")
        .await
        .assert_refused("invalid_grant", 50173);
}

#[tokio::test]
async fn a_token_is_bound_to_tenant_and_client() {
    let world = World::new();
    let token = refresh_token(&world).await;
    refresh(&world, &world.fabrikam, &token, "")
        .await
        .assert_refused("invalid_grant", 700005);
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", world.contoso.client_id.as_str()),
        ("client_secret", world.contoso.client_secret.as_str()),
        ("refresh_token", token.as_str()),
    ];
    world
        .token(&world.contoso, &fields)
        .await
        .assert_refused("invalid_grant", 700002);
    assert_eq!(
        refresh(&world, &world.contoso, &token, "").await.status,
        200
    );
}

#[tokio::test]
async fn nonsense_is_refused() {
    let world = World::new();
    for token in ["x", "x.y", "11111111-2222-3333-4444-555555555555.secret"] {
        refresh(&world, &world.contoso, token, "")
            .await
            .assert_refused("invalid_grant", 9002313);
    }
    let fields = [("grant_type", "refresh_token"), ("client_id", POWERSHELL)];
    world
        .token(&world.contoso, &fields)
        .await
        .assert_refused("invalid_request", 900144);
}

#[tokio::test]
async fn a_token_not_used_for_ninety_days_expires() {
    let world = World::new();
    let first = refresh_token(&world).await;
    world.clock.advance_seconds(89 * 24 * 3600);
    let second = refresh(&world, &world.contoso, &first, "")
        .await
        .text("refresh_token");
    world.clock.advance_seconds(90 * 24 * 3600);
    refresh(&world, &world.contoso, &second, "")
        .await
        .assert_refused("invalid_grant", 70008);
}

#[tokio::test]
async fn a_new_password_revoked_sessions_and_a_disabled_account_end_it() {
    let world = World::new();
    let token = refresh_token(&world).await;
    let hashed = world.access.hash_password(None, "Another-Horse-2").unwrap();
    world.write(|tx| {
        Ok(passwords::set(
            tx,
            world.contoso.id,
            world.contoso.bob,
            &hashed,
            world.clock.as_ref(),
        )?)
    });
    refresh(&world, &world.contoso, &token, "")
        .await
        .assert_refused("invalid_grant", 50173);

    let world = World::new();
    let token = refresh_token(&world).await;
    world.clock.advance_seconds(1);
    let now = world.clock.now();
    world.update(&world.contoso, world.contoso.bob, |entry| {
        entry.attrs.set(
            Attr::SIGN_IN_SESSIONS_VALID_FROM_DATE_TIME,
            Value::Time(now),
        );
    });
    refresh(&world, &world.contoso, &token, "")
        .await
        .assert_refused("invalid_grant", 50173);

    let world = World::new();
    let token = refresh_token(&world).await;
    world.update(&world.contoso, world.contoso.bob, |entry| {
        entry.attrs.set(Attr::ACCOUNT_ENABLED, false);
    });
    refresh(&world, &world.contoso, &token, "")
        .await
        .assert_refused("invalid_grant", 50173);
}

#[tokio::test]
async fn the_deletion_of_the_tenant_ends_it() {
    let world = World::new();
    let token = refresh_token(&world).await;
    world.delete_tenant(&world.contoso);
    refresh(&world, &world.contoso, &token, "")
        .await
        .assert_refused("invalid_tenant", 90002);
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", POWERSHELL),
        ("refresh_token", &token),
    ];
    let reply = world.post("/common/oauth2/v2.0/token", &fields).await;
    reply.assert_refused("invalid_grant", 50173);
}

#[tokio::test]
async fn a_withdrawn_consent_ends_it() {
    let world = World::new();
    let token = refresh_token(&world).await;
    world.write(|tx| {
        for grant in grants::list(tx, world.contoso.id, None, 10)? {
            grants::revoke(tx, world.contoso.id, &grant)?;
        }
        Ok(())
    });
    refresh(&world, &world.contoso, &token, "")
        .await
        .assert_refused("interaction_required", 65001);
}

/// Somebody else may have what a leaver was signed in on.
#[tokio::test]
async fn an_account_that_comes_back_does_not_come_back_signed_in() {
    let world = World::new();
    let (tenant, bob) = (&world.contoso, world.contoso.bob);
    let token = refresh_token(&world).await;
    let mut visitor = Visitor::open(&world, &address(&tenant.domain, &[])).await;
    visitor.sign_in("bob@contoso.example").await;
    visitor.left_with(LOOPBACK);
    let write = |back: bool| {
        world.clock.advance_seconds(60);
        world.write(|tx| {
            let hosted = tx.tenant(tenant.id)?.unwrap();
            let context = Context {
                tenant: &hosted,
                now: world.clock.now(),
                ids: &CountedIds::new(),
            };
            match back {
                false => users::delete(tx, &context, bob)?,
                true => {
                    let how = deleted_items::Restoration::default();
                    deleted_items::restore(tx, &context, bob, how)?;
                }
            }
            Ok(())
        });
    };
    write(false);
    refresh(&world, tenant, &token, "").await;
    write(true);
    refresh(&world, tenant, &token, "")
        .await
        .assert_refused("invalid_grant", 50173);
    // Nor does the browser; the password is what it was.
    visitor.go(&address(&tenant.domain, &[])).await;
    visitor.sign_in("bob@contoso.example").await;
    visitor.left_with(LOOPBACK);
}
