//! Samples of Microsoft's functions reference and of its articles on attribute mappings.

use syncline_expression::functions::Expected::{self, Ignored, Value};

use crate::check;

fn yields(expression: &str, attributes: &str, expected: &'static str) {
    check(expression, attributes, Value(expected));
}

#[test]
fn names_and_addresses() {
    yields(
        r#"Append([userPrincipalName], ".test")"#,
        r#"{"userPrincipalName": "John.Doe@contoso.com"}"#,
        r#""John.Doe@contoso.com.test""#,
    );
    yields(
        r#"Join(", ", "", [surname], [givenName])"#,
        r#"{"surname": "Doe", "givenName": "John"}"#,
        r#""Doe, John""#,
    );
    yields(
        r#"Append("SMTP:", Join("@", Join(".", [givenName], [surname]), "contoso.com"))"#,
        r#"{"surname": "Doe", "givenName": "John"}"#,
        r#""SMTP:John.Doe@contoso.com""#,
    );
    yields(
        "Append(Mid([givenName], 1, 3), Mid([surname], 1, 5))",
        r#"{"surname": "Doe", "givenName": "John"}"#,
        r#""JohDoe""#,
    );
    yields(
        r#"ToLower(Join("@", NormalizeDiacritics(StripSpaces(Join(".",  [PreferredFirstName], [PreferredLastName]))), "contoso.com"))"#,
        r#"{"PreferredFirstName": "John", "PreferredLastName": "Smith"}"#,
        r#""john.smith@contoso.com""#,
    );
    yields(
        r#"Join("", "CN=", Word([userPrincipalName], 1, "@"), ",CN=CloudUsers,CN=App,DC=Contoso,DC=lab")"#,
        r#"{"userPrincipalName": "bsimon@contoso.com"}"#,
        r#""CN=bsimon,CN=CloudUsers,CN=App,DC=Contoso,DC=lab""#,
    );
    yields(
        "NormalizeDiacritics([givenName])",
        r#"{"givenName": "Zoë"}"#,
        r#""Zoe""#,
    );
    yields(
        r#"PCase([lastName]," '-")"#,
        r#"{"lastName": "PINTO-DE'SILVA"}"#,
        r#""Pinto-De'Silva""#,
    );
    yields(r#"Left("John Doe", 3)"#, "{}", r#""Joh""#);
    yields(
        r#"IIF(Len([LastName]) <= 5, Left(Join("",[LastName],[FirstName]),10), Join("", Mid([LastName],1,9), Mid([FirstName],1,1)))"#,
        r#"{"FirstName": "John", "LastName": "Smith"}"#,
        r#""SmithJohn""#,
    );
}

#[test]
fn choices() {
    yields(
        "Coalesce([mail],[userPrincipalName])",
        r#"{"mail": null, "userPrincipalName": "John.Doe@contoso.com"}"#,
        r#""John.Doe@contoso.com""#,
    );
    yields(
        "CBool([attribute1] = [attribute2])",
        r#"{"attribute1": "a", "attribute2": "a"}"#,
        "true",
    );
    let and = r#"IIF([country]="USA",IIF([state]="CA","True","False"),"False")"#;
    yields(and, r#"{"country": "USA", "state": "CA"}"#, r#""True""#);
    yields(and, r#"{"country": "USA", "state": "WA"}"#, r#""False""#);
    yields(and, r#"{"country": "Japan", "state": "CA"}"#, r#""False""#);
    yields(
        r#"Switch([country],[country],"","Other")"#,
        r#"{"country": null}"#,
        r#""Other""#,
    );
    yields(
        r#"Switch([country],[country],"","Other")"#,
        r#"{"country": "Japan"}"#,
        r#""Japan""#,
    );
    let ignore = r#"IgnoreFlowIfNullOrEmpty(IIF([country]="USA",[region],""))"#;
    check(ignore, r#"{"country": "Japan", "region": "East"}"#, Ignored);
    yields(
        ignore,
        r#"{"country": "USA", "region": "East"}"#,
        r#""East""#,
    );
    let zone = r#"Switch([state], "Australia/Sydney", "NSW", "Australia/Sydney","QLD", "Australia/Brisbane", "SA", "Australia/Adelaide")"#;
    yields(zone, r#"{"state": "QLD"}"#, r#""Australia/Brisbane""#);
    yields(zone, r#"{"state": "qld"}"#, r#""Australia/Sydney""#);
    yields(
        r#"Switch(ToLower([statusFlag]), "0", "true", "1", "false", "0")"#,
        r#"{"statusFlag": "TRUE"}"#,
        r#""1""#,
    );
    yields(
        r#"Switch([IsSoftDeleted], , "False", "True", "True", "False")"#,
        r#"{"IsSoftDeleted": false}"#,
        r#""True""#,
    );
    yields(
        r#"Switch([Active], ,
             "1", IIF(DateDiff("d", Now(), CDate([StatusHireDate])) > 5, "False", "True"),
             "0", "False")"#,
        r#"{"Active": "1", "StatusHireDate": "2024-02-12-07:00"}"#,
        r#""True""#,
    );
}

#[test]
fn replacements() {
    yields(
        r#"Replace([BusinessTitle],"Product Developer", , , "Software Engineer", , )"#,
        r#"{"BusinessTitle": "Product Developer"}"#,
        r#""Software Engineer""#,
    );
    yields(
        r#"Replace([preferredLanguage], "-", , , "_", , )"#,
        r#"{"preferredLanguage": "EN-US"}"#,
        r#""EN_US""#,
    );
    yields(
        r#"Replace([mail], "@contoso.com", , ,"", ,)"#,
        r#"{"mail": "john.doe@contoso.com"}"#,
        r#""john.doe""#,
    );
    yields(
        r#"Replace([telephoneNumber], , "\\+(?<isdCode>\\d* )(?<phoneNumber>\\d{10})", , "${phoneNumber}", , )"#,
        r#"{"telephoneNumber": ["+91 9998887777"]}"#,
        r#""9998887777""#,
    );
    yields(
        r#"Replace([AddressLineData], ,"(?<streetNumber>^\\d*)","streetNumber", "888", , )"#,
        r#"{"AddressLineData": "545 Tremont Street"}"#,
        r#""888 Tremont Street""#,
    );
    yields(
        r#"Replace([telephoneNumber], , "\\+(?<isdCode>\\d* )(?<phoneNumber>\\d{10})", "phoneNumber" , , [mobile], )"#,
        r#"{"telephoneNumber": "", "mobile": "+91 8887779999"}"#,
        r#""8887779999""#,
    );
}

#[test]
fn searching_and_encoding() {
    yields(
        r#"ConvertToUTF8Hex("Hello world!")"#,
        "{}",
        r#""48656C6C6F20776F726C6421""#,
    );
    yields(
        r#"ConvertToBase64("Hello world!")"#,
        "{}",
        r#""SABlAGwAbABvACAAdwBvAHIAbABkACEA""#,
    );
    yields(r#"InStr("repEated","e",3,vbBinaryCompare)"#, "{}", "7");
    yields(
        r#"Word("This,string!has&many separators",3,",!&#")"#,
        "{}",
        r#""has""#,
    );
    yields("BitAnd(&HF, &HF7)", "{}", "7");
    yields(
        r#"Split([extensionAttribute5], ",")"#,
        r#"{"extensionAttribute5": "PermissionSetOne, PermissionSetTwo"}"#,
        r#"["PermissionSetOne", "PermissionSetTwo"]"#,
    );
}

#[test]
fn dates() {
    yields(
        r#"CDate("2021-06-30+08:00")"#,
        "{}",
        r#""6/29/2021 4:00:00 PM""#,
    );
    let hired = r#"{"StatusHireDate": "2012-03-16-07:00"}"#;
    yields(
        r#"DateAdd("d", 7, CDate([StatusHireDate]))"#,
        hired,
        r#""3/23/2012 7:00:00 AM""#,
    );
    yields(
        r#"DateAdd("ww", 2, CDate([StatusHireDate]))"#,
        hired,
        r#""3/30/2012 7:00:00 AM""#,
    );
    yields(
        r#"DateAdd("yyyy", 2, CDate([StatusHireDate]))"#,
        hired,
        r#""3/16/2014 7:00:00 AM""#,
    );
    let both = r#"{"first": "8/25/2021 5:41:18 PM", "second": "2012-03-16-07:00"}"#;
    yields(
        r#"DateDiff("d", CDate([first]), CDate([second]))"#,
        both,
        "-3449",
    );
    yields(
        r#"DateDiff("m", CDate([first]), CDate([second]))"#,
        both,
        "-113",
    );
    yields(
        "DateFromNum(129699324000000000)",
        "{}",
        r#""1/1/2012 11:00:00 PM""#,
    );
    yields(
        r#"FormatDateTime([extensionAttribute1], , "yyyyMMddHHmmss.fZ", "yyyy-MM-dd")"#,
        r#"{"extensionAttribute1": "20150123105347.1Z"}"#,
        r#""2015-01-23""#,
    );
}

/// The articles recommend it in one place and forbid it in another: here it works.
#[test]
fn is_present_inside_switch() {
    let expression = r#"Switch(IsPresent([jobTitle]), "DefaultValue", "True", [jobTitle])"#;
    yields(expression, r#"{"jobTitle": "Clerk"}"#, r#""Clerk""#);
    yields(expression, r#"{"jobTitle": null}"#, r#""DefaultValue""#);
}

/// In Entra a condition on an attribute without value fails the mapping: here it is a condition.
#[test]
fn iif_on_nothing() {
    yields(
        r#"IIF([country]="","Other",[country])"#,
        r#"{"country": null}"#,
        r#""Other""#,
    );
    yields(
        r#"IIF([country]<>"USA","abroad","home")"#,
        r#"{"country": null}"#,
        r#""abroad""#,
    );
    yields(
        r#"IIF(IsNullOrEmpty([country]),"Other",[country])"#,
        r#"{"country": ""}"#,
        r#""Other""#,
    );
    check(
        r#"IIF([a] > 3, "more", [b])"#,
        r#"{"a": null, "b": null}"#,
        Expected::Null,
    );
}
