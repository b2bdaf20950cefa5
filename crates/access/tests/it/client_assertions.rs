use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use serde_json::{Value, json};
use syncline_access::{ClientAuthentication, ClientCredentials, Refusal, certificates};
use syncline_model::{Attr, Clock as _, Ids as _, Value as Attribute};

use crate::world::{Hosted, PUBLIC_URL, World};

/// A certificate and its key; making one takes a while, so tests share two.
pub struct Certificate {
    pub der: Vec<u8>,
    key: EncodingKey,
}

pub static OURS: LazyLock<Certificate> = LazyLock::new(|| certificate(|_| {}));
static OTHERS: LazyLock<Certificate> = LazyLock::new(|| certificate(|_| {}));

pub fn certificate(change: impl FnOnce(&mut CertificateParams)) -> Certificate {
    let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
    let mut params = CertificateParams::new(vec!["provisioner.example".to_owned()]).unwrap();
    change(&mut params);
    let der = params.self_signed(&pair).unwrap().der().to_vec();
    Certificate {
        der,
        key: EncodingKey::from_rsa_pem(pair.serialize_pem().as_bytes()).unwrap(),
    }
}

fn register(world: &World, tenant: &Hosted, certificate: &Certificate) {
    let credential = Attribute::Map(vec![
        (
            "key".to_owned(),
            Attribute::text(STANDARD.encode(&certificate.der)),
        ),
        ("usage".to_owned(), Attribute::text("Verify")),
        ("type".to_owned(), Attribute::text("AsymmetricX509Cert")),
        (
            "endDateTime".to_owned(),
            Attribute::Time(world.clock.now().plus_seconds(24 * 3600)),
        ),
    ]);
    world.update(tenant, tenant.application, |entry| {
        entry
            .attrs
            .set(Attr::KEY_CREDENTIALS, Attribute::List(vec![credential]));
    });
}

/// What MSAL for Python signs: RS256, padded `x5t`, times with fractions.
pub fn claims(world: &World, tenant: &Hosted) -> Value {
    let now = world.clock.now().seconds() as f64 + 0.25;
    json!({
        "aud": format!("{PUBLIC_URL}/{}/oauth2/v2.0/token", tenant.id),
        "iss": tenant.app_id.to_string(),
        "sub": tenant.app_id.to_string(),
        "jti": "4f1c1f0e-0000-4000-8000-000000000001",
        "exp": now + 600.0,
        "nbf": now,
        "iat": now,
    })
}

pub fn header(algorithm: Algorithm, certificate: &Certificate) -> Header {
    let mut header = Header::new(algorithm);
    header.x5t = Some(URL_SAFE.encode(certificates::thumbprint(&certificate.der)));
    header
}

pub fn sign(header: &Header, claims: &Value, certificate: &Certificate) -> String {
    jsonwebtoken::encode(header, claims, &certificate.key).unwrap()
}

/// The usual assertion of Contoso's application, good for this moment and with an id of its own.
pub fn signed(world: &World, certificate: &Certificate) -> String {
    let mut claims = claims(world, &world.contoso);
    claims["jti"] = json!(world.ids.random_uuid().to_string());
    sign(&header(Algorithm::RS256, certificate), &claims, certificate)
}

pub fn present(
    world: &World,
    tenant: &Hosted,
    assertion: &str,
) -> Result<ClientAuthentication, Refusal> {
    let client_id = tenant.app_id.to_string();
    let credentials = ClientCredentials::Assertion(assertion);
    world
        .access
        .authenticate_client(tenant.id, "contoso.example", &client_id, credentials)
        .map(|(_, proven)| proven)
}

/// A world at the real time, because the certificates are valid from now on.
pub fn world() -> World {
    let world = World::new();
    let (from, _) = certificates::validity(&OURS.der).unwrap();
    let behind = (from.seconds() - world.clock.now().seconds()).max(0);
    world.clock.advance_seconds(behind + 60);
    register(&world, &world.contoso, &OURS);
    world
}

#[test]
fn both_algorithms_and_every_way_to_name_the_certificate_work() {
    let world = world();
    let sha1 = certificates::thumbprint(&OURS.der);
    let sha256 = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &OURS.der);
    let hex: String = sha1.iter().map(|byte| format!("{byte:02X}")).collect();
    type Name<'n> = Box<dyn Fn(&mut Header) + 'n>;
    let names: Vec<Name<'_>> = vec![
        Box::new(|header| header.x5t = Some(URL_SAFE.encode(&sha1))),
        Box::new(|header| header.x5t = Some(URL_SAFE_NO_PAD.encode(&sha1))),
        Box::new(|header| header.x5t_s256 = Some(URL_SAFE_NO_PAD.encode(sha256.as_ref()))),
        Box::new(|header| header.kid = Some(hex.clone())),
        Box::new(|header| header.kid = Some(URL_SAFE_NO_PAD.encode(&sha1))),
        Box::new(|header| header.x5c = Some(vec![STANDARD.encode(&OURS.der)])),
        Box::new(|_| {}),
    ];
    let mut count = 0;
    for algorithm in [Algorithm::RS256, Algorithm::PS256] {
        for name in &names {
            let mut header = Header::new(algorithm);
            name(&mut header);
            let mut claims = claims(&world, &world.contoso);
            count += 1;
            claims["jti"] = json!(format!("assertion {count}"));
            let assertion = sign(&header, &claims, &OURS);
            assert_eq!(
                present(&world, &world.contoso, &assertion),
                Ok(ClientAuthentication::Certificate),
                "{header:?}"
            );
        }
    }
}

#[test]
fn audiences_are_endpoint_and_issuer_by_id_or_by_the_name_in_the_path() {
    let world = world();
    let id = world.contoso.id;
    let check = |audience: String, good: bool| {
        let mut claims = claims(&world, &world.contoso);
        claims["jti"] = json!(audience);
        claims["aud"] = json!(audience);
        let answer = present(
            &world,
            &world.contoso,
            &sign(&header(Algorithm::RS256, &OURS), &claims, &OURS),
        );
        match good {
            true => assert!(answer.is_ok(), "{audience}: {answer:?}"),
            false => assert!(
                matches!(answer, Err(Refusal::AssertionAudienceWrong(_))),
                "{audience}: {answer:?}"
            ),
        }
    };
    check(format!("{PUBLIC_URL}/{id}/oauth2/v2.0/token"), true);
    check(format!("{PUBLIC_URL}/{id}/oauth2/token"), true);
    check(format!("{PUBLIC_URL}/{id}/v2.0"), true);
    check(format!("{PUBLIC_URL}/{id}/"), true);
    check(
        format!("{PUBLIC_URL}/contoso.example/oauth2/v2.0/token"),
        true,
    );
    check(
        format!("{PUBLIC_URL}/{}/oauth2/v2.0/token", world.fabrikam.id),
        false,
    );
    check(
        format!("https://login.microsoftonline.com/{id}/oauth2/v2.0/token"),
        false,
    );
    check(PUBLIC_URL.to_owned(), false);
    check(String::new(), false);
}

#[test]
fn wrong_key_subject_and_times_are_refused() {
    let world = world();
    let tenant = &world.contoso;
    let now = world.clock.now().seconds();
    let changed = |name: &str, value: Value| {
        let mut claims = claims(&world, tenant);
        claims[name] = value;
        present(
            &world,
            tenant,
            &sign(&header(Algorithm::RS256, &OURS), &claims, &OURS),
        )
    };
    assert!(matches!(
        changed("iss", json!("somebody")),
        Err(Refusal::AssertionSubjectWrong(_))
    ));
    assert!(matches!(
        changed("sub", json!(world.fabrikam.app_id.to_string())),
        Err(Refusal::AssertionSubjectWrong(_))
    ));
    assert!(matches!(
        changed("exp", json!(now - 301)),
        Err(Refusal::AssertionOutOfTime(_))
    ));
    assert!(matches!(
        changed("exp", Value::Null),
        Err(Refusal::AssertionOutOfTime(_))
    ));
    assert!(matches!(
        changed("exp", json!(now + 25 * 3600)),
        Err(Refusal::AssertionOutOfTime(_))
    ));
    assert!(matches!(
        changed("nbf", json!(now + 400)),
        Err(Refusal::AssertionOutOfTime(_))
    ));

    let claims = claims(&world, tenant);
    let unknown = sign(&header(Algorithm::RS256, &OTHERS), &claims, &OTHERS);
    assert!(matches!(
        present(&world, tenant, &unknown),
        Err(Refusal::AssertionCertificateUnknown(..))
    ));
    let forged = sign(&header(Algorithm::RS256, &OURS), &claims, &OTHERS);
    assert_eq!(
        present(&world, tenant, &forged),
        Err(Refusal::AssertionSignatureInvalid)
    );
    assert!(matches!(
        present(&world, tenant, "a.b"),
        Err(Refusal::AssertionMalformed(_))
    ));
    let hmac = jsonwebtoken::encode(
        &Header::new(Algorithm::HS256),
        &claims,
        &EncodingKey::from_secret(&OURS.der),
    )
    .unwrap();
    assert!(matches!(
        present(&world, tenant, &hmac),
        Err(Refusal::AssertionMalformed(_))
    ));
    // Registered in Contoso, not in Fabrikam.
    let elsewhere = sign(
        &header(Algorithm::RS256, &OURS),
        &self::claims(&world, &world.fabrikam),
        &OURS,
    );
    assert!(matches!(
        present(&world, &world.fabrikam, &elsewhere),
        Err(Refusal::AssertionCertificateUnknown(..))
    ));
}

#[test]
fn a_certificate_past_its_credentials_end_is_refused() {
    let world = world();
    world.clock.advance_seconds(25 * 3600);
    let assertion = sign(
        &header(Algorithm::RS256, &OURS),
        &claims(&world, &world.contoso),
        &OURS,
    );
    assert!(matches!(
        present(&world, &world.contoso, &assertion),
        Err(Refusal::AssertionCertificateUnknown(..))
    ));
}

#[test]
fn one_assertion_serves_many_requests_and_its_id_no_other_assertion() {
    let world = world();
    let tenant = &world.contoso;
    let mut claims = claims(&world, tenant);
    let first = sign(&header(Algorithm::RS256, &OURS), &claims, &OURS);
    // MSAL for Python sends one assertion for nine minutes, for everybody who signs in.
    for _ in 0..200 {
        assert!(present(&world, tenant, &first).is_ok());
    }
    claims["exp"] = json!(world.clock.now().seconds() + 900);
    let second = sign(&header(Algorithm::RS256, &OURS), &claims, &OURS);
    assert_eq!(
        present(&world, tenant, &second),
        Err(Refusal::AssertionReplayed)
    );
    assert!(present(&world, tenant, &first).is_ok());
}
