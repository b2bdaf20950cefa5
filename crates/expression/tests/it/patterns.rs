//! Regular expressions as .NET reads them, within bounds.

use proptest::prelude::*;
use syncline_expression::{
    Code, Limits, Outcome, PatternRoom, compile, compile_with, search_pattern,
};
use syncline_model::{Meter, Value as V};

use crate::{context, sample_of};

fn replacing(pattern: &str, replacement: &str) -> String {
    format!(
        "Replace([text], , {}, , {}, , )",
        syncline_expression::ast::quote(pattern),
        syncline_expression::ast::quote(replacement)
    )
}

/// As [`replacing`], of the group `n` alone.
fn taking(pattern: &str) -> String {
    format!(
        r#"Replace([text], , {}, "n", "_", , )"#,
        syncline_expression::ast::quote(pattern)
    )
}

fn replaced(text: &str, pattern: &str, replacement: &str) -> String {
    let subject = sample_of(&serde_json::json!({ "text": text }).to_string());
    let expression = replacing(pattern, replacement);
    let program =
        compile(&expression, &subject).unwrap_or_else(|it| panic!("{expression}: {it:?}"));
    match program.evaluate(&subject, &context()) {
        Ok(Outcome::Value(Some(V::Text(text)))) => text.to_string(),
        other => panic!("{expression}: {other:?}"),
    }
}

/// A search that may begin inside of the pattern, at a text that is always there: the engine once had only half of what
/// it needs for these.
#[test]
fn what_is_found_from_the_inside() {
    for (text, pattern, replacement, expected) in [
        ("ana@x.com", "([^@]+)@(.+)", "$2", "x.com"),
        ("Souza, Ana", "[^,]*, *", "", "Ana"),
        ("Souza, Ana", r"[^,]+,\s*", "", "Ana"),
        ("ab-12 c", "[^-]+-[0-9]+", "_", "_ c"),
        ("ana@x.com", "[^@]+@.*", "_", "_"),
        ("Ana (Sales)", r"[^(]*\((.*)\)", "$1", "Sales"),
        ("a/b/c", "[^/]+/[^/]+", "_", "_/c"),
        ("a,b,c", "[^,]*,[^,]*", "_", "__"),
        ("1aa b", r"[^a-z\s]a{2}\b", "_", "_ b"),
    ] {
        assert_eq!(replaced(text, pattern, replacement), expected, "{pattern}");
        let searched = search_pattern(pattern, &mut PatternRoom::unshared()).unwrap();
        let meter = Meter::default();
        assert_eq!(searched.0.is_match(text, &meter), Ok(true), "{pattern}");
        assert_eq!(searched.0.is_match("ANA", &meter), Ok(false), "{pattern}");
    }
}

/// What is told of a pattern at which the engine panics.
const ENGINE_FAILS: &str = "the engine for look-around and back-references fails";

/// A group that is referred to inside of it once panicked. In a schema that was stored then, that is an error of the object
/// whose text it was, as a step of an expression and as one of a scoping filter.
#[test]
fn a_pattern_at_which_the_engine_panics_is_an_error() {
    let accepted = Limits {
        accepted: true,
        ..Limits::DEFAULT
    };
    let subject = sample_of(r#"{"text": "acbac"}"#);
    for pattern in [
        r"(?:(a|b\1)c)+",
        r"(?:(?<g>a|b\k<g>)c)+",
        r"(?:(a|b\k<-1>)c)+",
    ] {
        let replacing = replacing(pattern, "x");
        let problems = compile(&replacing, &subject).unwrap_err();
        assert_eq!(problems[0].code, Code::BadPattern, "{problems:?}");
        let program = compile_with(&replacing, &subject, &accepted).unwrap();
        let failed = program.evaluate(&subject, &context()).unwrap_err();
        assert_eq!(failed.code, Code::TooMuchWork);
        assert!(failed.message.contains(ENGINE_FAILS), "{failed}");
        assert!(search_pattern(pattern, &mut PatternRoom::of_schema()).is_err());
        let searched = search_pattern(pattern, &mut PatternRoom::accepted()).unwrap();
        let failed = searched.0.is_match("acbac", &Meter::default());
        assert!(failed.unwrap_err().advice.contains(ENGINE_FAILS));
        // Nothing of it is left behind.
        assert_eq!(searched.0.is_match("ac", &Meter::default()), Ok(true));
    }
}

/// Where a pattern says itself where its match begins, that once lay before the end of the match before.
#[test]
fn a_match_that_begins_before_the_one_before_is_an_error() {
    let accepted = Limits {
        accepted: true,
        ..Limits::DEFAULT
    };
    let subject = sample_of(r#"{"text": "aaab"}"#);
    let replacing = replacing(r"(?<=\Ka)a", "x");
    assert!(compile(&replacing, &subject).is_err());
    let program = compile_with(&replacing, &subject, &accepted).unwrap();
    let failed = program.evaluate(&subject, &context()).unwrap_err();
    assert_eq!(failed.code, Code::TooMuchWork);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(2_000), ..ProptestConfig::default() })]

    /// Whatever a pattern consists of, it is refused, or finds something or nothing within its bounds.
    #[test]
    fn no_pattern_panics(
        pieces in proptest::collection::vec(
            (
                proptest::sample::select(vec![
                    "a", "b", "@", ",", "-", " ", "é", ".", r"\s", r"\d", r"\w", r"\b", "^", "$", "[^@]", "[^,]", r"[^a-z\s]",
                    "[0-9]", "(.)", "(a|b)", "(?:a|,)", "(?<n>[^-])", "(?i)", "(?=a)", "(?<!b)", r"\1", "|", "#(b)", "((?x) a )", "((?i)a)",
                    r"(a|b\1)", r"(?:(a|b\1)-)", r"(?<g>a|b\k<g>)", r"(a|b\k<-1>)", r"(?:(?<g>a|b\k'g'),)",
                    r"\K", r"(?<=\Ka)", r"\h", r"\G", "a++", "(?>a+)",
                ]),
                proptest::sample::select(vec!["", "", "", "*", "+", "?", "*?", "{2}", "{1,3}"]),
            ),
            1..6,
        ),
        text in "[ab@,é 1-]{0,12}",
    ) {
        let pattern: String = pieces.iter().map(|(piece, times)| format!("{piece}{times}")).collect();
        match search_pattern(&pattern, &mut PatternRoom::unshared()) {
            Ok(searched) => {
                let found = searched.0.is_match(&text, &Meter::default());
                prop_assert!(found.is_ok() || pattern.contains('('), "{pattern}: {found:?}");
                let fails = matches!(&found, Err(it) if it.advice.contains(ENGINE_FAILS));
                prop_assert!(!fails, "{pattern}: {found:?}");
            }
            Err(problem) => prop_assert!(!problem.contains("cannot be counted"), "{pattern}: {problem}"),
        }
        let subject = sample_of(&serde_json::json!({ "text": text }).to_string());
        // What was accepted once may fail.
        let accepted = Limits { accepted: true, ..Limits::DEFAULT };
        for replacing in [replacing(&pattern, "<$1>"), taking(&pattern)] {
            if let Ok(program) = compile_with(&replacing, &subject, &accepted) {
                let _outcome = program.evaluate(&subject, &context());
            }
        }
        if let Ok(program) = compile(&replacing(&pattern, "<$1>"), &subject) {
            let outcome = program.evaluate(&subject, &context());
            let fails = matches!(&outcome, Err(it) if it.message.contains(ENGINE_FAILS));
            prop_assert!(!fails, "{pattern}: {outcome:?}");
        }
    }
}

#[test]
fn what_dot_net_matches() {
    for (text, pattern, replacement, expected) in [
        ("axb", "x*", "-", "-a--b-"),
        ("price 12", r"(?<n>\d+)", "<$1>", "price <12>"),
        ("ab12", "[a-z-[b]]", "_", "_b12"),
        // What is taken away is taken from what the class leaves out, on both engines.
        ("a.b-c", "[^a-z-[.]]", "", "a.bc"),
        ("a_b!", r"[^\w\s-[_]]", "", "a_b"),
        ("a_b!", r"[^\w\s-[!]](?!x)", "", "a_b!"),
        ("a.b-c!", r"[\w-.]+", "_", "_!"),
        (
            "mail a.b@c.com",
            r"[\w-\.]+@([\w-]+\.)+[\w-]{2,4}$",
            "_",
            "mail _",
        ),
        ("a[b]c", "[][]", "", "abc"),
        ("a&b", "[&&]", "and", "aandb"),
        ("a{b}", "{b}", "!", "a!"),
        ("Straße", "(?<=ß)e", "E", "StraßE"),
        ("foo.bar", r"(?>fo+)\.", "", "bar"),
        ("12-12", r"(\d+)-\1", "twice", "twice"),
        ("ABC", "(?i)b", "_", "A_C"),
        // Options end with the group that they stand in, on both engines.
        ("AB Ab", "((?i)a)b", "_", "AB _"),
        ("ABc Abc", "((?i)a)b(?=c)", "_", "ABc _c"),
        ("a b a#bc", "((?x) a )#(b)(?=c)", "$2", "a b bc"),
        ("Ána", r"\p{Lu}", "_", "_na"),
        // A name that is given twice is one group, of what was found last.
        ("ab", "(?<n>a)|(?<n>b)", "<${n}>", "<a><b>"),
        ("ab", "(?:(?<n>a)|(?<n>b))+", "<$1>", "<b>"),
        // Those with a name are counted last, by whatever calls them.
        ("baa bab", r"(?<g>b)(a)\k<1>", "_", "_ bab"),
        ("baa bab", r"(?<g>b)(a)\1", "$1$2", "ab bab"),
        ("bac ad bad", "(?<g>b)?a(?(g)c|d)", "_", "_ _ b_"),
        // A condition that is no group looks ahead, and takes nothing.
        ("ab b", "(?(a)ab|b)", "_", "_ _"),
        ("x1", "(?'d'[0-9])", "${d}${d}", "x11"),
    ] {
        assert_eq!(replaced(text, pattern, replacement), expected, "{pattern}");
    }
}

/// A hostile pattern ends with an error within a bounded number of steps, whatever the text.
#[test]
fn a_pattern_that_goes_back_without_end_is_an_error() {
    let subject = sample_of(&format!(r#"{{"text": "{}!"}}"#, "a".repeat(2_000)));
    for pattern in [
        "^(a+)+(?!x)$",
        "^(a|aa)+(?!b)$",
        "(a*)*(?=b)b",
        r"^(.*)*\\1x$",
        r"^(?=((a|aa)+)\\1c)x",
        "(?:(?=a)a*)*b",
    ] {
        let expression = format!(r#"Replace([text], , "{pattern}", , "", , )"#);
        let program =
            compile(&expression, &subject).unwrap_or_else(|it| panic!("{pattern}: {it:?}"));
        let outcome = program.evaluate(&subject, &context());
        assert!(
            matches!(&outcome, Err(error) if error.code == Code::TooMuchWork),
            "{pattern}: {outcome:?}"
        );
    }
}
