//! `$orderby`.

use syncline_model::Attr;
use syncline_model::query::Order;
use syncline_odata::{QueryOptions, Rules};

use crate::{check_problem, log, users};

fn order(text: &str, rules: &Rules) -> Result<Vec<Order>, syncline_model::Problem> {
    QueryOptions::parse(&format!("$orderby={text}"))
        .unwrap()
        .bind(users(), rules)
        .map(|it| it.order)
}

#[test]
fn keys_and_directions() {
    let by = |attr, descending| Order { attr, descending };
    let rules = Rules::users();
    assert_eq!(
        order("displayName", &rules).unwrap(),
        [by(Attr::DISPLAY_NAME, false)]
    );
    assert_eq!(
        order("UserPrincipalName DESC , displayname asc", &rules).unwrap(),
        [
            by(Attr::USER_PRINCIPAL_NAME, true),
            by(Attr::DISPLAY_NAME, false)
        ]
    );
    assert_eq!(
        order("displayName desc,displayName", &rules).unwrap(),
        [by(Attr::DISPLAY_NAME, true)]
    );
    let any = Rules {
        sort_any: true,
        ..Rules::users()
    };
    assert_eq!(
        order("department", &any).unwrap(),
        [by(Attr::DEPARTMENT, false)]
    );
}

#[test]
fn refusals() {
    let rules = Rules::users();
    check_problem(
        order("shoeSize", &rules),
        "Request_BadRequest",
        "Could not find a property named 'shoeSize'",
    );
    check_problem(
        order("department", &rules),
        "Request_UnsupportedQuery",
        "'department'",
    );
    check_problem(
        order("displayName downwards", &rules),
        "BadRequest",
        "displayName downwards",
    );
    check_problem(
        order("displayName,", &rules),
        "BadRequest",
        "Invalid orderby clause",
    );
    check_problem(
        order("displayName asc desc", &rules),
        "BadRequest",
        "Invalid orderby clause",
    );
    let any = Rules {
        sort_any: true,
        ..Rules::users()
    };
    check_problem(
        order("otherMails", &any),
        "Request_UnsupportedQuery",
        "'otherMails'",
    );
    check_problem(
        order("employeeOrgData/division", &any),
        "Request_UnsupportedQuery",
        "'employeeOrgData'",
    );
    let log_order = QueryOptions::parse("$orderby=id")
        .unwrap()
        .bind(log(), &Rules::provisioning_log());
    check_problem(log_order, "BadRequest", "'id'");
}
