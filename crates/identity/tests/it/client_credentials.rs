use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use http::{Request, header};
use serde_json::json;
use syncline_access::{certificates, client_secrets};
use syncline_model::{Attr, Clock as _, Value};

use crate::world::{Hosted, PUBLIC_URL, Reply, World, claims};

async fn ask(world: &World, tenant: &Hosted, changed: &[(&str, &str)]) -> Reply {
    let mut fields = vec![
        ("grant_type", "client_credentials"),
        ("client_id", tenant.client_id.as_str()),
        ("client_secret", tenant.client_secret.as_str()),
        ("scope", "https://localhost:8443/.default"),
        ("client_info", "1"),
        ("x-client-SKU", "MSAL.Python"),
    ];
    for (name, value) in changed {
        fields.retain(|(known, _)| known != name);
        if !value.is_empty() {
            fields.push((name, value));
        }
    }
    world.token(tenant, &fields).await
}

#[tokio::test]
async fn a_secret_gives_a_token_with_all_permissions_of_the_application() {
    let world = World::new();
    let reply = ask(&world, &world.contoso, &[]).await;
    let json = reply.json();
    assert_eq!(json["token_type"], "Bearer");
    assert_eq!(json["expires_in"], 3599);
    assert_eq!(json["ext_expires_in"], 3599);
    assert_eq!(reply.header("cache-control"), "no-store");
    let token = reply.text("access_token");
    let caller = world
        .access
        .authenticate(Some(&format!("Bearer {token}")))
        .unwrap();
    assert_eq!(
        (caller.tenant, caller.principal()),
        (world.contoso.id, world.contoso.service_principal)
    );
    let roles = claims(&token)["roles"].as_array().unwrap().len();
    assert!(roles > 30, "{roles}");
}

#[tokio::test]
async fn every_spelling_of_the_scope_works_and_tells_the_audience() {
    let world = World::new();
    for (scope, audience) in [
        ("https://localhost:8443/.default", "https://localhost:8443"),
        ("https://localhost:8443//.default", "https://localhost:8443"),
        ("https://localhost/.default", "https://localhost"),
        (
            "https://graph.microsoft.com/.default",
            "https://graph.microsoft.com",
        ),
        (
            "00000003-0000-0000-c000-000000000000/.default",
            "00000003-0000-0000-c000-000000000000",
        ),
    ] {
        let token = ask(&world, &world.contoso, &[("scope", scope)])
            .await
            .text("access_token");
        assert_eq!(claims(&token)["aud"], audience);
        assert!(
            world
                .access
                .authenticate(Some(&format!("Bearer {token}")))
                .is_ok(),
            "{scope}"
        );
    }
}

#[tokio::test]
async fn the_tenant_may_be_named_by_its_domain_and_the_secret_in_the_header() {
    let world = World::new();
    let tenant = &world.contoso;
    let basic = STANDARD.encode(format!("{}:{}", tenant.client_id, tenant.client_secret));
    let send = |authorization: String, body: &'static str| {
        Request::post("/contoso.example/oauth2/v2.0/token?client-request-id=x")
            .header(header::AUTHORIZATION, authorization)
            .header(
                header::CONTENT_TYPE,
                "application/x-www-form-urlencoded;charset=utf-8",
            )
            .body(Body::from(body))
            .unwrap()
    };
    let body = "grant_type=client_credentials&scope=https%3A%2F%2Flocalhost%2F.default";
    assert_eq!(
        world
            .send(send(format!("Basic {basic}"), body))
            .await
            .status,
        200
    );
    let wrong = STANDARD.encode(format!("{}:wrong", tenant.client_id));
    let refused = world.send(send(format!("Basic {wrong}"), body)).await;
    refused.assert_refused("invalid_client", 7000215);
    assert!(refused.header("www-authenticate").starts_with("Basic"));
}

#[tokio::test]
async fn a_certificate_gives_a_token() {
    let world = World::new();
    let tenant = &world.contoso;
    let pair = rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048)
        .unwrap();
    let params = rcgen::CertificateParams::new(vec!["app.example".to_owned()]).unwrap();
    let der = params.self_signed(&pair).unwrap().der().to_vec();
    let (from, _) = certificates::validity(&der).unwrap();
    world
        .clock
        .advance_seconds((from.seconds() - world.clock.now().seconds()).max(0) + 60);
    world.update(tenant, tenant.application, |entry| {
        let credential = Value::Map(vec![
            ("key".to_owned(), Value::Bytes(der.clone())),
            ("usage".to_owned(), Value::text("Verify")),
            ("type".to_owned(), Value::text("AsymmetricX509Cert")),
        ]);
        entry
            .attrs
            .set(Attr::KEY_CREDENTIALS, Value::List(vec![credential]));
    });
    let now = world.clock.now().seconds() as f64;
    let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::PS256);
    header.x5t = Some(URL_SAFE.encode(certificates::thumbprint(&der)));
    let key = jsonwebtoken::EncodingKey::from_rsa_pem(pair.serialize_pem().as_bytes()).unwrap();
    let assertion = |audience: String| {
        let claims = json!({
            "aud": audience, "iss": tenant.client_id, "sub": tenant.client_id,
            "jti": audience, "exp": now + 600.5, "nbf": now, "iat": now,
        });
        jsonwebtoken::encode(&header, &claims, &key).unwrap()
    };
    let kind = (
        "client_assertion_type",
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    );
    let good = assertion(format!("{PUBLIC_URL}/{}/oauth2/v2.0/token", tenant.id));
    let reply = ask(
        &world,
        tenant,
        &[("client_secret", ""), ("client_assertion", &good), kind],
    )
    .await;
    assert_eq!(claims(&reply.text("access_token"))["appidacr"], "2");
    let other = assertion(format!(
        "{PUBLIC_URL}/{}/oauth2/v2.0/token",
        world.fabrikam.id
    ));
    let refused = ask(
        &world,
        tenant,
        &[("client_secret", ""), ("client_assertion", &other), kind],
    )
    .await;
    refused.assert_refused("invalid_client", 700023);
    let refused = ask(
        &world,
        tenant,
        &[("client_secret", ""), ("client_assertion", &good)],
    )
    .await;
    refused.assert_refused("invalid_request", 900144);
}

#[tokio::test]
async fn each_mistake_gets_its_number() {
    let world = World::new();
    let tenant = &world.contoso;
    for (changed, error, code) in [
        (("client_secret", "wrong"), "invalid_client", 7000215),
        (("client_secret", ""), "invalid_client", 7000218),
        (
            ("client_id", "11111111-2222-3333-4444-555555555555"),
            "unauthorized_client",
            700016,
        ),
        (("client_id", "not a guid"), "unauthorized_client", 700016),
        (
            ("client_id", world.fabrikam.client_id.as_str()),
            "unauthorized_client",
            700016,
        ),
        (("client_id", ""), "invalid_request", 900144),
        (("grant_type", ""), "invalid_request", 900144),
        (("grant_type", "password"), "unsupported_grant_type", 70003),
        (("scope", ""), "invalid_request", 900144),
        (
            ("scope", "https://localhost:8443/User.Read"),
            "invalid_scope",
            1002012,
        ),
        (
            ("scope", "https://vault.example/.default"),
            "invalid_resource",
            500011,
        ),
        (("scope", "https://localhost:8443/"), "invalid_scope", 70011),
    ] {
        ask(&world, tenant, &[changed])
            .await
            .assert_refused(error, code);
    }
    let repeated = world
        .token(
            tenant,
            &[
                ("grant_type", "client_credentials"),
                ("client_id", "a"),
                ("client_id", "b"),
            ],
        )
        .await;
    repeated.assert_refused("invalid_request", 9002313);
    world
        .post(
            "/common/oauth2/v2.0/token",
            &[("grant_type", "client_credentials")],
        )
        .await
        .assert_refused("invalid_request", 50059);
    world
        .post("/nowhere.example/oauth2/v2.0/token", &[])
        .await
        .assert_refused("invalid_tenant", 90002);
    // A body that is no form has no fields.
    let json = Request::post(format!("/{}/oauth2/v2.0/token", tenant.id))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from("{}"))
        .unwrap();
    world
        .send(json)
        .await
        .assert_refused("invalid_request", 900144);
    let large = Request::post(format!("/{}/oauth2/v2.0/token", tenant.id))
        .body(Body::from("a".repeat(70_000)))
        .unwrap();
    assert_eq!(world.send(large).await.status, 413);
    assert_eq!(
        world
            .get(&format!("/{}/oauth2/v2.0/token", tenant.id))
            .await
            .status,
        405
    );
}

#[tokio::test]
async fn an_error_tells_when_where_and_which_request() {
    let world = World::new();
    let request = Request::post(format!("/{}/oauth2/v2.0/token", world.contoso.id))
        .header("client-request-id", "3f2a4d1e-0000-4000-8000-000000000009")
        .body(Body::empty())
        .unwrap();
    let reply = world.send(request).await;
    let json = reply.json();
    assert_eq!(json["timestamp"], "2022-12-10 12:00:00Z");
    assert_eq!(
        json["correlation_id"],
        "3f2a4d1e-0000-4000-8000-000000000009"
    );
    assert_eq!(json["trace_id"].as_str().unwrap().len(), 36);
    assert_eq!(json["error_uri"], format!("{PUBLIC_URL}/error?code=900144"));
    assert_eq!(
        reply.header("client-request-id"),
        "3f2a4d1e-0000-4000-8000-000000000009"
    );
    assert_eq!(reply.header("cache-control"), "no-store");
}

#[tokio::test]
async fn version_one_takes_a_resource_and_writes_texts() {
    let world = World::new();
    let tenant = &world.contoso;
    let ask = async |resource: &str| {
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", tenant.client_id.as_str()),
            ("client_secret", tenant.client_secret.as_str()),
            ("resource", resource),
        ];
        world
            .post(&format!("/{}/oauth2/token", tenant.id), &fields)
            .await
    };
    let reply = ask("https://localhost:8443/").await;
    let json = reply.json();
    assert_eq!(json["expires_in"], "3599");
    assert_eq!(json["resource"], "https://localhost:8443");
    assert_eq!(claims(&reply.text("access_token"))["ver"], "1.0");
    ask("https://vault.example")
        .await
        .assert_refused("invalid_resource", 500011);
    ask("").await.assert_refused("invalid_request", 900144);
}

#[tokio::test]
async fn a_client_that_handles_claims_challenges_says_so_in_its_token() {
    let world = World::new();
    let wish = r#"{"access_token":{"xms_cc":{"values":["CP1"]}}}"#;
    let token = ask(&world, &world.contoso, &[("claims", wish)])
        .await
        .text("access_token");
    assert_eq!(claims(&token)["xms_cc"], json!(["cp1"]));
    for nonsense in ["{", "[]", r#"{"access_token":{"xms_cc":1}}"#] {
        let token = ask(&world, &world.contoso, &[("claims", nonsense)])
            .await
            .text("access_token");
        assert!(claims(&token).get("xms_cc").is_none());
    }
}

#[tokio::test]
async fn a_disabled_application_gets_nothing() {
    let world = World::new();
    world.update(&world.contoso, world.contoso.service_principal, |entry| {
        entry.attrs.set(Attr::ACCOUNT_ENABLED, false);
    });
    ask(&world, &world.contoso, &[])
        .await
        .assert_refused("unauthorized_client", 7000112);
}

#[tokio::test]
async fn what_would_be_work_for_nothing_is_refused_before_any_of_it() {
    let world = World::new();
    let tenant = &world.contoso;
    let odd: Vec<String> = (0..64).map(|number| format!("odd{number}")).collect();
    let odd: Vec<(&str, &str)> = odd.iter().map(|name| (name.as_str(), "1")).collect();
    // Six parameters are the request's own.
    ask(&world, tenant, &odd[..58]).await.text("access_token");
    ask(&world, tenant, &odd[..59])
        .await
        .assert_refused("invalid_request", 9002313);
    for path in ["oauth2/v2.0/devicecode", "oauth2/v2.0/token"] {
        world
            .post(
                &format!("/{}/{path}", tenant.id),
                &[odd.as_slice(), &[("more", "1")]].concat(),
            )
            .await
            .assert_refused("invalid_request", 9002313);
    }

    let scope = "https://localhost:8443/.default ";
    ask(&world, tenant, &[("scope", &scope.repeat(100))])
        .await
        .text("access_token");
    for scope in [
        scope.repeat(101),
        format!("https://localhost:8443{}.default", "/".repeat(8 * 1024)),
    ] {
        ask(&world, tenant, &[("scope", &scope)])
            .await
            .assert_refused("invalid_scope", 70011);
    }
}

#[tokio::test]
async fn a_secret_gives_tokens_from_its_start() {
    let world = World::new();
    let tenant = &world.contoso;
    let start = world.clock.now().plus_seconds(86_400);
    let ids = syncline_testkit::CountedIds::default();
    let (_, secret) = world
        .store
        .write(|tx| {
            let holder = tenant.application;
            client_secrets::add(tx, tenant.id, holder, &ids, start, None, None)
        })
        .unwrap();
    let early = ask(&world, tenant, &[("client_secret", &secret)]).await;
    early.assert_refused("invalid_client", 7_000_215);
    assert!(early.body.contains("startDateTime"), "{}", early.body);
    world.clock.advance_seconds(86_400);
    ask(&world, tenant, &[("client_secret", &secret)])
        .await
        .text("access_token");
}
