//! Scoping filters.

mod left_alone;
mod operators;
mod refusals;
mod totality;

use syncline_engine::schema::{Filter, FilterClause, FilterGroup, FilterOperand};
use syncline_model::Attr;

use crate::support::{Person, World, person, rule_with, words};

/// `(attribute, operator, values)`.
pub type Clause<'a> = (&'a str, &'a str, &'a [&'a str]);

/// Groups of clauses.
pub fn filter(groups: &[(&str, &[Clause<'_>])]) -> Filter {
    let clause = |(attribute, operator, values): &Clause<'_>| FilterClause {
        operator_name: Some((*operator).to_owned()),
        source_operand_name: Some((*attribute).to_owned()),
        target_operand: (!values.is_empty()).then(|| FilterOperand {
            values: values.iter().map(|it| (*it).to_owned()).collect(),
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

#[test]
fn clauses_are_and_groups_are_or() {
    let bern: Clause<'_> = ("city", "EQUALS", &["Bern"]);
    let sales: Clause<'_> = ("department", "EQUALS", &["Sales"]);
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
                ("city", "EQUALS", &["Bern"]),
                ("country", "IS NOT NULL", &[]),
            ],
        ),
        ("Marketing", &[("department", "EQUALS", &["Marketing"])]),
    ]);
    let world = World::with_rule(rule_with(|mapping| mapping.scope = Some(scope)));
    let evidence = world.decide(&person().0).evidence;
    let scoping = evidence.scoping.unwrap();
    assert!(scoping.filter_passed);
    assert_eq!(
        scoping.clauses,
        [
            ("Swiss.city EQUALS 'Bern'".into(), false),
            ("Swiss.country IS NOT NULL".into(), false),
            ("Marketing.department EQUALS 'Marketing'".into(), true),
        ]
    );
}

#[test]
fn the_log_shows_every_clause_as_graph_writes_it() {
    let scope = filter(&[
        (
            "Swiss",
            &[
                ("city", "EQUALS", &["Bern", "Thun"]),
                ("country", "IS_NULL", &[]),
                ("department", "not regex match", &["^S"]),
            ],
        ),
        ("Swiss", &[("city", "EQUALS", &["Bern", "Thun"])]),
    ]);
    let world = World::with_rule(rule_with(|mapping| mapping.scope = Some(scope)));
    let evidence = world.decide(&person().with(Attr::CITY, "Thun").0).evidence;
    let steps = syncline_engine::steps::log(&evidence);
    let details = &steps[1].details;
    let (_, text) = details
        .iter()
        .find(|(name, _)| name == "ScopeEvaluationResult")
        .unwrap();
    assert_eq!(
        text,
        "{\"Swiss.city EQUALS 'Bern','Thun'\":true,\"Swiss.country IS NULL\":true,\"Swiss.department NOT REGEX MATCH '^S'\":true,\"Swiss.city EQUALS 'Bern','Thun' (2)\":true}"
    );
}

#[test]
fn what_a_mapping_redacts_no_clause_shows() {
    let scope = filter(&[("g", &[("employeeId", "REGEX MATCH", &["^77"])])]);
    let world = World::with_rule(rule_with(|mapping| {
        mapping.scope = Some(scope);
        let postal_code = mapping
            .attribute_mappings
            .iter_mut()
            .find(|it| it.target_attribute_name.as_deref() == Some("postalCode"));
        postal_code.unwrap().source = Some(crate::support::expression("Redact([employeeId])"));
    }));
    let evidence = world
        .decide(&person().with(Attr::EMPLOYEE_ID, "7701").0)
        .evidence;
    assert_eq!(
        evidence.scoping.unwrap().clauses,
        [("g.employeeId REGEX MATCH '[Redact]'".into(), true)]
    );
}

/// Each pattern alone is within the bound; together they would keep the cycle busy for a second.
#[test]
fn all_patterns_tried_on_an_object_share_a_bound() {
    let long = "ab".repeat(2_000);
    let patterns: Vec<String> = (0..40)
        .map(|at| format!("(?:[ab]*a[ab]{{{}}}c)", 40 + at))
        .collect();
    let fails = |count: usize| {
        let patterns: Vec<[&str; 1]> = patterns[..count].iter().map(|it| [it.as_str()]).collect();
        let clauses: Vec<_> = patterns
            .iter()
            .map(|it| ("employeeType", "NOT REGEX MATCH", it.as_slice()))
            .collect();
        let scope = filter(&[("g", &clauses)]);
        let world = World::with_rule(rule_with(|mapping| mapping.scope = Some(scope)));
        let decided = world.decide(&person().with(Attr::EMPLOYEE_TYPE, long.as_str()).0);
        words(&decided).starts_with("fail")
    };
    assert!(!fails(2));
    assert!(fails(40));
}

/// Each decided object tells all clauses, and a page holds a thousand objects.
#[test]
fn long_clauses_are_told_in_few_letters() {
    let told = |clauses: &[(&str, &str, &[&str])], group: &str| -> usize {
        let scope = filter(&[(group, clauses)]);
        let world = World::with_rule(rule_with(|mapping| mapping.scope = Some(scope)));
        let evidence = world.decide(&person().0).evidence;
        let told = evidence.scoping.unwrap().clauses;
        assert_eq!(told.len(), clauses.len());
        told.iter().map(|(words, _)| words.len()).sum()
    };
    let long = "x".repeat(1_000_000);
    let one = told(
        &[("department", "INCLUDES", &[long.as_str(), long.as_str()])],
        &long,
    );
    assert!(one < 1_000, "{one}");
    let values = vec!["Sales"; 10_000];
    let one = told(&[("department", "EQUALS", values.as_slice())], "g");
    assert!(one < 500, "{one}");
    let long = [&long[..1_000]];
    let clause = ("department", "INCLUDES", long.as_slice());
    let many = told(&vec![clause; 1_000], "g");
    assert!(many < 128 * 1024, "{many}");
}

/// As a schema may have been stored before there was a measure.
#[test]
fn clauses_without_number_fail_the_object_and_do_not_hold_up_the_cycle() {
    let clause: (&str, &str, &[&str]) = ("department", "EQUALS", &["Marketing"]);
    let decide = |count: usize| {
        let scope = filter(&[("g", vec![clause; count].as_slice())]);
        let world = World::with_rule(rule_with(|mapping| mapping.scope = Some(scope)));
        world.decide(&person().0)
    };
    assert_eq!(words(&decide(1_000)), "create");
    let much = decide(100_000);
    assert_eq!(words(&much), "fail AttributeValidationFailed");
    let told = much.evidence.scoping.unwrap().clauses;
    assert!(told.len() <= 1_000, "{}", told.len());
}
