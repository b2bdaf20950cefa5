//! Any clause is compiled or refused with its place, and what is compiled gives the same answer each
//! time, whoever is asked about.

use proptest::prelude::*;
use syncline_engine::schema::{FILTER_OPERATORS, MultivaluedComparison, compile};
use syncline_model::{Attr, Schema, Timestamp, Value};

use super::filter;
use crate::support::{World, default_schema, id, person, words};

const ATTRIBUTES: [&str; 14] = [
    "department",
    "employeeId",
    "employeeHireDate",
    "accountEnabled",
    "manager",
    "memberOf",
    "proxyAddresses",
    "objectId",
    "appRoleAssignments",
    "extensionAttribute3",
    "employeeOrgData",
    "IsSoftDeleted",
    "nothing",
    "",
];

const VALUES: [&str; 12] = [
    "",
    "Sales",
    "7",
    "-9223372036854775809",
    "2024-02-30",
    "2024-02-29",
    "00000000-0000-0000-0000-000000000001",
    "(",
    "(a+)+$",
    "(?=(a+)+$)\\w*b",
    "\u{df}\u{130}\u{301}",
    "'\"\\",
];

proptest! {
    #[test]
    fn every_clause_is_compiled_or_refused(
        attribute in prop::sample::select(&ATTRIBUTES[..]),
        operator in 0..=FILTER_OPERATORS.len(),
        values in prop::collection::vec(prop::sample::select(&VALUES[..]), 0..3),
        any in prop::option::of(any::<bool>()),
        text in prop::option::of(prop::sample::select(&VALUES[..])),
    ) {
        let operator = FILTER_OPERATORS.get(operator).map_or("none", |it| it.name);
        let mut scope = filter(&[("g", &[(attribute, operator, &values)])]);
        scope.groups[0].clauses[0].multivalued_comparison_type = any.map(|any| match any {
            true => MultivaluedComparison::Any,
            false => MultivaluedComparison::All,
        });
        let mut schema = default_schema();
        schema.synchronization_rules[0].object_mappings[0].scope = Some(scope);
        match compile(&schema, Schema::core()) {
            Err(found) => for problem in found {
                prop_assert!(problem.path.contains("scope.groups[0].clauses[0]."), "{problem}");
                prop_assert!(!problem.message.is_empty());
            },
            Ok(rules) => {
                let mut somebody = person().managed_by(id(1)).without(Attr::DEPARTMENT);
                if let Some(text) = text {
                    somebody = somebody
                        .with(Attr::DEPARTMENT, text)
                        // A longer one would fail when it is mapped.
                        .with(Attr::EMPLOYEE_ID, text.get(..16).unwrap_or(text))
                        .with(Attr::EMPLOYEE_HIRE_DATE, Value::Time(Timestamp(7)))
                        .with(Attr::PROXY_ADDRESSES, Value::List(vec![text.into(), Value::Null]));
                }
                let world = World::with_rule(rules.into_iter().next().unwrap());
                let decided = words(&world.decide(&somebody.0));
                prop_assert!(
                    ["create", "skip NotInProvisioningScope"].contains(&decided.as_str()),
                    "{decided}"
                );
                prop_assert_eq!(decided, words(&world.decide(&somebody.0)));
            }
        }
    }
}
