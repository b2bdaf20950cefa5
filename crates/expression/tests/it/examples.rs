//! The table of functions: every example runs, every entry is complete.

use syncline_expression::functions::{Expected, Nulls, find};
use syncline_expression::{Kind, functions};

use crate::check;

#[test]
fn every_example_of_every_function() {
    for function in functions() {
        for example in function.examples {
            check(example.expression, example.attributes, example.expected);
        }
    }
}

#[test]
fn every_function_is_documented_and_found() {
    assert!(functions().is_sorted_by_key(|function| function.name));
    for function in functions() {
        assert!(find(function.name).is_some());
        assert!(function.summary.ends_with('.'), "{}", function.name);
        assert!(
            !function.examples.is_empty(),
            "{} has no example",
            function.name
        );
        assert!(
            function
                .examples
                .iter()
                .any(|it| it.expression.contains(function.name)),
            "{}",
            function.name
        );
        for (position, parameter) in function.parameters.iter().enumerate() {
            assert!(
                !parameter.doc.is_empty() && !parameter.doc.ends_with('.'),
                "{}",
                function.name
            );
            let last = position + 1 == function.parameters.len();
            assert!(
                last || !parameter.repeating,
                "{}: only the last parameter repeats",
                function.name
            );
        }
    }
}

/// The names and order that Graph lists for its published functions.
#[test]
fn parameters_bear_graphs_names() {
    let check = |name: &str, expected: &[&str]| {
        let parameters = find(name).unwrap().parameters;
        assert_eq!(
            parameters.iter().map(|it| it.name).collect::<Vec<_>>(),
            expected,
            "{name}"
        );
    };
    check("Append", &["source", "suffix"]);
    check("Join", &["separator", "source"]);
    check("Mid", &["source", "start", "length"]);
    check("Not", &["source"]);
    check("Prepend", &["prefix", "source"]);
    check(
        "Replace",
        &[
            "source",
            "Find",
            "RegularExpression",
            "RegularExpressionGroupName",
            "Replacement",
            "ReplacementPropertyName",
            "Template",
        ],
    );
    check("Switch", &["source", "defaultValue", "switchValue"]);
}

/// What the table says of nulls holds: no first argument, no result.
#[test]
fn without_a_source_there_is_no_result() {
    for function in functions()
        .iter()
        .filter(|it| it.nulls == Nulls::SourceGivesNull)
    {
        let others = function
            .parameters
            .iter()
            .skip(1)
            .filter(|it| it.required)
            .map(|it| match it.kind.kind {
                Kind::Integer => "1",
                _ => "\"x\"",
            });
        let arguments: Vec<&str> = std::iter::once("[absent]").chain(others).collect();
        let expression = format!("{}({})", function.name, arguments.join(", "));
        check(&expression, r#"{"absent": null}"#, Expected::Null);
    }
}
