//! What is wrong with a filter is told at once, with its place and what to write instead.

use syncline_engine::schema::{
    Filter, MultivaluedComparison, SchemaDiagnostic, compile, compile_with,
};
use syncline_expression::Limits;
use syncline_model::Schema;

use super::{Clause, filter};
use crate::support::default_schema;

fn problems(scope: Filter) -> Vec<SchemaDiagnostic> {
    let mut schema = default_schema();
    schema.synchronization_rules[0].object_mappings[0].scope = Some(scope);
    compile(&schema, Schema::core()).expect_err("the schema is refused")
}

/// The one problem of a clause: its place below the clause, and its message.
fn problem(clause: Clause<'_>) -> (String, String) {
    let found = problems(filter(&[("g", &[clause])]));
    let [only] = found.as_slice() else {
        panic!("{found:?}");
    };
    let place = only.path.rsplit_once("clauses[0].").unwrap().1;
    assert_eq!(only.code, "schemaInvalid");
    (place.to_owned(), only.message.clone())
}

#[rustfmt::skip]
const CASES: &[(Clause<'static>, &str, &str)] = &[
    (("department", "EQUALZ", &["x"]), "operatorName", "`EQUALZ` is not a filter operator; did you mean `EQUALS`?"),
    (("department", "RESEMBLES", &["x"]), "operatorName", "use one of EQUALS, NOT EQUALS,"),
    (("", "EQUALS", &["x"]), "sourceOperandName", "sourceOperandName is missing"),
    (("department", "", &["x"]), "operatorName", "operatorName is missing"),
    (("departmnet", "EQUALS", &["x"]), "sourceOperandName", "did you mean `department`?"),
    (("shoeSize", "EQUALS", &["x"]), "sourceOperandName", "`shoeSize` is not an attribute of User in the source"),
    (("extension_00000000000000000000000000000000_shoeSize", "EQUALS", &["x"]), "sourceOperandName", "no such directory extension"),
    (("extensionAttribute16", "EQUALS", &["x"]), "sourceOperandName", "is not an attribute"),
    (("passwordProfile", "IS NULL", &[]), "sourceOperandName", "cannot be read"),
    (("employeeOrgData", "IS NULL", &[]), "sourceOperandName", "has members and no plain value"),
    (("IsSoftDeleted", "IS FALSE", &[]), "sourceOperandName", "follows from the scope"),
    (("department", "EQUALS", &[]), "targetOperand", "EQUALS compares with a value; write it in `targetOperand.values`"),
    (("employeeHireDate", "GREATER_THAN", &["2024-01-01", "2025-01-01"]), "targetOperand", "exactly one value"),
    (("department", "IS TRUE", &[]), "operatorName", "IS TRUE is for attributes of type Boolean; `department` is String; use one of EQUALS,"),
    (("accountEnabled", "EQUALS", &["True"]), "operatorName", "use one of IS TRUE, IS FALSE, IS NULL, IS NOT NULL"),
    (("manager", "INCLUDES", &["x"]), "operatorName", "`manager` is Reference"),
    (("manager", "EQUALS", &["Bob"]), "targetOperand.values[0]", "`Bob` is not an object id such as"),
    (("objectId", "EQUALS", &["6ec9d05c1d574b789c0f8c2e0f4a1111"]), "targetOperand.values[0]", "is not an object id"),
    (("employeeHireDate", "EQUALS", &["31.1.2026"]), "targetOperand.values[0]", "write `31.1.2026` as 2026-01-31T12:00:00Z, as 2026-01-31T12:00:00+01:00, or as the bare date 2026-01-31"),
    (("employeeId", "GREATER_THAN", &["ten"]), "targetOperand.values[0]", "`ten` is none"),
    (("department", "REGEX MATCH", &["("]), "targetOperand.values[0]", "unclosed group"),
    (("department", "IsMemberOf", &["x"]), "operatorName", "write `memberOf`"),
    (("memberOf", "EQUALS", &["x"]), "operatorName", "can only be asked with IsMemberOf"),
    (("memberOf", "IsMemberOf", &["Everybody"]), "targetOperand.values[0]", "is not an object id"),
];

#[test]
fn each_clause_that_makes_no_sense() {
    for (clause, place, message) in CASES {
        let found = problem(*clause);
        assert_eq!(found.0, *place, "{clause:?}: {}", found.1);
        assert!(found.1.contains(message), "{clause:?}: {}", found.1);
    }
}

#[test]
fn all_problems_at_once() {
    let mut scope = filter(&[
        (
            "a",
            &[
                ("departmnet", "EQUALZ", &[]),
                ("employeeHireDate", "EQUALS", &["x", "2024-01-01", "y"]),
            ],
        ),
        ("b", &[]),
    ]);
    scope.groups[0].clauses[0].multivalued_comparison_type =
        Some(MultivaluedComparison::Unknown("Most".to_owned()));
    scope.input_filter_groups = filter(&[("c", &[("city", "LIKE", &["x"])])]).groups;
    let places: Vec<String> = problems(scope)
        .into_iter()
        .map(|it| it.path.rsplit_once("scope.").unwrap().1.to_owned())
        .collect();
    assert_eq!(
        places,
        [
            "inputFilterGroups[0].clauses[0].operatorName",
            "groups[0].clauses[0].sourceOperandName",
            "groups[0].clauses[0].operatorName",
            "groups[0].clauses[0].multivaluedComparisonType",
            "groups[0].clauses[1].targetOperand.values[0]",
            "groups[0].clauses[1].targetOperand.values[2]",
            "groups[1].clauses",
        ]
    );
}

#[test]
fn only_so_many_groups_can_be_asked_for() {
    let ids: Vec<String> = (1..=51)
        .map(|number| format!("00000000-0000-0000-0000-{number:012}"))
        .collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let found = problems(filter(&[("g", &[("memberOf", "IsMemberOf", &ids)])]));
    assert!(found[0].message.contains("at most 50"), "{found:?}");
}

#[test]
fn only_so_many_patterns_are_tried() {
    let patterns = vec!["x"; 201];
    let found = problems(filter(&[(
        "g",
        &[("department", "REGEX MATCH", &patterns)],
    )]));
    assert!(found[0].message.contains("at most 200"), "{found:?}");
}

#[test]
fn a_group_has_members_that_no_clause_asks_for() {
    let mut schema = default_schema();
    let scope = filter(&[("g", &[("members", "IS NULL", &[])])]);
    schema.synchronization_rules[0].object_mappings[1].scope = Some(scope);
    let found = compile(&schema, Schema::core()).expect_err("refused");
    assert!(
        found[0].message.contains("use another attribute"),
        "{found:?}"
    );
}

/// A schema that comes in with this filter, and one that was stored with it.
fn incoming(scope: Filter) -> (Vec<SchemaDiagnostic>, bool) {
    let mut schema = default_schema();
    schema.synchronization_rules[0].object_mappings[0].scope = Some(scope);
    let incoming = compile_with(&schema, Schema::core(), &Limits::DEFAULT);
    (
        incoming.err().unwrap_or_default(),
        compile(&schema, Schema::core()).is_ok(),
    )
}

#[test]
fn comparing_with_an_empty_text_is_refused_where_a_schema_comes_in() {
    for operator in [
        "EQUALS",
        "NOT EQUALS",
        "INCLUDES",
        "ENDS_WITH",
        "REGEX MATCH",
        "&",
    ] {
        let (found, stored) = incoming(filter(&[("g", &[("department", operator, &["x", ""])])]));
        let [only] = found.as_slice() else {
            panic!("{operator}: {found:?}");
        };
        assert!(only.path.ends_with("targetOperand.values[1]"), "{only}");
        assert!(only.message.contains("use IS NULL"), "{only}");
        assert!(stored, "{operator}: what was stored goes on working");
    }
    // Said once, by the type.
    let (found, _) = incoming(filter(&[("g", &[("employeeHireDate", "EQUALS", &[""])])]));
    assert_eq!(found.len(), 1, "{found:?}");
    // What a unary operator carries is not looked at.
    let (found, _) = incoming(filter(&[("g", &[("department", "IS NULL", &[""])])]));
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn a_long_value_is_not_repeated() {
    let long = "ä(".repeat(50_000);
    let words = "\\w{9999}".to_owned();
    for (operand, operator, value, message) in [
        (
            "department",
            "REGEX MATCH",
            &long,
            "… (100000 letters)` is not a pattern",
        ),
        (
            "department",
            "REGEX MATCH",
            &words,
            "it is too large; compiled, a pattern may take 1 MiB",
        ),
        (
            "employeeId",
            "GREATER_THAN",
            &long,
            "… (100000 letters)` is none",
        ),
        (
            "manager",
            "EQUALS",
            &long,
            "… (100000 letters)` is not an object id",
        ),
    ] {
        let (_, found) = problem((operand, operator, &[value.as_str()]));
        assert!(found.contains(message), "{found}");
        assert!(found.len() < 400, "{found}");
    }
}

/// Every clause is asked of every object, and told in its log.
#[test]
fn a_filter_without_measure_is_refused_where_a_schema_comes_in() {
    let clause: (&str, &str, &[&str]) = ("department", "EQUALS", &["x"]);
    let (found, _) = incoming(filter(&[("g", vec![clause; 1_000].as_slice())]));
    assert!(found.is_empty(), "{found:?}");
    let (found, stored) = incoming(filter(&[
        ("g", vec![clause; 501].as_slice()),
        ("h", vec![clause; 500].as_slice()),
    ]));
    let [only] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert!(only.path.ends_with(".scope"), "{only}");
    assert!(only.message.contains("at most 1000"), "{only}");
    assert!(stored, "what was stored goes on working");

    let values = vec!["x"; 1_001];
    let (found, stored) = incoming(filter(&[(
        "g",
        &[("department", "EQUALS", values.as_slice())],
    )]));
    let [only] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert!(only.path.ends_with("targetOperand.values"), "{only}");
    assert!(stored);

    let long = "x".repeat(16 * 1024 + 1);
    let (found, stored) = incoming(filter(&[(
        "g",
        &[("department", "INCLUDES", &["x", long.as_str()])],
    )]));
    let [only] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert!(only.path.ends_with("targetOperand.values[1]"), "{only}");
    assert!(stored);
}

/// A schema may be small and what is compiled of it large.
#[test]
fn what_would_take_too_much_compiled_is_refused_before_it_is() {
    // A pattern that takes most of what one may.
    let large = r"\w{18}";
    let patterns = vec![large; 300_000];
    let clause = [("department", "REGEX MATCH", patterns.as_slice())];
    let (found, stored) = incoming(filter(&[("g", &clause)]));
    let [only] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert!(only.path.ends_with("targetOperand.values"), "{only}");
    assert!(!stored, "nor was it ever accepted");

    // No more of them than there may be, and still too much: the first that finds no room is told.
    let patterns = vec![large; 60];
    let clause = [("department", "REGEX MATCH", patterns.as_slice())];
    let (found, stored) = incoming(filter(&[("g", &clause)]));
    assert!(
        found[0]
            .message
            .contains("all patterns of a schema may take 32 MiB"),
        "{found:?}"
    );
    assert!(stored, "what was stored goes on working");

    let clause: (&str, &str, &[&str]) = ("department", "EQUALS", &["x"; 1_000]);
    let (found, stored) = incoming(filter(&[("g", vec![clause; 21].as_slice())]));
    let [only] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert!(
        only.message.contains("at most 20000 in all of a schema"),
        "{only}"
    );
    assert!(stored);

    let (found, _) = incoming(filter(&vec![("g", [].as_slice()); 1_001]));
    let [only] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert!(only.message.contains("1001 groups of clauses"), "{only}");
}
