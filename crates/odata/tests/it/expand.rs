//! `$expand`.

use syncline_odata::{QueryOptions, limits};

use crate::check_problem;

fn parse(text: &str) -> Result<Vec<syncline_odata::select::Expansion>, syncline_model::Problem> {
    QueryOptions::parse(&format!("$expand={text}")).map(|it| it.expand)
}

#[test]
fn names_and_nested_options() {
    let expand = parse(
        "manager($levels=max;$select=id,displayName),members/microsoft.graph.user,owners/$ref",
    )
    .unwrap();
    assert_eq!(expand.len(), 3);
    assert_eq!(expand[0].name, "manager");
    assert_eq!(expand[0].levels.as_deref(), Some("max"));
    assert_eq!(expand[0].select, ["id", "displayName"]);
    assert_eq!(expand[1].name, "members/microsoft.graph.user");
    assert_eq!(expand[2].name, "owners/$ref");
}

#[test]
fn nesting_and_other_options() {
    let expand =
        parse("memberOf( $filter=displayName eq 'a,b;(c' ; $expand=owners($select=id) )").unwrap();
    assert_eq!(
        expand[0].other,
        [("filter".to_owned(), "displayName eq 'a,b;(c'".to_owned())]
    );
    assert_eq!(expand[0].expand[0].name, "owners");
    assert_eq!(expand[0].expand[0].select, ["id"]);
}

#[test]
fn refusals() {
    check_problem(
        parse("manager($select=id"),
        "BadRequest",
        "parentheses do not match",
    );
    check_problem(parse("manager)"), "BadRequest", "parentheses do not match");
    check_problem(parse("manager($select)"), "BadRequest", "cannot be read");
    check_problem(parse("a,,b"), "BadRequest", "cannot be read");
    check_problem(parse("man ager"), "BadRequest", "'man ager'");
    for twice in [
        "members,members",
        "members,owners,Members($select=id)",
        "members/microsoft.graph.user,members/$ref",
        "memberOf($expand=owners,owners)",
    ] {
        check_problem(parse(twice), "BadRequest", "is expanded more than once");
    }
    let names = |most: usize| -> Vec<String> { (0..most).map(|it| format!("n{it}")).collect() };
    assert!(parse(&names(limits::MAX_EXPANSIONS).join(",")).is_ok());
    check_problem(
        parse(&names(limits::MAX_EXPANSIONS + 1).join(",")),
        "Request_UnsupportedQuery",
        "more than 16 properties",
    );
    let depth = limits::MAX_EXPAND_DEPTH + 1;
    let deep = format!("{}a{}", "a($expand=".repeat(depth), ")".repeat(depth));
    check_problem(
        parse(&deep),
        "Request_UnsupportedQuery",
        "nested too deeply",
    );
}
