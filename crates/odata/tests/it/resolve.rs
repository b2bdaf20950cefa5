//! Raw paths → segments.

use syncline_odata::path::{Version, resolve, segment_not_found, split_version};

use crate::check_problem;

#[track_caller]
fn check(raw: &str, expected: &[&str]) {
    let segments: Vec<String> = resolve(raw)
        .unwrap()
        .iter()
        .map(|it| it.display())
        .collect();
    assert_eq!(segments, expected, "`{raw}`");
}

#[test]
fn names_slashes_and_versions() {
    check("/v1.0/users", &["users"]);
    check("/BETA/Users/", &["Users"]);
    check("users", &["users"]);
    check("//v1.0///users//x///", &["users", "x"]);
    check("/", &[]);
    check("", &[]);
    check("/v1.0", &[]);
    check("/users/$count", &["users", "$count"]);
    check("/users/%24count", &["users", "$count"]);
    check(
        "/groups/g/members/m/$ref",
        &["groups", "g", "members", "m", "$ref"],
    );
}

#[test]
fn percent_codes() {
    check(
        "/v1.0/users/adele_contoso.com%23EXT%23@fabrikam.onmicrosoft.com",
        &["users", "adele_contoso.com#EXT#@fabrikam.onmicrosoft.com"],
    );
    check("/users%28%27a%40b%27%29", &["users", "('a@b')"]);
    check("/users('a%2Fb')", &["users", "('a/b')"]);
    check("/users/a%2Fb", &["users", "a/b"]);
    check("/users/a+b@c", &["users", "a+b@c"]);
    check("/users/100%", &["users", "100%"]);
    check("/users/z%C3%B8", &["users", "zø"]);
}

#[test]
fn keys_in_parentheses() {
    check("/users('o''brien@x')", &["users", "('o'brien@x')"]);
    check("/users(6ec9d05c-1d57)", &["users", "('6ec9d05c-1d57')"]);
    check("/users(id='x')", &["users", "('x')"]);
    check("/users('')", &["users", "('')"]);
    check(
        "/servicePrincipals(appId='x')/owners",
        &["servicePrincipals", "(appId='x')", "owners"],
    );
    check(
        "/servicePrincipals(appId%3D%27x%27)",
        &["servicePrincipals", "(appId='x')"],
    );
    check(
        "/servicePrincipals(appId=x)",
        &["servicePrincipals", "(appId='x')"],
    );
    check("/f(a='1,''2', b=3)", &["f", "(a='1,'2',b='3')"]);
    check("/users/delta()", &["users", "delta"]);
    check(
        "/users/microsoft.graph.delta()",
        &["users", "microsoft.graph.delta"],
    );
}

#[test]
fn odd_parentheses_are_left_as_they_are() {
    for text in [
        "users('a",
        "users('a'b)",
        "us ers('a')",
        "('a')",
        "users(a=)",
        "users(=1)",
        "x)",
        "a(b)c",
        "f(a='1'b='2')",
    ] {
        check(text, &[text]);
    }
}

#[test]
fn refusals() {
    check_problem(resolve("/users/%FF"), "BadRequest", "not UTF-8");
    check_problem(resolve("/users/a%00"), "BadRequest", "null character");
    check_problem(resolve(&"/a".repeat(65)), "BadRequest", "too many segments");
    check_problem(resolve(&"a".repeat(17_000)), "BadRequest", "too long");
    assert_eq!(
        segment_not_found("x").message,
        "Resource not found for the segment 'x'."
    );
}

#[test]
fn versions_are_split_off() {
    assert_eq!(split_version("/v1.0/users"), (Some(Version::V1), "/users"));
    assert_eq!(split_version("/beta"), (Some(Version::Beta), ""));
    assert_eq!(split_version("/betamax/users"), (None, "/betamax/users"));
    assert_eq!(Version::V1.as_str(), "v1.0");
}
