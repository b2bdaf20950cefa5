use syncline_access::{AppTokenRequest, CallerKind, Refusal, permission_ids};
use syncline_model::{AppId, Attr, Clock as _, EntityKind, ProblemKind};
use syncline_store::{Assignment, AssignmentId, ObjectState};
use syncline_testkit::FakeClock;

use crate::world::{PUBLIC_URL, World, claims};

#[test]
fn carries_the_claims_that_clients_decode() {
    let world = World::new();
    world.allow(&world.contoso, "Synchronization.ReadWrite.All");
    let claims = claims(&world.app_token(&world.contoso));
    assert_eq!(claims["aud"], PUBLIC_URL);
    assert_eq!(
        claims["iss"],
        format!("{PUBLIC_URL}/{}/v2.0", world.contoso.id)
    );
    assert_eq!(claims["tid"], world.contoso.id.to_string());
    assert_eq!(claims["oid"], world.contoso.service_principal.to_string());
    assert_eq!(claims["sub"], claims["oid"]);
    assert_eq!(claims["appid"], world.contoso.app_id.to_string());
    assert_eq!(claims["azp"], claims["appid"]);
    assert_eq!(claims["appidacr"], "1");
    assert_eq!(claims["idtyp"], "app");
    assert_eq!(
        claims["roles"],
        serde_json::json!(["Synchronization.ReadWrite.All"])
    );
    assert_eq!(
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
        3600
    );
    assert!(claims.get("scp").is_none());
    // Absent rather than empty.
    assert!(claims.get("wids").is_none());
}

#[test]
fn authenticates_the_application_with_what_it_holds() {
    let world = World::new();
    world.allow(&world.contoso, "Policy.Read.All");
    let caller = world
        .authenticate(&world.app_token(&world.contoso))
        .unwrap();
    assert_eq!(caller.tenant, world.contoso.id);
    let CallerKind::Application {
        app_id,
        service_principal,
        roles,
        directory_roles,
    } = caller.kind
    else {
        panic!("an application")
    };
    assert_eq!(
        (app_id, service_principal),
        (world.contoso.app_id, world.contoso.service_principal)
    );
    assert_eq!(roles, ["Policy.Read.All"]);
    assert!(directory_roles.is_empty());
}

#[test]
fn every_audience_we_are_known_by_is_accepted() {
    let world = World::new();
    for audience in [
        "https://localhost:8443",
        "https://localhost:8443/",
        "https://localhost",
        "https://graph.microsoft.com",
        "https://graph.microsoft.com/",
        "00000003-0000-0000-c000-000000000000",
    ] {
        let mut request = AppTokenRequest::new(world.contoso.id, world.contoso.app_id);
        request.audience = Some(audience.to_owned());
        let token = world.access.issue_app_token(&request).unwrap().token;
        assert!(world.authenticate(&token).is_ok(), "{audience}");
    }
    let mut request = AppTokenRequest::new(world.contoso.id, world.contoso.app_id);
    request.audience = Some("https://vault.example".to_owned());
    let token = world.access.issue_app_token(&request).unwrap().token;
    refused(&world, &token, "Invalid audience");
}

#[test]
fn a_token_expires_by_our_clock_also_when_it_was_seen_before() {
    let world = World::new();
    let token = world.app_token(&world.contoso);
    assert!(world.authenticate(&token).is_ok());
    world.clock.advance_seconds(3599);
    assert!(world.authenticate(&token).is_ok());
    world.clock.advance_seconds(1);
    refused(&world, &token, "expired");
}

#[test]
fn a_permission_taken_away_is_gone_at_once() {
    let world = World::new();
    world.allow(&world.contoso, "User.Read.All");
    let token = world.app_token(&world.contoso);
    world.disallow(&world.contoso, "User.Read.All");
    let caller = world.authenticate(&token).unwrap();
    assert!(matches!(caller.kind, CallerKind::Application { roles, .. } if roles.is_empty()));
}

/// Whoever registers an API gives its roles whatever ids they like.
#[test]
fn a_role_of_another_api_is_no_permission_of_ours() {
    let world = World::new();
    let tenant = &world.contoso;
    let assignment = Assignment {
        id: AssignmentId {
            principal: tenant.service_principal,
            suffix: [8; 16],
        },
        resource: tenant.powershell,
        principal_kind: EntityKind::ServicePrincipal,
        role: permission_ids::role_id("User.Read.All").unwrap(),
        created_at: world.clock.now(),
    };
    world.write(|tx| Ok(tx.insert_assignment(tenant.id, &assignment)?));
    let token = world.app_token(tenant);
    assert!(claims(&token).get("roles").is_none());
    // Neither does it keep a permission alive that a token was issued with.
    world.allow(tenant, "User.Read.All");
    let token = world.app_token(tenant);
    world.disallow(tenant, "User.Read.All");
    let caller = world.authenticate(&token).unwrap();
    assert!(matches!(caller.kind, CallerKind::Application { roles, .. } if roles.is_empty()));
}

#[test]
fn a_disabled_service_principal_is_refused_at_once() {
    let world = World::new();
    let token = world.app_token(&world.contoso);
    world.update(&world.contoso, world.contoso.service_principal, |entry| {
        entry.attrs.set(Attr::ACCOUNT_ENABLED, false);
    });
    refused(&world, &token, "AADSTS7000112");
    let request = AppTokenRequest::new(world.contoso.id, world.contoso.app_id);
    assert!(matches!(
        world.access.issue_app_token(&request),
        Err(Refusal::ClientDisabled(_))
    ));
}

#[test]
fn a_deleted_service_principal_is_refused_at_once() {
    let world = World::new();
    let token = world.app_token(&world.contoso);
    let tenant = world.contoso.id;
    world.write(|tx| {
        let entry = tx
            .object(tenant, world.contoso.service_principal)?
            .unwrap()
            .entry;
        let now = syncline_model::Clock::now(world.clock.as_ref());
        Ok(tx.move_objects(tenant, &[entry], ObjectState::Deleted, now)?)
    });
    refused(&world, &token, "AADSTS700016");
}

/// The permissions of the one that was deleted are not those of the one that came after it.
#[test]
fn a_token_of_a_service_principal_that_was_made_anew_is_refused() {
    let world = World::new();
    let token = world.app_token(&world.contoso);
    assert!(world.authenticate(&token).is_ok());
    world.make_service_principal_anew(&world.contoso);
    refused(&world, &token, "was deleted");
    let anew = world.app_token(&world.contoso);
    assert!(world.authenticate(&anew).is_ok());
}

#[test]
fn a_token_that_was_issued_under_another_address_is_refused() {
    let world = World::new();
    let elsewhere = world.node("https://elsewhere.example", FakeClock::new());
    let request = AppTokenRequest {
        // Every server is known by this name.
        audience: Some("https://graph.microsoft.com".to_owned()),
        ..AppTokenRequest::new(world.contoso.id, world.contoso.app_id)
    };
    let token = elsewhere.issue_app_token(&request).unwrap().token;
    let bearer = format!("Bearer {token}");
    assert!(elsewhere.authenticate(Some(&bearer)).is_ok());
    refused(&world, &token, "Invalid issuer");
}

/// Clocks of two nodes may differ by five minutes, and no more.
#[test]
fn a_token_is_not_good_before_its_time() {
    let world = World::new();
    let ahead = |seconds| {
        let clock = FakeClock::new();
        clock.advance_seconds(seconds);
        let request = AppTokenRequest::new(world.contoso.id, world.contoso.app_id);
        let node = world.node(PUBLIC_URL, clock);
        node.issue_app_token(&request).unwrap().token
    };
    assert!(world.authenticate(&ahead(300)).is_ok());
    let early = ahead(301);
    refused(&world, &early, "not valid yet");
    world.clock.advance_seconds(1);
    assert!(world.authenticate(&early).is_ok());
}

#[test]
fn another_tenants_application_is_unknown() {
    let world = World::new();
    let request = AppTokenRequest::new(world.fabrikam.id, world.contoso.app_id);
    assert!(matches!(
        world.access.issue_app_token(&request),
        Err(Refusal::ClientNotFound(..))
    ));
    let request = AppTokenRequest::new(world.contoso.id, AppId(uuid::Uuid::from_u128(1)));
    assert!(matches!(
        world.access.issue_app_token(&request),
        Err(Refusal::ClientNotFound(..))
    ));
}

#[test]
fn damaged_and_foreign_tokens_are_refused() {
    let world = World::new();
    let token = world.app_token(&world.contoso);
    let parts: Vec<&str> = token.split('.').collect();
    for (authorization, words) in [
        (None, "empty"),
        (Some(String::new()), "empty"),
        (Some("Bearer ".to_owned()), "empty"),
        (Some(format!("Basic {token}")), "empty"),
        (Some("Bearer nonsense".to_owned()), "CompactToken"),
        (
            Some(format!("Bearer {}.{}", parts[0], parts[1])),
            "CompactToken",
        ),
        // Three parts, and longer than any of ours.
        (
            Some(format!("Bearer {}.{}.x", parts[0], "a".repeat(20_000))),
            "CompactToken",
        ),
        // The signature of another token.
        (
            Some(format!(
                "Bearer {}.{}.{}",
                parts[0],
                swap_tenant(&world, parts[1]),
                parts[2]
            )),
            "signature",
        ),
        // {"alg":"none"}
        (
            Some(format!("Bearer eyJhbGciOiJub25lIn0.{}.x", parts[1])),
            "signature",
        ),
    ] {
        let problem = world
            .access
            .authenticate(authorization.as_deref())
            .unwrap_err();
        assert_eq!(
            problem.kind,
            ProblemKind::Unauthenticated,
            "{authorization:?}"
        );
        assert_eq!(problem.code, "InvalidAuthenticationToken");
        assert!(
            problem.message.contains(words),
            "{authorization:?}: {}",
            problem.message
        );
    }
    // Another server's key.
    let other = World::new();
    other.access.rotate_signing_key().unwrap();
    let foreign = other.app_token(&other.contoso);
    refused(&world, &foreign, "signature");
}

/// The payload with the other tenant's id in it.
fn swap_tenant(world: &World, payload: &str) -> String {
    use base64::Engine as _;
    let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let text = String::from_utf8(engine.decode(payload).unwrap()).unwrap();
    engine.encode(text.replace(
        &world.contoso.id.to_string(),
        &world.fabrikam.id.to_string(),
    ))
}

fn refused(world: &World, token: &str, words: &str) {
    let problem = world.authenticate(token).unwrap_err();
    assert_eq!(problem.kind, ProblemKind::Unauthenticated);
    assert_eq!(problem.code, "InvalidAuthenticationToken");
    assert!(problem.message.contains(words), "{}", problem.message);
}
