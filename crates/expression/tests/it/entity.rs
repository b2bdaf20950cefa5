//! The entity table's attributes, by the mapping engine's names.

use syncline_expression::{Code, Outcome, Type, compile};
use syncline_model::{Attr, EntityKind, Entry, ObjectId, Schema, Value};

use crate::context;

#[test]
fn the_default_mappings_of_cross_tenant_synchronization() {
    let user = Schema::core().of(EntityKind::User);
    let mut entry = Entry::new(EntityKind::User, ObjectId::NIL);
    entry.attrs.set(Attr::NET_ID, "10032001A2B3C4D5");
    entry.attrs.set(Attr::IS_SOFT_DELETED, false);
    entry.attrs.set(
        Attr::BUSINESS_PHONES,
        Value::List(vec![Value::text("+1 555")]),
    );
    entry.attrs.set(Attr::MOBILE_PHONE, "+1 777");
    let check = |expression: &str, expected: Value| {
        let program = compile(expression, &user).unwrap();
        assert_eq!(
            program.evaluate(&entry, &context()),
            Ok(Outcome::Value(Some(expected))),
            "{expression}"
        );
    };
    check(
        "AltSecIdFromNetId([netId])",
        Value::text("5::10032001A2B3C4D5"),
    );
    check("[IsSoftDeleted]", Value::Bool(false));
    check(
        "[telephoneNumber]",
        Value::List(vec![Value::text("+1 555")]),
    );
    check(
        r#"Append([telephoneNumber], " x")"#,
        Value::text("+1 555 x"),
    );
    check("[mobile]", Value::text("+1 777"));
    check(r#""true""#, Value::text("true"));
    check(
        "CStr([objectId])",
        Value::text("00000000-0000-0000-0000-000000000000"),
    );
}

#[test]
fn names_are_the_engines_and_case_counts() {
    let user = Schema::core().of(EntityKind::User);
    for (wrong, meant) in [
        ("[mobilePhone]", "[mobile]"),
        ("[Mail]", "[mail]"),
        ("[givenname]", "[givenName]"),
    ] {
        let problems = compile(wrong, user).unwrap_err();
        assert_eq!(problems[0].code, Code::UnknownAttribute);
        assert_eq!(problems[0].suggestion.as_ref().unwrap().replacement, meant);
    }
}

/// Scoping filters know more than mappings.
#[test]
fn what_has_no_name_in_mappings_says_what_to_do() {
    for (kind, name, asked) in [
        (EntityKind::User, "extensionAttribute1", true),
        (EntityKind::User, "extensionAttribute15", true),
        (EntityKind::Group, "extensionAttribute2", true),
        (EntityKind::User, "ageGroup", true),
        (EntityKind::User, "onPremisesExtensionAttributes", false),
    ] {
        let problems = compile(&format!("ToLower([{name}])"), Schema::core().of(kind)).unwrap_err();
        let [only] = problems.as_slice() else {
            panic!("{problems:?}");
        };
        assert_eq!(only.code, Code::UnknownAttribute);
        assert!(only.message.contains(name), "{only}");
        let help = only.help.as_deref().unwrap();
        assert_eq!(help.contains("asked in scoping filters"), asked, "{only}");
        assert!(help.contains("use a directory extension"), "{only}");
        assert!(only.suggestion.is_none(), "{only}");
    }
    let unknown = compile(
        "[extensionAttribute16]",
        Schema::core().of(EntityKind::User),
    );
    assert!(
        unknown.unwrap_err()[0]
            .message
            .starts_with("unknown attribute")
    );
}

#[test]
fn a_program_says_what_it_reads_and_yields() {
    let user = Schema::core().of(EntityKind::User);
    let program = compile(r#"Join(" ", [surname], [givenName], [surname])"#, user).unwrap();
    assert_eq!(program.attributes(), [Attr::GIVEN_NAME, Attr::SURNAME]);
    assert_eq!(program.result_type(), Type::TEXT);
    assert!(!program.is_random() && !program.is_redacted());
    assert_eq!(
        compile("[accountEnabled]", user).unwrap().result_type(),
        Type::BOOLEAN
    );
    assert_eq!(
        compile("[otherMails]", user).unwrap().result_type(),
        Type::TEXT_LIST
    );
    assert_eq!(
        compile("IIF([accountEnabled], [mail], [city])", user)
            .unwrap()
            .result_type(),
        Type::TEXT
    );
    assert_eq!(
        compile("IIF([accountEnabled], [mail], [otherMails])", user)
            .unwrap()
            .result_type(),
        Type::ANY
    );
    assert!(compile("Now()", user).unwrap().is_random());
}

#[test]
fn a_reference_is_no_text() {
    let user = Schema::core().of(EntityKind::User);
    assert!(compile("[manager]", user).is_ok());
    for expression in [
        r#"Switch([manager], "none")"#,
        r#"Append([manager], "x")"#,
        r#"IIF([manager] = "x", 1, 2)"#,
    ] {
        assert_eq!(
            compile(expression, user).unwrap_err()[0].code,
            Code::WrongType,
            "{expression}"
        );
    }
}

/// What the page on expressions advises, and what takes from a text whose length everybody knows.
#[test]
fn pieces_of_what_everybody_has_need_nothing_in_their_place() {
    let user = Schema::core().of(EntityKind::User);
    for (text, may_be_nothing) in [
        (r#"Word([displayName], 2, ",")"#, true),
        ("Mid([displayName], 5, 20)", true),
        (
            r#"Coalesce(Word([displayName], 2, ","), [displayName])"#,
            false,
        ),
        (r#"Coalesce(Word([mail], 2, "-"), [mail])"#, true),
        ("Mid([objectId], 25, 12)", false),
        ("Mid([objectId], 37, 1)", true),
    ] {
        let problem = compile(text, user).unwrap().problem_without_value();
        assert_eq!(problem.is_some(), may_be_nothing, "{text}");
    }
}
