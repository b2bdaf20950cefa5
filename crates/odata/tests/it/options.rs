//! The query string.

use syncline_model::Predicate;
use syncline_odata::options::OptionTexts;
use syncline_odata::{QueryOptions, Rules, limits};

use crate::{check_problem, users};

#[test]
fn names_with_and_without_dollar_in_any_case() {
    let options =
        QueryOptions::parse("$SELECT=id,displayName&Filter=city+eq+%27a%27&%24Top=5&count=TRUE")
            .unwrap();
    assert_eq!(options.select, ["id", "displayName"]);
    assert_eq!(options.texts.filter.as_deref(), Some("city eq 'a'"));
    assert_eq!(options.texts.top, Some(5));
    assert!(options.texts.count);
}

#[test]
fn plus_is_a_space_and_its_code_a_plus() {
    let options = QueryOptions::parse("$filter=mobilePhone+eq+'%2B47+1'").unwrap();
    assert_eq!(
        options.texts.filter.as_deref(),
        Some("mobilePhone eq '+47 1'")
    );
}

#[test]
fn custom_options_are_kept() {
    let options = QueryOptions::parse("x=1&api-version=2%203&x=4&flag&&=").unwrap();
    let custom: Vec<_> = options
        .custom
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(
        custom,
        [
            ("x", "1"),
            ("api-version", "2 3"),
            ("x", "4"),
            ("flag", ""),
            ("", "")
        ]
    );
}

#[test]
fn tokens_are_kept_as_they_are() {
    let options = QueryOptions::parse("$skiptoken=AbC-_1&$deltatoken=latest").unwrap();
    assert_eq!(options.skiptoken.as_deref(), Some("AbC-_1"));
    assert_eq!(options.deltatoken.as_deref(), Some("latest"));
}

#[test]
fn refusals() {
    let parse = QueryOptions::parse;
    check_problem(parse("$apply=x"), "Request_UnsupportedQuery", "'$apply'");
    check_problem(parse("$fliter=x"), "Request_UnsupportedQuery", "'$fliter'");
    check_problem(
        parse("$top=1&top=2"),
        "BadRequest",
        "'$top' was specified more than once",
    );
    check_problem(parse("$top=-1"), "BadRequest", "'-1' for $top");
    check_problem(parse("$top=%2B1"), "BadRequest", "'+1' for $top");
    check_problem(parse("$top=ten"), "BadRequest", "non-negative integer");
    check_problem(parse("$skip=99999999999"), "BadRequest", "$skip");
    check_problem(parse("$count=yes"), "BadRequest", "$count");
    check_problem(parse("$filter="), "BadRequest", "'$filter' cannot be empty");
    check_problem(
        parse("$select=%20"),
        "BadRequest",
        "'$select' cannot be empty",
    );
    check_problem(parse("$select=a b"), "BadRequest", "'a b' is not a name");
    check_problem(parse("$filter=%FF"), "BadRequest", "not UTF-8");
    check_problem(parse("$filter=a%00"), "BadRequest", "null character");
    check_problem(
        parse(&"a".repeat(limits::MAX_TEXT_BYTES + 1)),
        "BadRequest",
        "too long",
    );
}

#[test]
fn page_sizes_have_bounds() {
    let bind = |raw: &str, rules: &Rules| QueryOptions::parse(raw).unwrap().bind(users(), rules);
    assert_eq!(bind("$top=999", &Rules::users()).unwrap().top, Some(999));
    check_problem(
        bind("$top=1000", &Rules::users()),
        "Request_UnsupportedQuery",
        "Must be between 1 and 999 inclusive",
    );
    check_problem(
        bind("$top=0", &Rules::users()),
        "Request_UnsupportedQuery",
        "'0'",
    );
    assert_eq!(
        bind("$top=1000", &Rules::provisioning_log()).unwrap().top,
        Some(1000)
    );
    check_problem(
        bind("$skip=1", &Rules::users()),
        "Request_UnsupportedQuery",
        "'$skip'",
    );
    let paged = Rules {
        skip: true,
        ..Rules::directory()
    };
    assert_eq!(bind("$skip=7", &paged).unwrap().skip, Some(7));
}

#[test]
fn filter_and_search_must_both_hold() {
    let query = QueryOptions::parse("$filter=accountEnabled&$search=\"displayName:a\"")
        .unwrap()
        .bind(users(), &Rules::users())
        .unwrap();
    assert!(matches!(query.predicate, Some(Predicate::And(both)) if both.len() == 2));
    let none = QueryOptions::parse("")
        .unwrap()
        .bind(users(), &Rules::users())
        .unwrap();
    assert_eq!(none, syncline_model::Query::default());
}

#[test]
fn a_next_link_says_the_same_again() {
    let raw = "$filter=surname+eq+'O''Brien %26 %2B'&$select=id,surname&$top=3&$count=true&$orderby=displayName&$search=\"mail:a\"&$expand=manager($select=id)&x=%C3%B8";
    let options = QueryOptions::parse(raw).unwrap();
    let link = options.next_link_query("to_k-en");
    assert!(!link.contains(' ') && !link.contains('\''), "{link}");
    let again = QueryOptions::parse(&link).unwrap();
    assert_eq!(again.skiptoken.as_deref(), Some("to_k-en"));
    assert_eq!(
        QueryOptions {
            skiptoken: None,
            ..again.clone()
        },
        options
    );
    // A second page's link carries its own token only.
    assert_eq!(
        again.next_link_query("two").matches("$skiptoken=").count(),
        1
    );
}

#[test]
fn a_next_link_leaves_out_what_would_make_it_long() {
    let long = "a".repeat(limits::REPEATED_BYTES);
    let raw = format!("$filter=city eq '{long}'&$top=3&x={long}&y=1");
    let options = QueryOptions::parse(&raw).unwrap();
    assert_eq!(options.next_link_query("t"), "$top=3&y=1&$skiptoken=t");
    // Earlier builds repeated all.
    let link = format!("{raw}&$skiptoken={}", "t".repeat(limits::MAX_TEXT_BYTES));
    let again = QueryOptions::parse(&link).unwrap();
    assert_eq!(again.texts, options.texts);
}

#[test]
fn a_token_makes_room_for_itself_and_for_what_is_encoded_only() {
    let long = "%41".repeat(limits::MAX_TEXT_BYTES - 100);
    let too_long = |raw: &str| check_problem(QueryOptions::parse(raw), "BadRequest", "too long");
    too_long(&format!("$filter={long}"));
    QueryOptions::parse(&format!("$deltatoken=&$filter={long}")).unwrap();
    too_long(&format!(
        "$deltatoken=latest&$filter={long}&x={}",
        "a".repeat(100)
    ));
    let endless = "t".repeat(limits::MAX_LINK_BYTES);
    too_long(&format!("$skiptoken={endless}"));
}

#[test]
fn options_come_back_from_a_token() {
    let options =
        QueryOptions::parse("$filter=accountEnabled&$select=id&$top=3&$expand=manager").unwrap();
    assert_eq!(QueryOptions::from_texts(&options.texts).unwrap(), options);
    let odd = OptionTexts {
        expand: Some("manager(".to_owned()),
        ..OptionTexts::default()
    };
    assert!(QueryOptions::from_texts(&odd).is_err());
}
