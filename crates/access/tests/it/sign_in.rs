use std::time::Duration;

use syncline_access::passwords::{self, NotTaken};
use syncline_access::{
    Access, AccessSettings, PasswordLimits, PasswordWork, Refusal, SignedIn, still_good,
};
use syncline_model::{Attr, Clock as _, ProblemKind, Value};

use crate::world::{PASSWORD, World};

#[test]
fn the_right_password_signs_in_with_and_without_a_tenant() {
    let world = World::new();
    let ada = SignedIn {
        tenant: world.contoso.id,
        user: world.contoso.ada,
    };
    assert_eq!(
        world
            .access
            .sign_in(None, None, "ada@contoso.example", PASSWORD)
            .map(|right| right.who),
        Ok(ada)
    );
    assert_eq!(
        world
            .access
            .sign_in(
                None,
                Some(world.contoso.id),
                " ADA@Contoso.example ",
                PASSWORD
            )
            .map(|right| right.who),
        Ok(ada)
    );
}

#[test]
fn unknown_users_and_wrong_passwords_look_the_same() {
    let world = World::new();
    for (user, password) in [
        ("ada@contoso.example", "wrong"),
        ("nobody@contoso.example", PASSWORD),
        ("nobody@nowhere.example", PASSWORD),
        ("nobody", PASSWORD),
        ("", ""),
    ] {
        assert_eq!(
            world.access.sign_in(None, None, user, password),
            Err(Refusal::CredentialsInvalid),
            "{user}"
        );
    }
    // Right, but another tenant's.
    assert_eq!(
        world.access.sign_in(
            None,
            Some(world.fabrikam.id),
            "ada@contoso.example",
            PASSWORD
        ),
        Err(Refusal::CredentialsInvalid)
    );
}

/// A clock that was ahead noted them for a time that is still to come.
#[test]
fn nobody_is_locked_out_until_a_wrong_clock_would_have_been_right() {
    let world = World::new();
    let sign_in = |password| {
        let answer = world
            .access
            .sign_in(None, None, "ada@contoso.example", password);
        answer.map(|_| ())
    };
    const YEAR: i64 = 365 * 24 * 3600;
    world.clock.advance_seconds(YEAR);
    for _ in 0..10 {
        assert_eq!(sign_in("wrong"), Err(Refusal::CredentialsInvalid));
    }
    assert_eq!(sign_in(PASSWORD), Err(Refusal::AccountLocked));
    world.clock.advance_seconds(-YEAR);
    assert_eq!(sign_in(PASSWORD), Ok(()));
}

#[test]
fn ten_wrong_passwords_lock_the_account_for_a_minute() {
    let world = World::new();
    let sign_in = |password| {
        world
            .access
            .sign_in(None, None, "ada@contoso.example", password)
            .map(|_| ())
    };
    for _ in 0..10 {
        assert_eq!(sign_in("wrong"), Err(Refusal::CredentialsInvalid));
    }
    assert_eq!(sign_in(PASSWORD), Err(Refusal::AccountLocked));
    world.clock.advance_seconds(59);
    assert_eq!(sign_in(PASSWORD), Err(Refusal::AccountLocked));
    assert!(
        world
            .access
            .sign_in(None, None, "bob@contoso.example", PASSWORD)
            .is_ok()
    );
    world.clock.advance_seconds(1);
    assert_eq!(sign_in("wrong"), Err(Refusal::CredentialsInvalid));
    assert_eq!(
        sign_in(PASSWORD),
        Err(Refusal::AccountLocked),
        "one more wrong one locks again"
    );
    world.clock.advance_seconds(60);
    assert_eq!(sign_in(PASSWORD), Ok(()));
    assert_eq!(sign_in("wrong"), Err(Refusal::CredentialsInvalid));
    assert_eq!(
        sign_in(PASSWORD),
        Ok(()),
        "a right password forgets the wrong ones"
    );
}

#[test]
fn a_lock_does_not_tell_which_accounts_exist() {
    let world = World::new();
    let contoso = world.contoso.id;
    let names = [
        (None, ["ada@contoso.example", "ADA@contoso.example"]),
        (None, ["nobody@contoso.example", " Nobody@contoso.example"]),
        (None, ["nobody@nowhere.example", "NOBODY@nowhere.example"]),
        (Some(contoso), ["nobody", "nobody"]),
    ];
    for (tenant, [name, the_same]) in names {
        for _ in 0..10 {
            assert_eq!(
                world.access.sign_in(None, tenant, name, "wrong"),
                Err(Refusal::CredentialsInvalid),
                "{name}"
            );
        }
        assert_eq!(
            world.access.sign_in(None, tenant, the_same, "wrong"),
            Err(Refusal::AccountLocked),
            "{name}"
        );
    }
    world.clock.advance_seconds(60);
    for (tenant, [name, _]) in names {
        assert_eq!(
            world.access.sign_in(None, tenant, name, "wrong"),
            Err(Refusal::CredentialsInvalid),
            "{name}"
        );
    }
}

#[test]
fn a_disabled_account_shows_only_to_who_knows_the_password() {
    let world = World::new();
    world.update(&world.contoso, world.contoso.ada, |entry| {
        entry.attrs.set(Attr::ACCOUNT_ENABLED, false);
    });
    assert_eq!(
        world
            .access
            .sign_in(None, None, "ada@contoso.example", "wrong"),
        Err(Refusal::CredentialsInvalid)
    );
    assert_eq!(
        world
            .access
            .sign_in(None, None, "ada@contoso.example", PASSWORD),
        Err(Refusal::UserDisabled)
    );
}

#[test]
fn a_new_password_is_not_locked_by_guesses_at_the_old_one() {
    let world = World::new();
    let sign_in = |password| {
        world
            .access
            .sign_in(None, None, "ada@contoso.example", password)
            .map(|_| ())
    };
    for _ in 0..10 {
        assert_eq!(sign_in("wrong"), Err(Refusal::CredentialsInvalid));
    }
    assert_eq!(sign_in(PASSWORD), Err(Refusal::AccountLocked));
    let tenant = &world.contoso;
    let hashed = world.access.hash_password(None, "Another-Horse-2").unwrap();
    world.write(|tx| {
        Ok(passwords::set(
            tx,
            tenant.id,
            tenant.ada,
            &hashed,
            world.clock.as_ref(),
        )?)
    });
    assert_eq!(sign_in("Another-Horse-2"), Ok(()));
}

#[test]
fn a_new_password_replaces_the_old_one_and_its_generation() {
    let world = World::new();
    let tenant = &world.contoso;
    let generation = || {
        world
            .store
            .read(|reader| passwords::generation(reader, tenant.id, tenant.ada))
            .unwrap()
    };
    let before = generation();
    let hashed = world.access.hash_password(None, "Another-Horse-2").unwrap();
    world.write(|tx| {
        Ok(passwords::set(
            tx,
            tenant.id,
            tenant.ada,
            &hashed,
            world.clock.as_ref(),
        )?)
    });
    assert_ne!(generation(), before);
    assert!(
        world
            .access
            .sign_in(None, None, "ada@contoso.example", PASSWORD)
            .is_err()
    );
    assert!(
        world
            .access
            .sign_in(None, None, "ada@contoso.example", "Another-Horse-2")
            .is_ok()
    );
    world.write(|tx| {
        passwords::remove(tx, tenant.id, tenant.ada)
            .map(|_| ())
            .map_err(Into::into)
    });
    assert!(
        world
            .access
            .sign_in(None, None, "ada@contoso.example", "Another-Horse-2")
            .is_err()
    );
    assert_eq!(generation(), "");
}

#[test]
fn a_temporary_password_is_good_for_choosing_another_alone() {
    let world = World::new();
    let tenant = &world.contoso;
    let ada = SignedIn {
        tenant: tenant.id,
        user: tenant.ada,
    };
    let generation = || {
        world
            .store
            .read(|reader| passwords::generation(reader, tenant.id, tenant.ada))
            .unwrap()
    };
    let ask = |asked| {
        world.write(|tx| {
            let found = passwords::set_to_be_changed(tx, tenant.id, tenant.ada, asked)?;
            assert!(found);
            Ok(())
        });
    };
    let sign_in = || {
        world
            .access
            .sign_in(None, None, "ada@contoso.example", PASSWORD)
    };
    let before = generation();
    ask(true);
    assert!(matches!(sign_in(), Err(Refusal::PasswordToBeChanged(_))));
    let right = world
        .access
        .check_password(None, None, "ada@contoso.example", PASSWORD)
        .unwrap();
    assert!(right.to_be_changed && right.who == ada);
    assert_eq!(right.generation, generation());
    assert_ne!(generation(), before, "what was begun before ends");
    let asked = generation();
    ask(false);
    assert_eq!(sign_in().map(|right| right.who), Ok(ada));
    assert_ne!(generation(), before, "and stays ended");
    assert_ne!(generation(), asked);

    ask(true);
    assert_ne!(generation(), asked);
    world.clock.advance_seconds(60);
    let access = &world.access;
    let choose = |chosen| access.hash_chosen_password(tenant.id, tenant.ada, chosen);
    assert!(matches!(choose(PASSWORD), Err(NotTaken::Same)));
    assert!(matches!(choose("simple"), Err(NotTaken::TooSimple)));
    let hashed = choose("Another-Horse-2").unwrap();
    let now = world.clock.now();
    world.write(|tx| {
        Ok(passwords::set(
            tx,
            tenant.id,
            tenant.ada,
            &hashed,
            world.clock.as_ref(),
        )?)
    });
    let signed_in = access.sign_in(None, None, "ada@contoso.example", "Another-Horse-2");
    assert_eq!(signed_in.map(|right| right.who), Ok(ada));
    world.update(tenant, tenant.ada, |entry| {
        assert_eq!(
            entry.get(Attr::LAST_PASSWORD_CHANGE_DATE_TIME),
            Some(&Value::Time(now))
        );
    });
}

#[test]
fn who_has_no_password_is_not_asked_to_change_it() {
    let world = World::new();
    let tenant = &world.contoso;
    world.write(|tx| {
        passwords::remove(tx, tenant.id, tenant.ada)?;
        assert!(!passwords::set_to_be_changed(
            tx, tenant.id, tenant.ada, true
        )?);
        assert_eq!(
            passwords::is_to_be_changed(tx, tenant.id, tenant.ada)?,
            None
        );
        Ok(())
    });
}

/// Earlier releases let it be set.
#[test]
fn a_password_of_an_external_user_signs_nobody_in() {
    let world = World::new();
    let (tenant, user) = (world.contoso.id, world.contoso.ada);
    let sign_in = || {
        let right = world
            .access
            .sign_in(None, None, "ada@contoso.example", PASSWORD);
        right.map(|right| right.generation)
    };
    let generation = sign_in().unwrap();
    let now = world.clock.now();
    let begun_is_good = || {
        let good = world
            .store
            .read(|reader| still_good(reader, tenant, user, &generation, now));
        good.unwrap()
    };
    assert!(begun_is_good());
    for (attr, value) in [
        (Attr::HOME_TENANT_ID, Value::Guid(world.fabrikam.id.0)),
        (Attr::CREATION_TYPE, Value::text("Invitation")),
    ] {
        world.update(&world.contoso, user, |ada| {
            ada.attrs.set(attr, value);
        });
        assert_eq!(sign_in(), Err(Refusal::CredentialsInvalid));
        let own = SignedIn { tenant, user };
        assert_eq!(
            world.access.check_own_password(own, PASSWORD),
            Err(Refusal::CredentialsInvalid)
        );
        assert!(!begun_is_good());
        world.update(&world.contoso, user, |ada| {
            ada.attrs.remove(attr);
        });
    }
    assert!(sign_in().is_ok() && begun_is_good());
}

#[test]
fn guesses_at_ones_own_password_count() {
    let world = World::new();
    let ada = SignedIn {
        tenant: world.contoso.id,
        user: world.contoso.ada,
    };
    for _ in 0..10 {
        let refused = world.access.check_own_password(ada, "wrong");
        assert_eq!(refused, Err(Refusal::CredentialsInvalid));
    }
    let refused = world.access.check_own_password(ada, PASSWORD);
    assert_eq!(refused, Err(Refusal::AccountLocked));
    world.clock.advance_seconds(60);
    assert!(world.access.check_own_password(ada, PASSWORD).is_ok());
}

#[test]
fn who_gets_no_place_to_check_a_password_at_tried_none() {
    let world = World::new();
    let access = world.access.with_password_limits(PasswordLimits {
        at_once: 1,
        patience: Duration::ZERO,
        ..PasswordLimits::default()
    });
    let busy = Err(Refusal::SignInsTooMany("5".to_owned()));
    let names = [
        "ada@contoso.example",
        "nobody@contoso.example",
        "nobody@nowhere.example",
    ];
    let held = access.hashing().place(PasswordWork::Set, None).unwrap();
    for name in names {
        // More often than locks an account.
        for _ in 0..11 {
            assert_eq!(access.sign_in(None, None, name, "wrong"), busy, "{name}");
        }
    }
    let refused = access.hash_password(Some(world.contoso.id), PASSWORD);
    let refused = refused.unwrap_err();
    assert_eq!(refused.kind, ProblemKind::Unavailable);
    assert_eq!(refused.retry_after_seconds, Some(5));
    drop(held);
    for name in names {
        assert_eq!(
            access.sign_in(None, None, name, "wrong"),
            Err(Refusal::CredentialsInvalid),
            "{name}"
        );
    }
    assert!(access.sign_in(None, None, names[0], PASSWORD).is_ok());
    assert!(access.hash_password(None, PASSWORD).is_ok());
}

#[test]
fn what_changes_while_somebody_waits_holds_for_him() {
    let world = World::new();
    let tenant = &world.contoso;
    let hashed = world.access.hash_password(None, "Another-Horse-2").unwrap();
    let access = Access::new(
        world.store.clone(),
        world.clock.clone(),
        world.ids.clone(),
        AccessSettings::default(),
    )
    .with_password_limits(PasswordLimits {
        at_once: 1,
        patience: Duration::from_secs(3600),
        ..PasswordLimits::default()
    });
    let sign_in_after = |change: &dyn Fn()| {
        let held = access.hashing().place(PasswordWork::Set, None).unwrap();
        std::thread::scope(|scope| {
            let waiting =
                scope.spawn(|| access.sign_in(None, None, "ada@contoso.example", PASSWORD));
            syncline_testkit::until("somebody waits to sign in", || {
                access.hashing().waiting() > 0
            });
            change();
            drop(held);
            waiting.join().unwrap()
        })
    };
    assert!(sign_in_after(&|| {}).is_ok());
    let disable = || {
        world.update(tenant, tenant.ada, |entry| {
            entry.attrs.set(Attr::ACCOUNT_ENABLED, false);
        });
    };
    assert_eq!(sign_in_after(&disable), Err(Refusal::UserDisabled));
    let change = || {
        world.write(|tx| {
            Ok(passwords::set(
                tx,
                tenant.id,
                tenant.ada,
                &hashed,
                world.clock.as_ref(),
            )?)
        });
    };
    assert_eq!(sign_in_after(&change), Err(Refusal::CredentialsInvalid));
}
