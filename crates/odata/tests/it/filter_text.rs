//! Filter text → printed predicate.

use syncline_odata::filter::print;

use crate::{bind_log, bind_user};

#[track_caller]
fn check(text: &str, printed: &str) {
    let predicate = bind_user(text).unwrap_or_else(|problem| panic!("`{text}`: {problem}"));
    assert_eq!(print(&predicate), printed, "`{text}`");
}

#[track_caller]
fn check_log(text: &str, printed: &str) {
    let predicate = bind_log(text).unwrap_or_else(|problem| panic!("`{text}`: {problem}"));
    assert_eq!(print(&predicate), printed, "`{text}`");
}

#[test]
fn comparisons() {
    check("displayName eq 'Fabrikam'", "displayName eq 'Fabrikam'");
    check("DisplayName EQ 'Fabrikam'", "displayName eq 'Fabrikam'");
    check("department ne 'Sales'", "department ne 'Sales'");
    check(
        "department ge 'A' and department lt 'B'",
        "(department ge 'A' and department lt 'B')",
    );
    check(
        "department gt 'A' or department le 'B'",
        "(department gt 'A' or department le 'B')",
    );
    check("'Fabrikam' eq displayName", "displayName eq 'Fabrikam'");
    check(
        "2024-01-01 lt createdDateTime",
        "createdDateTime gt 2024-01-01T00:00:00Z",
    );
    check("department eq null", "department eq null");
    check("mail ne null", "mail ne null");
    check("surname eq 'O''Brien'", "surname eq 'O''Brien'");
    check("surname eq ''''", "surname eq ''''");
    check("surname eq ''", "surname eq ''");
    check("surname eq 'Żółć'", "surname eq 'Żółć'");
}

#[test]
fn precedence_and_nesting() {
    check(
        "city eq 'a' or city eq 'b' and city eq 'c'",
        "(city eq 'a' or (city eq 'b' and city eq 'c'))",
    );
    check(
        "(city eq 'a' or city eq 'b') and city eq 'c'",
        "((city eq 'a' or city eq 'b') and city eq 'c')",
    );
    check("((((city eq 'a'))))", "city eq 'a'");
    check("not (city eq 'a')", "not (city eq 'a')");
    check(
        "NOT(city eq 'a') and state eq 'b'",
        "(not (city eq 'a') and state eq 'b')",
    );
    check("not city eq 'a'", "not (city eq 'a')");
    check("not not (city eq 'a')", "not (not (city eq 'a'))");
    check(
        "city eq 'a' AND(state eq 'b')",
        "(city eq 'a' and state eq 'b')",
    );
}

#[test]
fn booleans() {
    check("accountEnabled eq true", "accountEnabled eq true");
    check("accountEnabled eq False", "accountEnabled eq false");
    check("accountEnabled", "accountEnabled eq true");
    check("not accountEnabled", "not (accountEnabled eq true)");
    check(
        "onPremisesSyncEnabled eq null",
        "onPremisesSyncEnabled eq null",
    );
    check("true", "true");
    check("not false", "not (false)");
    check("startsWith(city,'a') eq true", "startsWith(city,'a')");
    check(
        "startsWith(city,'a') eq false",
        "not (startsWith(city,'a'))",
    );
    check("(city eq 'a') ne true", "not (city eq 'a')");
}

#[test]
fn lists() {
    check("department in ('a','b')", "department in ('a','b')");
    check("department IN('a' , 'b')", "department in ('a','b')");
    check("not (userType in ('Guest'))", "not (userType in ('Guest'))");
    check(
        "id in ('6EC9D05C-1D57-4b78-9c0f-8c2e0f4a1111', 00000000-0000-0000-0000-000000000001)",
        "id in (6ec9d05c-1d57-4b78-9c0f-8c2e0f4a1111,00000000-0000-0000-0000-000000000001)",
    );
}

#[test]
fn functions() {
    check("startsWith(displayName,'A')", "startsWith(displayName,'A')");
    check(
        "startswith( displayName , 'A' )",
        "startsWith(displayName,'A')",
    );
    check(
        "endsWith(mail,'@contoso.example')",
        "endsWith(mail,'@contoso.example')",
    );
    check(
        "ENDSWITH(userPrincipalName, '@x')",
        "endsWith(userPrincipalName,'@x')",
    );
    check("tolower(displayName) eq 'a'", "tolower(displayName) eq 'a'");
    check(
        "startsWith(toupper(displayName), toupper('ab'))",
        "startsWith(toupper(displayName),'AB')",
    );
    check(
        "tolower(toupper(city)) eq tolower('AB')",
        "tolower(city) eq 'ab'",
    );
}

#[test]
fn guids_with_and_without_quotes() {
    let printed = "id eq 6ec9d05c-1d57-4b78-9c0f-8c2e0f4a1111";
    check("id eq '6ec9d05c-1d57-4b78-9c0f-8c2e0f4a1111'", printed);
    check("id eq 6ec9d05c-1d57-4b78-9c0f-8c2e0f4a1111", printed);
    check(
        "id eq a0000000-0000-0000-0000-00000000000b",
        "id eq a0000000-0000-0000-0000-00000000000b",
    );
}

#[test]
fn times() {
    let check_time = |literal: &str, printed: &str| {
        check(
            &format!("createdDateTime ge {literal}"),
            &format!("createdDateTime ge {printed}"),
        );
    };
    check_time("2022-12-10", "2022-12-10T00:00:00Z");
    check_time("2022-12-10T08:30:00Z", "2022-12-10T08:30:00Z");
    check_time("2022-12-10T08:30:00", "2022-12-10T08:30:00Z");
    check_time(
        "2022-12-10T08:30:00.1234567Z",
        "2022-12-10T08:30:00.1234567Z",
    );
    check_time("2022-12-10T08:30:00+02:00", "2022-12-10T06:30:00Z");
    check_time("2022-12-10T08:30:00-02:00", "2022-12-10T10:30:00Z");
}

#[test]
fn collections() {
    check(
        "proxyAddresses/any(p:p eq 'smtp:a@b')",
        "proxyAddresses/any(x1:x1 eq 'smtp:a@b')",
    );
    check(
        "proxyAddresses/any(p: startsWith(p, 'smtp:'))",
        "proxyAddresses/any(x1:startsWith(x1,'smtp:'))",
    );
    check(
        "otherMails/any(m: endsWith(m,'@x') or m eq 'y')",
        "otherMails/any(x1:(endsWith(x1,'@x') or x1 eq 'y'))",
    );
    check(
        "otherMails/all(m: m ne 'y')",
        "otherMails/all(x1:x1 ne 'y')",
    );
    check("otherMails/any()", "otherMails/$count gt 0");
    check("proxyAddresses/$count eq 0", "proxyAddresses/$count eq 0");
    check("0 lt proxyAddresses/$count", "proxyAddresses/$count gt 0");
    check(
        "identities/any(c:c/issuerAssignedId eq 'x' and c/issuer eq 'y')",
        "identities/any(x1:(x1/issuerAssignedId eq 'x' and x1/issuer eq 'y'))",
    );
    check(
        "assignedLicenses/any(x:x/skuId eq 6ec9d05c-1d57-4b78-9c0f-8c2e0f4a1111)",
        "assignedLicenses/any(x1:x1/skuId eq 6ec9d05c-1d57-4b78-9c0f-8c2e0f4a1111)",
    );
    check(
        "assignedLicenses/any(x:x/disabledPlans/any(y:y eq 'a'))",
        "assignedLicenses/any(x1:x1/disabledPlans/any(x2:x2 eq 'a'))",
    );
    check(
        "not (otherMails/any(m: m eq 'y'))",
        "not (otherMails/any(x1:x1 eq 'y'))",
    );
    check(
        "otherMails/any(m: m in ('a','b'))",
        "otherMails/any(x1:x1 in ('a','b'))",
    );
}

#[test]
fn members_of_complex_values() {
    check(
        "onPremisesExtensionAttributes/extensionAttribute1 eq 'x'",
        "onPremisesExtensionAttributes/extensionAttribute1 eq 'x'",
    );
    check(
        "employeeOrgData/division ne null",
        "employeeOrgData/division ne null",
    );
    check(
        "startsWith(employeeOrgData/costCenter,'4')",
        "startsWith(employeeOrgData/costCenter,'4')",
    );
    check(
        "tolower(EmployeeOrgData/COSTCENTER) eq 'a' or identities/any(i:i/Issuer eq 'b')",
        "(tolower(employeeOrgData/costCenter) eq 'a' or identities/any(x1:x1/issuer eq 'b'))",
    );
}

#[test]
fn log_paths_in_any_case_and_by_old_names() {
    check_log("servicePrincipal/id eq 'x'", "servicePrincipal/id eq 'x'");
    check_log("SERVICEPRINCIPAL/ID eq 'x'", "servicePrincipal/id eq 'x'");
    check_log(
        "jobid eq 'x' and tenantid eq 'y'",
        "(jobId eq 'x' and tenantId eq 'y')",
    );
    check_log(
        "provisioningStatusInfo/status eq 'failure'",
        "provisioningStatusInfo/status eq 'failure'",
    );
    check_log(
        "statusInfo/status eq 'Failure'",
        "provisioningStatusInfo/status eq 'Failure'",
    );
    check_log("action eq 'Create'", "provisioningAction eq 'Create'");
    check_log("contains(changeId, 'a')", "contains(changeId,'a')");
    check_log(
        "cycleId eq 6ec9d05c-1d57-4b78-9c0f-8c2e0f4a1111",
        "cycleId eq '6ec9d05c-1d57-4b78-9c0f-8c2e0f4a1111'",
    );
    check_log(
        "durationInMilliseconds gt 100",
        "durationInMilliseconds gt 100",
    );
    check_log(
        "durationInMilliseconds ge -1",
        "durationInMilliseconds ge -1",
    );
    check_log(
        "modifiedProperties/any(p: p/displayName eq 'department')",
        "modifiedProperties/any(x1:x1/displayName eq 'department')",
    );
    check_log(
        "provisioningStatusInfo/status eq microsoft.graph.provisioningResult'success'",
        "provisioningStatusInfo/status eq 'success'",
    );
}

#[test]
fn printed_text_means_the_same() {
    for text in [
        "not (city eq 'a') and (state eq 'b' or accountEnabled)",
        "otherMails/any(m: endsWith(m,'@x') or m eq 'y''z')",
        "createdDateTime ge 2022-12-10T08:30:00.1Z",
        "id in ('6ec9d05c-1d57-4b78-9c0f-8c2e0f4a1111')",
        "otherMails/$count gt 2",
    ] {
        let predicate = bind_user(text).unwrap();
        assert_eq!(
            bind_user(&print(&predicate)).unwrap(),
            predicate,
            "`{text}`"
        );
    }
}
