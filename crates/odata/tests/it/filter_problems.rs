//! Filter text → problem.

use syncline_model::{EntityKind, Schema};
use syncline_odata::{Rules, limits};

use crate::{bind_log, bind_user, check_problem};

const UNSUPPORTED: &str = "Request_UnsupportedQuery";

#[test]
fn syntax_errors_name_the_position() {
    for (text, part) in [
        ("", "position 0"),
        ("displayName", "'displayName'"),
        ("displayName eq", "position 14"),
        ("displayName eqq 'x'", "position 12"),
        ("displayName eq 'x", "position 15"),
        ("displayName eq 'x' city eq 'y'", "position 19"),
        ("displayName eq 'x' and", "position 22"),
        ("(displayName eq 'x'", "position 19"),
        ("displayName eq 'x')", "position 18"),
        ("displayName eq \"x\"", "position 15"),
        ("surname eq 'é' and é eq 'x'", "position 19"),
        ("displayName in 'x'", "position 15"),
        ("displayName in ('x'", "position 19"),
        ("startsWith(displayName)", "position 22"),
        ("startsWith(displayName,'x'", "position 26"),
        ("otherMails/any(m m eq 'x')", "position 17"),
        ("otherMails/all()", "position 15"),
        ("createdDateTime gt 2022-13-41", "position 19"),
        ("createdDateTime gt 12.5", "position 19"),
        (
            "createdDateTime gt duration'PT5M'",
            "literals of type 'duration'",
        ),
        ("startsWith(city,'a') eq 'x'", "'true' or 'false'"),
        ("/displayName eq 'x'", "position 0"),
        ("displayName/", "position 12"),
    ] {
        let result = bind_user(text);
        if text == "displayName" {
            // A text is no condition.
            check_problem(result, "Request_BadRequest", "Edm.Boolean");
        } else {
            check_problem(result, "BadRequest", part);
        }
    }
}

#[test]
fn unknown_properties_and_functions() {
    check_problem(
        bind_user("shoeSize eq 'x'"),
        "Request_BadRequest",
        "Invalid filter clause: Could not find a property named 'shoeSize' on type 'microsoft.graph.user'.",
    );
    check_problem(
        bind_user("displayName/first eq 'x'"),
        "Request_BadRequest",
        "'displayName/first'",
    );
    check_problem(
        bind_user("otherMails/any(m: m/first eq 'x')"),
        "Request_BadRequest",
        "'m/first'",
    );
    // Known to the engine only.
    check_problem(
        bind_user("alternativeSecurityIds/any(a: a eq 'x')"),
        "Request_BadRequest",
        "alternativeSecurityIds",
    );
    check_problem(bind_user("action eq 'x'"), "Request_BadRequest", "'action'");
    check_problem(
        bind_user("length(displayName) gt 3"),
        "BadRequest",
        "function 'length'",
    );
    check_problem(
        bind_user("isof('microsoft.graph.user')"),
        "BadRequest",
        "function 'isof'",
    );
    check_problem(
        bind_user("otherMails/some(m: m eq 'x')"),
        "BadRequest",
        "function 'some'",
    );
    check_problem(
        bind_log("shoeSize eq 'x'"),
        "BadRequest",
        "microsoft.graph.provisioningObjectSummary",
    );
}

/// Nobody has a member that there is not, so that `ne` and `not` would find everybody.
#[test]
fn unknown_members_of_complex_values() {
    for (text, name) in [
        (
            "employeeOrgData/costCentre ne 'KEEP'",
            "employeeOrgData/costCentre",
        ),
        (
            "not (employeeOrgData/costCentre eq 'KEEP')",
            "employeeOrgData/costCentre",
        ),
        (
            "onPremisesExtensionAttributes/extensionAttribute16 eq null",
            "onPremisesExtensionAttributes/extensionAttribute16",
        ),
        (
            "employeeOrgData/division/name eq 'x'",
            "employeeOrgData/division/name",
        ),
        ("identities/any(c:c/isuer eq null)", "c/isuer"),
        ("identities/all(c:c/issuer/name ne 'x')", "c/issuer/name"),
        (
            "passwordProfile/password eq 'x'",
            "passwordProfile/password",
        ),
    ] {
        let message =
            format!("Could not find a property named '{name}' on type 'microsoft.graph.user'.");
        check_problem(bind_user(text), "Request_BadRequest", &message);
    }
    check_problem(
        bind_log("modifiedProperties/any(p: p/newvalues ne 'x')"),
        "BadRequest",
        "'p/newvalues'",
    );
}

#[test]
fn operators_a_property_does_not_support() {
    check_problem(
        bind_user("contains(displayName,'x')"),
        UNSUPPORTED,
        "property 'displayName' of resource 'User': 'contains' at position 0",
    );
    check_problem(
        bind_user("city eq 'a' and contains(mail,'x')"),
        UNSUPPORTED,
        "position 16",
    );
    check_problem(
        bind_user("endsWith(displayName,'x')"),
        UNSUPPORTED,
        "'endsWith'",
    );
    check_problem(
        bind_user("startsWith(userType,'G')"),
        UNSUPPORTED,
        "'startsWith'",
    );
    check_problem(bind_user("userType gt 'G'"), UNSUPPORTED, "'gt'");
    check_problem(bind_user("accountEnabled gt false"), UNSUPPORTED, "'gt'");
    check_problem(bind_user("city gt null"), UNSUPPORTED, "'gt'");
    check_problem(
        bind_user("isResourceAccount eq true"),
        UNSUPPORTED,
        "not indexed: 'isResourceAccount'",
    );
    check_problem(
        bind_user("deletedDateTime ge 2024-01-01"),
        UNSUPPORTED,
        "not indexed",
    );
    check_problem(bind_user("otherMails eq 'x'"), UNSUPPORTED, "any()");
    check_problem(
        bind_user("startsWith(otherMails,'x')"),
        UNSUPPORTED,
        "any()",
    );
    check_problem(
        bind_user("assignedLicenses/skuId eq 'x'"),
        UNSUPPORTED,
        "any()",
    );
    check_problem(bind_user("employeeOrgData eq 'x'"), UNSUPPORTED, "member");
    check_problem(
        bind_user("displayName/any(x:x eq 'a')"),
        UNSUPPORTED,
        "not a collection",
    );
    check_problem(
        bind_user("identities/any(i:i/issuer/any(x:x eq 'a'))"),
        UNSUPPORTED,
        "not a collection",
    );
    check_problem(
        bind_user("displayName/$count eq 1"),
        UNSUPPORTED,
        "not a collection",
    );
    check_problem(
        bind_user("startsWith(createdDateTime,'2')"),
        UNSUPPORTED,
        "not a text",
    );
    check_problem(
        bind_user("tolower(createdDateTime) eq '2'"),
        UNSUPPORTED,
        "takes a text",
    );
    check_problem(
        bind_user("givenName eq surname"),
        UNSUPPORTED,
        "compare a property with a value",
    );
    check_problem(
        bind_user("'a' eq 'a'"),
        UNSUPPORTED,
        "compare a property with a value",
    );
    check_problem(
        bind_user("startsWith('a',city)"),
        UNSUPPORTED,
        "second argument",
    );
    check_problem(
        bind_log("durationInMilliseconds eq null or contains(activityDateTime,'x')"),
        "BadRequest",
        "'contains'",
    );
}

#[test]
fn literals_of_the_wrong_type() {
    for (text, part) in [
        ("displayName eq 5", "'Edm.String' and 'Edm.Int64'"),
        ("displayName eq true", "'Edm.String' and 'Edm.Boolean'"),
        ("accountEnabled eq 'true'", "'Edm.Boolean' and 'Edm.String'"),
        (
            "createdDateTime gt '2022-12-10'",
            "'Edm.DateTimeOffset' and 'Edm.String'",
        ),
        (
            "createdDateTime gt 2022",
            "'Edm.DateTimeOffset' and 'Edm.Int64'",
        ),
        ("displayName in ('a',5)", "'in'"),
        (
            "onPremisesExtensionAttributes/extensionAttribute1 ne 5",
            "'Edm.String' and 'Edm.Int64'",
        ),
        (
            "employeeOrgData/costCenter in ('a',true)",
            "'Edm.String' and 'Edm.Boolean'",
        ),
        (
            "identities/any(i:i/issuer ne 5)",
            "'Edm.String' and 'Edm.Int64'",
        ),
        ("startsWith(displayName,5)", "'startsWith'"),
        ("otherMails/$count eq 'x'", "'Edm.Int64' and 'Edm.String'"),
        (
            "id eq 'adele'",
            "Invalid value specified for property 'id' of resource 'User'.",
        ),
        ("id eq '{6ec9d05c-1d57-4b78-9c0f-8c2e0f4a1111}'", "'id'"),
    ] {
        check_problem(bind_user(text), "Request_BadRequest", part);
    }
    check_problem(
        bind_log("activityDateTime gt 'x'"),
        "BadRequest",
        "Edm.DateTimeOffset",
    );
}

#[test]
fn deleted_items_are_filtered_by_time_of_deletion() {
    let users = Schema::core().of(EntityKind::User);
    let rules = Rules::deleted_items();
    assert!(syncline_odata::filter::bind("deletedDateTime ge 2024-01-01", users, &rules).is_ok());
    assert!(syncline_odata::filter::bind("isResourceAccount eq true", users, &rules).is_err());
}

#[test]
fn depth_length_and_number_are_bounded() {
    let nested = |depth: usize| format!("{}city eq 'a'{}", "(".repeat(depth), ")".repeat(depth));
    assert!(bind_user(&nested(limits::MAX_FILTER_DEPTH)).is_ok());
    check_problem(
        bind_user(&nested(limits::MAX_FILTER_DEPTH + 1)),
        UNSUPPORTED,
        "levels deep",
    );
    check_problem(bind_user(&nested(5_000)), UNSUPPORTED, "levels deep");
    check_problem(
        bind_user(&format!("{}accountEnabled", "not ".repeat(2_000))),
        UNSUPPORTED,
        "levels deep",
    );
    let calls = format!(
        "{}city{} eq 'a'",
        "tolower(".repeat(1_000),
        ")".repeat(1_000)
    );
    check_problem(bind_user(&calls), UNSUPPORTED, "levels deep");

    let many = |count: usize| vec!["city eq 'a'"; count].join(" or ");
    assert!(bind_user(&many(limits::MAX_FILTER_CLAUSES)).is_ok());
    check_problem(
        bind_user(&many(limits::MAX_FILTER_CLAUSES + 1)),
        UNSUPPORTED,
        "clauses",
    );

    let list = |count: usize| format!("city in ({})", vec!["'a'"; count].join(","));
    assert!(bind_user(&list(limits::MAX_IN_VALUES)).is_ok());
    check_problem(
        bind_user(&list(limits::MAX_IN_VALUES + 1)),
        UNSUPPORTED,
        "values",
    );

    let long = format!("city eq '{}'", "a".repeat(limits::MAX_TEXT_BYTES));
    check_problem(bind_user(&long), UNSUPPORTED, "too long");
}

#[test]
fn a_lambda_can_not_multiply_the_objects_collections() {
    check_problem(
        bind_user("otherMails/any(a: proxyAddresses/any(b: b eq 'x'))"),
        UNSUPPORTED,
        "lambda inside another",
    );
    check_problem(
        bind_user("assignedLicenses/any(a: a/plans/any(b: a/skuId eq 'x'))"),
        UNSUPPORTED,
        "'a' at position",
    );
}
