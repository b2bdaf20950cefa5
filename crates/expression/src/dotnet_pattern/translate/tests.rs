//! What patterns become.

use super::*;

fn check(pattern: &str, expected: &str) {
    let translated = translate(pattern, false).map(|it| it.text);
    assert_eq!(translated.as_deref(), Ok(expected), "{pattern}");
}

#[test]
fn what_both_read_alike_stays() {
    for pattern in [
        r"\+(\d* )(\d{10})",
        r"[a-zA-Z_]*",
        r"(?<=a)b(?!c)(?<!d)(?:e)(?i)f{2,}g{1,3}?",
    ] {
        check(pattern, pattern);
    }
}

#[test]
fn signs_inside_a_class() {
    check("[[]", r"[\[]");
    check("[]a]", r"[\]a]");
    check("[a-z-[aeiou]]", "[a-z--[aeiou]]");
    check("[a&&b~~-]", r"[a\&\&b\~\~\-]");
    check("[+--]", r"[+-\-]");
    check("[--/-]", r"[\--/\-]");
    check(r"[+-\--a]", r"[+-\-\-a]");
    check(r"[\b]", r"[\x08]");
}

#[test]
fn what_is_taken_away_is_taken_from_what_is_left_out_too() {
    check("[^a-z-[b]]", "[[^a-z]--[b]]");
    check("[^a-[^b-[c]]]", "[[^a]--[[^b]--[c]]]");
    check(r"[^\w\s-[_]]", r"[[^\w\s]--[_]]");
    check(r"[\w-[_]]", r"[\w--[_]]");
}

#[test]
fn a_dash_behind_many_letters_is_a_dash() {
    check(r"[\w-.]", r"[\w\-.]");
    check(r"[\d-a\s-/\p{L}-]", r"[\d\-a\s\-/\p{L}\-]");
    check(r"[\w--/]", r"[\w\--/]");
    check(r"[\--a]", r"[\-\-a]");
    check("[a-c-e]", r"[a-c\-e]");
}

#[test]
fn blanks_of_a_class_are_members_of_it() {
    check("[a b#\t]", r"[a\x{20}b\x{23}\x{9}]");
    check("[ -~-[ ]]", r"[\x{20}-\~--[\x{20}]]");
}

#[test]
fn comments_are_no_pattern() {
    check("(?x) a # it's [a ( {\n b", "(?x) a  b");
    check("(?x)a#[", "(?x)a");
    check("(?ix-s:a#[\n)b#[c]", "(?ix-s:a)b#[c]");
    check("(?x)a(?-x)#[b]", r"(?x)a(?-x)#[b]");
    check("((?x)a#(\n)#(b)", "((?x)a(?-x))#(b)");
    check("(?x)( # one\n ?:a)(#\nb)", "(?x)(?:a)(b)");
    check("(?x)(?<n>a#(\n)(?=b#)\n)#", "(?x)(a)(?=b)");
    check(r"(?x)\#[#]", r"(?x)\#[\x{23}]");
    // No blank in .NET.
    check("(?x)a\u{a0}b", r"(?x)a\x{A0}b");
}

#[test]
fn options_end_with_their_group() {
    check("((?i)a)b", "((?i)a(?-i))b");
    check("(?i)((?x-i)a|b)c", "(?i)((?x-i)a|b(?i-x))c");
    check("(?:(?-i)a)(?i:b)", "(?:(?-i)a)(?i:b)");
}

#[test]
fn other_spellings() {
    check("a(?#why)b", "ab");
    check("a{b}", r"a\{b}");
    check(r"\p{Lu}[\P{L}]\p{L}{2}", r"\p{Lu}[\P{L}]\p{L}{2}");
    check(r"\<a\>\u00e9\cA\e", r"<a>\x{00e9}\x01\x1B");
    check(r"a\Z", r"a(?=\n?\z)");
}

#[test]
fn letters_that_only_the_regex_crates_know_are_refused() {
    for letter in "KhHRXONgQEUVLZ".chars() {
        for pattern in [format!(r"a\{letter}"), format!(r"[\{letter}]")] {
            if pattern == r"a\Z" {
                continue;
            }
            let problem = translate(&pattern, false).map(|it| it.text).unwrap_err();
            let words = format!(r"`\{letter}` means nothing");
            assert!(problem.contains(&words), "{pattern}: {problem}");
            assert!(translate(&pattern, true).is_ok(), "{pattern}");
        }
    }
    let known = r"\a\t\r\n\v\f\e\x41\d\D\w\W\s\S\b\B\A\z\G\.\-\_\é";
    check(known, &known.replace(r"\e", r"\x1B"));
    check(r"[\a\t\d\W\x41\-]", r"[\a\t\d\W\x41\-]");
}

#[test]
fn a_repetition_is_not_repeated() {
    for pattern in [
        "a++",
        "a*+",
        "a?+",
        "a{2}+",
        "a**",
        "a???",
        "a+?+",
        "a{2,}?{3}",
        "(?x)a+ +",
        "a+(?#b)+",
        "(?x)a+#b\n*",
        "a+(?#b)?(?#c)?",
        "a+?(?#b)?",
    ] {
        let problem = translate(pattern, false).map(|it| it.text).unwrap_err();
        assert!(
            problem.contains("a repetition already"),
            "{pattern}: {problem}"
        );
        assert!(translate(pattern, true).is_ok(), "{pattern}");
    }
    check("a+?b*?c??d{2}?", "a+?b*?c??d{2}?");
    check("(?x)a+ ?(?:b+)+", "(?x)a+?(?:b+)+");
    check("a+(?#b)?c{2}(?#d)(?#e)?", "a+?c{2}?");
    check("(?x)a+ #b\n (?#c) ?", "(?x)a+?");
    check("a+(?:b)?#?", "a+(?:b)?#?");
    check(r"a+\+[+]+\*?", r"a+\+[+]+\*?");
    check("a{2{3}", r"a\{2{3}");
}

#[test]
fn groups_are_called_by_their_places() {
    check("(?'name'a)(?<Suffix>@(.)*)", "(a)(@(.)*)");
    check(r"(?<q>a)\k'q'\k<q>", r"(a)(?:\1)(?:\1)");
    check(r"(?<g>b)(a)\1\k<1>\2", r"(b)(a)(?:\2)(?:\2)(?:\1)");
    check(r"\k<n>(?<n>a)|(?P<m>b)(?P=m)", r"(?:\1)(a)|(b)(?:\2)");
    check("(?x)( ?:a)(b)", "(?x)(?:a)(b)");
    for pattern in [
        r"(a)\2",
        r"\k<n>",
        "(?<n",
        "(?<>a)",
        r"(?<n>a)\k<n",
        r"(a)\k",
        "(?(1)a)",
        "(?<0>a)",
        "(?<00>a)",
        "(?<1a>b)",
        "(?<99999999999999999999>a)",
    ] {
        assert!(translate(pattern, false).is_err(), "{pattern}");
    }
}

#[test]
fn a_group_is_not_referred_to_inside_of_it() {
    for (pattern, words) in [
        (r"(?:(a|b\1)c)+", "the group `1` inside of that group"),
        (r"(?<g>a|b\k<g>)", "the group `g` inside of that group"),
        (
            r"(?<g>a(b|(?=\k'g')))",
            "the group `g` inside of that group",
        ),
        ("(a(?(1)b|c))", "the group `1` inside of that group"),
        (r"(a|b\k<-1>)", r"`\k<-1>` counts groups"),
    ] {
        let problem = translate(pattern, false).map(|it| it.text).unwrap_err();
        assert!(problem.contains(words), "{pattern}: {problem}");
        // One that was accepted before that goes on.
        assert!(translate(pattern, true).is_ok(), "{pattern}");
    }
    check(r"(a)(b\1)(?=\2)", r"(a)(b(?:\1))(?=(?:\2))");
    check(r"(?:(a)|b(?(1)c))+", r"(?:(a)|b(?(1)c))+");
}

#[test]
fn conditions_ask_for_a_group_or_look_ahead() {
    check("(?<g>b)?a(?(g)c|d)", "(b)?a(?(1)c|d)");
    check("(?<g>b)?(a)(?(1)c|d)", "(b)?(a)(?(2)c|d)");
    check("(?(a+)a|b)(c)", "(?((?=(?:a+)))a|b)(c)");
    check("(?(?!a(b))c|d)e", "(?((?=(?!a(b))))c|d)e");
    check("(?(<g>)c)", "(?((?=(?:<g>)))c)");
    for pattern in ["(?(?(a)b|c)d)", "(?(?#a)b)", "(?(?i)b)"] {
        assert!(translate(pattern, false).is_err(), "{pattern}");
    }
}

#[test]
fn what_is_found_last_of_a_repeated_name_is_found_furthest_right() {
    check("(?<n>a)|(?<n>b)(?=c)(d)", "(a)|(b)(?=c)(d)");
    check("(?<n>a)(?=(?<m>b))", "(a)(?=(b))");
    check("(?<1>a)(?<n>c(d))", "(a)(c(d))");
    for (pattern, words) in [
        (r"(?:(?<q>a)|(?<q>b))+\k<q>", "`q` is written several times"),
        ("(?<g>a)|(?<g>b)(?(g)c)", "`g` is written several times"),
        (r"(?<1>a)(b)\1", "`1` is written several times"),
        ("(?<n>x(?<n>a))", "`n` stands inside of itself"),
        ("(?<1>x(a))", "`1` stands inside of itself"),
        ("(?=.*(?<n>z))(?<n>a)", "inside look-around"),
        ("(?<n>a)(?<!(?:(?<n>b)))", "inside look-around"),
        ("(?<n>a)(?((?<n>b))c)", "inside look-around"),
    ] {
        let problem = translate(pattern, false).map(|it| it.text).unwrap_err();
        assert!(problem.contains(words), "{pattern}: {problem}");
    }
}

#[test]
fn what_can_not_be_read() {
    for pattern in ["a\\", "[a", "(?<a-b>x)", r"\u12", r"\c", "(?#", r"[a-\w]"] {
        assert!(translate(pattern, false).is_err(), "{pattern}");
    }
}
