//! Who may call at all.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};
use syncline_access::DirectoryRole;
use syncline_model::Clock as _;

use crate::world::{PUBLIC_URL, World};

#[test]
fn no_token_is_401_with_a_challenge() {
    let world = World::new();
    let answer = world.anonymous().get("/v1.0/users");
    answer.problem(401, "InvalidAuthenticationToken");
    assert!(answer.header("www-authenticate").starts_with("Bearer "));
    assert!(answer.header("www-authenticate").contains(PUBLIC_URL));
}

#[test]
fn tokens_that_are_none_are_401() {
    let world = World::new();
    let good = world.tenants.contoso.token.clone();
    let (head, signature) = good.rsplit_once('.').unwrap();
    let forged = format!("{head}.{}", signature.chars().rev().collect::<String>());
    for token in ["", "x", "a.b.c", forged.as_str(), head] {
        world
            .client(token)
            .get("/v1.0/users")
            .problem(401, "InvalidAuthenticationToken");
    }
}

#[test]
fn a_token_expires() {
    let world = World::new();
    world.contoso().get("/v1.0/users").ok();
    world.clock.advance_seconds(2 * 3600);
    world
        .contoso()
        .get("/v1.0/users")
        .problem(401, "InvalidAuthenticationToken");
}

#[test]
fn authentication_comes_before_everything_else() {
    let world = World::new();
    world
        .anonymous()
        .get("/v1.0/nonsense")
        .problem(401, "InvalidAuthenticationToken");
    world
        .anonymous()
        .send("POST", "/v1.0/users", b"{".to_vec())
        .problem(401, "InvalidAuthenticationToken");
}

#[test]
fn a_disabled_user_is_out_at_once() {
    let world = World::new();
    let ann = world.user("ann");
    let client = world.signed_in(&ann, &["User.Read.All"], &[]);
    client.get("/v1.0/users").ok();
    world
        .contoso()
        .patch(
            &format!("/v1.0/users/{ann}"),
            serde_json::json!({"accountEnabled": false}),
        )
        .no_content();
    client
        .get("/v1.0/users")
        .problem(401, "InvalidAuthenticationToken");
}

#[test]
fn a_token_of_one_tenant_shows_nothing_of_another() {
    let world = World::new();
    let ann = world.user("ann");
    for url in [
        format!("/v1.0/users/{ann}"),
        "/v1.0/users/ann@contoso.example".to_owned(),
        format!("/v1.0/directoryObjects/{ann}"),
        format!("/v1.0/organization/{}", world.tenants.contoso.id),
        format!(
            "/v1.0/servicePrincipals/{}",
            world.tenants.contoso.service_principal
        ),
    ] {
        world
            .fabrikam()
            .get(&url)
            .problem(404, "Request_ResourceNotFound");
    }
    world
        .fabrikam()
        .patch(
            &format!("/v1.0/users/{ann}"),
            serde_json::json!({"jobTitle": "x"}),
        )
        .problem(404, "Request_ResourceNotFound");
    world
        .fabrikam()
        .delete(&format!("/v1.0/users/{ann}"))
        .problem(404, "Request_ResourceNotFound");
    assert!(world.fabrikam().all("/v1.0/users").is_empty());
    world.contoso().get(&format!("/v1.0/users/{ann}")).ok();
}

#[test]
fn a_directory_role_counts_from_the_next_request() {
    let world = World::new();
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    let scopes = ["User.ReadWrite.All"];
    let change = serde_json::json!({"jobTitle": "Pilot"});
    let url = format!("/v1.0/users/{bob}");
    world
        .signed_in(&ann, &scopes, &[])
        .patch(&url, change.clone())
        .problem(403, "Authorization_RequestDenied");
    world
        .signed_in(&ann, &scopes, &[DirectoryRole::UserAdministrator])
        .patch(&url, change)
        .no_content();
}

/// Continuous access evaluation: a client that knows it asks for a new token at once, and does not come
/// back with the old one until that expires.
#[test]
fn who_has_to_sign_in_again_is_told_so_by_a_claims_challenge() {
    let world = World::new();
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    let scopes = ["User.Read.All"];
    let (revoked, disabled) = (
        world.signed_in(&ann, &scopes, &[]),
        world.signed_in(&bob, &scopes, &[]),
    );
    world.clock.advance_seconds(60);
    let url = format!("/v1.0/users/{ann}/revokeSignInSessions");
    world.contoso().send("POST", &url, Vec::new()).ok();
    world
        .contoso()
        .patch(
            &format!("/v1.0/users/{bob}"),
            json!({"accountEnabled": false}),
        )
        .no_content();
    for client in [revoked, disabled] {
        let answer = client.get("/v1.0/users");
        answer.problem(401, "InvalidAuthenticationToken");
        let challenge = answer.header("www-authenticate");
        assert!(challenge.starts_with("Bearer realm=\"\", authorization_uri=\""));
        assert!(
            challenge.contains("error=\"insufficient_claims\""),
            "{challenge}"
        );
        let (_, claims) = challenge.split_once("claims=\"").unwrap();
        let claims = STANDARD.decode(claims.trim_end_matches('"')).unwrap();
        let claims: Json = serde_json::from_slice(&claims).unwrap();
        let now = world.clock.now().seconds().to_string();
        assert_eq!(
            claims,
            json!({"access_token": {"nbf": {"essential": true, "value": now}}})
        );
    }
    // A token that was never good is another matter.
    let answer = world.client("a.b.c").get("/v1.0/users");
    assert!(!answer.header("www-authenticate").contains("claims"));
}
