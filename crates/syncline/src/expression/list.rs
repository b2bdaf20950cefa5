//! `syncline expression functions`.

use serde_json::{Value as Json, json};
use syncline_expression::functions::{Example, Expected, FunctionParameter, Varies};
use syncline_expression::{Function, functions};

use crate::failure::Failure;
use crate::output::{self, Format};

/// Prints all functions in a table, or everything about one.
pub fn run(name: Option<&str>, format: Format) -> Result<(), Failure> {
    let chosen: Vec<&Function> = functions()
        .iter()
        .copied()
        .filter(|it| name.is_none_or(|name| it.name == name))
        .collect();
    match format {
        Format::Json => {
            let all: Vec<Json> = chosen.iter().map(|it| json(it)).collect();
            output::document(&format!("{:#}", Json::Array(all)))
        }
        Format::Text => match (name, chosen.as_slice()) {
            (Some(_), [one]) => output::print(&explain(one)),
            (_, all) => {
                let rows = all
                    .iter()
                    .map(|it| vec![signature(it), it.summary.to_owned()])
                    .collect();
                output::print(&output::table(&["function", "what it does"], rows))
            }
        },
    }
}

/// Everything about one function.
pub(super) fn explain(function: &Function) -> String {
    let mut text = format!("{}\n\n{}\n\n", signature(function), function.summary);
    for parameter in function.parameters {
        let optional = if parameter.required {
            ""
        } else {
            " (optional)"
        };
        text.push_str(&format!(
            "  {}: {}{optional}\n",
            parameter.name, parameter.doc
        ));
    }
    text.push_str(&format!("  without a value: {}\n", function.nulls.words()));
    text.push_str("\nExamples:\n");
    for example in function.examples {
        text.push_str(&format!("  {}\n", example.expression));
        text.push_str(&format!(
            "    on {} -> {}\n",
            example.attributes,
            yields(example)
        ));
    }
    text
}

/// `Left(String, NumChars)`, optional parameters in square brackets.
pub(super) fn signature(function: &Function) -> String {
    let one = |parameter: &FunctionParameter| {
        let more = if parameter.repeating { ", …" } else { "" };
        if parameter.required {
            format!("{}{more}", parameter.name)
        } else {
            format!("[{}{more}]", parameter.name)
        }
    };
    let parameters: Vec<String> = function.parameters.iter().map(one).collect();
    format!("{}({})", function.name, parameters.join(", "))
}

fn yields(example: &Example) -> String {
    match example.expected {
        Expected::Value(json) => json.to_owned(),
        Expected::Null => "no value".to_owned(),
        Expected::Ignored => "the attribute does not flow".to_owned(),
        Expected::Fails(code) => format!("error {code}"),
    }
}

fn json(function: &Function) -> Json {
    let parameter = |it: &FunctionParameter| {
        json!({
            "name": it.name,
            "type": it.kind.graph_name(),
            "multivalued": it.kind.many,
            "required": it.required,
            "allowMultipleOccurrences": it.repeating,
            "description": it.doc,
        })
    };
    json!({
        "name": function.name,
        "signature": signature(function),
        "summary": function.summary,
        "parameters": function.parameters.iter().map(parameter).collect::<Vec<_>>(),
        "withoutValue": function.nulls.words(),
        "varies": function.varies > Varies::SettlesTime,
        "examples": function.examples.iter().map(|it| json!({
            "expression": it.expression,
            "attributes": it.attributes,
            "yields": yields(it),
        })).collect::<Vec<_>>(),
    })
}
