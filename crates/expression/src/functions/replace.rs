//! `Replace(source, oldValue, regexPattern, regexGroupName, replacementValue,
//! replacementAttributeName, template)`; the parameters bear Graph's names.

use syncline_model::{Text, Value};

use super::{
    Call, Evaluated, Example, Function, FunctionParameter as P, Missing, Nulls, Returns, Type,
    Varies,
};
use crate::call_check::CallCheck;
use crate::diagnostic::Code;
use crate::dotnet_pattern::Pattern;
use crate::dotnet_substitution::Substitution;
use crate::similar;
use crate::stop::Stop;

pub static FUNCTION: Function = Function {
    name: "Replace",
    summary: "Replaces parts of a text, found by their text or by a regular expression; case counts.",
    parameters: &[
        P::required("source", Type::TEXT, "the text, usually an attribute"),
        P::optional(
            "Find",
            Type::TEXT,
            "the text to be replaced in the source, or in the template",
        ),
        P::optional(
            "RegularExpression",
            Type::TEXT,
            "a .NET pattern, look-around and back-references included; must be a constant",
        ),
        P::optional(
            "RegularExpressionGroupName",
            Type::TEXT,
            "the group of the pattern that is meant; must be a constant",
        ),
        P::optional(
            "Replacement",
            Type::TEXT,
            "the new text; with a pattern and no group it may hold `${groupName}`",
        ),
        P::optional(
            "ReplacementPropertyName",
            Type::TEXT,
            "an attribute searched with the pattern when the source is empty",
        ),
        P::optional(
            "Template",
            Type::TEXT,
            "a text in which `Find` is replaced by the source",
        ),
    ],
    returns: Returns::Always(Type::TEXT),
    nulls: Nulls::Special(
        Missing::AnyOf(&[0]),
        "without a source, no result, but for a pattern with an attribute: then that attribute is searched",
    ),
    varies: Varies::Never,
    check: Some(check),
    examples: &[
        Example::new(
            r#"Replace([BusinessTitle], "Product Developer", , , "Software Engineer", , )"#,
            r#"{"BusinessTitle": "Product Developer"}"#,
            r#""Software Engineer""#,
        ),
        Example::new(
            r#"Replace([mail], "@contoso.com", , , "", , )"#,
            r#"{"mail": "john.doe@contoso.com"}"#,
            r#""john.doe""#,
        ),
        Example::new(
            r#"Replace([UserID], "<username>", , , , , "<username>@contoso.com")"#,
            r#"{"UserID": "jsmith"}"#,
            r#""jsmith@contoso.com""#,
        ),
        Example::new(
            r#"Replace([telephoneNumber], , "\\+(?<isdCode>\\d* )(?<phoneNumber>\\d{10})", , "${phoneNumber}", , )"#,
            r#"{"telephoneNumber": "+91 9998887777"}"#,
            r#""9998887777""#,
        ),
        Example::new(
            r#"Replace([mobile], , "[()\\s-]+", , "", , )"#,
            r#"{"mobile": "1 (999) 888-7777"}"#,
            r#""19998887777""#,
        ),
        Example::new(
            r#"Replace([mailNickname], , "[a-zA-Z_]*", , "", , )"#,
            r#"{"mailNickname": "john_doe72"}"#,
            r#""72""#,
        ),
        Example::new(
            r#"Replace([AddressLineData], , "(?<streetNumber>^\\d*)", "streetNumber", "888", , )"#,
            r#"{"AddressLineData": "545 Tremont Street"}"#,
            r#""888 Tremont Street""#,
        ),
        Example::new(
            r#"Replace([userPrincipalName], , "(?<Suffix>@(.)*)", "Suffix", "", , )"#,
            r#"{"userPrincipalName": "jsmith@contoso.com"}"#,
            r#""jsmith""#,
        ),
        Example::new(
            r#"Replace([telephoneNumber], , "\\+(?<isdCode>\\d* )(?<phoneNumber>\\d{10})", "phoneNumber" , , [mobile], )"#,
            r#"{"telephoneNumber": "", "mobile": "+91 8887779999"}"#,
            r#""8887779999""#,
        ),
        Example::new(
            r#"Replace([telephoneNumber], , "(?<digits>\\d+)", "digits", , [mobile], )"#,
            r#"{"telephoneNumber": "12", "mobile": "34"}"#,
            r#""12""#,
        ),
        Example::new(
            r#"Replace([employeeId], , "(?<=^.{2}).(?=.{2})", , "*", , )"#,
            r#"{"employeeId": "123456"}"#,
            r#""12*456""#,
        ),
        Example::new(
            r#"Replace([displayName], , "\\b(?<word>\\w+) \\k<word>\\b", , "${word}", , )"#,
            r#"{"displayName": "Ana Ana Souza"}"#,
            r#""Ana Souza""#,
        ),
        Example::new(
            r#"Replace([mobile], , "^(?:\\+49(?<n>\\d+)|0(?<n>\\d+))$", , "${n}", , )"#,
            r#"{"mobile": "+49123"}"#,
            r#""123""#,
        ),
        Example::fails(
            r#"Replace([mail], , "^(a|aa)+(?!b)$", , "", , )"#,
            r#"{"mail": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"}"#,
            Code::TooMuchWork,
        ),
        Example::null(
            r#"Replace([mail], "@contoso.com", , , "", , )"#,
            r#"{"mail": null}"#,
        ),
    ],
    evaluate,
};

const SOURCE: usize = 0;
const FIND: usize = 1;
const PATTERN: usize = 2;
const GROUP: usize = 3;
const REPLACEMENT: usize = 4;
const ATTRIBUTE: usize = 5;
const TEMPLATE: usize = 6;

/// What `Replace` does follows from the arguments that are given.
#[derive(Clone, Copy, Debug)]
enum Mode {
    /// Find → Replacement in the source.
    Text,
    /// Find → source in the template.
    Template,
    /// Every match → Replacement in the source.
    Pattern,
    /// The group of every match → Replacement in the source.
    Group,
    /// The source, or the group's text in the attribute.
    Extract,
}

fn mode(given: impl Fn(usize) -> bool) -> Option<Mode> {
    match [FIND, PATTERN, GROUP, REPLACEMENT, ATTRIBUTE, TEMPLATE].map(given) {
        [true, false, false, true, false, false] => Some(Mode::Text),
        [true, false, false, false, false, true] => Some(Mode::Template),
        [false, true, false, true, false, false] => Some(Mode::Pattern),
        [false, true, true, true, false, false] => Some(Mode::Group),
        [false, true, true, false, true, false] => Some(Mode::Extract),
        _ => None,
    }
}

fn check(call: &mut CallCheck<'_>) {
    if mode(|position| call.given(position)).is_none() {
        call.report_call(
            Code::UnclearMode,
            "the arguments of `Replace` do not say what to do",
            "give Find and Replacement, or Find and Template, or RegularExpression and Replacement (with or without RegularExpressionGroupName), or RegularExpression, RegularExpressionGroupName and ReplacementPropertyName",
        );
    }
    let Some(pattern) = check_pattern(call) else {
        return;
    };
    check_group(call, &pattern);
    let substitution = call
        .constant_text(REPLACEMENT)
        .filter(|_| !call.given(GROUP));
    let unknown =
        substitution.and_then(|text| Substitution::read(text, pattern.groups()).unknown_group);
    if let Some(unknown) = unknown {
        let message = format!("the pattern has no group `{unknown}`");
        call.report(
            REPLACEMENT,
            Code::UnknownGroup,
            message,
            groups_help(&pattern),
        );
    }
    call.set_pattern(pattern);
}

fn check_pattern(call: &mut CallCheck<'_>) -> Option<Pattern> {
    call.argument(PATTERN)?;
    match call.compile_pattern(PATTERN) {
        Ok(Some(pattern)) => Some(pattern),
        Ok(None) => {
            let message = "the pattern of `Replace` must be a constant";
            call.report(
                PATTERN,
                Code::NotConstant,
                message,
                "write it as a text in double quotes",
            );
            None
        }
        Err(reason) => {
            let message = format!("the pattern cannot be used: {reason}");
            let help =
                "it is a .NET regular expression; a backslash is written twice, as in `\\\\d`";
            call.report(PATTERN, Code::BadPattern, message, help);
            None
        }
    }
}

fn check_group(call: &mut CallCheck<'_>, pattern: &Pattern) {
    if !call.given(GROUP) {
        return;
    }
    let Some(group) = call.constant_text(GROUP) else {
        let message = "the group name of `Replace` must be a constant";
        return call.report(
            GROUP,
            Code::NotConstant,
            message,
            "write it as a text in double quotes",
        );
    };
    if pattern.groups().named(group).is_none() {
        let message = format!("the pattern has no group `{group}`");
        match similar::closest(group, pattern.groups().names()) {
            Some(meant) => call.report_misspelt(GROUP, Code::UnknownGroup, message, Some(meant)),
            None => call.report(GROUP, Code::UnknownGroup, message, groups_help(pattern)),
        }
    }
}

fn groups_help(pattern: &Pattern) -> String {
    let names: Vec<&str> = pattern.groups().names().collect();
    match names.as_slice() {
        [] => "name a group with `(?<name>…)`".to_owned(),
        names => format!("its groups are: {}", names.join(", ")),
    }
}

fn evaluate(call: &Call<'_>) -> Evaluated {
    let source = call.text(SOURCE)?;
    match (
        mode(|position| call.given(position)),
        call.pattern(),
        source,
    ) {
        (Some(Mode::Extract), Some(pattern), source) => extract(call, pattern, source),
        (_, _, None) => Ok(None),
        (Some(Mode::Text), _, Some(source)) => {
            let replacement = call.text(REPLACEMENT)?.unwrap_or_default();
            replace_text(
                call,
                &source,
                &call.text(FIND)?.unwrap_or_default(),
                &replacement,
            )
        }
        (Some(Mode::Template), _, Some(source)) => {
            let Some(template) = call.text(TEMPLATE)? else {
                return Ok(None);
            };
            replace_text(
                call,
                &template,
                &call.text(FIND)?.unwrap_or_default(),
                &source,
            )
        }
        (Some(Mode::Pattern), Some(pattern), Some(source)) => {
            replace_pattern(call, pattern, &source)
        }
        (Some(Mode::Group), Some(pattern), Some(source)) => replace_group(call, pattern, &source),
        // The check lets no other call through.
        (_, _, Some(source)) => Ok(Some(Value::text(source))),
    }
}

fn replace_text(call: &Call<'_>, text: &str, find: &str, replacement: &str) -> Evaluated {
    // An empty text stands everywhere and nowhere: .NET refuses it, we leave the text alone.
    if find.is_empty() {
        return Ok(Some(Value::text(text)));
    }
    let mut output = call.output();
    let mut pieces = text.split(find);
    output.push(pieces.next().unwrap_or_default())?;
    for piece in pieces {
        output.push(replacement)?;
        output.push(piece)?;
    }
    output.finish()
}

/// Units of work to read a sign of a replacement text.
const PIECE: usize = 8;

fn replace_pattern(call: &Call<'_>, pattern: &Pattern, source: &str) -> Evaluated {
    let replacement = call.text(REPLACEMENT)?.unwrap_or_default();
    // Each sign of it may be a piece.
    call.charge(PIECE * (replacement.len() + pattern.groups().count()))?;
    let substitution = Substitution::read(&replacement, pattern.groups());
    let mut output = call.output();
    let mut end = 0;
    for found in pattern.matches(source, call.meter())? {
        let found = found?;
        let whole = found.whole();
        output.push(&source[end..whole.start])?;
        substitution.write(source, &found, &mut output)?;
        end = whole.end;
    }
    output.push(&source[end..])?;
    output.finish()
}

fn replace_group(call: &Call<'_>, pattern: &Pattern, source: &str) -> Evaluated {
    let named = pattern.groups().named(&group_name(call)?);
    let replacement = call.text(REPLACEMENT)?.unwrap_or_default();
    let mut output = call.output();
    let mut end = 0;
    for found in pattern.matches(source, call.meter())? {
        // A group inside look-behind may stand before the end of the match before.
        let group = named.and_then(|at| found.as_ref().ok()?.group(at));
        found?;
        let Some(group) = group.filter(|group| group.start >= end) else {
            continue;
        };
        output.push(&source[end..group.start])?;
        output.push(&replacement)?;
        end = group.end;
    }
    output.push(&source[end..])?;
    output.finish()
}

fn extract(call: &Call<'_>, pattern: &Pattern, source: Option<Text>) -> Evaluated {
    if let Some(source) = source.filter(|it| !it.is_empty()) {
        return Ok(Some(Value::text(source)));
    }
    let Some(other) = call.text(ATTRIBUTE)? else {
        return Ok(None);
    };
    let named = pattern.groups().named(&group_name(call)?);
    let found = pattern.first(&other, call.meter())?;
    let group = named.and_then(|at| found?.group(at));
    Ok(group.map(|range| Value::text(&other[range])))
}

fn group_name(call: &Call<'_>) -> Result<Text, Stop> {
    Ok(call.text(GROUP)?.unwrap_or_default())
}
