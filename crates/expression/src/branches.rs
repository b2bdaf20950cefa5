//! The ways an evaluation can go: which value of an `IIF`, a `Switch` or a `Coalesce` is taken. For
//! tests of mappings, which should take all of them.

use crate::ast::Span;
use crate::evaluator::{CallNode, Node};

/// One way through a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Branch {
    /// The call.
    pub span: Span,
    /// Which way, from 0.
    pub way: usize,
}

/// One way through a call, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    pub branch: Branch,
    /// When it is gone: `the condition holds`.
    pub words: String,
}

/// All ways through the calls of a program, in the order of the text.
pub(crate) fn of(root: &Node) -> Vec<Way> {
    let mut found = Vec::new();
    collect(root, &mut found);
    found.sort_by_key(|way| way.branch);
    found
}

fn collect(node: &Node, found: &mut Vec<Way>) {
    match node {
        Node::Constant(_) | Node::Attribute(..) => {}
        Node::Comparison { left, right, .. } => {
            collect(left, found);
            collect(right, found);
        }
        Node::Call(call) => {
            for (way, words) in ways(call).into_iter().enumerate() {
                let branch = Branch {
                    span: call.span,
                    way,
                };
                found.push(Way { branch, words });
            }
            for argument in call.arguments.iter().flatten() {
                collect(argument, found);
            }
        }
    }
}

/// In the order in which the functions number them.
fn ways(call: &CallNode) -> Vec<String> {
    let count = call.arguments.len();
    match call.function.name {
        "IIF" => vec![
            "the condition holds".to_owned(),
            "the condition does not hold".to_owned(),
        ],
        "Switch" => {
            let keys = count.saturating_sub(2) / 2;
            let mut ways = vec!["no key fits".to_owned()];
            ways.extend((1..=keys).map(|key| format!("key {key} fits")));
            ways
        }
        "Coalesce" => (1..=count)
            .map(|at| format!("argument {at} is the first with a value"))
            .collect(),
        "IgnoreFlowIfNullOrEmpty" => {
            vec!["there is a value".to_owned(), "there is none".to_owned()]
        }
        _ => Vec::new(),
    }
}
