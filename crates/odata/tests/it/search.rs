//! `$search`.

use syncline_model::{Attr, EntityKind, Entry, ObjectId, Value};
use syncline_odata::{QueryOptions, Rules};

use crate::{check_problem, users};

fn bind(text: &str) -> Result<syncline_model::Query, syncline_model::Problem> {
    let encoded: String =
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).collect();
    QueryOptions::parse(&format!("$search={encoded}"))
        .unwrap()
        .bind(users(), &Rules::users())
}

#[test]
fn words_match_by_their_beginning() {
    let mut user = Entry::new(EntityKind::User, ObjectId::NIL);
    user.attrs.set(Attr::DISPLAY_NAME, "Mario Rogers");
    user.attrs.set(Attr::MAIL, "mario@contoso.example");
    user.attrs
        .set(Attr::OTHER_MAILS, Value::List(vec!["x@y.example".into()]));
    for (text, expected) in [
        (r#""displayName:mar""#, true),
        (r#""displayName:ROG""#, true),
        (r#""displayName:ogers""#, false),
        (r#""DisplayName: Mario Rogers""#, true),
        (r#""displayName:luigi" OR "mail:mario""#, true),
        (r#""displayName:mario" AND "mail:luigi""#, false),
        (r#""mail:mario" OR "mail:x" AND "mail:y""#, true),
        (r#""otherMails:x@""#, true),
        (r#""displayName:\"mario""#, false),
    ] {
        let predicate = bind(text)
            .unwrap_or_else(|problem| panic!("{text}: {problem}"))
            .predicate
            .unwrap();
        assert_eq!(predicate.evaluate(&user), expected, "{text}");
    }
}

/// Whether a name of this value is found by this text.
fn finds(value: &str, text: &str) -> bool {
    let mut user = Entry::new(EntityKind::User, ObjectId::NIL);
    user.attrs.set(Attr::DISPLAY_NAME, value);
    let predicate = bind(&format!("\"displayName:{text}\"")).unwrap().predicate;
    predicate.unwrap().evaluate(&user)
}

#[test]
fn words_of_names_are_found_behind_anything_and_in_any_order() {
    // The first is of Graph's documentation.
    let david = [
        "李四(David Li)",
        "李四",
        "David",
        "Li",
        "David)",
        "(李四",
        "Li 李",
    ];
    let ana = ["Contoso", "souza ana", "ana con", "(contoso)", "ANA SOUZA"];
    let mary = [
        "Jane",
        "Neil",
        "mary-j",
        "maryjane",
        "o'neil",
        "ONeil",
        "neil mary",
    ];
    let split = [
        "one", "video", "onevideo", "ONEVIDEO", "Video2", "2024", "OneVid", "o vid",
    ];
    for (value, texts) in [
        ("李四(David Li)", &david[..]),
        ("Ana Souza (Contoso)", &ana),
        ("Mary-Jane O'Neil", &mary),
        ("OneVideo2024", &split),
        (
            "Zoe\u{308} McDonald",
            &["zo\u{eb}", "ZOE\u{308}", "mcdonald", "McD", "donald"],
        ),
    ] {
        for text in texts {
            assert!(finds(value, text), "{value}: {text}");
        }
    }
    for (value, text) in [
        ("Ana Souza (Contoso)", "ouza"),
        ("Ana Souza (Contoso)", "ana fabrikam"),
        ("Ana Souza Contoso", "(contoso)"),
        ("Mary Jane", "maryjane"),
        ("HELLOworld", "world"),
        ("Mary-Jane O'Neil", "maryo"),
        ("", "a"),
    ] {
        assert!(!finds(value, text), "{value}: {text}");
    }
}

#[test]
fn other_properties_are_found_by_their_beginning_alone() {
    let mut user = Entry::new(EntityKind::User, ObjectId::NIL);
    user.attrs.set(Attr::GIVEN_NAME, "Mary Jane");
    for (text, expected) in [("mary j", true), ("jane", false), ("jane mary", false)] {
        let query = bind(&format!("\"givenName:{text}\"")).unwrap();
        assert_eq!(query.predicate.unwrap().evaluate(&user), expected, "{text}");
    }
}

#[test]
fn refusals() {
    for text in [
        "mario",
        "\"mario\"",
        "\"displayName:a",
        "\"displayName:a\" and \"mail:b\"",
        "\"displayName:\"",
        "\"displayName:a\" AND",
        "\"displayName:a\\",
    ] {
        check_problem(bind(text), "BadRequest", "Syntax error in $search");
    }
    check_problem(
        bind("\"department:a\""),
        "Request_UnsupportedQuery",
        "'department'",
    );
    let none = QueryOptions::parse("$search=\"displayName:a\"")
        .unwrap()
        .bind(users(), &Rules::directory());
    check_problem(none, "Request_UnsupportedQuery", "$search is not supported");
    let many = vec!["\"mail:a\""; 21].join(" OR ");
    check_problem(bind(&many), "Request_UnsupportedQuery", "clauses");
}
