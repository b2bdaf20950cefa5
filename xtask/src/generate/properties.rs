//! `docs/reference/properties-of-*.md`: every property that Graph shows, from the entity table.

use std::fmt::Write;

use syncline_model::schema::{Filter, Mutability};
use syncline_model::{EntityKind, Property, PropertyType, Schema};

use super::Page;

pub(super) fn pages() -> Vec<Page> {
    EntityKind::DIRECTORY.into_iter().map(page).collect()
}

fn page(kind: EntityKind) -> Page {
    let name = kind.graph_name();
    let mut text = format!(
        "# Properties of `{name}`\n\n\
         Generated from the entity table (`crates/model/src/schema`); do not edit.\n\
         *Mapping name* is what attribute mappings and scoping filters call the property.\n\n\
         | property | type | written | `$filter` | `$orderby` | without `$select` | mapping name | meaning |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- |\n"
    );
    for property in Schema::core()
        .of(kind)
        .properties()
        .iter()
        .filter(|property| property.visible)
    {
        text.push_str(&row(property));
    }
    Page {
        path: format!("docs/reference/properties-of-{}.md", dashed(name)),
        text,
    }
}

fn row(property: &Property) -> String {
    let kind = if property.multi_valued {
        format!("list of {}", type_name(property.kind))
    } else {
        type_name(property.kind).into()
    };
    let mut written = written(property.mutability).to_owned();
    if property.required {
        written.push_str(", required");
    }
    let mut meaning = property.doc.to_owned();
    if !property.one_of.is_empty() {
        let _ = write!(meaning, " One of `{}`.", property.one_of.join("`, `"));
    }
    if let Some(longest) = property.max_length {
        let _ = write!(meaning, " At most {longest} characters.");
    }
    let mapping = property
        .engine_name
        .as_deref()
        .map_or_else(String::new, |name| format!("`{name}`"));
    format!(
        "| `{}` | {kind} | {written} | {} | {} | {} | {mapping} | {} |\n",
        property.name,
        filter(property.filter),
        yes(property.sortable),
        yes(property.default_select),
        meaning.replace('|', "\\|"),
    )
}

fn type_name(kind: PropertyType) -> &'static str {
    match kind {
        PropertyType::Bool => "true or false",
        PropertyType::Int => "number",
        PropertyType::Text => "text",
        PropertyType::Time => "time",
        PropertyType::Guid => "GUID",
        PropertyType::Bytes => "bytes",
        PropertyType::Complex => "object",
        PropertyType::Reference => "reference",
    }
}

fn written(mutability: Mutability) -> &'static str {
    match mutability {
        Mutability::ReadOnly => "by the system",
        Mutability::ReadWrite => "at any time",
        Mutability::CreateOnly => "at creation",
        Mutability::WriteOnly => "at any time, never shown",
    }
}

fn filter(filter: Filter) -> &'static str {
    match filter {
        Filter::No => "",
        Filter::Basic => "`eq` `ne` `not` `in`",
        Filter::Full => "`eq` `ne` `not` `ge` `le` `gt` `lt` `in` `startsWith`",
        Filter::WithEndsWith => "`eq` `ne` `not` `ge` `le` `gt` `lt` `in` `startsWith` `endsWith`",
        Filter::WithContains => {
            "`eq` `ne` `not` `ge` `le` `gt` `lt` `in` `startsWith` `endsWith` `contains`"
        }
    }
}

fn yes(it: bool) -> &'static str {
    if it { "yes" } else { "" }
}

/// `servicePrincipal` is `service-principal` in a file's name.
fn dashed(name: &str) -> String {
    let mut text = String::new();
    for character in name.chars() {
        if character.is_uppercase() {
            text.push('-');
        }
        text.extend(character.to_lowercase());
    }
    text
}
