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
