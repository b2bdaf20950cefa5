use std::sync::{Arc, mpsc};

use serde::{Deserialize, Serialize};
use syncline_identity::Settings;
use syncline_model::Clock;
use syncline_store::{Document, ObjectState, StoreError};

use crate::authorization_code::address;
use crate::visitor::Visitor;
use crate::world::{Hosted, POWERSHELL, Reply, World, claims};

/// The four scopes of the public walk-through's first step.
const SCOPES: &str = "Policy.Read.All Policy.ReadWrite.CrossTenantAccess Application.ReadWrite.All Directory.ReadWrite.All openid profile offline_access";

pub async fn begin(world: &World, tenant: &str, scope: &str) -> (String, String) {
    let fields = [("client_id", POWERSHELL), ("scope", scope)];
    let reply = world
        .post(&format!("/{tenant}/oauth2/v2.0/devicecode"), &fields)
        .await;
    let json = reply.json();
    assert_eq!(
        (json["expires_in"].as_i64(), json["interval"].as_i64()),
        (Some(900), Some(5)),
        "{json}"
    );
    assert_eq!(
        json["verification_uri"],
        "https://localhost:8443/devicelogin"
    );
    let user_code = reply.text("user_code");
    assert!(json["message"].as_str().unwrap().contains(&user_code));
    (reply.text("device_code"), user_code)
}

pub async fn poll(world: &World, tenant: &Hosted, device_code: &str) -> Reply {
    // MSAL for Python sends both names.
    let fields = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", POWERSHELL),
        ("device_code", device_code),
        ("code", device_code),
        ("client_info", "1"),
    ];
    world.token(tenant, &fields).await
}

#[tokio::test]
async fn an_administrator_signs_in_for_the_four_scopes() {
    let world = World::new();
    let (device, user_code) = begin(&world, &world.contoso.id.to_string(), SCOPES).await;
    poll(&world, &world.contoso, &device)
        .await
        .assert_refused("authorization_pending", 70016);

    let mut visitor = Visitor::open(&world, "/devicelogin").await;
    visitor
        .submit(&[("user_code", &user_code.to_lowercase())])
        .await;
    assert!(
        visitor.page.body.contains("name=\"password\""),
        "{}",
        visitor.page.body
    );
    visitor.sign_in("ada@contoso.example").await;
    for scope in [
        "Policy.ReadWrite.CrossTenantAccess",
        "Directory.ReadWrite.All",
        "Microsoft Graph Command Line Tools",
    ] {
        assert!(visitor.page.body.contains(scope), "{}", visitor.page.body);
    }
    visitor.accept().await;
    assert!(
        visitor.page.body.contains("You are signed in"),
        "{}",
        visitor.page.body
    );

    world.clock.advance_seconds(5);
    let reply = poll(&world, &world.contoso, &device).await;
    let token = claims(&reply.text("access_token"));
    assert_eq!(
        token["scp"],
        "openid profile Policy.Read.All Policy.ReadWrite.CrossTenantAccess Application.ReadWrite.All Directory.ReadWrite.All"
    );
    assert_eq!(token["oid"], world.contoso.ada.to_string());
    for name in ["id_token", "refresh_token", "client_info"] {
        reply.text(name);
    }
    poll(&world, &world.contoso, &device)
        .await
        .assert_refused("bad_verification_code", 70018);
}

#[tokio::test]
async fn confirming_is_asked_for_also_when_consent_is_there() {
    let world = World::new();
    world.consent(&world.contoso, &["User.Read"]);
    let (device, user_code) = begin(&world, "common", "User.Read").await;
    let mut visitor = Visitor::open(&world, "/common/oauth2/deviceauth").await;
    visitor.submit(&[("user_code", &user_code)]).await;
    visitor.sign_in("bob@contoso.example").await;
    assert!(
        visitor.page.body.contains("Are you trying to sign in to"),
        "{}",
        visitor.page.body
    );
    poll(&world, &world.contoso, &device)
        .await
        .assert_refused("authorization_pending", 70016);
    visitor.accept().await;
    world.clock.advance_seconds(5);
    assert_eq!(poll(&world, &world.contoso, &device).await.status, 200);
}

/// Whoever has begun a sign-in knows its code, and may lead somebody who is signed in to a page that sends it.
#[tokio::test]
async fn a_form_that_is_not_ours_confirms_no_device() {
    let world = World::new();
    world.consent(&world.contoso, &["User.Read"]);
    let (device, user_code) = begin(&world, "common", "User.Read").await;
    let mut visitor = Visitor::open(&world, "/devicelogin").await;
    visitor.submit(&[("user_code", &user_code)]).await;
    visitor.sign_in("bob@contoso.example").await;
    let none = [("user_code", user_code.as_str()), ("consent", "accept")];
    let made_up = [none[0], none[1], ("seal", "made-up")];
    for forged in [none.as_slice(), made_up.as_slice()] {
        visitor.send(forged).await;
        assert!(
            !visitor.page.body.contains("You are signed in"),
            "{}",
            visitor.page.body
        );
        world.clock.advance_seconds(5);
        poll(&world, &world.contoso, &device)
            .await
            .assert_refused("authorization_pending", 70016);
    }
}

#[tokio::test]
async fn polling_too_fast_is_slowed_down() {
    let world = World::new();
    let (device, _) = begin(&world, &world.contoso.id.to_string(), "User.Read").await;
    poll(&world, &world.contoso, &device)
        .await
        .assert_refused("authorization_pending", 70016);
    world.clock.advance_seconds(2);
    poll(&world, &world.contoso, &device)
        .await
        .assert_refused("slow_down", 70021);
    world.clock.advance_seconds(5);
    poll(&world, &world.contoso, &device)
        .await
        .assert_refused("authorization_pending", 70016);
}

#[tokio::test]
async fn declined_expired_and_foreign_codes_are_refused() {
    let world = World::new();
    let contoso = world.contoso.id.to_string();
    let (device, user_code) = begin(&world, &contoso, "User.Read").await;
    let mut visitor = Visitor::open(&world, "/devicelogin").await;
    visitor.submit(&[("user_code", &user_code)]).await;
    visitor.sign_in("ada@contoso.example").await;
    visitor.submit(&[("consent", "decline")]).await;
    assert!(visitor.page.body.contains("You declined"));
    poll(&world, &world.contoso, &device)
        .await
        .assert_refused("authorization_declined", 70014);

    let (device, user_code) = begin(&world, &contoso, "User.Read").await;
    poll(&world, &world.fabrikam, &device)
        .await
        .assert_refused("invalid_grant", 700005);
    let fields = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", world.contoso.client_id.as_str()),
        ("device_code", device.as_str()),
    ];
    world
        .token(&world.contoso, &fields)
        .await
        .assert_refused("invalid_grant", 700002);
    world.clock.advance_seconds(900);
    poll(&world, &world.contoso, &device)
        .await
        .assert_refused("expired_token", 70020);
    let mut visitor = Visitor::open(&world, "/devicelogin").await;
    visitor.submit(&[("user_code", &user_code)]).await;
    assert!(visitor.page.body.contains("did not work"));
    poll(&world, &world.contoso, "made-up")
        .await
        .assert_refused("bad_verification_code", 70018);
}

#[tokio::test]
async fn a_user_of_another_tenant_can_not_confirm() {
    let world = World::new();
    let (device, user_code) = begin(&world, &world.contoso.id.to_string(), "User.Read").await;
    let mut visitor = Visitor::open(&world, "/devicelogin").await;
    visitor.submit(&[("user_code", &user_code)]).await;
    visitor.sign_in("ada@fabrikam.example").await;
    assert_eq!(visitor.page.status, 401);
    poll(&world, &world.contoso, &device)
        .await
        .assert_refused("authorization_pending", 70016);
}

#[tokio::test]
async fn a_code_in_the_address_is_not_taken() {
    let world = World::new();
    let (_, user_code) = begin(&world, &world.contoso.id.to_string(), "User.Read").await;
    let visitor = Visitor::open(
        &world,
        &format!("/devicelogin?user_code={user_code}&otc={user_code}"),
    )
    .await;
    assert!(!visitor.page.body.contains(&user_code));
}

/// Whoever asks need not be known: what strangers ask for must not fill the store, nor keep another
/// tenant's people out.
#[tokio::test]
async fn a_flood_of_requests_is_stopped() {
    let world = World::with(Settings {
        device_codes_of_a_tenant: 3,
        device_codes: 7,
        ..Settings::default()
    });
    let made_up = "5d9c5a8b-1f0e-4b1f-9d7c-0123456789ab";
    let ask = async |tenant: &str, client: &str| {
        let fields = [("client_id", client), ("scope", "User.Read")];
        world
            .post(&format!("/{tenant}/oauth2/v2.0/devicecode"), &fields)
            .await
    };
    let contoso = world.contoso.id.to_string();
    let fabrikam = world.fabrikam.id.to_string();
    for client in [made_up, POWERSHELL, POWERSHELL] {
        ask("common", client).await.text("device_code");
    }
    world.clock.advance_seconds(840);
    let refused = ask("organizations", POWERSHELL).await;
    refused.assert_refused("slow_down", 90055);
    assert_eq!(refused.header("retry-after"), "60");
    for _ in 0..3 {
        ask(&contoso, POWERSHELL).await.text("device_code");
    }
    let before = world.transactions();
    ask(&contoso, POWERSHELL)
        .await
        .assert_refused("slow_down", 90055);
    assert_eq!(world.transactions(), before);
    ask(&fabrikam, POWERSHELL).await.text("device_code");
    // Now all are spent.
    ask(&fabrikam, POWERSHELL)
        .await
        .assert_refused("slow_down", 90055);
    world.clock.advance_seconds(60);
    ask("common", POWERSHELL).await.text("device_code");
    // An unknown client of a tenant that is named is told so.
    ask(&fabrikam, made_up)
        .await
        .assert_refused("unauthorized_client", 700016);
}

/// Nor does one stranger spend what all others would need.
#[tokio::test]
async fn a_flood_from_one_network_leaves_the_others_theirs() {
    let world = World::with(Settings {
        device_codes_of_a_network: 2,
        ..Settings::default()
    });
    let ask = async |address: &str, tenant: &str| {
        let fields = [("client_id", POWERSHELL), ("scope", "User.Read")];
        let path = format!("/{tenant}/oauth2/v2.0/devicecode");
        world.post_from(address, &path, &fields).await
    };
    let contoso = world.contoso.id.to_string();
    ask("192.0.2.1", "common").await.text("device_code");
    world.clock.advance_seconds(840);
    // The same address, and the same limit whichever tenant is named.
    ask("::ffff:192.0.2.1", &contoso).await.text("device_code");
    let before = world.transactions();
    for tenant in ["common", &contoso] {
        let refused = ask("192.0.2.1", tenant).await;
        refused.assert_refused("slow_down", 90055);
        assert_eq!(refused.header("retry-after"), "60");
    }
    assert_eq!(world.transactions(), before);
    ask("192.0.2.2", "common").await.text("device_code");
    // A customer has many addresses of version six.
    for address in ["2001:db8:0:1::1", "2001:db8:0:1::2"] {
        ask(address, "common").await.text("device_code");
    }
    ask("2001:db8:0:1:ffff::3", "common")
        .await
        .assert_refused("slow_down", 90055);
    ask("2001:db8:0:2::1", "common").await.text("device_code");
    world.clock.advance_seconds(60);
    ask("192.0.2.1", "common").await.text("device_code");
}

#[tokio::test]
async fn who_has_many_networks_does_not_have_as_many_times_the_codes() {
    let world = World::with(Settings {
        device_codes_of_a_network: 2,
        ..Settings::default()
    });
    let ask = async |address: &str| {
        let fields = [("client_id", POWERSHELL), ("scope", "User.Read")];
        let path = "/common/oauth2/v2.0/devicecode";
        world.post_from(address, path, &fields).await
    };
    for subnet in 1..=4 {
        let address = format!("2001:db8:7:{subnet}::1");
        ask(&address).await.text("device_code");
    }
    for address in ["2001:db8:7:5::1", "2001:db8:7:1::1"] {
        let refused = ask(address).await;
        refused.assert_refused("slow_down", 90055);
        assert_eq!(refused.header("retry-after"), "900");
    }
    ask("2001:db8:8:1::1").await.text("device_code");
    world.clock.advance_seconds(900);
    ask("2001:db8:7:5::1").await.text("device_code");
}

#[tokio::test]
async fn what_is_refused_is_not_counted_against_a_network() {
    let world = World::with(Settings {
        device_codes_of_a_tenant: 1,
        device_codes_of_a_network: 2,
        ..Settings::default()
    });
    let ask = async |tenant: &str, client: &str| {
        let fields = [("client_id", client), ("scope", "User.Read")];
        let path = format!("/{tenant}/oauth2/v2.0/devicecode");
        world.post_from("192.0.2.1", &path, &fields).await
    };
    let made_up = "5d9c5a8b-1f0e-4b1f-9d7c-0123456789ab";
    let contoso = world.contoso.id.to_string();
    for _ in 0..3 {
        ask(&contoso, made_up)
            .await
            .assert_refused("unauthorized_client", 700016);
    }
    ask("common", POWERSHELL).await.text("device_code");
    for _ in 0..3 {
        ask("common", POWERSHELL)
            .await
            .assert_refused("slow_down", 90055);
    }
    ask(&contoso, POWERSHELL).await.text("device_code");
}

/// Belongs to no tenant, like the codes: whoever touches it on a shared database lets their writers wait.
#[derive(Serialize, Deserialize)]
struct Nothing;

impl Document for Nothing {
    const KIND: &'static str = "nothing";
}

#[tokio::test]
async fn requests_at_the_same_time_do_not_slip_through_together() {
    const AT_ONCE: usize = 8;
    let world = Arc::new(World::with(Settings {
        device_codes_of_a_tenant: 2,
        ..Settings::default()
    }));
    let (held, holding) = mpsc::channel();
    let (done, release) = mpsc::channel::<()>();
    let store = world.store.clone();
    let writer = std::thread::spawn(move || {
        store.write(|tx| {
            tx.delete_document::<Nothing>(None, "")?;
            held.send(()).unwrap();
            // Until the test has seen enough, or failed.
            let _ = release.recv();
            Ok::<_, StoreError>(())
        })
    });
    holding.recv().unwrap();
    let before = world.reads();
    let asked: Vec<_> = (0..AT_ONCE)
        .map(|_| {
            let world = world.clone();
            tokio::spawn(async move {
                let fields = [("client_id", POWERSHELL), ("scope", "User.Read")];
                let reply = world.post("/common/oauth2/v2.0/devicecode", &fields);
                reply.await.status
            })
        })
        .collect();
    // All have looked and found that there are codes left; none can write yet.
    let have_looked = || world.reads() >= before + AT_ONCE;
    syncline_testkit::until_in_task("all have looked", have_looked).await;
    drop(done);
    writer.join().unwrap().unwrap();
    let mut made = 0;
    for answer in asked {
        match answer.await.unwrap() {
            200 => made += 1,
            status => assert_eq!(status, 429),
        }
    }
    assert_eq!(made, 2);
}

#[tokio::test]
async fn what_is_made_up_or_too_fast_writes_nothing() {
    let world = World::new();
    let (device, _) = begin(&world, "common", "User.Read").await;
    poll(&world, &world.contoso, &device)
        .await
        .assert_refused("authorization_pending", 70016);
    let before = world.transactions();
    poll(&world, &world.contoso, &device)
        .await
        .assert_refused("slow_down", 70021);
    poll(&world, &world.contoso, "made-up")
        .await
        .assert_refused("bad_verification_code", 70018);
    let code = [
        ("grant_type", "authorization_code"),
        ("client_id", POWERSHELL),
        ("redirect_uri", "http://localhost"),
        ("code", "made-up"),
    ];
    world
        .token(&world.contoso, &code)
        .await
        .assert_refused("invalid_grant", 70000);
    assert_eq!(world.transactions(), before);
}

#[tokio::test]
async fn only_public_clients_may_begin() {
    let world = World::new();
    let path = format!("/{}/oauth2/v2.0/devicecode", world.contoso.id);
    let ask = async |client_id: &str, scope: &str| {
        world
            .post(&path, &[("client_id", client_id), ("scope", scope)])
            .await
    };
    ask(&world.contoso.client_id, "User.Read")
        .await
        .assert_refused("invalid_client", 7000218);
    ask("11111111-2222-3333-4444-555555555555", "User.Read")
        .await
        .assert_refused("unauthorized_client", 700016);
    ask(POWERSHELL, "")
        .await
        .assert_refused("invalid_request", 900144);
    ask(POWERSHELL, "Mail.Read")
        .await
        .assert_refused("invalid_scope", 650053);
    ask("", "User.Read")
        .await
        .assert_refused("invalid_request", 900144);
}

/// What its application says is not known here: that it keeps no secret is nobody's word.
#[tokio::test]
async fn a_client_that_is_registered_elsewhere_is_not_public() {
    let world = World::new();
    let contoso = &world.contoso;
    world.write(|tx| {
        let application = tx.object(contoso.id, contoso.application)?.unwrap().entry;
        Ok(tx.move_objects(
            contoso.id,
            &[application],
            ObjectState::Deleted,
            world.clock.now(),
        )?)
    });
    let path = format!("/{}/oauth2/v2.0/devicecode", contoso.id);
    let fields = [
        ("client_id", contoso.client_id.as_str()),
        ("scope", "User.Read"),
    ];
    world
        .post(&path, &fields)
        .await
        .assert_refused("invalid_client", 7000218);
    let other = [("client_id", contoso.client_id.as_str())];
    let page = world.get(&address(&contoso.id.to_string(), &other)).await;
    assert!(page.body.contains("AADSTS50011"), "{}", page.body);
}

#[tokio::test]
async fn who_is_signed_in_to_another_tenant_signs_in_again() {
    let world = World::new();
    world.consent(&world.contoso, &["User.Read"]);
    world.consent(&world.fabrikam, &["User.Read"]);
    let (_, first) = begin(&world, &world.contoso.id.to_string(), "User.Read").await;
    let mut visitor = Visitor::open(&world, "/devicelogin").await;
    visitor.submit(&[("user_code", &first)]).await;
    visitor.sign_in("bob@contoso.example").await;
    visitor.accept().await;
    assert!(visitor.page.body.contains("You are signed in"));

    let (device, second) = begin(&world, &world.fabrikam.id.to_string(), "User.Read").await;
    visitor.go("/devicelogin").await;
    visitor.submit(&[("user_code", &second)]).await;
    visitor.sign_in("bob@fabrikam.example").await;
    visitor.accept().await;
    assert!(
        visitor.page.body.contains("You are signed in"),
        "{}",
        visitor.page.body
    );
    let token = poll(&world, &world.fabrikam, &device)
        .await
        .text("access_token");
    assert_eq!(claims(&token)["tid"], world.fabrikam.id.to_string());
}

/// On a shared database. What was begun at nodes whose clocks are right must not go for it.
#[tokio::test]
async fn a_node_whose_clock_is_ahead_throws_nothing_of_others_away() {
    let world = World::new();
    if !world.store.is_shared() {
        return;
    }
    let own = world.clock.now();
    let now = world.store.read(|reader| reader.lease_time(own)).unwrap();
    let end = Some(now.plus_seconds(3_600));
    let put = world
        .store
        .write(|tx| tx.put_document(None, "key", &Nothing, end));
    put.unwrap();
    world
        .clock
        .advance_seconds(now.seconds() - own.seconds() + 24 * 3_600);
    let (_, user_code) = begin(&world, &world.contoso.id.to_string(), SCOPES).await;
    let mut visitor = Visitor::open(&world, "/devicelogin").await;
    visitor.submit(&[("user_code", &user_code)]).await;
    visitor.sign_in("ada@contoso.example").await;
    visitor.accept().await;
    assert!(
        visitor.page.body.contains("You are signed in"),
        "{}",
        visitor.page.body
    );
    let left = world
        .store
        .read(|reader| reader.document::<Nothing>(None, "key"));
    assert!(left.unwrap().is_some());
}
