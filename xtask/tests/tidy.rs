//! The rules of the house, checked on this checkout: one test per rule.

#![allow(
    clippy::expect_used,
    reason = "a test that can not go on should say so and stop"
)]

use std::sync::LazyLock;

use xtask::Checkout;
use xtask::tidy::CHECKS;

static CHECKOUT: LazyLock<Checkout> =
    LazyLock::new(|| Checkout::open().expect("the checkout can be read"));

macro_rules! rules {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                check(stringify!($name));
            }
        )*

        #[test]
        fn every_rule_has_its_test() {
            let rules: Vec<&str> = CHECKS.iter().map(|check| check.name).collect();
            assert_eq!(rules, [$(stringify!($name)),*]);
        }
    };
}

rules! {
    levels
    purity
    seams
    sentences
    error_envelope
    sql
    tenants
    generations
    text
    recipes
    links
    decisions
    libraries
    machine_paths
    lint_reasons
    generated
}

fn check(name: &str) {
    let check = CHECKS
        .iter()
        .find(|check| check.name == name)
        .expect("the rule is listed");
    let findings: Vec<String> = (check.run)(&CHECKOUT)
        .iter()
        .map(|finding| format!("\n  {finding}"))
        .collect();
    assert!(findings.is_empty(), "{}:{}", check.rule, findings.concat());
}

#[test]
fn the_checkout_is_not_empty() {
    // A rule that sees no files finds nothing wrong.
    assert!(CHECKOUT.rust("crates/").count() > 30);
    assert!(CHECKOUT.packages.len() > 10);
}
