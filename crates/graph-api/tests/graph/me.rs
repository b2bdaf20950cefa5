//! `/me`

use serde_json::json;
use syncline_access::DirectoryRole;

use crate::world::{World, id, reference};

#[test]
fn me_is_the_signed_in_user() {
    let world = World::new();
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    let client = world.signed_in(&ann, &["User.Read"], &[]);
    for url in [
        "/v1.0/me".to_owned(),
        "/beta/Me/".to_owned(),
        "/v1.0/users/me-token-to-replace".to_owned(),
        format!("/v1.0/users/{ann}"),
        "/v1.0/users/ann@contoso.example".to_owned(),
    ] {
        assert_eq!(id(&client.get(&url).ok()), ann, "{url}");
    }
    assert!(
        client.get("/v1.0/me").ok()["@odata.context"]
            .as_str()
            .unwrap()
            .ends_with("#users/$entity")
    );
    client
        .get(&format!("/v1.0/users/{bob}"))
        .problem(403, "Authorization_RequestDenied");
    // Whether a name exists is nothing for somebody who may not read.
    client
        .get("/v1.0/users/nobody@contoso.example")
        .problem(403, "Authorization_RequestDenied");
    client
        .patch("/v1.0/me", json!({"jobTitle": "Chief"}))
        .problem(403, "Authorization_RequestDenied");
}

#[test]
fn me_has_every_sub_path_of_a_user() {
    let world = World::new();
    let (ann, bob) = (world.user("ann"), world.user("bob"));
    world
        .contoso()
        .put(&format!("/v1.0/users/{ann}/manager/$ref"), reference(&bob))
        .no_content();
    let client = world.signed_in(&ann, &["User.Read.All"], &[]);
    assert_eq!(id(&client.get("/v1.0/me/manager").ok()), bob);
    assert_eq!(client.get("/v1.0/me/memberOf").ok()["value"], json!([]));
}

#[test]
fn an_application_is_nobody() {
    let world = World::new();
    world.contoso().get("/v1.0/me").problem(400, "BadRequest");
}

/// A lost device: whoever notices it is asked for no more than that.
#[test]
fn sessions_are_ended_by_oneself_and_by_whom_a_role_lets() {
    const DENIED: &str = "Authorization_RequestDenied";
    let world = World::new();
    let (ann, bob, cid) = (world.user("ann"), world.user("bob"), world.user("cid"));
    let of = |user: &str| format!("/v1.0/users/{user}/revokeSignInSessions");
    let valid_from = |user: &str| {
        let select = "$select=signInSessionsValidFromDateTime";
        let found = world.contoso().get(&format!("/v1.0/users/{user}?{select}"));
        found.ok()["signInSessionsValidFromDateTime"].clone()
    };
    for scope in ["User.RevokeSessions.All", "User.ReadWrite.All"] {
        let before = valid_from(&ann);
        world.clock.advance_seconds(60);
        let client = world.signed_in(&ann, &[scope], &[]);
        client.post(&of(&bob), json!({})).problem(403, DENIED);
        let url = "/v1.0/me/revokeSignInSessions";
        assert_eq!(client.post(url, json!({})).ok()["value"], true, "{scope}");
        assert_ne!(valid_from(&ann), before);
    }
    let narrow = ["User.RevokeSessions.All"];
    let helper = world.signed_in(&cid, &narrow, &[DirectoryRole::UserAdministrator]);
    helper.post(&of(&bob), json!({})).ok();
    helper
        .patch(&format!("/v1.0/users/{bob}"), json!({"city": "Bern"}))
        .problem(403, DENIED);
    let tool = world.application(&narrow);
    tool.post(&of(&bob), json!({})).ok();
    tool.get(&format!("/v1.0/users/{bob}")).problem(403, DENIED);
    // Reading oneself is not enough.
    let reader = world.signed_in(&bob, &["User.Read"], &[]);
    reader.post(&of(&bob), json!({})).problem(403, DENIED);
}
