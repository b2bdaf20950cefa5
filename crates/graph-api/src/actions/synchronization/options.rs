//! Query options of configurations, jobs, templates and schemas. Each is made as a whole, and of each there is
//! one or hardly more: no pages, no order.

use serde_json::{Map, Value as Json};
use syncline_model::Problem;
use syncline_odata::select::not_expandable;

use crate::Call;

/// What is spoken of: its Graph name, and the properties that are shown only when they are expanded.
#[derive(Debug)]
pub struct Resource {
    pub name: &'static str,
    pub expandable: &'static [&'static str],
}

/// What `$select` and `$expand` ask of a resource.
#[derive(Debug)]
pub struct Shown<'c> {
    resource: &'c Resource,
    select: &'c [String],
    expand: Vec<(&'static str, &'c [String])>,
}

impl<'c> Shown<'c> {
    /// Of a resource by itself.
    ///
    /// # Errors
    /// 400 for options that have no meaning there, and for what can not be expanded.
    pub fn one(call: &'c Call<'_>, resource: &'c Resource) -> Result<Self, Problem> {
        call.query.refuse(&["filter", "top"])?;
        Self::of(call, resource)
    }

    /// Of a list, in which `$filter` is up to the caller, and no `$top` is less than there is.
    ///
    /// # Errors
    /// As [`Shown::one`].
    pub fn many(call: &'c Call<'_>, resource: &'c Resource) -> Result<Self, Problem> {
        if call.query.texts.top == Some(0) {
            call.query.refuse(&["top"])?;
        }
        Self::of(call, resource)
    }

    fn of(call: &'c Call<'_>, resource: &'c Resource) -> Result<Self, Problem> {
        let query = &call.query;
        query.refuse(&["orderby", "search", "skip", "skiptoken"])?;
        let mut expand = Vec::new();
        for expansion in &query.expand {
            let name = expansion.property();
            let known = resource
                .expandable
                .iter()
                .find(|it| it.eq_ignore_ascii_case(name));
            let known = known.ok_or_else(|| not_expandable(name))?;
            expansion.only(&["select"])?;
            expand.push((*known, expansion.select.as_slice()));
        }
        Ok(Self {
            resource,
            select: &query.select,
            expand,
        })
    }

    /// The names selected of an expanded property; `None` when it is not to be shown.
    pub fn expanded(&self, name: &str) -> Option<&'c [String]> {
        self.expand
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, select)| *select)
    }

    /// The properties that are selected, before others are expanded.
    ///
    /// # Errors
    /// 400 for one that there is not.
    pub fn apply(&self, json: &mut Map<String, Json>) -> Result<(), Problem> {
        retain(self.resource, self.select, json, |name| {
            self.expanded(name).is_some()
        })
    }
}

/// An expanded resource with what is selected of it.
///
/// # Errors
/// 400 for a property that there is not.
pub fn selected(
    resource: &Resource,
    names: &[String],
    mut json: Map<String, Json>,
) -> Result<Json, Problem> {
    retain(resource, names, &mut json, |_| false)?;
    Ok(Json::Object(json))
}

fn retain(
    resource: &Resource,
    names: &[String],
    json: &mut Map<String, Json>,
    expanded: impl Fn(&str) -> bool,
) -> Result<(), Problem> {
    if names.is_empty() || names.iter().any(|it| it == "*") {
        return Ok(());
    }
    // `schedule/interval` selects a member, of which the whole is shown, as in other lists.
    let heads: Vec<&str> = names
        .iter()
        .map(|it| it.split('/').next().unwrap_or(it))
        .collect();
    let known = |name: &str| {
        json.keys()
            .map(String::as_str)
            .chain(resource.expandable.iter().copied())
            .any(|it| it.eq_ignore_ascii_case(name))
    };
    if let Some(unknown) = heads.iter().find(|name| !known(name)) {
        return Err(Problem::malformed(format!(
            "Parsing OData Select and Expand failed: Could not find a property named '{unknown}' on type 'microsoft.graph.{}'.",
            resource.name
        )));
    }
    json.retain(|name, _| expanded(name) || heads.iter().any(|it| it.eq_ignore_ascii_case(name)));
    Ok(())
}

/// `property eq 'value'`, the only form of `$filter` here.
///
/// # Errors
/// 400 naming the properties that may be asked for.
pub fn equality(
    filter: &str,
    properties: &[&'static str],
) -> Result<(&'static str, String), Problem> {
    let parse = || {
        let (name, rest) = filter.trim().split_once(char::is_whitespace)?;
        let name = properties.iter().find(|it| it.eq_ignore_ascii_case(name))?;
        let (operator, value) = rest.trim().split_once(char::is_whitespace)?;
        let is_eq = operator.eq_ignore_ascii_case("eq");
        is_eq.then_some((*name, literal(value.trim())?))
    };
    parse().ok_or_else(|| {
        let supported: Vec<String> = properties.iter().map(|it| format!("{it} eq '…'")).collect();
        Problem::unsupported_query(format!(
            "The filter '{filter}' is not supported here. Supported: {}.",
            supported.join(", ")
        ))
    })
}

/// What a quoted text says; `None` when there is more than that, such as `'a' or id eq 'b'`.
fn literal(text: &str) -> Option<String> {
    let inner = text.strip_prefix('\'')?.strip_suffix('\'')?;
    let is_one = !inner.replace("''", "").contains('\'');
    is_one.then(|| inner.replace("''", "'"))
}
