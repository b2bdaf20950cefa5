//! The queries of the walk-through, as different clients encode them.

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use syncline_model::{Attr, EntityKind, Schema};
use syncline_odata::filter::print;
use syncline_odata::{QueryOptions, Rules};

use crate::log;

const FILTER: &str = "((contains(tolower(servicePrincipal/id), '6ec9d05c') or contains(tolower(servicePrincipal/displayName), '6ec9d05c')) and activityDateTime gt 2022-12-10 and activityDateTime lt 2022-12-11)";

/// JavaScript's `encodeURI` leaves parentheses, commas and slashes.
const SPARE: &AsciiSet = &CONTROLS.add(b' ').add(b'\'').add(b'"');

fn encodings() -> Vec<String> {
    let all = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let spare = |text: &str| utf8_percent_encode(text, SPARE).to_string();
    vec![
        format!(
            "%24filter={}&%24top=500&%24orderby={}",
            all(FILTER),
            all("activityDateTime desc")
        ),
        format!(
            "$filter={}&$top=500&$orderby={}",
            spare(FILTER),
            spare("activityDateTime desc")
        ),
        format!(
            "$filter={}&$top=500&$orderby=activityDateTime+desc",
            FILTER.replace(' ', "+")
        ),
        format!(
            "filter={}&TOP=500&$OrderBy=activitydatetime%20DESC",
            all(FILTER)
        ),
        format!(
            "$top=500&$orderby=activityDateTime%20desc&$filter={}&",
            FILTER.replace(' ', "%20")
        ),
    ]
}

#[test]
fn the_provisioning_log_in_every_encoding() {
    for raw in encodings() {
        let query = QueryOptions::parse(&raw)
            .and_then(|it| it.bind(log(), &Rules::provisioning_log()))
            .unwrap_or_else(|problem| panic!("`{raw}`: {problem}"));
        assert_eq!(
            print(&query.predicate.unwrap()),
            "((contains(tolower(servicePrincipal/id),'6ec9d05c') or contains(tolower(servicePrincipal/displayName),'6ec9d05c')) and activityDateTime gt 2022-12-10T00:00:00Z and activityDateTime lt 2022-12-11T00:00:00Z)",
            "`{raw}`"
        );
        assert_eq!(query.top, Some(500));
        assert_eq!(query.order.len(), 1);
        assert_eq!(query.order[0].attr, Attr::LOG_ACTIVITY_DATE_TIME);
        assert!(query.order[0].descending);
    }
}

#[test]
fn the_service_principal_by_display_name() {
    let query = QueryOptions::parse("$filter=DisplayName%20eq%20%27Fabrikam%27")
        .unwrap()
        .bind(
            Schema::core().of(EntityKind::ServicePrincipal),
            &Rules::applications(),
        )
        .unwrap();
    assert_eq!(
        print(&query.predicate.unwrap()),
        "displayName eq 'Fabrikam'"
    );
}
