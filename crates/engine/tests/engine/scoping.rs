//! Scoping filters.

use syncline_engine::schema::{Filter, FilterClause, FilterGroup, FilterOperand};
use syncline_model::Attr;

use crate::support::{Person, World, person, rule_with, words};

pub type Clause<'a> = (&'a str, &'a str, Option<&'a str>);

/// Groups of clauses `(attribute, operator, value)`.
pub fn filter(groups: &[(&str, &[Clause<'_>])]) -> Filter {
    let clause = |(attribute, operator, value): &Clause<'_>| FilterClause {
        operator_name: Some((*operator).to_owned()),
        source_operand_name: Some((*attribute).to_owned()),
        target_operand: value.map(|value| FilterOperand {
            values: vec![value.to_owned()],
            ..Default::default()
        }),
        ..Default::default()
    };
    Filter {
        groups: groups
            .iter()
            .map(|(name, clauses)| FilterGroup {
                name: Some((*name).to_owned()),
                clauses: clauses.iter().map(clause).collect(),
                ..Default::default()
            })
            .collect(),
        ..Default::default()
    }
}

fn in_scope(groups: &[(&str, &[Clause<'_>])], source: Person) -> bool {
    let scope = filter(groups);
    let world = World::with_rule(rule_with(|mapping| mapping.scope = Some(scope)));
    match words(&world.decide(&source.0)).as_str() {
        "create" => true,
        "skip NotInProvisioningScope" => false,
        other => panic!("{other}"),
    }
}

fn holds(clause: Clause<'_>, source: Person) -> bool {
    in_scope(&[("g", &[clause])], source)
}

#[test]
fn operators() {
    let sales = || person().with(Attr::DEPARTMENT, "Sales");
    let none = || person().without(Attr::DEPARTMENT);
    let empty = || person().with(Attr::DEPARTMENT, "");
    assert!(holds(("department", "EQUALS", Some("Sales")), sales()));
    assert!(
        !holds(("department", "EQUALS", Some("sales")), sales()),
        "case-sensitive"
    );
    assert!(!holds(("department", "EQUALS", Some("Sales")), none()));
    assert!(holds(("department", "NOT EQUALS", Some("Legal")), sales()));
    assert!(
        holds(("department", "NOT EQUALS", Some("sales")), sales()),
        "case-sensitive"
    );
    assert!(
        !holds(("department", "NOT EQUALS", Some("Legal")), none()),
        "null is not different"
    );
    assert!(
        !holds(("department", "NOT EQUALS", Some("Legal")), empty()),
        "empty is null"
    );
    assert!(holds(("department", "IS NULL", None), none()));
    assert!(holds(("department", "IS NULL", None), empty()));
    assert!(!holds(("department", "IS NULL", None), sales()));
    assert!(holds(("department", "IS NOT NULL", None), sales()));
    assert!(!holds(("department", "IS NOT NULL", None), none()));
    assert!(holds(("accountEnabled", "IS TRUE", None), sales()));
    assert!(!holds(("accountEnabled", "IS FALSE", None), sales()));
    assert!(
        !holds(("dirSyncEnabled", "IS FALSE", None), sales()),
        "null is not false"
    );
    assert!(
        holds(("department", "not_equals", Some("Legal")), sales()),
        "spelling of the operator"
    );
}

#[test]
fn legacy_names_and_computed_attributes() {
    let phone = syncline_model::Value::List(vec!["+41 1".into()]);
    assert!(holds(
        ("telephoneNumber", "EQUALS", Some("+41 1")),
        person().with(Attr::BUSINESS_PHONES, phone)
    ));
    assert!(holds(
        ("physicalDeliveryOfficeName", "EQUALS", Some("18")),
        person().with(Attr::OFFICE_LOCATION, "18")
    ));
    // The built-in filter of cross-tenant synchronization, as Entra exports it.
    assert!(holds(
        ("alternativeSecurityIds", "EQUALS", Some("None")),
        person()
    ));
}

#[test]
fn clauses_are_and_groups_are_or() {
    let bern = ("city", "EQUALS", Some("Bern"));
    let sales = ("department", "EQUALS", Some("Sales"));
    let both = || {
        person()
            .with(Attr::CITY, "Bern")
            .with(Attr::DEPARTMENT, "Sales")
    };
    let one = || person().with(Attr::CITY, "Bern");
    assert!(in_scope(&[("a", &[bern, sales])], both()));
    assert!(!in_scope(&[("a", &[bern, sales])], one()));
    assert!(in_scope(&[("a", &[bern]), ("b", &[sales])], one()));
    assert!(!in_scope(&[("a", &[bern]), ("b", &[sales])], person()));
    assert!(in_scope(&[], person()), "no group, no filter");
}

#[test]
fn every_clause_is_in_the_evidence() {
    let scope = filter(&[
        (
            "Swiss",
            &[
                ("city", "EQUALS", Some("Bern")),
                ("country", "IS NOT NULL", None),
            ],
        ),
        ("Marketing", &[("department", "EQUALS", Some("Marketing"))]),
    ]);
    let world = World::with_rule(rule_with(|mapping| mapping.scope = Some(scope)));
    let evidence = world.decide(&person().0).evidence;
    let scoping = evidence.scoping.unwrap();
    assert!(scoping.filter_passed);
    assert_eq!(
        scoping.clauses,
        [
            ("Swiss.city EQUALS 'Bern'".to_owned(), false),
            ("Swiss.country IS NOT NULL".to_owned(), false),
            ("Marketing.department EQUALS 'Marketing'".to_owned(), true),
        ]
    );
}
