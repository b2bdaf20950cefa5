//! Which registered certificates count: by what their credential says, and by what they say themselves.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use syncline_access::{ClientAuthentication, Refusal, certificates};
use syncline_model::{Attr, Clock as _, ObjectId, Timestamp, Value};

use crate::client_assertions::{Certificate, OURS, certificate, present, signed, world};
use crate::world::World;

/// A credential of this certificate, some of its members changed or (`None`) left out.
fn credential(certificate: &Certificate, changed: &[(&str, Option<Value>)]) -> Value {
    let mut members = vec![
        ("key", Value::text(STANDARD.encode(&certificate.der))),
        ("usage", Value::text("Verify")),
        ("type", Value::text("AsymmetricX509Cert")),
    ];
    for (name, value) in changed {
        members.retain(|(known, _)| known != name);
        members.extend(value.clone().map(|value| (*name, value)));
    }
    let members = members.into_iter();
    Value::Map(members.map(|(name, it)| (name.to_owned(), it)).collect())
}

fn register(world: &World, holder: ObjectId, credential: Value) {
    world.update(&world.contoso, holder, |entry| {
        let credentials = Value::List(vec![credential]);
        entry.attrs.set(Attr::KEY_CREDENTIALS, credentials);
    });
}

/// Whether an assertion that is signed with the certificate's key proves the application now.
fn counts(world: &World, certificate: &Certificate) -> bool {
    match present(world, &world.contoso, &signed(world, certificate)) {
        Ok(proven) => proven == ClientAuthentication::Certificate,
        Err(Refusal::AssertionCertificateUnknown(..)) => false,
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn a_credential_for_something_else_does_not_count() {
    let world = world();
    let application = world.contoso.application;
    for (changed, good) in [
        (("usage", Some(Value::text("Verify"))), true),
        (("usage", Some(Value::text("verify"))), true),
        (("usage", Some(Value::text("Sign"))), false),
        (("usage", None), true),
        (("type", Some(Value::text("X509CertAndPassword"))), false),
        (("type", None), true),
        (("key", None), false),
    ] {
        register(
            &world,
            application,
            credential(&OURS, std::slice::from_ref(&changed)),
        );
        assert_eq!(counts(&world, &OURS), good, "{changed:?}");
    }
}

#[test]
fn a_credential_counts_from_its_first_moment_to_its_last() {
    let world = world();
    let now = world.clock.now();
    let bounds = [
        ("startDateTime", Some(Value::Time(now.plus_seconds(60)))),
        ("endDateTime", Some(Value::Time(now.plus_seconds(120)))),
    ];
    let credential = credential(&OURS, &bounds);
    register(&world, world.contoso.application, credential);
    for (seconds, good) in [(59, false), (1, true), (60, true), (1, false)] {
        world.clock.advance_seconds(seconds);
        assert_eq!(counts(&world, &OURS), good, "{:?}", world.clock.now());
    }
}

/// Whoever registers one may say any time, or none.
#[test]
fn a_certificate_counts_within_its_own_time() {
    let world = world();
    let day = |number| rcgen::date_time_ymd(2040, 1, number);
    let dated = certificate(|params| {
        params.not_before = day(2);
        params.not_after = day(3);
    });
    let at = |number| Timestamp::from_seconds(day(number).unix_timestamp());
    register(&world, world.contoso.application, credential(&dated, &[]));
    for (moment, good) in [
        (at(2).plus_seconds(-1), false),
        (at(2), true),
        (at(3), true),
        (at(3).plus_seconds(1), false),
    ] {
        let seconds = moment.seconds() - world.clock.now().seconds();
        world.clock.advance_seconds(seconds);
        assert_eq!(counts(&world, &dated), good, "{moment:?}");
    }
}

#[test]
fn a_certificate_of_the_service_principal_counts_too() {
    let world = world();
    let (application, principal) = (world.contoso.application, world.contoso.service_principal);
    world.update(&world.contoso, application, |entry| {
        entry.attrs.remove(Attr::KEY_CREDENTIALS);
    });
    assert!(!counts(&world, &OURS));
    register(&world, principal, credential(&OURS, &[]));
    assert!(counts(&world, &OURS));
}

/// An RSA key of 1024 bits.
const SHORT: &str = "\
MIIB/jCCAWegAwIBAgIUa7le+oTeGY1F3Hi1JEUjD0GUangwDQYJKoZIhvcNAQELBQAwEDEOMAwGA1UEAwwFc2hvcn\
QwIBcNMjYxMTI5MDM0NjQwWhgPMjEyNjExMDUwMzQ2NDBaMBAxDjAMBgNVBAMMBXNob3J0MIGfMA0GCSqGSIb3DQEB\
AQUAA4GNADCBiQKBgQC+e70/BFQ0io0qusmfjEB7h2AmF6yv3XiUa8NuRFLFYTsUpSwoZEXfHpwyE4MB3C7z+NyRY8\
0gizfGebPicieBZtgfUPXudLvUKGJQRuroOrYFsHULzOvWbOh/RG7GyhCyidzIOF6B103tXWdq7nLHE7nXQ2CDW7nn\
NixyKeJaSwIDAQABo1MwUTAdBgNVHQ4EFgQUhi2291x8H60l/O5HaDmzwurLHRswHwYDVR0jBBgwFoAUhi2291x8H6\
0l/O5HaDmzwurLHRswDwYDVR0TAQH/BAUwAwEB/zANBgkqhkiG9w0BAQsFAAOBgQCZ3uqm0W11RTWGqX4sIn8Rt0xy\
Jp7xWdMrjscIO4lo14DPSACXAmMN2FtGmYBdjARTx8ZKaxHfLoyG185DsYug+g+Vln/IKX0PxUib9721HMOXfNbIvu\
HOkqIcSkWY2L/NgBWFQs50KfGZRPP0eC+6kzvhNmzA2muY7jUIr4Dk1Q==";

#[test]
fn a_short_key_is_none_to_register() {
    let der = STANDARD.decode(SHORT).unwrap();
    assert_eq!(certificates::validity(&der), None);
    assert!(certificates::validity(&OURS.der).is_some());
}

/// As it comes from a file of a certificate: DER, or PEM, whose bytes are sent.
#[test]
fn what_is_registered_of_a_certificate_proves_the_application() {
    let world = world();
    let pem = format!(
        "\n-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        STANDARD.encode(&OURS.der)
    );
    let mut with_more = OURS.der.clone();
    with_more.extend(b"\r\n");
    for key in [OURS.der.clone(), pem.into_bytes(), with_more] {
        let sent = [("key", Some(Value::Bytes(key)))];
        let registered = certificates::checked(&credential(&OURS, &sent)).unwrap();
        assert_eq!(
            registered.member("key"),
            Some(&Value::Bytes(OURS.der.clone()))
        );
        register(&world, world.contoso.application, registered);
        assert!(counts(&world, &OURS));
    }
}

#[test]
fn a_short_key_is_refused() {
    let sent = [("key", Some(Value::text(SHORT)))];
    let problem = certificates::checked(&credential(&OURS, &sent)).unwrap_err();
    assert_eq!(problem.details[0].target.as_deref(), Some("keyCredentials"));
}
