//! `docs/reference/expressions.md`: the mapping language, with every function from the table that the
//! checker and the evaluator read.

use std::fmt::Write;

use syncline_expression::functions::{Example, Expected, FunctionParameter, Returns, Varies};
use syncline_expression::{Code, Function, Type, functions};

use super::Page;

pub(super) fn page() -> Page {
    let mut text = String::from(include_str!("expressions.txt"));
    for function in functions() {
        // Writing to a string can not fail, here and below.
        let _ = writeln!(
            text,
            "- [{}](#{})",
            function.name,
            function.name.to_lowercase()
        );
    }
    for function in functions() {
        section(&mut text, function);
    }
    text.push_str("\n## Problems\n\n100s: the text cannot be read; 200s: it can be read and makes no sense; 300s: it failed on one object.\nMessages count characters, from 1. `span` in JSON (`start` to before `end`) counts UTF-16 code units from 0, by which JavaScript, C# and Java index their texts.\n\n| code | what is wrong |\n| --- | --- |\n");
    for (code, meaning) in Code::ALL {
        let _ = writeln!(text, "| {code} | {meaning} |");
    }
    Page {
        path: "docs/reference/expressions.md".to_owned(),
        text,
    }
}

fn section(text: &mut String, function: &Function) {
    let _ = write!(
        text,
        "\n### {}\n\n`{}`\n\n{}\n\n",
        function.name,
        signature(function),
        function.summary
    );
    for parameter in function.parameters {
        let _ = writeln!(text, "- {}", describe(parameter));
    }
    if !function.parameters.is_empty() {
        text.push('\n');
    }
    let returns = match function.returns {
        Returns::Always(kind) => format!("Yields {kind}."),
        Returns::DateText | Returns::TextOf(_) => format!("Yields {}.", Type::TEXT),
        Returns::OneOfArgumentsFrom(0) => "Yields one of its arguments.".to_owned(),
        Returns::OneOfArgumentsFrom(from) => {
            let name = function
                .parameter(from)
                .map_or("it", |parameter| parameter.name);
            format!("Yields one of its arguments from `{name}` on.")
        }
    };
    let nulls = function.nulls.words();
    let _ = write!(text, "{returns} Without a value: {nulls}.");
    if function.varies > Varies::SettlesTime {
        text.push_str(
            " Yields another value each time, so use it in mappings that flow at creation only.",
        );
    }
    text.push_str("\n\n| expression | on | yields |\n| --- | --- | --- |\n");
    for example in function.examples {
        let expression = code(example.expression);
        let _ = writeln!(
            text,
            "| {expression} | {} | {} |",
            code(example.attributes),
            yields(example)
        );
    }
}

fn signature(function: &Function) -> String {
    let mut parameters = String::new();
    for parameter in function.parameters {
        let comma = if parameters.is_empty() { "" } else { ", " };
        let more = if parameter.repeating { ", …" } else { "" };
        let (open, close) = if parameter.required {
            ("", "")
        } else {
            ("[", "]")
        };
        let _ = write!(parameters, "{open}{comma}{}{more}{close}", parameter.name);
    }
    format!("{}({parameters})", function.name)
}

fn describe(parameter: &FunctionParameter) -> String {
    let mut text = format!("`{}`: {}", parameter.name, parameter.doc);
    if !parameter.required {
        text.push_str(" (optional)");
    }
    if !parameter.words.is_empty() {
        let _ = write!(text, "; may be the word `{}`", parameter.words.join("`, `"));
    }
    text
}

fn yields(example: &Example) -> String {
    match example.expected {
        Expected::Value(json) => code(json),
        Expected::Null => "no value".to_owned(),
        Expected::Ignored => "the attribute does not flow".to_owned(),
        Expected::Fails(code) => format!("error {code}"),
    }
}

/// A cell of a table with text as it is. Two back-ticks, because one may stand in it.
fn code(text: &str) -> String {
    format!("`` {} ``", text.replace('|', "\\|").replace('\n', " "))
}
