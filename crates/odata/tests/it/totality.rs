//! Any text gives a value or a problem, never a panic.

use proptest::prelude::*;
use syncline_model::predicate::Predicate;
use syncline_model::{Attr, TenantId};
use syncline_odata::filter::print;
use syncline_odata::path::{Found, Pattern, Router, resolve};
use syncline_odata::skiptoken::{DeltaToken, PageToken};
use syncline_odata::{QueryOptions, Rules, limits, values_of};

use crate::{bind_log, bind_user, log, users};

/// Texts made of the words of the language go deeper than random letters.
fn filter_like() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "displayName",
        "city",
        "id",
        "otherMails",
        "identities",
        "employeeOrgData/division",
        "accountEnabled",
        "createdDateTime",
        "servicePrincipal/id",
        "eq",
        "ne",
        "gt",
        "in",
        "and",
        "or",
        "not",
        "(",
        ")",
        ",",
        "/",
        ":",
        "any",
        "all",
        "any(",
        "x:",
        "x",
        "x/y",
        "$count",
        "startsWith(",
        "contains(",
        "tolower(",
        "'a'",
        "'",
        "''",
        "5",
        "-1",
        "true",
        "null",
        "2022-12-10",
        "6ec9d05c-1d57-4b78-9c0f-8c2e0f4a1111",
        "2022-12-10T08:00:00Z",
        "é",
        "\u{0}",
        "\"",
    ]);
    prop::collection::vec(word, 0..24).prop_map(|words| words.join(" "))
}

fn path_like() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "/",
        "users",
        "(",
        ")",
        "'",
        "''",
        "=",
        ",",
        "appId",
        "%27",
        "%28",
        "%2",
        "%",
        "%FF",
        "microsoft.graph.",
        "graph.",
        "delta",
        "$ref",
        "$count",
        "é",
        "v1.0",
        "beta",
        " ",
        "..",
        "@",
    ]);
    prop::collection::vec(part, 0..20).prop_map(|parts| parts.concat())
}

fn depth(predicate: &Predicate) -> usize {
    1 + match predicate {
        Predicate::And(all) | Predicate::Or(all) => all.iter().map(depth).max().unwrap_or(0),
        Predicate::Not(inner) | Predicate::Any { inner, .. } | Predicate::All { inner, .. } => {
            depth(inner)
        }
        _ => 0,
    }
}

fn check_filter(text: &str) {
    for bound in [bind_user(text), bind_log(text)].into_iter().flatten() {
        assert!(
            depth(&bound) <= 4 * (limits::MAX_FILTER_DEPTH + 1),
            "`{text}`"
        );
        let _ = print(&bound);
        let _ = values_of(&bound, Attr::ID);
    }
}

proptest! {
    #[test]
    fn filters(text in any::<String>()) {
        check_filter(&text);
    }

    #[test]
    fn filters_of_known_words(text in filter_like()) {
        check_filter(&text);
    }

    #[test]
    fn printed_filters_bind_to_the_same(text in filter_like()) {
        if let Ok(bound) = bind_user(&text) {
            let printed = print(&bound);
            prop_assert_eq!(bind_user(&printed).map(|it| print(&it)), Ok(printed));
        }
    }

    #[test]
    fn query_strings(raw in any::<String>(), name in "[$]?[a-z]{0,12}", value in any::<String>()) {
        for raw in [raw, format!("{name}={value}"), format!("$expand={value}"), format!("$search=\"{value}\""), format!("$orderby={value}")] {
            if let Ok(options) = QueryOptions::parse(&raw) {
                let _ = options.bind(users(), &Rules::users());
                let _ = options.bind(log(), &Rules::provisioning_log());
                let _ = options.selection(users());
                // What was read once is read again from a link.
                let again = QueryOptions::parse(&options.next_link_query("t"));
                if let Ok(again) = again {
                    prop_assert_eq!(again.texts, options.texts);
                }
            }
        }
    }

    #[test]
    fn paths(raw in any::<String>(), odd in path_like()) {
        let router = Router::from_routes([("GET", "/users/{id}/{cast}/f(a={b})", ()), ("GET", "/users/delta", ())]).unwrap();
        let pattern = Pattern::parse("/users/{id}").unwrap();
        for text in [raw, odd] {
            if let Ok(segments) = resolve(&text) {
                let found = router.find("GET", &segments);
                if let Found::NotFound { segment } = found {
                    prop_assert!(segment <= segments.len());
                }
                let _ = pattern.matches(&segments);
            }
        }
    }

    #[test]
    fn patterns(text in any::<String>()) {
        let _ = Pattern::parse(&text);
    }

    #[test]
    fn tokens(text in any::<String>(), letters in "[A-Za-z0-9_-]{0,80}") {
        for text in [text, letters] {
            prop_assert!(PageToken::decode(&text, "users", TenantId::NIL).is_err());
            prop_assert!(DeltaToken::decode(&text, "users", TenantId::NIL).is_err());
        }
    }
}
