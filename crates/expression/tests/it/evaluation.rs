//! How values behave: absent ones, lists, Booleans, limits, randomness.

use syncline_expression::functions::Expected::{Fails, Ignored, Null, Value};
use syncline_expression::{Code, Context, Limits, Outcome, compile, compile_with};
use syncline_model::Value as V;

use crate::{check, context, run, sample_of};

#[test]
fn constants_and_attributes_are_themselves() {
    check(r#""Member""#, "{}", Value(r#""Member""#));
    check(
        "[accountEnabled]",
        r#"{"accountEnabled": true}"#,
        Value("true"),
    );
    check("[mail]", r#"{"mail": null}"#, Null);
    check("[mail]", r#"{"mail": ""}"#, Value(r#""""#));
    check(
        "[otherMails]",
        r#"{"otherMails": ["a", "b"]}"#,
        Value(r#"["a", "b"]"#),
    );
    check("[otherMails]", r#"{"otherMails": []}"#, Null);
    check("True", "{}", Value("true"));
    check("-10", "{}", Value("-10"));
}

#[test]
fn a_list_of_one_stands_for_its_element() {
    check(
        r#"Append([telephoneNumber], "!")"#,
        r#"{"telephoneNumber": ["+1 555"]}"#,
        Value(r#""+1 555!""#),
    );
    check(
        r#"Switch([telephoneNumber], "other", "+1 555", "known")"#,
        r#"{"telephoneNumber": ["+1 555"]}"#,
        Value(r#""known""#),
    );
    check(
        r#"IIF([telephoneNumber] = "+1 555", "known", "other")"#,
        r#"{"telephoneNumber": ["+1 555"]}"#,
        Value(r#""known""#),
    );
    check(
        r#"Append([telephoneNumber], "!")"#,
        r#"{"telephoneNumber": []}"#,
        Null,
    );
}

#[test]
fn several_values_where_one_is_needed() {
    check(
        r#"Append(IIF("True", [otherMails], "x"), "!")"#,
        r#"{"otherMails": ["a", "b"]}"#,
        Fails(Code::SeveralValues),
    );
    check(
        r#"IIF(IIF("True", [otherMails], "x") = "a", 1, 2)"#,
        r#"{"otherMails": ["a", "b"]}"#,
        Fails(Code::SeveralValues),
    );
    let error = run(
        r#"Join("", "x", Append(IIF("True", [otherMails], ""), "!"))"#,
        r#"{"otherMails": ["a", "b"]}"#,
    )
    .unwrap_err();
    let span = error.span.unwrap();
    assert_eq!(
        (span.start, span.end),
        (14, 56),
        "the innermost call is named"
    );
}

#[test]
fn booleans_read_as_capitalized_words() {
    check(
        r#"Append([accountEnabled], "!")"#,
        r#"{"accountEnabled": false}"#,
        Value(r#""False!""#),
    );
    check(
        r#"Switch([accountEnabled], "?", "true", "1", "True", "2")"#,
        r#"{"accountEnabled": true}"#,
        Value(r#""2""#),
    );
    check(
        r#"IIF([accountEnabled], "on", "off")"#,
        r#"{"accountEnabled": true}"#,
        Value(r#""on""#),
    );
    check(
        r#"IIF([accountEnabled] = "true", "on", "off")"#,
        r#"{"accountEnabled": true}"#,
        Value(r#""on""#),
    );
    check(
        r#"IIF([accountEnabled] = False, "off", "on")"#,
        r#"{"accountEnabled": true}"#,
        Value(r#""on""#),
    );
}

#[test]
fn comparisons() {
    let check = |condition: &str, attributes: &str, expected| {
        check(&format!("CBool({condition})"), attributes, Value(expected));
    };
    check("[n] > 9", r#"{"n": "10"}"#, "true");
    check(r#"[n] > "9""#, r#"{"n": "10"}"#, "false");
    check("[n] <= 10", r#"{"n": 10}"#, "true");
    check("[n] > 9", r#"{"n": "ten"}"#, "false");
    check("[n] <> 9", r#"{"n": "ten"}"#, "true");
    check("[n] < 9", r#"{"n": null}"#, "false");
    check(r#"[a] = """#, r#"{"a": null}"#, "true");
    check(r#"[a] = "x""#, r#"{"a": "X"}"#, "false");
    check("[a] = [b]", r#"{"a": null, "b": ""}"#, "true");
}

#[test]
fn dates_compare_as_dates_where_one_side_is_written_by_a_function() {
    let check = |condition: &str, attributes: &str, expected| {
        check(&format!("CBool({condition})"), attributes, Value(expected));
    };
    // Now is the afternoon of 2024-02-10, and `2/9` comes after `2/10` letter by letter.
    let hired = r#"{"hired": "2024-02-09"}"#;
    check("CDate([hired]) <= Now()", hired, "true");
    check("[hired] > Now()", hired, "false");
    check("Now() > [hired]", hired, "true");
    check(r#"CDate("2021-10-01") > CDate("2021-09-01")"#, "{}", "true");
    check(r#"CDate("2021-06-30") = "2021-06-30""#, "{}", "true");
    check(r#"DateAdd("d", 1, [hired]) > Now()"#, hired, "false");
    check("DateFromNum(129699324000000000) < [hired]", hired, "true");
    // Through the functions that hand a value on.
    for date in [
        r#"IIF("True", CDate([hired]), "never")"#,
        r#"Switch("x", , "x", CDate([hired]))"#,
        r#"Coalesce(CDate([hired]), "never")"#,
        "Redact(CDate([hired]))",
        "CStr(CDate([hired]))",
        "IgnoreFlowIfNullOrEmpty(CDate([hired]))",
    ] {
        check(&format!("{date} < \"2/10/2024\""), hired, "true");
    }
}

#[test]
fn a_date_is_unequal_to_what_is_none_and_nothing_else() {
    let check = |condition: &str, attributes: &str, expected| {
        check(&format!("CBool({condition})"), attributes, Value(expected));
    };
    for other in [r#"{"x": "soon"}"#, r#"{"x": null}"#, r#"{"x": 5}"#] {
        for operator in ["=", ">", ">=", "<", "<="] {
            check(&format!("Now() {operator} [x]"), other, "false");
        }
        check("Now() <> [x]", other, "true");
    }
    // No date on either side.
    check(r#"CDate([x]) = """#, r#"{"x": null}"#, "true");
    check(r#"CDate([x]) < "soon""#, r#"{"x": null}"#, "false");
    let none = r#"IIF(IsNull([x]), "none", CDate([x]))"#;
    check(&format!("{none} = \"none\""), r#"{"x": null}"#, "true");
    // What `FormatDateTime` writes is a text: its form is its author's.
    check(
        r#"FormatDateTime([x], , "yyyy-MM-dd", "yyyyMMdd") > "20240101""#,
        r#"{"x": "2024-02-09"}"#,
        "true",
    );
}

#[test]
fn a_branch_not_taken_costs_nothing() {
    let attributes = r#"{"date": "soon", "x": null}"#;
    check(
        r#"IIF(IsNull([x]), "fine", CDate([date]))"#,
        attributes,
        Value(r#""fine""#),
    );
    check(
        r#"Coalesce("fine", CDate([date]))"#,
        attributes,
        Value(r#""fine""#),
    );
    check(
        r#"IIF(IsNull([x]), "fine", IgnoreFlowIfNullOrEmpty([x]))"#,
        attributes,
        Value(r#""fine""#),
    );
}

#[test]
fn ignoring_the_flow_drops_the_whole_attribute() {
    check(
        r#"Append("x", IgnoreFlowIfNullOrEmpty([x]))"#,
        r#"{"x": null}"#,
        Ignored,
    );
    check(
        r#"Append("x", IgnoreFlowIfNullOrEmpty([x]))"#,
        r#"{"x": "y"}"#,
        Value(r#""xy""#),
    );
}

#[test]
fn a_tenant_without_default_domain() {
    let subject = sample_of("{}");
    let program = compile("DefaultDomain()", &subject).unwrap();
    let error = program
        .evaluate(
            &subject,
            &Context {
                default_domain: None,
                ..context()
            },
        )
        .unwrap_err();
    assert_eq!(error.code, Code::NoDefaultDomain);
}

#[test]
fn random_values_follow_the_seed() {
    let subject = sample_of("{}");
    let program = compile(r#"Join(" ", Guid(), Guid())"#, &subject).unwrap();
    let with = |seed| match program
        .evaluate(&subject, &Context { seed, ..context() })
        .unwrap()
    {
        Outcome::Value(Some(V::Text(text))) => text,
        other => panic!("{other:?}"),
    };
    assert_eq!(with(7), with(7));
    assert_ne!(with(7), with(8));
    let text = with(7);
    let (first, second) = text.split_once(' ').unwrap();
    assert_ne!(first, second);
    assert_eq!(&first[14..15], "4", "a version 4 GUID");
}

#[test]
fn passwords_hold_what_was_asked_for() {
    for seed in 0..50 {
        let subject = sample_of("{}");
        let program = compile(r#"Redact(RandomString(10, 2, 2, 2, 1, "?,"))"#, &subject).unwrap();
        assert!(program.is_random() && program.is_redacted());
        let Outcome::Value(Some(V::Text(text))) = program
            .evaluate(&subject, &Context { seed, ..context() })
            .unwrap()
        else {
            panic!("no text");
        };
        let count = |is: fn(char) -> bool| text.chars().filter(|it| is(*it)).count();
        assert_eq!(text.chars().count(), 10);
        assert!(count(|it| it.is_ascii_digit()) >= 2, "{text}");
        assert!(count(|it| it.is_ascii_uppercase()) >= 2, "{text}");
        assert!(count(|it| it.is_ascii_lowercase()) >= 1, "{text}");
        assert!(count(|it| it.is_ascii_punctuation()) >= 2, "{text}");
        assert!(!text.contains(['?', ',']), "{text}");
    }
}

#[test]
fn values_can_not_grow_without_end() {
    // Each step makes the text sixteen times as long.
    let mut expression = r#""aaaaaaaaaaaaaaaa""#.to_owned();
    for _ in 0..20 {
        expression = format!(r#"Replace({expression}, "a", , , "aaaaaaaaaaaaaaaa")"#);
    }
    check(&expression, "{}", Fails(Code::TooMuchWork));
}

#[test]
fn patterns_are_tried_on_short_texts_only() {
    let expression = r#"Replace([x], , "^a", , "b", , )"#;
    let attributes = |length| format!(r#"{{"x": "{}"}}"#, "a".repeat(length));
    assert!(run(expression, &attributes(16 * 1024)).is_ok());
    check(
        expression,
        &attributes(16 * 1024 + 1),
        Fails(Code::TooMuchWork),
    );
    // What matches a letter reads a letter; what may read the rest at each match is tried on shorter
    // texts only.
    assert!(run(r#"Replace([x], , "a", , "b", , )"#, &attributes(16 * 1024)).is_ok());
    let everywhere = r#"Replace([x], , "a(?:.*b)?", , "b", , )"#;
    assert!(run(everywhere, &attributes(1024)).is_ok());
    check(everywhere, &attributes(8 * 1024), Fails(Code::TooMuchWork));
}

#[test]
fn work_is_bounded_too() {
    let limits = Limits {
        work: 50,
        ..Limits::DEFAULT
    };
    let subject = sample_of(r#"{"x": "0123456789"}"#);
    let program = compile_with("Join(\"\", [x], [x], [x], [x])", &subject, &limits).unwrap();
    assert_eq!(
        program.evaluate(&subject, &context()).unwrap_err().code,
        Code::TooMuchWork
    );
}

#[test]
fn replacement_texts_are_those_of_dotnet() {
    let check = |pattern: &str, replacement: &str, expected: &'static str| {
        let expression = format!(r#"Replace("ab12cd", , "{pattern}", , "{replacement}", , )"#);
        check(&expression, "{}", Value(expected));
    };
    check("([a-z])([a-z])", "$2$1", r#""ba12dc""#);
    check("(?<digits>\\\\d+)([a-z])", "[$1|$2]", r#""ab[c|12]d""#);
    check("\\\\d+", "<$&>", r#""ab<12>cd""#);
    check("\\\\d+", "$$1", r#""ab$1cd""#);
    check("\\\\d+", "$1x", r#""ab$1xcd""#);
    check("12", "$`$'", r#""ababcdcd""#);
    check("(1)", "$12", r#""ab122cd""#);
}

#[test]
fn an_empty_text_to_find_changes_nothing() {
    check(
        r#"Replace("abc", [x], , , "-", , )"#,
        r#"{"x": ""}"#,
        Value(r#""abc""#),
    );
}

#[test]
fn the_candidates_of_a_unique_value_come_in_order_each_once() {
    let subject = sample_of(r#"{"first": "John", "last": "Smith", "none": null}"#);
    let text = r#"SelectUniqueValue(Join(".", [first], [last]), [none], "", Join(".", Mid([first], 1, 1), [last]), Join(".", [first], [last]))"#;
    let program = compile(text, &subject).unwrap();
    let candidates = program.candidates(&subject, &context()).unwrap();
    let texts: Vec<_> = candidates.iter().filter_map(V::as_text).collect();
    assert_eq!(texts, ["John.Smith", "J.Smith"]);
    let other = compile("[first]", &subject).unwrap();
    assert_eq!(other.candidates(&subject, &context()), Ok(vec![]));
}

/// What no clock is read for is the same at any time.
#[test]
fn whether_the_clock_is_read_for_an_object_is_told() {
    let text = r#"IIF(IsNull([leaves]), "True", IIF(CDate([leaves]) <= Now(), "False", "True"))"#;
    for (leaves, reads) in [
        (r#"{"leaves": null}"#, false),
        (r#"{"leaves": "2024-03-01"}"#, true),
        // It fails before.
        (r#"{"leaves": "soon"}"#, false),
    ] {
        let subject = sample_of(leaves);
        let program = compile(text, &subject).unwrap();
        assert!(program.goes_by_clock() && !program.is_random());
        assert_eq!(program.reads_clock(&subject, &context()), reads, "{leaves}");
    }
}

/// A date that has a year is the same at any time, also where the clock decides about others.
#[test]
fn the_clock_is_read_for_dates_that_leave_something_out() {
    for (source, from, styles, reads) in [
        ("2024-03-01", "yyyy-MM-dd", "None", false),
        ("01-Mar-24", "dd-MMM-yy", "None", false),
        ("2024", "yyyy", "None", false),
        ("03-01", "MM-dd", "None", true),
        ("03-01", "MM-dd", "NoCurrentDateDefault", true),
        ("18:30", "HH:mm", "None", true),
        ("18:30", "HH:mm", "NoCurrentDateDefault", false),
    ] {
        let subject = sample_of(&format!(r#"{{"leaves": null, "starts": "{source}"}}"#));
        let text = format!(
            r#"IIF(IsNull([leaves]), FormatDateTime([starts], "{styles}", "{from}", "d.M.yyyy"), CStr(Now()))"#
        );
        let program = compile(&text, &subject).unwrap();
        assert!(program.goes_by_clock(), "{text}");
        assert_eq!(program.reads_clock(&subject, &context()), reads, "{text}");
    }
}

#[test]
fn what_goes_by_the_clock_is_found_wherever_it_stands() {
    let subject = sample_of(r#"{"hired": "2024-03-01", "starts": "18:30"}"#);
    for (text, goes) in [
        (r#"DateDiff("d", CDate([hired]), Now())"#, true),
        (r#"IIF([hired] = "", Guid(), Now())"#, true),
        (
            r#"IIF(FormatDateTime([starts], , "HH:mm", "yyyy-MM-dd") = [hired], "a", "b")"#,
            true,
        ),
        (r#"FormatDateTime([hired], , "yyyy-MM-dd", "yyyy")"#, false),
        // A date without a year is one of this year.
        (r#"FormatDateTime([hired], , "MM-dd", "yyyy-MM-dd")"#, true),
        (r#"FormatDateTime([hired], , "MM-dd", "dddd")"#, true),
        (r#"FormatDateTime([hired], , "MM-dd", "d/M")"#, false),
        (r#"DateDiff("d", CDate([hired]), CDate([hired]))"#, false),
        ("Guid()", false),
    ] {
        let program = compile(text, &subject).unwrap();
        assert_eq!(program.goes_by_clock(), goes, "{text}");
    }
}
