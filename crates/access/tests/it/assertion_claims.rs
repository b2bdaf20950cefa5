//! What an assertion says about itself: for whom, until when, and under which id.

use jsonwebtoken::{Algorithm, Header};
use serde_json::{Value, json};
use syncline_access::{ClientAuthentication, ClientCredentials, Refusal};
use syncline_model::{Attr, Clock as _};

use crate::client_assertions::{OURS, claims, header, present, sign, world};
use crate::world::{POWERSHELL, PUBLIC_URL, World};

type Presented = Result<ClientAuthentication, Refusal>;

const PROVEN: Presented = Ok(ClientAuthentication::Certificate);

/// Presents the usual assertion of Contoso's application, some claims changed or (null) left out.
fn with(world: &World, changed: &[(&str, Value)]) -> Presented {
    let mut claims = claims(world, &world.contoso);
    claims.as_object_mut().unwrap().remove("jti");
    for (name, value) in changed {
        claims[name] = value.clone();
    }
    claims
        .as_object_mut()
        .unwrap()
        .retain(|_, it| !it.is_null());
    let header = header(Algorithm::RS256, &OURS);
    present(world, &world.contoso, &sign(&header, &claims, &OURS))
}

fn is_out_of_time(presented: &Presented) -> bool {
    matches!(presented, Err(Refusal::AssertionOutOfTime(_)))
}

/// The client's clock may be off by five minutes either way, and no assertion lives for longer than a day.
#[test]
fn times_are_good_up_to_the_second() {
    let world = world();
    let now = world.clock.now().seconds();
    for (name, good, late) in [
        ("exp", -300, -301),
        ("exp", 24 * 3600, 24 * 3600 + 1),
        ("nbf", 300, 301),
    ] {
        let at = |seconds: i64| with(&world, &[(name, json!(now + seconds))]);
        assert_eq!(at(good), PROVEN, "{name} {good}");
        assert!(is_out_of_time(&at(late)), "{name} {late}");
    }
}

#[test]
fn a_client_id_and_an_audience_may_be_spelled_in_other_ways() {
    let world = world();
    let id = world.contoso.app_id.to_string().to_uppercase();
    let spelled = [("iss", json!(id)), ("sub", json!(id))];
    assert_eq!(with(&world, &spelled), PROVEN);
    let ours = format!("{PUBLIC_URL}/{}/v2.0", world.contoso.id);
    let several = [("aud", json!(["https://elsewhere.example", ours]))];
    assert_eq!(with(&world, &several), PROVEN);
    let none_of_ours = [("aud", json!(["https://elsewhere.example"]))];
    let refused = with(&world, &none_of_ours);
    assert!(matches!(refused, Err(Refusal::AssertionAudienceWrong(_))));
}

/// The right key does not help who names another certificate.
#[test]
fn a_certificate_that_is_named_wrongly_is_unknown() {
    let world = world();
    let wrong: [fn(&mut Header); 5] = [
        |header| header.x5t_s256 = Some("AAAA".to_owned()),
        |header| header.x5t_s256 = Some("not base64".to_owned()),
        |header| header.x5t = Some("not base64".to_owned()),
        |header| header.kid = Some("AAAA".to_owned()),
        |header| header.x5c = Some(vec!["AAAA".to_owned()]),
    ];
    for name in wrong {
        let mut header = Header::new(Algorithm::RS256);
        name(&mut header);
        let assertion = sign(&header, &claims(&world, &world.contoso), &OURS);
        let refused = present(&world, &world.contoso, &assertion);
        let unknown = matches!(refused, Err(Refusal::AssertionCertificateUnknown(..)));
        assert!(unknown, "{header:?}: {refused:?}");
    }
}

#[test]
fn an_assertion_without_an_id_is_its_own() {
    let world = world();
    let now = world.clock.now().seconds();
    for seconds in [600, 601, 600] {
        let presented = with(&world, &[("exp", json!(now + seconds))]);
        assert_eq!(presented, PROVEN, "{seconds}");
    }
}

/// Else a sweep would make room for another assertion with the same id.
#[test]
fn an_id_is_remembered_while_its_assertion_is_good_and_no_longer() {
    let world = world();
    let exp = world.clock.now().seconds() + 600;
    let first = [("jti", json!("x")), ("exp", json!(exp))];
    let second = [("jti", json!("x")), ("exp", json!(exp + 600))];
    assert_eq!(with(&world, &first), PROVEN);
    let sweep = || {
        let now = world.clock.now();
        world.store.write(|tx| tx.sweep_documents(now, 10)).unwrap()
    };
    world.clock.advance_seconds(900);
    assert_eq!(sweep(), 0);
    assert_eq!(with(&world, &second), Err(Refusal::AssertionReplayed));
    world.clock.advance_seconds(1);
    assert_eq!(sweep(), 1);
    assert_eq!(with(&world, &second), PROVEN);
}

#[test]
fn what_one_client_has_used_is_free_for_another() {
    let world = world();
    let contoso = &world.contoso;
    let mut credentials = None;
    world.update(contoso, contoso.application, |entry| {
        credentials = entry.get(Attr::KEY_CREDENTIALS).cloned();
    });
    world.update(contoso, contoso.powershell, |entry| {
        entry.attrs.set(Attr::KEY_CREDENTIALS, credentials.unwrap());
    });
    let of = |client: String| {
        let mut claims = claims(&world, contoso);
        claims["iss"] = json!(client);
        claims["sub"] = json!(client);
        let assertion = sign(&header(Algorithm::RS256, &OURS), &claims, &OURS);
        let credentials = ClientCredentials::Assertion(&assertion);
        let access = &world.access;
        let proven = access.authenticate_client(contoso.id, "x", &client, credentials);
        proven.map(|(_, proven)| proven)
    };
    assert_eq!(of(contoso.app_id.to_string()), PROVEN);
    assert_eq!(of(POWERSHELL.to_string()), PROVEN);
}
