use syncline_access::{CallerKind, DirectoryRole, Refusal, UserTokenRequest, roles};
use syncline_model::{Attr, Clock as _, ProblemKind, Value};

use crate::world::{POWERSHELL, PUBLIC_URL, World, claims};

#[test]
fn carries_scopes_roles_and_names() {
    let world = World::new();
    let tenant = &world.contoso;
    world.write(|tx| {
        roles::grant(
            tx,
            tenant.id,
            world.ids.as_ref(),
            tenant.ada,
            DirectoryRole::GlobalAdministrator,
        )?;
        Ok(())
    });
    let mut request = UserTokenRequest::new(
        tenant.id,
        POWERSHELL,
        tenant.ada,
        &["Policy.Read.All", "Directory.ReadWrite.All"],
        world.clock.now(),
    );
    request.openid = vec![
        "openid".to_owned(),
        "profile".to_owned(),
        "offline_access".to_owned(),
    ];
    request.nonce = Some("n-1".to_owned());
    let tokens = world.access.issue_user_tokens(&request).unwrap();

    let access = claims(&tokens.access.token);
    assert_eq!(
        access["scp"],
        "openid profile Policy.Read.All Directory.ReadWrite.All"
    );
    assert_eq!(
        access["wids"],
        serde_json::json!(["62e90394-69f5-4237-9190-012177145e10"])
    );
    assert_eq!(access["oid"], tenant.ada.to_string());
    assert_eq!(access["upn"], "ada@contoso.example");
    assert_eq!(access["idtyp"], "user");
    assert_eq!(access["appidacr"], "0");
    assert!(access.get("roles").is_none());

    let id = claims(&tokens.id_token.unwrap());
    assert_eq!(id["aud"], POWERSHELL.to_string());
    assert_eq!(id["iss"], format!("{PUBLIC_URL}/{}/v2.0", tenant.id));
    assert_eq!(id["preferred_username"], "ada@contoso.example");
    assert_eq!(id["name"], "ada");
    assert_eq!(id["nonce"], "n-1");
    assert_eq!(id["sub"], access["sub"]);
    assert_ne!(id["sub"], id["oid"]);
}

#[test]
fn an_id_token_is_no_access_token() {
    let world = World::new();
    let mut request = UserTokenRequest::new(
        world.contoso.id,
        POWERSHELL,
        world.contoso.ada,
        &["User.Read"],
        world.clock.now(),
    );
    request.openid = vec!["openid".to_owned()];
    let id_token = world
        .access
        .issue_user_tokens(&request)
        .unwrap()
        .id_token
        .unwrap();
    assert!(world.authenticate(&id_token).is_err());
}

#[test]
fn roles_given_and_taken_count_at_once() {
    let world = World::new();
    let tenant = &world.contoso;
    let token = world.user_token(tenant, tenant.bob, &["Policy.Read.All"]);
    let held = || match world.authenticate(&token).unwrap().kind {
        CallerKind::Delegated {
            directory_roles, ..
        } => directory_roles,
        CallerKind::Application { .. } => panic!("a user"),
    };
    assert!(held().is_empty());
    world.write(|tx| {
        roles::grant(
            tx,
            tenant.id,
            world.ids.as_ref(),
            tenant.bob,
            DirectoryRole::SecurityReader,
        )?;
        Ok(())
    });
    assert_eq!(held(), [DirectoryRole::SecurityReader.template_id()]);
    world.write(|tx| {
        roles::revoke(tx, tenant.id, tenant.bob, DirectoryRole::SecurityReader)?;
        Ok(())
    });
    assert!(held().is_empty());
}

#[test]
fn a_disabled_user_is_refused_at_once() {
    let world = World::new();
    let tenant = &world.contoso;
    let token = world.user_token(tenant, tenant.ada, &["User.Read"]);
    world.update(tenant, tenant.ada, |entry| {
        entry.attrs.set(Attr::ACCOUNT_ENABLED, false);
    });
    assert!(
        world
            .authenticate(&token)
            .unwrap_err()
            .message
            .contains("disabled")
    );
    let request = UserTokenRequest::new(tenant.id, POWERSHELL, tenant.ada, &[], world.clock.now());
    assert_eq!(
        world.access.issue_user_tokens(&request).unwrap_err(),
        Refusal::UserDisabled
    );
}

/// Earlier releases let external users have passwords, and so tokens.
#[test]
fn an_external_user_is_refused_at_once() {
    let world = World::new();
    let tenant = &world.contoso;
    let token = world.user_token(tenant, tenant.ada, &["User.Read"]);
    for (attr, value) in [
        (Attr::HOME_TENANT_ID, Value::Guid(world.fabrikam.id.0)),
        (Attr::CREATION_TYPE, Value::text("Invitation")),
    ] {
        assert!(world.authenticate(&token).is_ok());
        world.update(tenant, tenant.ada, |entry| {
            entry.attrs.set(attr, value);
        });
        let refused = world.authenticate(&token).unwrap_err();
        assert_eq!(refused.kind, ProblemKind::SessionRevoked, "{refused}");
        world.update(tenant, tenant.ada, |entry| {
            entry.attrs.remove(attr);
        });
    }
}

/// `iat` tells whole seconds: within one, it does not say what came first.
#[test]
fn sessions_that_are_revoked_end_the_tokens_of_before_within_the_same_second_too() {
    let world = World::new();
    let tenant = &world.contoso;
    let now = world.clock.now();
    let token = |milliseconds| {
        let signed_in = now.plus_milliseconds(milliseconds);
        let scopes = ["User.Read"];
        let request = UserTokenRequest::new(tenant.id, POWERSHELL, tenant.ada, &scopes, signed_in);
        let tokens = world.access.issue_user_tokens(&request).unwrap();
        tokens.access.token
    };
    let (before, after) = (token(0), token(2));
    assert_eq!(claims(&before)["iat"], claims(&after)["iat"]);
    world.update(tenant, tenant.ada, |entry| {
        let moment = Value::Time(now.plus_milliseconds(1));
        entry
            .attrs
            .set(Attr::SIGN_IN_SESSIONS_VALID_FROM_DATE_TIME, moment);
    });
    let refused = world.authenticate(&before).unwrap_err();
    assert!(refused.message.contains("revoked"), "{refused}");
    // Who signed in again in that second is signed in.
    world.authenticate(&after).unwrap();
}

#[test]
fn a_client_for_those_who_are_assigned_gives_tokens_of_nobody_else() {
    let world = World::new();
    let tenant = &world.contoso;
    let request = UserTokenRequest::new(tenant.id, POWERSHELL, tenant.ada, &[], world.clock.now());
    world.update(tenant, tenant.powershell, |entry| {
        entry.attrs.set(Attr::APP_ROLE_ASSIGNMENT_REQUIRED, true);
    });
    let refused = world.access.issue_user_tokens(&request).unwrap_err();
    assert_eq!(refused.code(), 50105);
    assert!(refused.message().contains("ada@contoso.example"));
}

#[test]
fn revoked_sessions_end_older_tokens_only() {
    let world = World::new();
    let tenant = &world.contoso;
    let old = world.user_token(tenant, tenant.ada, &["User.Read"]);
    world.clock.advance_seconds(60);
    let now = world.clock.now();
    world.update(tenant, tenant.ada, |entry| {
        entry.attrs.set(
            Attr::SIGN_IN_SESSIONS_VALID_FROM_DATE_TIME,
            Value::Time(now),
        );
    });
    assert!(
        world
            .authenticate(&old)
            .unwrap_err()
            .message
            .contains("revoked")
    );
    assert!(
        world
            .authenticate(&world.user_token(tenant, tenant.ada, &["User.Read"]))
            .is_ok()
    );
}
