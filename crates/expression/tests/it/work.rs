//! What an evaluation may cost: all of it is counted, whoever does it, and the count has an end.

use std::borrow::Cow;
use std::cell::Cell;

use syncline_expression::{Code, Limits, Outcome, Sample, compile};
use syncline_model::predicate::Attributes;
use syncline_model::{Attr, Meter, PropertyType, Value};

use crate::{context, sample_of};

fn texts(values: &[(&str, &str)]) -> Sample {
    let mut sample = Sample::default();
    for (name, value) in values {
        sample.set(name, PropertyType::Text, false, Some(Value::text(*value)));
    }
    sample
}

/// What comes out, and the units of work it took.
fn run(expression: &str, subject: &Sample) -> (Result<Outcome, Code>, usize) {
    let program = compile(expression, subject)
        .unwrap_or_else(|problems| panic!("{expression:.200}: {:?}", problems.first()));
    let outcome = program.evaluate(subject, &context());
    (
        outcome.map_err(|error| error.code),
        program.work(subject, &context()),
    )
}

fn joined(piece: &str, times: usize) -> String {
    format!("Join(\"\", {})", vec![piece; times].join(", "))
}

/// Has 900 places, each of which may be tried at each letter of such a text.
const BOMB: &str = r#"Replace([x], , "(?:[ab]*a[ab]{900}c)|", , "", , )"#;

#[test]
fn all_patterns_of_an_evaluation_share_its_work() {
    let subject = texts(&[("x", &"abab".repeat(16))]);
    // One of them is cheap enough on a text as short as this.
    let (outcome, once) = run(BOMB, &subject);
    assert!(
        outcome.is_ok() && once < Limits::DEFAULT.work,
        "{outcome:?}"
    );
    let (outcome, all) = run(&joined(BOMB, 40), &subject);
    assert_eq!(outcome, Err(Code::TooMuchWork));
    assert!(all <= Limits::DEFAULT.work);
    // On a long text one is too much.
    let subject = texts(&[("x", &"abab".repeat(4096))]);
    assert_eq!(run(BOMB, &subject).0, Err(Code::TooMuchWork));
}

#[test]
fn all_patterns_of_an_expression_share_its_room() {
    let subject = texts(&[("x", "abab")]);
    for piece in [
        BOMB,
        // Folding the case of a million letters comes before compiling.
        r#"Replace([x], , "(?i)[\\W]", , "", , )"#,
        r#"Replace([x], , "(?i)\\p{L}", , "", , )"#,
        r#"Replace([x], , "(?=a)\\w{9}", , "", , )"#,
    ] {
        let problems = compile(&joined(piece, 150), &subject).unwrap_err();
        assert!(
            problems
                .iter()
                .all(|it| it.code == Code::BadPattern && it.message.contains("no room left")),
            "{:?}",
            problems.first()
        );
        assert!(compile(&joined(piece, 3), &subject).is_ok(), "{piece}");
    }
}

/// A repetition that counts goes on without going back once, however often it is nested.
#[test]
fn a_pattern_that_never_goes_back_is_bounded_too() {
    let subject = texts(&[("x", "aaaaaaaa!")]);
    for pattern in [
        "(?:(?:(?:(?=a*!)(?=)){1000}){1000}){1000}",
        "(?:(?:(?:(?:a?(?=a|!)){0,1000}){1000}){1000}){1000}",
        r"(?:(?:(a*)\\1(?=)){30000}){30000}",
    ] {
        let (outcome, _) = run(
            &format!(r#"Replace([x], , "{pattern}", , "", , )"#),
            &subject,
        );
        assert_eq!(outcome, Err(Code::TooMuchWork), "{pattern}");
    }
}

#[test]
fn what_people_write_is_far_from_the_bound() {
    let subject = texts(&[
        ("mail", "ana.maria.souza-lima@contoso.example"),
        ("name", "Souza Lima, Ana Maria (Contoso São Paulo)"),
        ("note", &"Room 12-34, ask for Ána. ".repeat(10)),
        ("long", &"Room 12-34, ask for Ána. ".repeat(40)),
    ]);
    for (expression, most) in [
        (r#"Join(" ", [name], ToLower([mail]))"#, 1_000),
        (r#"NormalizeDiacritics([name])"#, 1_000),
        (r#"PCase([name], " -")"#, 1_000),
        (r#"Word([mail], 1, "@")"#, 1_000),
        (
            r#"Replace([mail], , "(?<Suffix>@(.)*)", "Suffix", "", , )"#,
            5_000,
        ),
        (r#"Replace([name], , "[^\\w ]", , "", , )"#, 20_000),
        (
            r#"Replace([mail], , "(?i)^[\\w.-]+@[\\w.-]+$", , "x", , )"#,
            20_000,
        ),
        (r#"Replace([name], , "(?<=\\()\\w+", , "", , )"#, 50_000),
        (
            r#"Replace([name], , "^(?!.*(?:admin|test|service)).*$", , "x", , )"#,
            50_000,
        ),
        (r#"Replace([note], , "\\s+", , "", , )"#, 200_000),
        (
            r#"Replace([note], , "(?<=\\d)-(?=\\d)", , "/", , )"#,
            2_000_000,
        ),
        (r#"Replace([long], , "\\s+", , "", , )"#, 2_000_000),
        (
            r#"Replace([long], , "^(?!.*(?:admin|test|service)).*$", , "x", , )"#,
            2_000_000,
        ),
    ] {
        let (outcome, work) = run(expression, &subject);
        assert!(outcome.is_ok(), "{expression}: {outcome:?}");
        assert!(work <= most, "{expression} takes {work}, not {most}");
    }
}

/// Delimiters are looked up, not looked through: these would take minutes.
#[test]
fn many_delimiters_cost_what_they_have_letters() {
    let many: String = (0x4E00..0x4E00 + 20_000)
        .filter_map(char::from_u32)
        .collect();
    let text = "ä".repeat(100_000);
    let subject = texts(&[("x", &text), ("d", &many)]);
    for expression in [
        "Word([x], 1, [d])",
        "PCase([x], [d])",
        r#"RandomString(256, 0, 0, 0, 0, [d])"#,
    ] {
        let (outcome, work) = run(expression, &subject);
        assert!(outcome.is_ok(), "{expression}: {outcome:?}");
        assert!(work >= many.len() && work < Limits::DEFAULT.work, "{work}");
    }
}

/// Each `${` once looked for its brace to the end of the text, and kept all up to it.
#[test]
fn replacement_texts_are_read_once() {
    let source = ("x", "ab");
    let open = "${".repeat(20_000) + "}";
    let long = format!("${{{}}}", "n".repeat(40_000));
    // `$00` is the whole match, and there is no ninth group.
    let zeros = format!("${}9", "0".repeat(40_000));
    for (replacement, expected) in [(&open, open.as_str()), (&long, &long), (&zeros, "a9")] {
        let subject = texts(&[source, ("r", replacement)]);
        let (outcome, _) = run(r#"Replace([x], , "a", , [r], , )"#, &subject);
        let Ok(Outcome::Value(Some(Value::Text(text)))) = outcome else {
            panic!("{outcome:?}");
        };
        assert_eq!(text.as_str(), format!("{expected}b"));
    }
    // Pieces that write nothing are steps all the same.
    let subject = texts(&[("x", &"a".repeat(16 * 1024)), ("r", &"$1".repeat(4_000))]);
    let (outcome, _) = run(r#"Replace([x], , "a(b)?", , [r], , )"#, &subject);
    assert_eq!(outcome, Err(Code::TooMuchWork));
}

#[test]
fn long_formats_are_charged_as_what_they_are() {
    let subject = texts(&[("x", "2024"), ("f", &"yM".repeat(100_000))]);
    let (outcome, _) = run(
        &joined(r#"FormatDateTime([x], , "yyyy", [f])"#, 3),
        &subject,
    );
    assert_eq!(outcome, Err(Code::TooMuchWork));
}

#[test]
fn a_unique_value_has_many_candidates_within_the_bound() {
    let subject = texts(&[("x", &"a".repeat(10_000))]);
    let rules: Vec<String> = (0..300)
        .map(|it| format!(r#"Append([x], "{it}")"#))
        .collect();
    let program = compile(
        &format!("SelectUniqueValue({})", rules.join(", ")),
        &subject,
    )
    .unwrap();
    let error = program.candidates(&subject, &context()).unwrap_err();
    assert_eq!(error.code, Code::TooMuchWork);
}

/// Nothing else fails: the error is the expression's own, says where and what to do.
#[test]
fn too_much_work_is_an_ordinary_error() {
    let subject = texts(&[("x", &"abab".repeat(4096))]);
    let expression = format!(r#"Join("", "x", {BOMB})"#);
    let program = compile(&expression, &subject).unwrap();
    let error = program.evaluate(&subject, &context()).unwrap_err();
    let span = error.span.unwrap();
    assert_eq!(&expression[span.start..span.end], BOMB);
    assert!(
        error.message.contains("shorten the text"),
        "{}",
        error.message
    );
    let growing = sample_of(r#"{"x": "0123456789"}"#);
    let nested = (0..40).fold("[x]".to_owned(), |it, _| format!(r#"Left({it}, 9)"#));
    assert!(run(&nested, &growing).0.is_ok());
}

/// Counts the bytes of the values it hands out.
struct Counting<'a> {
    sample: &'a Sample,
    read: Cell<usize>,
}

impl Attributes for Counting<'_> {
    fn value(&self, attr: Attr) -> Option<Cow<'_, Value>> {
        let value = self.sample.value(attr)?;
        self.read.set(self.read.get() + bytes(&value));
        Some(value)
    }
}

fn bytes(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len(),
        Value::List(values) => values.iter().map(bytes).sum(),
        _ => 0,
    }
}

/// Whatever is nested in whatever: what was read and what was made has been paid for.
pub fn is_charged_for(text: &str, sample: &Sample) -> Result<(), String> {
    let Ok(program) = compile(text, sample) else {
        return Ok(());
    };
    let counting = Counting {
        sample,
        read: Cell::new(0),
    };
    let work = program.work(&counting, &context());
    if work > Limits::DEFAULT.work {
        return Err(format!("{text}: {work} units"));
    }
    let made = match program.evaluate(sample, &context()) {
        Ok(Outcome::Value(Some(value))) => bytes(&value),
        Ok(_) => 0,
        // What could not be charged was not done.
        Err(error) if error.code == Code::TooMuchWork => return Ok(()),
        Err(_) => 0,
    };
    let read = counting.read.get();
    if work < read.max(made) || work == 0 {
        return Err(format!(
            "{text}: {work} units for {read} bytes read and {made} made"
        ));
    }
    Ok(())
}

/// Whoever asks of all mappings of an object has a bound for all of them.
#[test]
fn asking_whether_the_clock_is_read_takes_no_more_than_is_left() {
    let subject = texts(&[("x", &"abab".repeat(16))]);
    let asks = |text: &str, meter: &Meter| {
        let program = compile(text, &subject).unwrap();
        program.reads_clock_within(&subject, &context(), meter)
    };
    let dear = format!(r#"IIF({BOMB} = "", CDate([x]), Now())"#);
    let meter = Meter::default();
    assert!(asks(&dear, &meter));
    let once = Limits::DEFAULT.work - meter.left();
    assert!(once > 0 && once < Limits::DEFAULT.work);
    let spared = format!(r#"IIF({BOMB} = "", Now(), CDate([x]))"#);
    assert!(!asks(&spared, &Meter::default()));
    // Nobody knows what it would have come to.
    let few = Meter::new(once / 2);
    assert!(asks(&spared, &few) && few.left() < once / 2);
    // Nor does more help what takes more than one may ever.
    let never = format!(r#"IIF({} = "", Now(), CDate([x]))"#, joined(BOMB, 40));
    assert!(!asks(&never, &Meter::new(4 * Meter::DEFAULT)));
}
