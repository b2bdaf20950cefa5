//! What is said of wrong expressions: code, underlined text, help.

use syncline_expression::Code::{self, *};
use syncline_expression::{Diagnostic, Limits, Program, compile, compile_with, parse};

use crate::sample_of;

fn problems(expression: &str) -> Vec<Diagnostic> {
    let subject = sample_of(
        r#"{"mail": "a", "surname": "b", "country": null, "otherMails": ["c"], "mails": ["c", "d"], "n": 1, "flag": true}"#,
    );
    compile(expression, &subject).err().unwrap_or_default()
}

/// Each problem with the text it underlines.
fn check(expression: &str, expected: &[(Code, &str)]) {
    let problems = problems(expression);
    let found: Vec<_> = problems
        .iter()
        .map(|it| (it.code, &expression[it.span.start..it.span.end]))
        .collect();
    assert_eq!(found, expected, "{expression}: {problems:#?}");
}

/// The only problem's suggestion, put into the text, makes it right.
fn mended(expression: &str, expected: &str) {
    let problems = problems(expression);
    assert_eq!(problems.len(), 1, "{expression}: {problems:#?}");
    let suggestion = problems[0]
        .suggestion
        .clone()
        .unwrap_or_else(|| panic!("{expression}: {problems:#?}"));
    let mut text = expression.to_owned();
    text.replace_range(
        suggestion.span.start..suggestion.span.end,
        &suggestion.replacement,
    );
    assert_eq!(text, expected);
    assert_eq!(self::problems(&text), [], "{text}");
}

#[test]
fn names() {
    check("Foo([mail])", &[(UnknownFunction, "Foo")]);
    check("[email]", &[(UnknownAttribute, "[email]")]);
    mended("tolower([mail])", "ToLower([mail])");
    mended("Jion(\" \", [mail])", "Join(\" \", [mail])");
    mended("ToLower([Mail])", "ToLower([mail])");
    mended("ToLower(mail)", "ToLower([mail])");
    mended("Member", "\"Member\"");
    mended(
        r#"InStr([mail], "x", 1, vbTextcompare)"#,
        r#"InStr([mail], "x", 1, vbTextCompare)"#,
    );
    check("SelectUniqueValue([mail], [surname])", &[]);
    check(
        "ToLower(SelectUniqueValue([mail], [surname]))",
        &[(MisplacedFunction, "SelectUniqueValue")],
    );
    check(
        "SelectUniqueValue([mail])",
        &[(MissingArgument, "SelectUniqueValue")],
    );
}

#[test]
fn arguments() {
    check("Append([mail])", &[(MissingArgument, "Append")]);
    check(
        "Append()",
        &[(MissingArgument, "Append"), (MissingArgument, "Append")],
    );
    check("Append(, \"x\")", &[(MissingArgument, "Append")]);
    check("Len([mail], 3, 4)", &[(TooManyArguments, "3")]);
    check("Join(\",\")", &[(MissingArgument, "Join")]);
    check("Join(\",\", , [mail])", &[(MissingArgument, "Join")]);
    check(
        "Join(\",\", [mail], , [surname])",
        &[(BlankArgument, "Join")],
    );
    check(
        r#"Switch([mail], , "a", "b", "c")"#,
        &[(UnpairedKey, "\"c\"")],
    );
    check("ToLower([mail], )", &[]);
    check("Len([mail], , )", &[]);
}

#[test]
fn types() {
    check(r#"Left([mail], "three")"#, &[(WrongConstant, "\"three\"")]);
    check(r#"Left([mail], "3")"#, &[]);
    check("Left([mail], [flag])", &[(WrongType, "[flag]")]);
    check(
        r#"ToLower(Split([mail], ","))"#,
        &[(WrongType, "Split([mail], \",\")")],
    );
    check("ToLower([mails])", &[(WrongType, "[mails]")]);
    check(r#"IIF([mails] = "x", 1, 2)"#, &[(WrongType, "[mails]")]);
    check("Item([mails], 1)", &[]);
    check(r#"Join(";", [mails])"#, &[]);
    check(r#"IIF("maybe", 1, 2)"#, &[(WrongConstant, "\"maybe\"")]);
    check("Item([otherMails], 0)", &[(WrongConstant, "0")]);
    check(r#"InStr([mail], "x", 0)"#, &[(WrongConstant, "0")]);
    check(
        r#"DateAdd("day", 1, "2024-01-01")"#,
        &[(WrongConstant, "\"day\"")],
    );
    check("RandomString(3, 2, 2, 0, 0)", &[(WrongConstant, "3")]);
    check(
        r#"FormatDateTime([mail], "Nonsense", "%d", "%d")"#,
        &[(WrongConstant, "\"Nonsense\"")],
    );
    check(
        "IIF(IgnoreFlowIfNullOrEmpty([mail]), 1, 2)",
        &[(MisplacedFunction, "IgnoreFlowIfNullOrEmpty([mail])")],
    );
}

#[test]
fn comparisons() {
    check(
        r#"[mail] = "x""#,
        &[(MisplacedComparison, r#"[mail] = "x""#)],
    );
    check(
        r#"Len([mail] = "x")"#,
        &[(MisplacedComparison, r#"[mail] = "x""#)],
    );
    check(
        r#"IIF([mail] = "x" = "y", 1, 2)"#,
        &[(ChainedComparison, "=")],
    );
    check(
        r#"IIF([mail] = "x" AND [n] = 1, 1, 2)"#,
        &[(UnsupportedOperator, "AND")],
    );
    mended(r#"IIF([mail] == "x", 1, 2)"#, r#"IIF([mail] = "x", 1, 2)"#);
    mended(r#"IIF([mail] != "x", 1, 2)"#, r#"IIF([mail] <> "x", 1, 2)"#);
    check("IIF([n] =, 1, 2)", &[(ExpectedExpression, ",")]);
}

#[test]
fn patterns() {
    check(
        r#"Replace([mail], , "(", , "x", , )"#,
        &[(BadPattern, r#""(""#)],
    );
    check(
        r#"Replace([mail], , "(?<a-b>c)", , "x", , )"#,
        &[(BadPattern, r#""(?<a-b>c)""#)],
    );
    check(
        r#"Replace([mail], , "(?<name>a)", , "${nane}", , )"#,
        &[(UnknownGroup, r#""${nane}""#)],
    );
    check(
        r#"Replace([mail], , [surname], , "x", , )"#,
        &[(NotConstant, "[surname]")],
    );
    mended(
        r#"Replace([mail], , "(?<name>a)", "nane", "x", , )"#,
        r#"Replace([mail], , "(?<name>a)", "name", "x", , )"#,
    );
    check(r#"Replace([mail], "a")"#, &[(UnclearMode, "Replace")]);
    check(
        r#"Replace([mail], "a", "b", , "c")"#,
        &[(UnclearMode, "Replace")],
    );
}

#[test]
fn reading() {
    check("", &[(EmptyExpression, "")]);
    check("  ", &[(EmptyExpression, "  ")]);
    check("[mail", &[(UnclosedAttribute, "[mail")]);
    check("[]", &[(EmptyAttributeName, "[]")]);
    check("Len(\"abc)", &[(UnclosedText, "\"abc)")]);
    check("Len([mail]", &[(UnclosedCall, "(")]);
    check("Len(Len([mail]", &[(UnclosedCall, "(")]);
    check("Len([mail]))", &[(TextAfterEnd, ")")]);
    check("[mail] [surname]", &[(TextAfterEnd, "[surname]")]);
    check("Append([mail] \"x\")", &[(ExpectedComma, "\"x\"")]);
    check(
        "Append([mail] (\"x\"), [city])",
        &[(ExpectedComma, "("), (UnknownAttribute, "[city]")],
    );
    check("Len('abc')", &[(UnexpectedCharacter, "'abc'")]);
    check(
        "Len(\u{201c}abc\u{201d})",
        &[(UnexpectedCharacter, "\u{201c}abc\u{201d}")],
    );
    check("Append([mail]; \"x\")", &[(UnexpectedCharacter, ";")]);
    check("Left([mail], 1.5)", &[(BadNumber, "1.5")]);
    check("BitAnd(&HZZ, 1)", &[(BadNumber, "&HZZ")]);
    check(
        "BitAnd(99999999999999999999, 1)",
        &[(BadNumber, "99999999999999999999")],
    );
    check("([mail])", &[(ExpectedExpression, "(")]);
    mended(
        r#"Replace([mail], , "\d", , "x", , )"#,
        r#"Replace([mail], , "\\d", , "x", , )"#,
    );
}

#[test]
fn all_problems_at_once_in_the_order_of_the_text() {
    check(
        r#"Join(" ", Foo([emial]), Left([mail], "x"), 'a', Append([mail]))"#,
        &[
            (UnknownFunction, "Foo"),
            (UnknownAttribute, "[emial]"),
            (WrongConstant, "\"x\""),
            (UnexpectedCharacter, "'a'"),
            (MissingArgument, "Append"),
        ],
    );
}

#[test]
fn length_and_depth_are_bounded() {
    let longest = format!("\"{}\"", "x".repeat(9_998));
    assert_eq!(parse(&longest).map(|_| ()), Ok(()));
    let problems = parse(&format!("{longest} ")).unwrap_err();
    assert_eq!(problems[0].code, TooLong);

    let nested = |depth: usize| format!("{}1{}", "Len(".repeat(depth), ")".repeat(depth));
    assert_eq!(parse(&nested(Limits::DEFAULT.depth)).map(|_| ()), Ok(()));
    assert_eq!(
        parse(&nested(Limits::DEFAULT.depth + 1)).unwrap_err()[0].code,
        TooDeep
    );
    assert_eq!(parse(&"Len(".repeat(2_000)).unwrap_err()[0].code, TooDeep);
}

#[test]
fn a_problem_reads_as_one_line() {
    let problem = &problems("Len(Foo())")[0];
    assert_eq!(problem.to_string(), "unknown function `Foo` at character 5");
    assert_eq!(problem.code.to_string(), "EX201");
    assert_eq!(
        problems("Mail")[0].to_string(),
        "unknown word `Mail` (texts stand in double quotes) at character 1"
    );
}

/// People count letters, and clients of JSON what their texts are indexed by.
#[test]
fn letters_beyond_ascii_are_one_character_each() {
    let problem = &problems(r#"Join("", "é", Foo([mail]))"#)[0];
    assert_eq!(
        problem.to_string(),
        "unknown function `Foo` at character 15"
    );
    for (expression, character, start) in [
        (r#"Join("", "é", tolower([mail]))"#, 15, 14),
        (r#"Join("", "𝒜", tolower([mail]))"#, 15, 15),
        // What the parser finds alone, and behind another problem.
        (r#"Join("é", [nobody𝒜], tolower("é\d", 1))"#, 22, 22),
    ] {
        let found = problems(expression);
        let problem = found.iter().find(|it| it.message.contains("tolower"));
        let problem = problem.unwrap_or_else(|| panic!("{found:?}"));
        let told = problem.to_string();
        assert!(
            told.ends_with(&format!(" at character {character}")),
            "{told}"
        );
        let json = serde_json::to_value(problem).unwrap();
        let span = serde_json::json!({"start": start, "end": start + "tolower".len()});
        assert_eq!((&json["span"], &json["suggestion"]["span"]), (&span, &span));
    }
    let program = compile(
        r#"Join("é", RandomString(4, 1, 1, 1, 1))"#,
        &sample_of("{}"),
    );
    let problem = program.unwrap().problem_flowing_always().unwrap();
    let told = problem.to_string();
    assert!(told.ends_with(" at character 11"), "{told}");
    let unread = &parse(r#"Join("é" "x")"#).unwrap_err()[0];
    let told = unread.to_string();
    assert!(told.ends_with(" at character 10"), "{told}");
}

#[test]
fn every_code_is_listed_once_in_order() {
    let numbers: Vec<u16> = Code::ALL.iter().map(|(code, _)| code.number()).collect();
    assert!(numbers.windows(2).all(|two| two[0] < two[1]), "{numbers:?}");
    // Codes that are met elsewhere in these tests.
    for code in [UnexpectedCharacter, MayBeMissing, TooMuchWork] {
        assert!(Code::ALL.iter().any(|(it, _)| *it == code));
    }
}

fn program(expression: &str) -> Program {
    let subject = sample_of(
        r#"{"mail": "a", "hired": "2024-01-01", "country": null, "otherMails": [], "city": null}"#,
    );
    compile(expression, &subject).unwrap_or_else(|problems| panic!("{expression}: {problems:#?}"))
}

#[test]
fn what_another_value_each_time_would_do_to_a_mapping_that_always_flows() {
    let underlined = |expression: &str| {
        let problem = program(expression).problem_flowing_always();
        problem.map(|it| expression[it.span.start..it.span.end].to_owned())
    };
    for (expression, culprit) in [
        (r#"Append([mail], Guid())"#, Some("Guid")),
        ("RandomString(8, 1, 1, 1, 1)", Some("RandomString")),
        ("CStr(Now())", Some("Now")),
        (
            r#"FormatDateTime(Now(), , "M/d/yyyy h:mm:ss tt", "yyyy")"#,
            Some("Now"),
        ),
        (
            "SelectUniqueValue([mail], [hired])",
            Some("SelectUniqueValue([mail], [hired])"),
        ),
        // The difference changes seldom, the comparison once.
        (
            r#"IIF(DateDiff("d", Now(), CDate([hired])) > 5, "False", "True")"#,
            None,
        ),
        (r#"DateDiff("d", Now(), CDate([hired]))"#, None),
        (r#"IIF(CDate([hired]) < Now(), [mail], "")"#, None),
        // A time alone is today's, and what comes out of it tomorrow another one.
        (
            r#"FormatDateTime([hired], , "HH:mm", "yyyy-MM-dd HH:mm")"#,
            Some("FormatDateTime"),
        ),
        (r#"FormatDateTime([hired], , "HH:mm", "h:mm tt")"#, None),
        (
            r#"FormatDateTime([hired], "NoCurrentDateDefault", "HH:mm", "yyyy-MM-dd HH:mm")"#,
            None,
        ),
        // A date without year is one of this year, whatever becomes of a time alone.
        (
            r#"FormatDateTime([hired], "NoCurrentDateDefault", "MM-dd", "yyyy-MM-dd")"#,
            Some("FormatDateTime"),
        ),
        // Whether the date comes out is not known.
        (r#"FormatDateTime([hired], , "HH:mm", [city])"#, None),
        ("[mail]", None),
    ] {
        assert_eq!(underlined(expression).as_deref(), culprit, "{expression}");
    }
}

/// A lone letter means something else in .NET. What was accepted when it was not told apart goes on.
#[test]
fn standard_formats_of_dates_are_refused_where_they_come_in() {
    let text = r#"FormatDateTime([mail], , "yyyy-MM-dd", "d")"#;
    check(text, &[(WrongConstant, r#""d""#)]);
    check(r#"FormatDateTime([mail], , "yyyy-MM-dd", "%d")"#, &[]);
    let subject = sample_of(r#"{"mail": "2024-03-01"}"#);
    let accepted = Limits {
        accepted: true,
        ..Limits::DEFAULT
    };
    assert!(compile_with(text, &subject, &accepted).is_ok());
}

#[test]
fn where_a_value_may_be_missing() {
    let underlined = |expression: &str| {
        let problem = program(expression).problem_without_value();
        problem.map(|it| expression[it.span.start..it.span.end].to_owned())
    };
    for (expression, culprit) in [
        ("[mail]", None),
        ("[city]", Some("[city]")),
        ("ToLower([city])", Some("[city]")),
        (r#"Join(" ", [city], [country])"#, Some("[city]")),
        (r#"Join(" ", [city], [mail])"#, None),
        ("Coalesce([city], [country])", Some("[city]")),
        (r#"Coalesce([city], "none")"#, None),
        (r#"Coalesce([city], "")"#, Some("[city]")),
        (r#"Coalesce([city], "", "none")"#, Some(r#""""#)),
        (r#"Coalesce([city], "none", "")"#, None),
        (r#"Switch([city], , "a", "b")"#, Some("Switch")),
        (r#"Switch([city], "x", "a", [country])"#, None),
        (r#"Switch([city], "x", "a", "", "b", "y")"#, Some(r#""""#)),
        (r#"Switch([city], "x", "", "y")"#, None),
        (
            r#"Switch(IsPresent([city]), , "True", "x", "False", "y")"#,
            None,
        ),
        (
            r#"Switch(IsPresent([city]), , "True", [city], "False", "y")"#,
            Some("Switch"),
        ),
        (
            r#"Switch(IsPresent([city]), , "True", "x", "false", "y")"#,
            Some("Switch"),
        ),
        (
            r#"Switch([city], , "True", "x", "False", "y")"#,
            Some("Switch"),
        ),
        (r#"IIF([city] = "x", [mail], [country])"#, Some("[country]")),
        ("Item([otherMails], 1)", Some("[otherMails]")),
        (r#"Item(Split([mail], "-"), 1)"#, None),
        (r#"Item(Split([mail], "-"), 2)"#, Some("2")),
        (r#"Coalesce(Item(Split([mail], "-"), 2), "none")"#, None),
        ("IsPresent([city])", None),
        ("Len([city])", None),
        (r#"IgnoreFlowIfNullOrEmpty([city])"#, Some("[city]")),
        (r#"Word([mail], 1, "@")"#, None),
        (r#"Word([city], 1, "@")"#, Some("[city]")),
        (r#"Word([mail], 2, "@")"#, Some("2")),
        (r#"Word([mail], Len([mail]), "@")"#, Some("Len([mail])")),
        ("Mid([mail], 1, 5)", None),
        ("Mid([mail], 0, 5)", None),
        ("Mid([city], 1, 5)", Some("[city]")),
        ("Mid([mail], 5, 20)", Some("5")),
        ("Mid([mail], Len([mail]), 1)", Some("Len([mail])")),
        (r#"Word("a b", 1, " ")"#, None),
        (r#"Word("a b", 2, " ")"#, None),
        (r#"Word("a b", 3, " ")"#, Some("3")),
        (r#"Word("a b", 0, " ")"#, Some("0")),
        (r#"Word("--", 1, "-")"#, Some("1")),
        (r#"Mid("abc", 3, 5)"#, None),
        (r#"Mid("abc", 4, 5)"#, Some("4")),
        ("Mid(Guid(), 15, 1)", None),
        ("Mid(Guid(), 36, 1)", None),
        ("Mid(Guid(), 37, 1)", Some("37")),
        ("Mid([mail], 1, 0)", Some("0")),
        ("Mid([mail], 1, Len([mail]))", Some("Len([mail])")),
        ("Left([mail], 3)", None),
        (r#"Left([mail], "3")"#, None),
        ("Left([mail], -1)", None),
        ("Left([city], 3)", Some("[city]")),
        ("Left([mail], 0)", Some("0")),
        (
            r#"Left([mail], InStr([mail], "@"))"#,
            Some(r#"InStr([mail], "@")"#),
        ),
        (r#"Coalesce(Word([mail], 2, "@"), [mail])"#, None),
    ] {
        assert_eq!(underlined(expression).as_deref(), culprit, "{expression}");
    }
}

/// What was accepted before this was asked of pieces of a text goes on.
#[test]
fn pieces_that_may_be_empty_stay_accepted() {
    let subject = sample_of(r#"{"mail": "a@b.example"}"#);
    let accepted = Limits {
        accepted: true,
        ..Limits::DEFAULT
    };
    for text in [
        r#"Word("a b", 3, " ")"#,
        r#"Mid("a b", 5, 20)"#,
        r#"Left("a b", 0)"#,
    ] {
        let told = compile(text, &subject).unwrap().problem_without_value();
        assert!(told.is_some(), "{text}");
        let program = compile_with(text, &subject, &accepted).unwrap();
        assert!(program.problem_without_value().is_none(), "{text}");
    }
}
