//! `RandomString(Length, MinimumNumbers, MinimumSpecialCharacters, MinimumCapital,
//! MinimumLowerCase, CharactersToAvoid)`

use syncline_model::Value;

use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Missing, Nulls, Returns, Type,
    Varies,
};
use crate::call_check::CallCheck;
use crate::diagnostic::Code;
use crate::letter_set::LetterSet;

/// Digits, special characters, capitals and small letters: the classes of Windows' rule for
/// complex passwords.
const CLASSES: [&str; 4] = [
    "0123456789",
    "~!@#$%^&*_-+=`|\\(){}[]:;\"'<>,.?/",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "abcdefghijklmnopqrstuvwxyz",
];

const LONGEST: i64 = 256;

pub static FUNCTION: Function = Function {
    name: "RandomString",
    summary: "Makes a random text, such as a first password; another one each time, so map it at creation only and wrap it in `Redact`.",
    parameters: &[
        P::required(
            "Length",
            Type::INTEGER,
            "how many characters: at least the sum of the minimums, at most 256",
        ),
        P::required("MinimumNumbers", Type::INTEGER, "how many digits at least"),
        P::required(
            "MinimumSpecialCharacters",
            Type::INTEGER,
            "how many special characters at least",
        ),
        P::required(
            "MinimumCapital",
            Type::INTEGER,
            "how many capitals at least",
        ),
        P::required(
            "MinimumLowerCase",
            Type::INTEGER,
            "how many small letters at least",
        ),
        P::optional(
            "CharactersToAvoid",
            Type::TEXT,
            "characters that must not appear",
        ),
    ],
    returns: Returns::Always(Type::TEXT),
    nulls: Nulls::Special(Missing::Never, "a minimum without value is 0"),
    varies: Varies::AtRandom,
    check: Some(check),
    examples: &[
        Example::new("Len(RandomString(6, 3, 0, 0, 3))", "{}", "6"),
        Example::new(
            r#"Replace(RandomString(6, 6, 0, 0, 0), , "[0-9]{6}", , "digits", , )"#,
            "{}",
            r#""digits""#,
        ),
        Example::new(
            r#"RandomString(4, 4, 0, 0, 0, "012345678")"#,
            "{}",
            r#""9999""#,
        ),
        Example::new("Len(RandomString(3, 3, 0, 0, 0, ))", "{}", "3"),
        Example::fails(
            "RandomString([n], 3, 0, 0, 0)",
            r#"{"n": 2}"#,
            Code::OutOfRange,
        ),
    ],
    evaluate,
};

fn check(call: &mut CallCheck<'_>) {
    let numbers: Option<Vec<i64>> = (0..5)
        .map(|position| call.constant_integer(position))
        .collect();
    if let Some(problem) = numbers.and_then(|numbers| problem(&numbers)) {
        call.report(
            0,
            Code::WrongConstant,
            problem,
            "`Length` is at most 256 and at least the sum of the minimums",
        );
    }
}

fn problem(numbers: &[i64]) -> Option<&'static str> {
    let (length, minimums) = numbers.split_first()?;
    if *length < 1 || *length > LONGEST {
        Some("`Length` of `RandomString` is 1 to 256")
    } else if minimums.iter().any(|it| *it < 0) {
        Some("a minimum of `RandomString` is negative")
    } else if minimums
        .iter()
        .fold(0_i64, |sum, it| sum.saturating_add(*it))
        > *length
    {
        Some("the minimums of `RandomString` add up to more than its length")
    } else {
        None
    }
}

fn evaluate(call: &Call<'_>) -> Evaluated {
    let mut numbers = Vec::new();
    for position in 0..5 {
        numbers.push(call.integer(position)?.unwrap_or(0));
    }
    if let Some(problem) = problem(&numbers) {
        return Err(call.fail(Code::OutOfRange, problem));
    }
    let avoided = LetterSet::of(&call.text(5)?.unwrap_or_default(), call)?;
    let classes = CLASSES.map(|class| {
        class
            .chars()
            .filter(|it| !avoided.contains(*it))
            .collect::<Vec<char>>()
    });
    let minimums = &numbers[1..];
    let draw = |from: &[char]| match u64::try_from(from.len()) {
        Ok(count) if count > 0 => Ok(from[usize::try_from(call.random() % count).unwrap_or(0)]),
        _ => Err(call.fail(
            Code::OutOfRange,
            "`CharactersToAvoid` of `RandomString` leaves too few characters",
        )),
    };

    let mut text = Vec::new();
    for (class, minimum) in classes.iter().zip(minimums) {
        for _ in 0..*minimum {
            text.push(draw(class)?);
        }
    }
    // The rest comes from the classes that were asked for; none asked for means letters and digits.
    let none = minimums.iter().all(|it| *it == 0);
    let wanted = |at: usize| if none { at != 1 } else { minimums[at] > 0 };
    let others: Vec<char> = classes
        .iter()
        .enumerate()
        .filter(|(at, _)| wanted(*at))
        .flat_map(|(_, it)| it.clone())
        .collect();
    while i64::try_from(text.len()).is_ok_and(|length| length < numbers[0]) {
        text.push(draw(&others)?);
    }
    shuffle(&mut text, || call.random());
    Ok(Some(Value::Text(text.into_iter().collect())))
}

/// Fisher and Yates.
fn shuffle(text: &mut [char], mut random: impl FnMut() -> u64) {
    for last in (1..text.len()).rev() {
        let count = u64::try_from(last + 1).unwrap_or(1);
        text.swap(last, usize::try_from(random() % count).unwrap_or(last));
    }
}
