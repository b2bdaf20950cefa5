use syncline_access::{ClientAuthentication, ClientCredentials, Refusal, client_secrets};
use syncline_model::{Clock as _, ObjectId, Timestamp};

use crate::world::{Hosted, World};

fn present(world: &World, tenant: &Hosted, secret: &str) -> Result<ClientAuthentication, Refusal> {
    let client_id = tenant.app_id.to_string();
    let credentials = ClientCredentials::Secret(secret);
    world
        .access
        .authenticate_client(tenant.id, "contoso.example", &client_id, credentials)
        .map(|(_, proven)| proven)
}

/// Another secret, good from now on; its text.
fn add(world: &World, holder: ObjectId, end: Option<Timestamp>) -> String {
    let (tenant, ids) = (world.contoso.id, world.ids.as_ref());
    let now = world.clock.now();
    let mut text = String::new();
    world.write(|tx| {
        text = client_secrets::add(tx, tenant, holder, ids, now, None, end)?.1;
        Ok(())
    });
    text
}

#[test]
fn the_right_secret_proves_the_client() {
    let world = World::new();
    assert_eq!(
        present(&world, &world.contoso, &world.contoso.secret),
        Ok(ClientAuthentication::Secret)
    );
}

#[test]
fn wrong_foreign_and_key_id_are_refused() {
    let world = World::new();
    for secret in [
        "",
        "wrong",
        &world.fabrikam.secret,
        &world.contoso.secret_id.to_string(),
    ] {
        assert!(
            matches!(
                present(&world, &world.contoso, secret),
                Err(Refusal::SecretInvalid(_))
            ),
            "{secret}"
        );
    }
}

#[test]
fn a_removed_secret_is_refused() {
    let world = World::new();
    let tenant = &world.contoso;
    world.write(|tx| {
        assert!(client_secrets::remove(
            tx,
            tenant.id,
            tenant.application,
            tenant.secret_id
        )?);
        assert!(!client_secrets::remove(
            tx,
            tenant.id,
            tenant.application,
            tenant.secret_id
        )?);
        Ok(())
    });
    assert!(matches!(
        present(&world, tenant, &tenant.secret),
        Err(Refusal::SecretInvalid(_))
    ));
}

#[test]
fn who_removes_one_secret_keeps_the_others() {
    let world = World::new();
    let tenant = &world.contoso;
    let other = add(&world, tenant.application, None);
    world.write(|tx| {
        let (holder, key_id) = (tenant.application, tenant.secret_id);
        assert!(client_secrets::remove(tx, tenant.id, holder, key_id)?);
        Ok(())
    });
    let good = Ok(ClientAuthentication::Secret);
    assert_eq!(present(&world, tenant, &other), good);
}

/// Two years, when its maker did not say.
#[test]
fn an_expired_secret_says_so() {
    let world = World::new();
    let present = || present(&world, &world.contoso, &world.contoso.secret);
    world.clock.advance_seconds(2 * 365 * 24 * 3600 - 1);
    assert_eq!(present(), Ok(ClientAuthentication::Secret));
    world.clock.advance_seconds(1);
    assert!(matches!(present(), Err(Refusal::SecretExpired(_))));
}

#[test]
fn a_secret_of_the_service_principal_counts_too() {
    let world = World::new();
    let tenant = &world.contoso;
    let end = world.clock.now().plus_seconds(60);
    let secret = add(&world, tenant.service_principal, Some(end));
    assert_eq!(
        present(&world, tenant, &secret),
        Ok(ClientAuthentication::Secret)
    );
    let listed = world
        .store
        .read(|reader| client_secrets::list(reader, tenant.id, tenant.service_principal))
        .unwrap();
    assert_eq!(listed.len(), 1);
    assert!(secret.starts_with(&listed[0].hint));
    assert_eq!(listed[0].end, world.clock.now().plus_seconds(60));
}

#[test]
fn a_secret_is_good_from_its_start_until_its_end() {
    let world = World::new();
    let tenant = &world.contoso;
    let now = world.clock.now();
    let (start, end) = (now.plus_seconds(60), now.plus_seconds(120));
    let mut secret = String::new();
    world.write(|tx| {
        let ids = world.ids.as_ref();
        let (_, text) = client_secrets::add(
            tx,
            tenant.id,
            tenant.application,
            ids,
            start,
            None,
            Some(end),
        )?;
        secret = text;
        Ok(())
    });
    world.clock.advance_seconds(59);
    let early = present(&world, tenant, &secret);
    assert!(matches!(early, Err(Refusal::SecretNotYetValid(_))));
    world.clock.advance_seconds(1);
    let good = Ok(ClientAuthentication::Secret);
    assert_eq!(present(&world, tenant, &secret), good);
    world.clock.advance_seconds(59);
    assert_eq!(present(&world, tenant, &secret), good);
    world.clock.advance_seconds(1);
    let late = present(&world, tenant, &secret);
    assert!(matches!(late, Err(Refusal::SecretExpired(_))));
}
