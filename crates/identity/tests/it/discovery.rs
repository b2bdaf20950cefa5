use crate::world::{PUBLIC_URL, World, claims};

#[tokio::test]
async fn the_document_is_the_tenants_by_id_and_by_domain() {
    let world = World::new();
    let id = world.contoso.id;
    for name in [
        id.to_string(),
        "contoso.example".to_owned(),
        "CONTOSO.onmicrosoft.com".to_owned(),
    ] {
        let reply = world
            .get(&format!("/{name}/v2.0/.well-known/openid-configuration"))
            .await;
        let json = reply.json();
        assert_eq!(json["issuer"], format!("{PUBLIC_URL}/{id}/v2.0"));
        assert_eq!(
            json["authorization_endpoint"],
            format!("{PUBLIC_URL}/{id}/oauth2/v2.0/authorize")
        );
        assert_eq!(
            json["token_endpoint"],
            format!("{PUBLIC_URL}/{id}/oauth2/v2.0/token")
        );
        assert_eq!(
            json["device_authorization_endpoint"],
            format!("{PUBLIC_URL}/{id}/oauth2/v2.0/devicecode")
        );
        assert_eq!(
            json["jwks_uri"],
            format!("{PUBLIC_URL}/{id}/discovery/v2.0/keys")
        );
        assert_eq!(
            json["end_session_endpoint"],
            format!("{PUBLIC_URL}/{id}/oauth2/v2.0/logout")
        );
        assert_eq!(reply.header("access-control-allow-origin"), "*");
    }
}

#[tokio::test]
async fn common_and_organizations_have_a_pattern_for_an_issuer() {
    let world = World::new();
    for name in ["common", "organizations"] {
        let json = world
            .get(&format!("/{name}/v2.0/.well-known/openid-configuration"))
            .await
            .json();
        assert_eq!(json["issuer"], format!("{PUBLIC_URL}/{{tenantid}}/v2.0"));
        assert_eq!(
            json["token_endpoint"],
            format!("{PUBLIC_URL}/{name}/oauth2/v2.0/token")
        );
    }
}

#[tokio::test]
async fn version_one_has_its_own_endpoints() {
    let world = World::new();
    let id = world.contoso.id;
    let json = world
        .get(&format!("/{id}/.well-known/openid-configuration"))
        .await
        .json();
    assert_eq!(json["issuer"], format!("{PUBLIC_URL}/{id}/"));
    assert_eq!(
        json["token_endpoint"],
        format!("{PUBLIC_URL}/{id}/oauth2/token")
    );
    assert_eq!(
        json["jwks_uri"],
        format!("{PUBLIC_URL}/{id}/discovery/keys")
    );
}

#[tokio::test]
async fn an_unknown_tenant_is_refused() {
    let world = World::new();
    for name in [
        "11111111-2222-3333-4444-555555555555",
        "nowhere.example",
        "consumers",
    ] {
        for path in [
            "v2.0/.well-known/openid-configuration",
            "discovery/v2.0/keys",
        ] {
            world
                .get(&format!("/{name}/{path}"))
                .await
                .assert_refused("invalid_tenant", 90002);
        }
    }
}

#[tokio::test]
async fn the_keys_verify_a_token() {
    let world = World::new();
    let secret = world.contoso.client_secret.clone();
    let reply = world
        .token(
            &world.contoso,
            &[
                ("grant_type", "client_credentials"),
                ("client_id", &world.contoso.client_id),
                ("client_secret", &secret),
                ("scope", "https://graph.microsoft.com/.default"),
            ],
        )
        .await;
    let token = reply.text("access_token");
    let kid = jsonwebtoken::decode_header(&token).unwrap().kid.unwrap();
    for path in [
        "common/discovery/v2.0/keys".to_owned(),
        "common/discovery/keys".to_owned(),
    ] {
        let keys = world.get(&format!("/{path}")).await.json();
        let key = keys["keys"]
            .as_array()
            .unwrap()
            .iter()
            .find(|key| key["kid"] == kid)
            .unwrap()
            .clone();
        let key = jsonwebtoken::DecodingKey::from_rsa_components(
            key["n"].as_str().unwrap(),
            key["e"].as_str().unwrap(),
        )
        .unwrap();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let algorithm = jsonwebtoken::Algorithm::RS256;
        assert!(
            jsonwebtoken::crypto::verify(signature, signed.as_bytes(), &key, algorithm).unwrap()
        );
    }
    assert_eq!(claims(&token)["aud"], "https://graph.microsoft.com");
}

#[tokio::test]
async fn our_instance_is_known_and_no_other() {
    let world = World::new();
    let ask = |endpoint: &str| {
        let query =
            crate::world::encode(&[("api-version", "1.1"), ("authorization_endpoint", endpoint)]);
        format!("/common/discovery/instance?{query}")
    };
    let json = world
        .get(&ask(&format!(
            "{PUBLIC_URL}/contoso.example/oauth2/v2.0/authorize"
        )))
        .await
        .json();
    assert_eq!(
        json["tenant_discovery_endpoint"],
        format!("{PUBLIC_URL}/contoso.example/v2.0/.well-known/openid-configuration")
    );
    assert_eq!(json["metadata"][0]["preferred_network"], "localhost:8443");
    let other = world
        .get(&ask(
            "https://login.evil.example/common/oauth2/v2.0/authorize",
        ))
        .await;
    assert_eq!(
        (other.status, other.json()["error"].as_str()),
        (400, Some("invalid_instance"))
    );
}

#[tokio::test]
async fn the_realm_of_a_domain_is_managed_here() {
    let world = World::new();
    let managed = world
        .get("/common/userrealm/nobody%40contoso.example?api-version=1.0")
        .await
        .json();
    assert_eq!(
        (
            managed["account_type"].as_str(),
            managed["domain_name"].as_str()
        ),
        (Some("Managed"), Some("contoso.example"))
    );
    let unknown = world
        .get("/common/userrealm/ada@nowhere.example?api-version=1.0")
        .await
        .json();
    assert_eq!(unknown["account_type"], "Unknown");
}

#[tokio::test]
async fn terraform_finds_the_endpoints_also_behind_two_slashes() {
    let world = World::new();
    for path in [
        "/metadata/endpoints?api-version=2022-09-01",
        "//metadata/endpoints?api-version=2022-09-01",
    ] {
        let reply = world.get(path).await;
        assert_eq!(reply.status, 200, "{path}");
        let json = reply.json();
        assert_eq!(json["microsoftGraphResourceId"], format!("{PUBLIC_URL}/"));
        assert_eq!(json["authentication"]["loginEndpoint"], PUBLIC_URL);
        assert_eq!(json["authentication"]["tenant"], "common");
        assert_eq!(json["authentication"]["identityProvider"], "AAD");
    }
}
