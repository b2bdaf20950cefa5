//! How texts are read and printed.

use syncline_expression::ast::{ExpressionKind, Number};
use syncline_expression::parse;

/// Reads and prints.
fn check(text: &str, expected: &str) {
    let expression = parse(text).unwrap_or_else(|problems| panic!("{text}: {problems:#?}"));
    assert_eq!(expression.to_string(), expected);
    assert_eq!(parse(expected).as_ref(), Ok(&expression), "{expected}");
}

#[test]
fn blanks_are_kept() {
    for text in [
        r#"Replace([preferredLanguage], "-", , , "_", , )"#,
        r#"Switch([Active], , "1", "a")"#,
        "ToLower([mail], )",
        "F(, )",
        "Guid()",
    ] {
        check(text, text);
    }
}

#[test]
fn white_space_is_free() {
    check(
        "Join( \",\" ,\n\t[ mail ],[city] )",
        "Join(\",\", [mail], [city])",
    );
    check("IIF([a]=\"x\",1,2)", "IIF([a] = \"x\", 1, 2)");
    check(
        "Replace([mail], \"@contoso.com\", , ,\"\", ,)",
        "Replace([mail], \"@contoso.com\", , , \"\", , )",
    );
}

#[test]
fn texts_keep_quotes_and_backslashes() {
    let expression = parse(r#""Company name: \"Contoso\" \\d""#).unwrap();
    assert_eq!(
        expression.kind,
        ExpressionKind::Text(r#"Company name: "Contoso" \d"#.to_owned())
    );
    check(
        r#""Company name: \"Contoso\" \\d""#,
        r#""Company name: \"Contoso\" \\d""#,
    );
    check(
        "\"two\nlines; and, (marks) [in] it\"",
        "\"two\nlines; and, (marks) [in] it\"",
    );
}

#[test]
fn numbers_and_words() {
    assert_eq!(
        parse("&hf7").unwrap().kind,
        ExpressionKind::Number(Number {
            value: 0xF7,
            hexadecimal: true
        })
    );
    check(
        "F(-10, &hf7, vbTextCompare, True)",
        "F(-10, &HF7, vbTextCompare, True)",
    );
    check("-9223372036854775808", "-9223372036854775808");
}

#[test]
fn attribute_names_may_be_paths() {
    check(
        r#"[emails[type eq "work"].value]"#,
        r#"[emails[type eq "work"].value]"#,
    );
    check("[extension_0123_costCentre]", "[extension_0123_costCentre]");
}
