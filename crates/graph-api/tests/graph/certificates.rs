//! Certificates of applications and service principals: completed from what they say, and shown without private keys.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};
use syncline_model::{Attr, ObjectId, Value};
use syncline_store::Tx;

use crate::world::{Client, Registered, World, id, text};

/// Of an RSA key of 2048 bits, from 2022 to 2122.
pub const RSA: &str = "\
MIICmTCCAYGgAwIBAgIBBzANBgkqhkiG9w0BAQsFADAPMQ0wCwYDVQQDDAR0b29sMCAXDTIyMDEwMjAzMDQwNVoYDzIxMj\
IwMTAyMDMwNDA1WjAPMQ0wCwYDVQQDDAR0b29sMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAjNkkzaiAmTYy\
S5Z5vGKQYRLRq2InbkxUevg8G+hPV0cgkMeeGVoZs1rLywIWLhxOXI0UB/Hzs3oFx++tX5EGW4s2GcVkgqy1sigq4sCejz\
Pi3L9sIW+9nk9HYWetFoBZPv9xyCb1juii843tRMsyATqHLyKUHcLRe44/GJbry376l4J+CYXnGAys/MjCC4fceH0WTWyj\
KHkIAa++OV7HolHgIcLUD08Zslq87okkOBGbeONWyvhgsQE0IXdgL8ZVMvKV+Mzwb5HQhNXW+HWYNvDv/NsE1skgGY6app\
nJU34wVMeQNzv/YkBT9Xi51AOcd3qe+HwF6rSYniQ8nOf1+wIDAQABMA0GCSqGSIb3DQEBCwUAA4IBAQBvc6uY3fEuReqT\
97rYxzeMsXKkJ9L27fHBkNCr9wK2aNuDQe+3JayjDZBAJm0USupaz+1zV6HEeucb3uwn8webo2RCTPg3bSgEPdJ4KqWSyc\
rT9/N5GNUcK7mcfY8twCze8dF3IPqkYQxjXWBYpL9aA5lvmLXwuK+2VOjSXlrT1e1N2zu1sH8myAI9xpkHzFEmswZ1itwu\
YFCAzdJdlwR5GjTa0itdO5K9n1M0q9V7Kc70fqSGD6CRYs7mo6nt0PRp1nCJ8CkYvuiKM3DyuyKeqUsYIM2ekpjzjR88DM\
U8fcSlZTKenQX3cTu0NaaqY03UiAk3OD1FbGARYyXlOxpj";
/// Of an elliptic curve.
const ELLIPTIC: &str = "\
MIIBbjCCARWgAwIBAgIUYcgvfI5RyiUa44E5LG0cGTs50B4wCgYIKoZIzj0EAwIwDTELMAkGA1UEAwwCZWMwHhcNMjYxMT\
MwMTM1NDAwWhcNMzYxMTI3MTM1NDAwWjANMQswCQYDVQQDDAJlYzBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABMjAivlz\
QvnIDHDbP7Z/twooEEOaApkyifer/y+YS2ONRUkSVNzmqH3hZ4ISU/gt6k+m+Hb/a40bxnWGREjeq3mjUzBRMB0GA1UdDg\
QWBBQKxqcTa7P+vapXo4j1bvfq5s15wTAfBgNVHSMEGDAWgBQKxqcTa7P+vapXo4j1bvfq5s15wTAPBgNVHRMBAf8EBTAD\
AQH/MAoGCCqGSM49BAMCA0cAMEQCIAcLUZqjSLC9SXFUez9Ah6yiKfF5370tpgHHgxxlsuFGAiAvEtevI4CDd4JOzZ1fI6\
MbFR06ESsVa5zD6O7Sb4Dz8w==";
const THUMBPRINT: &str = "IIX1QLW/UXgYjRYvIgkaHbzn29c=";

const KEY_ID: &str = "01234567-89ab-4def-8123-456789abcdef";

fn verify(key: &str) -> Json {
    json!({"type": "AsymmetricX509Cert", "usage": "Verify", "displayName": "CN=tool", "key": key})
}

fn urls(registered: &Registered) -> [String; 2] {
    [
        format!("/v1.0/applications/{}", registered.application),
        format!("/v1.0/servicePrincipals/{}", registered.service_principal),
    ]
}

/// As a client reads them that does not ask for keys.
fn shown(client: &Client<'_>, url: &str) -> Vec<Json> {
    client.get(url).ok()["keyCredentials"]
        .as_array()
        .unwrap()
        .clone()
}

/// The keys, of whom they are asked for.
fn keys(client: &Client<'_>, url: &str) -> Vec<Json> {
    let found = client.get(&format!("{url}?$select=KeyCredentials")).ok();
    let all = found["keyCredentials"].as_array().unwrap();
    all.iter().map(|it| it["key"].clone()).collect()
}

fn put(client: &Client<'_>, url: &str, credentials: &[Json]) {
    client
        .patch(url, json!({ "keyCredentials": credentials }))
        .no_content();
}

/// What builds stored that took any.
fn store(world: &World, holder: &str, credential: &[(&str, Value)]) {
    store_all(world, holder, &[credential]);
}

fn store_all(world: &World, holder: &str, credentials: &[&[(&str, Value)]]) {
    let holder: ObjectId = holder.parse().unwrap();
    let map = |members: &&[(&str, Value)]| {
        let members = members.iter();
        let members = members.map(|(name, value)| ((*name).to_owned(), value.clone()));
        Value::Map(members.collect())
    };
    let credentials = Value::List(credentials.iter().map(map).collect());
    let tenant = world.tenants.contoso.id;
    let put = |tx: &mut Tx<'_>| {
        let mut entry = tx.object(tenant, holder)?.unwrap().entry;
        entry.attrs.set(Attr::KEY_CREDENTIALS, credentials);
        tx.update_objects(tenant, &[entry])
    };
    world.store.write(put).unwrap();
}

#[test]
fn what_is_left_out_is_taken_from_the_certificate() {
    let world = World::new();
    let admin = world.contoso();
    for url in urls(&world.registered(&[])) {
        put(&admin, &url, &[verify(RSA)]);
        let [one] = &shown(&admin, &url)[..] else {
            panic!("{url}");
        };
        assert_eq!(text(one, "keyId").len(), 36);
        for (name, value) in [
            ("customKeyIdentifier", json!(THUMBPRINT)),
            ("startDateTime", json!("2022-01-02T03:04:05Z")),
            ("endDateTime", json!("2122-01-02T03:04:05Z")),
            ("type", json!("AsymmetricX509Cert")),
            ("usage", json!("Verify")),
            ("displayName", json!("CN=tool")),
            ("key", Json::Null),
        ] {
            assert_eq!(one[name], value, "{url} {name}");
        }

        let mut told = verify(RSA);
        told["keyId"] = json!(KEY_ID);
        told["customKeyIdentifier"] = json!("AAAA");
        told["startDateTime"] = json!("2022-06-01T00:00:00Z");
        told["endDateTime"] = json!("2023-06-01T00:00:00Z");
        put(&admin, &url, std::slice::from_ref(&told));
        told["key"] = Json::Null;
        assert_eq!(shown(&admin, &url), [told]);
    }
    let body = json!({"displayName": "Tool", "keyCredentials": [{"key": RSA}]});
    let made = admin.post("/v1.0/applications", body).created();
    let one = &made["keyCredentials"][0];
    assert_eq!(one["customKeyIdentifier"], THUMBPRINT);
    assert_eq!(
        (&one["usage"], &one["key"]),
        (&json!("Verify"), &Json::Null)
    );
    let body = json!({"appId": made["appId"], "keyCredentials": [verify(RSA)]});
    let made = admin.post("/v1.0/servicePrincipals", body).created();
    assert_eq!(made["keyCredentials"][0]["customKeyIdentifier"], THUMBPRINT);
}

#[test]
fn a_pem_text_is_a_certificate_and_its_private_key_is_left_out() {
    let world = World::new();
    let admin = world.contoso();
    let [url, _] = urls(&world.registered(&[]));
    let block = |label: &str| format!("-----BEGIN {label}-----\n{RSA}\n-----END {label}-----\n");
    let pem = block("PRIVATE KEY") + &block("CERTIFICATE");
    put(&admin, &url, &[verify(&STANDARD.encode(pem))]);
    assert_eq!(keys(&admin, &url), [RSA]);
}

#[test]
fn what_nobody_could_sign_in_with_is_refused_when_it_is_registered() {
    let world = World::new();
    let admin = world.contoso();
    let registered = world.registered(&[]);
    let key_of_pem =
        STANDARD.encode("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----");
    for url in urls(&registered) {
        for key in [
            json!("AAAA"),
            json!(ELLIPTIC),
            json!(key_of_pem),
            Json::Null,
        ] {
            let mut credential = verify(RSA);
            credential["key"] = key;
            let body = json!({"notes": "x", "keyCredentials": [verify(RSA), credential]});
            let error = admin.patch(&url, body).problem(400, "Request_BadRequest");
            assert_eq!(error["details"][0]["target"], "keyCredentials");
        }
        assert!(shown(&admin, &url).is_empty());
    }
    let body = json!({"displayName": "Other", "keyCredentials": [verify("AAAA")]});
    admin
        .post("/v1.0/applications", body)
        .problem(400, "Request_BadRequest");
}

/// As in Graph: of one object, and by name.
#[test]
fn keys_are_shown_to_who_asks_for_them_and_private_ones_to_nobody() {
    let world = World::new();
    let admin = world.contoso();
    let registered = world.registered(&[]);
    for (url, holder) in urls(&registered)
        .iter()
        .zip([&registered.application, &registered.service_principal])
    {
        let sign = json!({"type": "X509CertAndPassword", "usage": "Sign", "key": "AAAA"});
        put(&admin, url, &[verify(RSA), sign]);
        assert_eq!(keys(&admin, url), [json!(RSA), Json::Null]);
        let set = url.rsplit_once('/').unwrap().0;
        for other in [
            url.clone(),
            format!("{set}?$select=keyCredentials&$filter=id eq '{holder}'"),
            format!("/v1.0/directoryObjects/{holder}?$select=keyCredentials"),
        ] {
            let answer = admin.get(&other);
            answer.ok();
            assert!(answer.text().contains("X509CertAndPassword"), "{other}");
            assert!(!answer.text().contains("AAAA"), "{other}");
        }
        // Nor that one may be public because its sender said so, before it was looked at.
        store(
            &world,
            holder,
            &[
                ("key", Value::Bytes(vec![7; 9])),
                ("usage", Value::text("Verify")),
            ],
        );
        assert_eq!(keys(&admin, url), [Json::Null]);
    }
}

#[test]
fn certificates_that_are_sent_back_without_their_keys_keep_them() {
    let world = World::new();
    let admin = world.contoso();
    for url in urls(&world.registered(&[])) {
        put(&admin, &url, &[verify(RSA)]);
        let mut read = shown(&admin, &url);
        let whole = admin.get(&url).ok();
        put(&admin, &url, &read);
        assert_eq!(admin.get(&url).ok(), whole);

        read[0]["displayName"] = json!("CN=other");
        read.push(verify(RSA));
        put(&admin, &url, &read);
        let now = shown(&admin, &url);
        assert_eq!(now[0], read[0]);
        assert_ne!(now[1]["keyId"], now[0]["keyId"]);
        assert_eq!(keys(&admin, &url), [RSA, RSA]);

        // By its id: not one of another.
        read[0]["keyId"] = json!(KEY_ID);
        let body = json!({"keyCredentials": [read[0]]});
        admin.patch(&url, body).problem(400, "Request_BadRequest");
    }
}

/// Builds before gave them no ids, and took what is none.
#[test]
fn what_is_stored_from_before_stays_when_another_is_added() {
    let world = World::new();
    let admin = world.contoso();
    let registered = world.registered(&[]);
    let [url, _] = urls(&registered);
    let old = [
        ("key", Value::Bytes(b"none".to_vec())),
        ("type", Value::text("AsymmetricX509Cert")),
        ("usage", Value::text("Verify")),
        ("displayName", Value::text("CN=old")),
    ];
    store(&world, &registered.application, &old);
    let mut read = shown(&admin, &url);
    assert_eq!(read[0]["keyId"], Json::Null);
    put(&admin, &url, &read);
    assert_eq!(shown(&admin, &url), read, "nothing changed");
    read.push(verify(RSA));
    put(&admin, &url, &read);
    let now = shown(&admin, &url);
    assert_eq!(now[0]["displayName"], "CN=old");
    assert_eq!(text(&now[0], "keyId").len(), 36);
    assert_eq!(now[1]["customKeyIdentifier"], THUMBPRINT);
    let first = &stored_keys(&world, &registered.application)[0];
    assert_eq!(first, &Value::Bytes(b"none".to_vec()));
}

/// As they were made by builds that gave no ids.
#[test]
fn certificates_that_nothing_but_their_keys_tells_apart_are_kept_all() {
    let world = World::new();
    let admin = world.contoso();
    let registered = world.registered(&[]);
    let [url, _] = urls(&registered);
    let keys = [b"one".to_vec(), b"two".to_vec()].map(Value::Bytes);
    let old = keys.clone().map(|key| {
        [
            ("key", key),
            ("type", Value::text("AsymmetricX509Cert")),
            ("usage", Value::text("Verify")),
            ("displayName", Value::text("CN=old")),
        ]
    });
    store_all(&world, &registered.application, &[&old[0], &old[1]]);
    let kept = || stored_keys(&world, &registered.application);
    let mut read = shown(&admin, &url);
    assert_eq!(read[0], read[1]);

    // Which is to go?
    let body = json!({"keyCredentials": [read[0], verify(RSA)]});
    let error = admin.patch(&url, body).problem(400, "Request_BadRequest");
    assert_eq!(error["details"][0]["target"], "keyCredentials");
    assert_eq!(kept(), keys);
    put(&admin, &url, &read);
    assert_eq!(kept(), keys);
    read.push(verify(RSA));
    put(&admin, &url, &read);
    assert_eq!(kept()[..2], keys);
    // They have ids now.
    put(&admin, &url, &shown(&admin, &url)[1..]);
    assert_eq!(kept()[0], keys[1]);

    store_all(&world, &registered.application, &[&old[0], &old[1]]);
    let mut second = read[0].clone();
    second["key"] = json!(STANDARD.encode("two"));
    put(&admin, &url, &[second, read[0].clone()]);
    assert_eq!(kept(), [keys[1].clone(), keys[0].clone()]);
    put(&admin, &url, &[]);
    assert!(kept().is_empty());
}

/// Nothing here would use them; whoever reads the database or a backup would.
#[test]
fn private_keys_are_not_stored() {
    let world = World::new();
    let admin = world.contoso();
    let registered = world.registered(&[]);
    let block = |label: &str| format!("-----BEGIN {label}-----\n{RSA}\n-----END {label}-----\n");
    let pem = STANDARD.encode(block("PRIVATE KEY") + &block("CERTIFICATE"));
    let sent = [
        json!({"type": "X509CertAndPassword", "usage": "Sign", "key": "AAAA"}),
        json!({"type": "Symmetric", "usage": "Verify", "key": "AAAA"}),
        json!({"type": "AsymmetricX509Cert", "usage": "Sign", "key": STANDARD.encode(block("PRIVATE KEY"))}),
        // What is public of a key to encrypt for.
        json!({"type": "AsymmetricX509Cert", "usage": "Encrypt", "key": pem}),
    ];
    let der = Value::Bytes(STANDARD.decode(RSA).unwrap());
    let kept = [Value::Null, Value::Null, Value::Null, der];
    let check = |url: &str, holder: &str| {
        assert_eq!(stored_keys(&world, holder), kept, "{url}");
        let shown = shown(&admin, url);
        for (one, sent) in shown.iter().zip(&sent) {
            assert_eq!(
                [&one["type"], &one["usage"]],
                [&sent["type"], &sent["usage"]]
            );
            assert_eq!(text(one, "keyId").len(), 36);
        }
        shown
    };
    let holders = [&registered.application, &registered.service_principal];
    for (url, holder) in urls(&registered).iter().zip(holders) {
        put(&admin, url, &sent);
        let before = check(url, holder);
        // Sent back with its key, or without.
        let mut again = before.clone();
        again[0]["key"] = json!("AAAA");
        for credentials in [&again, &before] {
            put(&admin, url, credentials);
            assert_eq!(check(url, holder), before);
        }
    }
    let body = json!({"displayName": "Tool", "keyCredentials": sent});
    let made = admin.post("/v1.0/applications", body).created();
    check(&format!("/v1.0/applications/{}", id(&made)), &id(&made));
    let body = json!({"appId": made["appId"], "keyCredentials": sent});
    let made = admin.post("/v1.0/servicePrincipals", body).created();
    check(
        &format!("/v1.0/servicePrincipals/{}", id(&made)),
        &id(&made),
    );
}

/// As they were stored by builds before.
#[test]
fn a_private_key_that_is_stored_goes_when_the_credentials_change() {
    let world = World::new();
    let admin = world.contoso();
    let registered = world.registered(&[]);
    let [url, _] = urls(&registered);
    let old = [
        ("key", Value::Bytes(b"private".to_vec())),
        ("type", Value::text("X509CertAndPassword")),
        ("usage", Value::text("Sign")),
        ("displayName", Value::text("CN=old")),
    ];
    store(&world, &registered.application, &old);
    let mut read = shown(&admin, &url);
    read.push(verify(RSA));
    put(&admin, &url, &read);
    assert_eq!(shown(&admin, &url)[0]["displayName"], "CN=old");
    let der = Value::Bytes(STANDARD.decode(RSA).unwrap());
    let keys = stored_keys(&world, &registered.application);
    assert_eq!(keys, [Value::Null, der]);
}

/// As Entra's pairs are: the private key signs tokens, and its certificate checks them.
#[test]
fn a_pair_of_one_id_stays_a_pair() {
    let world = World::new();
    let admin = world.contoso();
    let registered = world.registered(&[]);
    let [_, url] = urls(&registered);
    let mut pair = [
        json!({"type": "X509CertAndPassword", "usage": "Sign", "key": "AAAA"}),
        verify(RSA),
    ];
    for one in &mut pair {
        one["keyId"] = json!(KEY_ID);
    }
    put(&admin, &url, &pair);
    let before = stored_keys(&world, &registered.service_principal);
    let mut read = shown(&admin, &url);
    for _ in 0..2 {
        read[0]["displayName"] = json!("CN=other");
        read[1]["displayName"] = json!("CN=other");
        put(&admin, &url, &read);
        assert_eq!(stored_keys(&world, &registered.service_principal), before);
        assert_eq!(shown(&admin, &url), read);
    }
    put(&admin, &url, &read[1..]);
    assert_eq!(keys(&admin, &url), [RSA]);
}

fn stored_keys(world: &World, holder: &str) -> Vec<Value> {
    let (tenant, holder) = (world.tenants.contoso.id, holder.parse().unwrap());
    let stored = world.store.read(|it| it.object(tenant, holder));
    let credentials = stored.unwrap().unwrap().entry;
    let credentials = credentials.get(Attr::KEY_CREDENTIALS);
    let all = credentials.map(Value::as_slice).unwrap_or_default();
    let key = |it: &Value| it.member("key").cloned().unwrap_or(Value::Null);
    all.iter().map(key).collect()
}
