//! Users: what may be created, what is unique, managers.

use syncline_directory::{deleted_items, users};
use syncline_model::{Attr, Attrs, ObjectId, ProblemKind, Value};

use crate::world::{ids, new_user, said, world};

#[test]
fn a_new_user_gets_what_the_directory_fills_in() {
    let world = world();
    let mail = Attrs::new().with(Attr::MAIL, "Megan@contoso.example");
    let user = world.try_user("megan", mail).unwrap();
    let attrs = &user.entry.attrs;
    assert_eq!(attrs.text(Attr::USER_TYPE), Some("Member"));
    assert_eq!(
        attrs.get(Attr::CREATED_DATE_TIME),
        Some(&Value::Time(user.created_at))
    );
    assert_eq!(
        attrs.get(Attr::PROXY_ADDRESSES),
        Some(&Value::List(vec![Value::text(
            "SMTP:Megan@contoso.example"
        )]))
    );
    assert!(
        attrs
            .text(Attr::SECURITY_IDENTIFIER)
            .unwrap()
            .starts_with("S-1-12-1-")
    );
    let identity = &attrs.get(Attr::IDENTITIES).unwrap().as_slice()[0];
    assert_eq!(
        identity.member("issuer").unwrap().as_text(),
        Some("contoso.onmicrosoft.com")
    );
    assert_eq!(
        identity.member("issuerAssignedId").unwrap().as_text(),
        Some("megan@contoso.example")
    );
}

#[test]
fn a_user_is_found_by_id_and_by_name_in_any_case() {
    let world = world();
    let id = world.user("megan");
    assert_eq!(world.find_user(&id.to_string()).unwrap().entry.id, id);
    assert_eq!(
        world.find_user("MEGAN@Contoso.example").unwrap().entry.id,
        id
    );
    let problem = world.find_user("nobody@contoso.example").unwrap_err();
    assert_eq!(problem.kind, ProblemKind::NotFound);
    assert_eq!(problem.code, "Request_ResourceNotFound");
}

#[test]
fn a_password_is_never_stored_as_an_attribute() {
    let world = world();
    let profile = Value::Map(vec![("password".to_owned(), Value::text("secret"))]);
    let user = world
        .try_user("megan", Attrs::new().with(Attr::PASSWORD_PROFILE, profile))
        .unwrap();
    assert!(!user.entry.attrs.contains(Attr::PASSWORD_PROFILE));
}

#[test]
fn a_missing_required_value_is_named() {
    let world = world();
    let mut user = new_user("megan", Attrs::new());
    user.attrs.remove(Attr::DISPLAY_NAME);
    let problem = world
        .write(|tx, context| users::create(tx, context, user))
        .unwrap_err();
    assert_eq!(said(&problem).1, Some("displayName"));
    assert_eq!(problem.kind, ProblemKind::BadRequest);
}

#[test]
fn values_that_do_not_fit_are_refused_with_the_property_they_are_for() {
    let world = world();
    let bad = [
        (Attr::JOB_TITLE, Value::text("x".repeat(129))),
        (Attr::JOB_TITLE, Value::text("")),
        (Attr::JOB_TITLE, Value::Bool(true)),
        (Attr::USER_TYPE, Value::text("Owner")),
        (Attr::MAIL, Value::text("not an address")),
        (Attr::USAGE_LOCATION, Value::text("DEU")),
        (Attr::MAIL_NICKNAME, Value::text("a b")),
        // Graph publishes no limit for these; there is one all the same.
        (Attr::FAX_NUMBER, Value::text("1".repeat(3073))),
        (
            Attr::EMPLOYEE_ORG_DATA,
            Value::Map(vec![(
                "division".to_owned(),
                Value::text("x".repeat(64 * 1024)),
            )]),
        ),
        (
            Attr::BUSINESS_PHONES,
            Value::List(vec![Value::text("1"), Value::text("2")]),
        ),
        (
            Attr::USER_PRINCIPAL_NAME,
            Value::text("a b@contoso.example"),
        ),
    ];
    for (attr, value) in bad {
        let problem = world
            .try_user("megan", Attrs::new().with(attr, value.clone()))
            .unwrap_err();
        let name = attr.core_name().unwrap();
        assert_eq!(
            said(&problem),
            (
                format!("Invalid value specified for property '{name}' of resource 'User'.")
                    .as_str(),
                Some(name)
            ),
            "{value:?}"
        );
    }
}

#[test]
fn an_enumeration_is_read_in_any_case_and_stored_in_its_own() {
    let world = world();
    let user = world
        .try_user("megan", Attrs::new().with(Attr::USER_TYPE, "guest"))
        .unwrap();
    assert_eq!(user.entry.text(Attr::USER_TYPE), Some("Guest"));
}

#[test]
fn the_domain_of_a_name_must_be_verified() {
    let world = world();
    let name = Attrs::new().with(Attr::USER_PRINCIPAL_NAME, "megan@fabrikam.example");
    let problem = world.try_user("megan", name).unwrap_err();
    assert!(
        problem
            .message
            .starts_with("The domain portion of the userPrincipalName property is invalid.")
    );
    assert!(
        world
            .try_user(
                "megan",
                Attrs::new().with(Attr::USER_PRINCIPAL_NAME, "m@CONTOSO.onmicrosoft.com")
            )
            .is_ok()
    );
}

#[test]
fn names_are_unique_in_any_case() {
    let world = world();
    world.user("megan");
    let problem = world.try_user("MEGAN", Attrs::new()).unwrap_err();
    assert_eq!(
        said(&problem),
        (
            "Another object with the same value for property userPrincipalName already exists.",
            Some("userPrincipalName")
        )
    );
    assert_eq!(
        (problem.kind, problem.details[0].code.as_ref()),
        (ProblemKind::BadRequest, "ObjectConflict")
    );
}

#[test]
fn mail_addresses_are_unique_among_users() {
    let world = world();
    world
        .try_user("megan", Attrs::new().with(Attr::MAIL, "m@contoso.example"))
        .unwrap();
    let problem = world
        .try_user("max", Attrs::new().with(Attr::MAIL, "M@contoso.example"))
        .unwrap_err();
    assert_eq!(said(&problem).1, Some("proxyAddresses"));
}

#[test]
fn a_refused_create_leaves_nothing_behind() {
    let world = world();
    world
        .try_user("megan", Attrs::new().with(Attr::MAIL, "m@contoso.example"))
        .unwrap();
    let before = world.sequence();
    world
        .try_user("max", Attrs::new().with(Attr::MAIL, "m@contoso.example"))
        .unwrap_err();
    assert_eq!(world.sequence(), before);
    assert!(world.find_user("max@contoso.example").is_err());
    world.user("max");
}

#[test]
fn a_batch_refuses_each_user_for_itself() {
    let world = world();
    world.user("taken");
    let batch = ["first", "taken", "second", "first"]
        .map(|alias| new_user(alias, Attrs::new()))
        .to_vec();
    let results = world
        .write(|tx, context| users::create_many(tx, context, batch))
        .unwrap();
    let refused: Vec<bool> = results.iter().map(Result::is_err).collect();
    assert_eq!(refused, [false, true, false, true]);
    assert_eq!(
        world.find_user("first@contoso.example").unwrap().entry.id,
        *results[0].as_ref().unwrap()
    );
    assert!(world.find_user("second@contoso.example").is_ok());
}

#[test]
fn a_renamed_user_is_found_under_the_new_name_only() {
    let world = world();
    let id = world.user("megan");
    let renamed = world
        .update_user(
            id,
            Attr::USER_PRINCIPAL_NAME,
            Some(Value::text("meg@contoso.example")),
        )
        .unwrap();
    let identity = &renamed.entry.get(Attr::IDENTITIES).unwrap().as_slice()[0];
    assert_eq!(
        identity.member("issuerAssignedId").unwrap().as_text(),
        Some("meg@contoso.example")
    );
    assert_eq!(world.find_user("meg@contoso.example").unwrap().entry.id, id);
    assert!(world.find_user("megan@contoso.example").is_err());
    world.user("megan");
}

#[test]
fn a_name_in_another_case_is_no_conflict_with_oneself() {
    let world = world();
    let id = world.user("megan");
    world
        .update_user(
            id,
            Attr::USER_PRINCIPAL_NAME,
            Some(Value::text("Megan@contoso.example")),
        )
        .unwrap();
    assert_eq!(
        world
            .find_user("megan@contoso.example")
            .unwrap()
            .entry
            .text(Attr::USER_PRINCIPAL_NAME),
        Some("Megan@contoso.example")
    );
}

#[test]
fn a_changed_mail_address_frees_the_former_one() {
    let world = world();
    let megan = world
        .try_user("megan", Attrs::new().with(Attr::MAIL, "a@contoso.example"))
        .unwrap()
        .entry
        .id;
    world
        .update_user(megan, Attr::MAIL, Some(Value::text("b@contoso.example")))
        .unwrap();
    world
        .try_user("max", Attrs::new().with(Attr::MAIL, "a@contoso.example"))
        .unwrap();
    let cleared = world.update_user(megan, Attr::MAIL, None).unwrap();
    assert!(!cleared.entry.attrs.contains(Attr::PROXY_ADDRESSES));
}

#[test]
fn a_required_value_can_not_be_cleared() {
    let world = world();
    let id = world.user("megan");
    let problem = world.update_user(id, Attr::DISPLAY_NAME, None).unwrap_err();
    assert_eq!(said(&problem).1, Some("displayName"));
}

#[test]
fn an_update_that_changes_nothing_wakes_no_reader_of_changes() {
    let world = world();
    let id = world.user("megan");
    let before = world.sequence();
    world
        .update_user(id, Attr::DISPLAY_NAME, Some(Value::text("megan")))
        .unwrap();
    assert_eq!(world.sequence(), before);
}

#[test]
fn a_user_has_one_manager_at_a_time() {
    let world = world();
    let [megan, max, moritz] = ["megan", "max", "moritz"].map(|alias| world.user(alias));
    assert_eq!(world.manager(megan), None);
    world.set_manager(megan, max);
    world.set_manager(megan, moritz);
    assert_eq!(world.manager(megan), Some(moritz));
    let reports = |manager: ObjectId| {
        ids(&world
            .store
            .read(|reader| users::direct_reports(reader, world.contoso.id, manager, None, 10))
            .unwrap())
    };
    assert_eq!(reports(moritz), [megan]);
    assert!(reports(max).is_empty());
    world
        .write(|tx, context| users::remove_manager(tx, context, megan))
        .unwrap();
    assert_eq!(world.manager(megan), None);
    let problem = world
        .write(|tx, context| users::remove_manager(tx, context, megan))
        .unwrap_err();
    assert!(
        problem
            .message
            .starts_with("Resource 'manager' does not exist")
    );
}

#[test]
fn a_manager_must_be_a_live_user() {
    let world = world();
    let megan = world.user("megan");
    let group = world.group("Sales", &[]);
    for nobody in [group, ObjectId::from_bytes([3; 16])] {
        let problem = world
            .write(|tx, context| users::set_manager(tx, context, megan, nobody))
            .unwrap_err();
        assert_eq!(problem.kind, ProblemKind::NotFound);
    }
}

#[test]
fn a_manager_in_the_recycle_bin_does_not_show_and_comes_back() {
    let world = world();
    let [megan, max] = ["megan", "max"].map(|alias| world.user(alias));
    world.set_manager(megan, max);
    world.delete_user(max);
    assert_eq!(world.manager(megan), None);
    world
        .write(|tx, context| {
            deleted_items::restore(tx, context, max, deleted_items::Restoration::default())
        })
        .unwrap();
    assert_eq!(world.manager(megan), Some(max));
}

#[test]
fn managers_of_many_users_are_set_at_once() {
    let world = world();
    let users: Vec<ObjectId> = (0..5).map(|at| world.user(&format!("user{at}"))).collect();
    world.set_manager(users[0], users[4]);
    let pairs = [
        (users[0], users[3]),
        (users[1], users[3]),
        (users[2], users[0]),
    ];
    world
        .write(|tx, context| users::set_managers(tx, context, &pairs))
        .unwrap();
    assert_eq!(world.manager(users[0]), Some(users[3]));
    assert_eq!(world.manager(users[1]), Some(users[3]));
    let before = world.sequence();
    world
        .write(|tx, context| users::set_managers(tx, context, &pairs))
        .unwrap();
    assert_eq!(world.sequence(), before);
}
