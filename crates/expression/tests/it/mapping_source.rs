//! The tree as Graph writes it.

use serde_json::{Value as Json, json};
use syncline_expression::{Code, MappingSource, parse};

fn tree(text: &str) -> Json {
    serde_json::to_value(MappingSource::from(&parse(text).unwrap())).unwrap()
}

fn text_of(tree: Json) -> String {
    serde_json::from_value::<MappingSource>(tree)
        .unwrap()
        .to_text()
        .unwrap()
}

/// The published answer of `parseExpression`.
#[test]
fn omitted_arguments_are_left_out() {
    assert_eq!(
        tree(r#"Replace([preferredLanguage], "-", , , "_", , )"#),
        json!({
            "expression": "Replace([preferredLanguage], \"-\", , , \"_\", , )", "name": "Replace", "type": "Function",
            "parameters": [
                {"key": "source", "value": {"expression": "[preferredLanguage]", "name": "preferredLanguage", "parameters": [], "type": "Attribute"}},
                {"key": "Find", "value": {"expression": "\"-\"", "name": "-", "parameters": [], "type": "Constant"}},
                {"key": "Replacement", "value": {"expression": "\"_\"", "name": "_", "parameters": [], "type": "Constant"}},
            ],
        })
    );
}

#[test]
fn attributes_and_constants() {
    assert_eq!(
        tree("[userPrincipalName]"),
        json!({"expression": "[userPrincipalName]", "name": "userPrincipalName", "parameters": [], "type": "Attribute"})
    );
    assert_eq!(
        tree("\"8\""),
        json!({"expression": "\"8\"", "name": "8", "parameters": [], "type": "Constant"})
    );
    assert_eq!(tree("&HFF")["name"], json!("&HFF"));
}

#[test]
fn repeated_parameters_appear_repeatedly() {
    let tree = tree(r#"Switch([a], , "1", [b])"#);
    let keys: Vec<&Json> = tree["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["key"])
        .collect();
    assert_eq!(keys, ["source", "switchValue", "switchValue"]);
}

/// Without texts the tree alone says it.
#[test]
fn a_tree_prints_as_its_text() {
    fn without_texts(mut tree: Json) -> Json {
        tree.as_object_mut().unwrap().remove("expression");
        for parameter in tree["parameters"].as_array_mut().unwrap() {
            parameter["value"] = without_texts(parameter["value"].take());
        }
        tree
    }
    for text in [
        r#"Replace([preferredLanguage], "-", , , "_", , )"#,
        r#"Switch([a], , "1", [b], "2", Not([c]))"#,
        r#"Join(" ", [givenName], [surname])"#,
        r#"IIF([country] = "USA", [state], "")"#,
        "ToLower([mail])",
        "Guid()",
        "[mail]",
        r#""Member \"of\" \\ honour""#,
    ] {
        assert_eq!(text_of(without_texts(tree(text))), text);
    }
}

#[test]
fn the_text_wins_over_the_tree() {
    let source =
        json!({"expression": "[mail]", "name": "city", "type": "attribute", "parameters": null});
    assert_eq!(text_of(source), "[mail]");
    let source: MappingSource =
        serde_json::from_value(json!({"expression": "Len(", "type": "Function"})).unwrap();
    assert_eq!(
        source.to_expression().unwrap_err()[0].code,
        Code::UnclosedCall
    );
}

#[test]
fn broken_trees_are_refused() {
    let problem = |tree: Json| {
        serde_json::from_value::<MappingSource>(tree)
            .unwrap()
            .to_text()
            .unwrap_err()
            .code
    };
    let mail = json!({"name": "mail", "type": "Attribute"});
    assert_eq!(
        problem(json!({"name": "Foo", "type": "Function"})),
        Code::UnknownFunction
    );
    assert_eq!(
        problem(
            json!({"name": "Len", "type": "Function", "parameters": [{"key": "text", "value": mail}]})
        ),
        Code::UnknownParameter
    );
    assert_eq!(
        problem(json!({"name": "=", "type": "Function", "parameters": []})),
        Code::MissingArgument
    );
    let mut deep = mail;
    for _ in 0..100 {
        deep = json!({"name": "Len", "type": "Function", "parameters": [{"key": "String", "value": deep}]});
    }
    assert_eq!(problem(deep), Code::TooDeep);
    assert!(serde_json::from_value::<MappingSource>(json!({"type": "Nonsense"})).is_err());
}
