//! Every operator, on every type it takes, with a value, without one and in another case.

use syncline_engine::schema::{FILTER_OPERATORS, Filter, MultivaluedComparison};
use syncline_model::{Attr, ObjectId, Timestamp, Value};
use uuid::Uuid;

use super::{Clause, filter, in_scope};
use crate::support::{Person, World, id, person, rule_with, words};

const MANAGER: u128 = 0xb055;

fn a_group(number: u128) -> ObjectId {
    ObjectId(Uuid::from_u128(number))
}

/// Somebody with a value of every type.
fn somebody() -> Person {
    let time = |text: &str| Value::Time(Timestamp::parse(text).unwrap());
    let mut person = person()
        .with(Attr::DEPARTMENT, "Sales")
        .with(Attr::EMPLOYEE_ID, "1042")
        .with(Attr::EMPLOYEE_HIRE_DATE, time("2024-03-01T08:00:00Z"))
        .with(Attr::EMPLOYEE_LEAVE_DATE_TIME, time("2026-12-31"))
        .with(Attr::ON_PREMISES_SYNC_ENABLED, false)
        .with(Attr::BUSINESS_PHONES, Value::List(vec!["+41 1".into()]))
        .with(
            Attr::PROXY_ADDRESSES,
            Value::List(vec!["SMTP:a@x.example".into(), "smtp:b@x.example".into()]),
        )
        .with(
            Attr::ON_PREMISES_EXTENSION_ATTRIBUTES,
            Value::Map(vec![("extensionAttribute7".to_owned(), "Seven".into())]),
        )
        .managed_by(id(MANAGER));
    let groups = vec![a_group(1), a_group(2)];
    person.0.references.push((Attr::MEMBER_OF, groups));
    person
}

/// The same, with nothing that a clause of these tests asks for.
fn nobody() -> Person {
    person().without(Attr::DEPARTMENT)
}

fn holds(clause: Clause<'_>, source: Person) -> bool {
    in_scope(&[("g", &[clause])], source)
}

/// (attribute, operator, values), and whether it holds for somebody and for nobody.
#[rustfmt::skip]
const CASES: &[(Clause<'static>, bool, bool)] = &[
    // Texts
    (("department", "EQUALS", &["Sales"]), true, false),
    (("department", "EQUALS", &["sales"]), false, false),
    (("department", "EQUALS", &["Legal", "Sales"]), true, false),
    (("department", "NOT EQUALS", &["Legal"]), true, false),
    (("department", "NOT EQUALS", &["sales"]), true, false),
    (("department", "NOT EQUALS", &["Legal", "Sales"]), false, false),
    (("department", "IS NULL", &[]), false, true),
    (("department", "IS NOT NULL", &[]), true, false),
    (("department", "REGEX MATCH", &["al.s"]), true, false),
    (("department", "REGEX MATCH", &["^al.s"]), false, false),
    (("department", "REGEX MATCH", &["SALES"]), false, false),
    (("department", "REGEX MATCH", &["(?i)SALES"]), true, false),
    (("department", "REGEX MATCH", &["^S(?=a)"]), true, false),
    (("department", "REGEX MATCH", &["^[^0-9-[a]]+$"]), false, false),
    (("department", "NOT REGEX MATCH", &["^L"]), true, false),
    (("department", "NOT REGEX MATCH", &["^S"]), false, false),
    (("department", "INCLUDES", &["ale"]), true, false),
    (("department", "INCLUDES", &["ALE"]), false, false),
    (("department", "ENDS_WITH", &["les"]), true, false),
    (("department", "ENDS_WITH", &["LES"]), false, false),
    (("department", "ENDS_WITH", &["x", "les"]), true, false),
    (("department", "&", &["Legal; Sales; IT"]), true, false),
    (("department", "&", &["legal; sales"]), false, false),
    (("department", "!&", &["Legal; IT"]), true, false),
    (("department", "!&", &["Legal; Sales"]), false, false),
    // Texts that say a number
    (("employeeId", "GREATER_THAN", &["1041"]), true, false),
    (("employeeId", "GREATER_THAN", &["1042"]), false, false),
    (("employeeId", "GREATER_THAN_OR_EQUALS", &["1042"]), true, false),
    (("employeeId", "GREATER_THAN", &["99"]), true, false),
    (("department", "GREATER_THAN", &["1"]), false, false),
    // Booleans
    (("accountEnabled", "IS TRUE", &[]), true, true),
    (("accountEnabled", "IS FALSE", &[]), false, false),
    (("dirSyncEnabled", "IS FALSE", &[]), true, false),
    (("dirSyncEnabled", "IS TRUE", &[]), false, false),
    (("dirSyncEnabled", "IS NULL", &[]), false, true),
    // Times, in any form
    (("employeeHireDate", "EQUALS", &["2024-03-01T08:00:00Z"]), true, false),
    (("employeeHireDate", "EQUALS", &["2024-03-01T09:00:00+01:00"]), true, false),
    (("employeeHireDate", "EQUALS", &["2024-03-01"]), false, false),
    (("employeeHireDate", "NOT EQUALS", &["2024-03-01"]), true, false),
    (("employeeHireDate", "GREATER_THAN", &["2024-03-01"]), true, false),
    (("employeeHireDate", "GREATER_THAN", &["2024-03-02"]), false, false),
    (("employeeHireDate", "GREATER_THAN_OR_EQUALS", &["2024-03-01T08:00:00Z"]), true, false),
    (("employeeHireDate", "IS NOT NULL", &[]), true, false),
    (("accountExpires", "GREATER_THAN", &["2026-06-30"]), true, false),
    (("accountExpires", "IS NULL", &[]), false, true),
    (("employeeLeaveDateTime", "EQUALS", &["2026-12-31"]), true, false),
    // References and ids, in any case
    (("manager", "EQUALS", &["00000000-0000-0000-0000-00000000B055"]), true, false),
    (("manager", "NOT EQUALS", &["00000000-0000-0000-0000-00000000b056"]), true, false),
    (("manager", "IS NULL", &[]), false, true),
    (("objectId", "EQUALS", &["00000000-0000-0000-0000-0000000ADE1E"]), true, true),
    (("objectId", "NOT EQUALS", &["00000000-0000-0000-0000-0000000ADE1E"]), false, false),
    (("memberOf", "IsMemberOf", &["00000000-0000-0000-0000-000000000002"]), true, false),
    (("memberOf", "IsMemberOf", &["00000000-0000-0000-0000-000000000003"]), false, false),
    (("memberOf", "is_member_of", &["00000000-0000-0000-0000-000000000003", "00000000-0000-0000-0000-000000000001"]), true, false),
    // What the portal's filters can not ask
    (("userType", "EQUALS", &["Member"]), true, true),
    (("appRoleAssignments", "EQUALS", &["msiam_access"]), true, true),
    (("appRoleAssignments", "NOT EQUALS", &["User"]), true, true),
    (("appRoleAssignments", "IS NOT NULL", &[]), true, true),
    (("extensionAttribute7", "INCLUDES", &["Sev"]), true, false),
    (("extensionAttribute7", "IS NULL", &[]), false, true),
    (("extensionAttribute8", "IS NULL", &[]), true, true),
    // Several values: all of them
    (("proxyAddresses", "ENDS_WITH", &["@x.example"]), true, false),
    (("proxyAddresses", "INCLUDES", &["a@"]), false, false),
    (("proxyAddresses", "EQUALS", &["SMTP:a@x.example", "smtp:b@x.example"]), true, false),
    (("proxyAddresses", "NOT EQUALS", &["SMTP:c@x.example"]), true, false),
    (("proxyAddresses", "NOT EQUALS", &["smtp:b@x.example"]), false, false),
    (("proxyAddresses", "REGEX MATCH", &["(?i)^smtp:"]), true, false),
    (("proxyAddresses", "NOT REGEX MATCH", &["c@"]), true, false),
    (("proxyAddresses", "IS NULL", &[]), false, true),
    (("proxyAddresses", "IS NOT NULL", &[]), true, false),
    // The engine's names, Graph's names, and what only the engine computes
    (("telephoneNumber", "EQUALS", &["+41 1"]), true, false),
    (("businessPhones", "EQUALS", &["+41 1"]), true, false),
    (("Department", "EQUALS", &["Sales"]), true, false),
    (("alternativeSecurityIds", "EQUALS", &["None"]), true, true),
];

#[test]
fn every_operator_on_every_type() {
    for (clause, somebodys, nobodys) in CASES {
        assert_eq!(holds(*clause, somebody()), *somebodys, "{clause:?}");
        assert_eq!(holds(*clause, nobody()), *nobodys, "{clause:?} of nobody");
    }
    for operator in FILTER_OPERATORS {
        let plain = |text: &str| text.replace('_', "").to_lowercase();
        assert!(
            CASES
                .iter()
                .any(|((_, name, _), ..)| plain(name) == plain(operator.name)),
            "{} is not among the cases",
            operator.name
        );
    }
}

#[test]
fn an_empty_text_is_no_value() {
    let empty = || person().with(Attr::DEPARTMENT, "");
    for (clause, somebodys, _) in CASES
        .iter()
        .filter(|((name, ..), ..)| *name == "department")
    {
        let expected = clause.1 == "IS NULL";
        assert_eq!(holds(*clause, empty()), expected, "{clause:?} {somebodys}");
    }
}

#[test]
fn operators_are_known_in_any_spelling() {
    for spelling in ["not_equals", "NOT  EQUALS", "NotEquals", " Not Equals "] {
        assert!(
            holds(("department", spelling, &["Legal"]), somebody()),
            "{spelling}"
        );
    }
    assert!(holds(
        ("department", "Greater_Than_OR_EQUALS", &["1"]),
        somebody().with(Attr::DEPARTMENT, "1")
    ));
}

#[test]
fn a_clause_may_ask_for_any_of_several_values() {
    let asks =
        |operator: &str, values: &[&str], comparison: MultivaluedComparison, attribute: &str| {
            let mut scope = filter(&[("g", &[(attribute, operator, values)])]);
            scope.groups[0].clauses[0].multivalued_comparison_type = Some(comparison);
            let world = World::with_rule(rule_with(|mapping| mapping.scope = Some(scope)));
            words(&world.decide(&somebody().0)) == "create"
        };
    let any = MultivaluedComparison::Any;
    assert!(asks("INCLUDES", &["a@"], any.clone(), "proxyAddresses"));
    assert!(!asks("INCLUDES", &["c@"], any.clone(), "proxyAddresses"));
    assert!(asks(
        "NOT EQUALS",
        &["smtp:b@x.example"],
        any,
        "proxyAddresses"
    ));
    let both = [
        "00000000-0000-0000-0000-000000000001",
        "00000000-0000-0000-0000-000000000002",
    ];
    let one = [both[0], "00000000-0000-0000-0000-000000000003"];
    let all = MultivaluedComparison::All;
    assert!(asks("IsMemberOf", &both, all.clone(), "memberOf"));
    assert!(!asks("IsMemberOf", &one, all, "memberOf"));
}

#[test]
fn a_pattern_that_runs_away_is_no_matter_where_other_clauses_decide() {
    let runs_away: Clause<'_> = ("employeeType", "REGEX MATCH", &[r"(?=(a+)+$)\w*b"]);
    let hostile = person()
        .with(Attr::EMPLOYEE_TYPE, "a".repeat(2000).as_str())
        .with(Attr::CITY, "Bern");
    let decided = |groups: &[(&str, &[Clause<'_>])]| {
        let scope = filter(groups);
        let mut world = World::new().synchronized();
        world.rule = rule_with(|mapping| mapping.scope = Some(scope));
        world.decide(&hostile.0)
    };
    let in_bern = decided(&[
        ("runs", &[runs_away]),
        ("bern", &[("city", "EQUALS", &["Bern"])]),
    ]);
    assert_eq!(words(&in_bern), "update city", "one group is enough");
    let clauses = in_bern.evidence.scoping.unwrap().clauses;
    assert_eq!(
        clauses,
        [("bern.city EQUALS 'Bern'".into(), true)],
        "only what was answered is shown"
    );
    let elsewhere = decided(&[("both", &[runs_away, ("city", "EQUALS", &["Basel"])])]);
    assert_eq!(words(&elsewhere), "soft delete", "one clause is enough");
}

#[test]
fn a_pattern_that_runs_away_fails_the_object_in_every_set_of_groups() {
    let runs_away: Clause<'_> = ("department", "NOT REGEX MATCH", &[r"(?=(a+)+$)\w*b"]);
    let groups = filter(&[("g", &[runs_away])]).groups;
    for scope in [
        Filter {
            category_filter_groups: groups.clone(),
            ..Filter::default()
        },
        Filter {
            input_filter_groups: groups.clone(),
            ..Filter::default()
        },
    ] {
        let mut world = World::new().synchronized();
        world.rule = rule_with(|mapping| mapping.scope = Some(scope));
        let hostile = person().with(Attr::DEPARTMENT, "a".repeat(2000).as_str());
        assert_eq!(
            words(&world.decide(&hostile.0)),
            "fail AttributeValidationFailed"
        );
    }
}

#[test]
fn a_pattern_that_runs_away_fails_the_object_and_deletes_nothing() {
    let scope = filter(&[(
        "g",
        &[("department", "NOT REGEX MATCH", &[r"(?=(a+)+$)\w*b"])],
    )]);
    let hostile = || person().with(Attr::DEPARTMENT, "a".repeat(2000).as_str());
    let mut world = World::new().synchronized();
    world.rule = rule_with(|mapping| mapping.scope = Some(scope));
    let decision = world.decide(&hostile().0);
    assert_eq!(words(&decision), "fail AttributeValidationFailed");
    // Where the answer does not matter it is not asked.
    assert_eq!(
        words(&world.decide(&hostile().unassigned().0)),
        "soft delete"
    );
    assert_eq!(words(&world.decide(&hostile().deleted().0)), "soft delete");
}
