//! `docs/reference/scoping.md`: scoping filters, with every operator from the table that the compiler
//! reads.

use std::fmt::Write;

use syncline_engine::schema::{AttributeType, FILTER_OPERATORS, FilterOperator};

use super::Page;

pub(super) fn page() -> Page {
    let mut text = String::from(include_str!("scoping.txt"));
    text.push_str(
        "| operator | values given | attributes of type | several values | true when |\n| --- | --- | --- | --- | --- |\n",
    );
    for operator in FILTER_OPERATORS {
        let _ = writeln!(text, "{}", row(operator));
    }
    Page {
        path: "docs/reference/scoping.md".to_owned(),
        text,
    }
}

fn row(operator: &FilterOperator) -> String {
    let types: Vec<&str> = operator.types.iter().map(AttributeType::as_str).collect();
    let values = if operator.is_binary() {
        "needed"
    } else {
        "none"
    };
    format!(
        "| `{}` | {values} | {} | {} | {} |",
        operator.name,
        types.join(", "),
        operator.multivalued.as_str().to_lowercase(),
        operator.doc
    )
}
