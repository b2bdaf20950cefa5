//! Who has signed in, for the client.

use axum::body::Body;
use http::{Method, Request, header};
use syncline_access::{AppTokenRequest, UserTokenRequest};
use syncline_model::{AppId, Attr, Clock as _};

use crate::world::{POWERSHELL, PUBLIC_URL, Reply, World, claims};

async fn ask(world: &World, method: Method, token: Option<&str>) -> Reply {
    let mut request = Request::builder().method(method).uri("/oidc/userinfo");
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    world.send(request.body(Body::empty()).unwrap()).await
}

/// Ada's tokens for a client with these scopes of OpenID Connect: the access token and the id token.
fn tokens(world: &World, client: &str, openid: &[&str]) -> (String, Option<String>) {
    let tenant = &world.contoso;
    let app_id = AppId(client.parse().unwrap());
    let now = world.clock.now();
    let mut request = UserTokenRequest::new(tenant.id, app_id, tenant.ada, &["User.Read"], now);
    request.openid = openid.iter().map(|scope| (*scope).to_owned()).collect();
    let tokens = world.access.issue_user_tokens(&request).unwrap();
    (tokens.access.token, tokens.id_token)
}

#[tokio::test]
async fn a_client_reads_who_signed_in_by_the_subject_of_its_id_token() {
    let world = World::new();
    let tenant = &world.contoso;
    world.update(tenant, tenant.ada, |entry| {
        entry.attrs.set(Attr::MAIL, "ada@mail.example");
    });
    let (token, id_token) = tokens(&world, POWERSHELL, &["openid", "profile", "email"]);
    let read = ask(&world, Method::GET, Some(&token)).await;
    let sub = claims(&id_token.unwrap())["sub"].clone();
    assert_eq!(read.text("sub"), sub);
    assert_eq!(read.text("name"), "ada");
    assert_eq!(read.text("preferred_username"), "ada@contoso.example");
    assert_eq!(read.text("email"), "ada@mail.example");
    assert_eq!(read.header("access-control-allow-origin"), "*");
    assert_eq!(read.header("cache-control"), "no-store");
    let sent = ask(&world, Method::POST, Some(&token)).await;
    assert_eq!(sent.json(), read.json());

    // Another client can not connect what it knows with that, and did not ask for the address.
    let (other, _) = tokens(&world, &tenant.client_id, &["openid"]);
    let other = ask(&world, Method::GET, Some(&other)).await;
    assert_ne!(other.text("sub"), sub);
    assert_eq!(other.json().get("email"), None);

    let path = format!("/{}/v2.0/.well-known/openid-configuration", tenant.id);
    let told = world.get(&path).await.text("userinfo_endpoint");
    assert_eq!(told, format!("{PUBLIC_URL}/oidc/userinfo"));
}

#[tokio::test]
async fn without_a_good_token_nothing_is_told() {
    let world = World::new();
    let tenant = &world.contoso;
    let (good, id_token) = tokens(&world, POWERSHELL, &["openid"]);
    let none = ask(&world, Method::GET, None).await;
    let challenge = none.header("www-authenticate");
    assert_eq!((none.status, challenge), (401, "Bearer realm=\"userinfo\""));
    for bad in ["made-up", &id_token.unwrap(), &format!("{good}x")] {
        let reply = ask(&world, Method::GET, Some(bad)).await;
        let challenge = reply.header("www-authenticate");
        assert_eq!(reply.status, 401, "{}", reply.body);
        assert!(
            challenge.ends_with("error=\"invalid_token\""),
            "{challenge}"
        );
        assert_eq!(reply.json()["error"], "invalid_token");
        assert_eq!(reply.header("access-control-allow-origin"), "*");
    }
    let (without_openid, _) = tokens(&world, POWERSHELL, &["profile"]);
    let own = AppId(tenant.client_id.parse().unwrap());
    let application = AppTokenRequest::new(tenant.id, own);
    let application = world.access.issue_app_token(&application).unwrap().token;
    for token in [without_openid, application] {
        let reply = ask(&world, Method::GET, Some(&token)).await;
        let challenge = reply.header("www-authenticate");
        assert_eq!(reply.status, 403, "{}", reply.body);
        assert!(challenge.contains("error=\"insufficient_scope\", scope=\"openid\""));
    }
    world.update(tenant, tenant.ada, |entry| {
        entry.attrs.set(Attr::ACCOUNT_ENABLED, false);
    });
    let reply = ask(&world, Method::GET, Some(&good)).await;
    assert_eq!(reply.status, 401, "{}", reply.body);
}
