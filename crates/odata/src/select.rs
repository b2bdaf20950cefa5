//! `$select` and `$expand`.

use syncline_model::{Attr, EntityType, Problem};

use crate::{limits, navigation};

/// Which properties to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// Whether the caller chose; without `$select` the default set is shown.
    pub explicit: bool,
    /// In the order of the entity table.
    pub attrs: Vec<Attr>,
    /// Navigation properties named in `$select`, exact spelling; delta follows them.
    pub navigation: Vec<&'static str>,
}

impl Selection {
    /// Whether `attr` is to be shown.
    pub fn contains(&self, attr: Attr) -> bool {
        self.attrs.contains(&attr)
    }

    pub(crate) fn bind(names: &[String], entity: &EntityType) -> Result<Self, Problem> {
        let mut chosen = Vec::new();
        let mut links = Vec::new();
        let mut all = false;
        for name in names {
            let head = property_name(name);
            if head == "*" {
                all = true;
            } else if let Some(property) = entity.by_name(head) {
                chosen.push(property.attr);
            } else if let Some(link) = navigation::find(entity.kind, head) {
                if !links.contains(&link) {
                    links.push(link);
                }
            } else if !is_open_name(head) {
                return Err(Problem::malformed(format!(
                    "Parsing OData Select and Expand failed: Could not find a property named '{head}' on type 'microsoft.graph.{}'.",
                    entity.kind.graph_name()
                )));
            }
        }
        let explicit = !names.is_empty();
        let wanted = |attr: &Attr, default: bool| {
            if explicit {
                chosen.contains(attr) || (all && !attr.is_extension())
            } else {
                default
            }
        };
        let attrs = entity
            .properties()
            .iter()
            .filter(|it| it.visible && wanted(&it.attr, it.default_select))
            .map(|it| it.attr)
            .collect();
        Ok(Self {
            explicit,
            attrs,
            navigation: links,
        })
    }
}

/// The property a select item is about: `microsoft.graph.user/displayName` selects on a cast,
/// `onPremisesExtensionAttributes/extensionAttribute1` a member, of which the whole is shown.
fn property_name(item: &str) -> &str {
    let mut parts = item.split('/');
    let first = parts.next().unwrap_or(item);
    match parts.next() {
        Some(second)
            if first
                .get(..16)
                .is_some_and(|it| it.eq_ignore_ascii_case("microsoft.graph.")) =>
        {
            second
        }
        _ => first,
    }
}

/// Annotations, and extension properties this tenant does not have: Graph answers without them.
fn is_open_name(name: &str) -> bool {
    name.starts_with('@')
        || name
            .get(..10)
            .is_some_and(|it| it.eq_ignore_ascii_case("extension_"))
}

/// One navigation property of `$expand`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expansion {
    /// As written, with any cast or `/$ref`: `manager`, `members/microsoft.graph.user`.
    pub name: String,
    /// The nested `$select`.
    pub select: Vec<String>,
    /// The nested `$levels`, e.g. `max`.
    pub levels: Option<String>,
    /// The nested `$expand`.
    pub expand: Vec<Expansion>,
    /// Other nested options: name in lower case without `$`, and text.
    pub other: Vec<(String, String)>,
}

impl Expansion {
    /// The name without a cast or `/$ref`.
    pub fn property(&self) -> &str {
        self.name.split('/').next().unwrap_or_default()
    }

    /// Refuses what is not honoured: a cast or `/$ref`, and nested options other than these, named without
    /// `$`. Passed over, they would show more than was asked for, or something else.
    ///
    /// # Errors
    /// 400 naming the first one.
    pub fn only(&self, honoured: &[&str]) -> Result<(), Problem> {
        let property = self.property();
        if self.name != property {
            return Err(Problem::unsupported_query(format!(
                "Expanding '{}' is not supported. Expand '{property}' as a whole.",
                self.name
            )));
        }
        let known = [
            ("select", !self.select.is_empty()),
            ("levels", self.levels.is_some()),
            ("expand", !self.expand.is_empty()),
        ];
        let known = known
            .iter()
            .filter(|(_, sent)| *sent)
            .map(|(name, _)| *name);
        let other = self.other.iter().map(|(name, _)| name.as_str());
        match known.chain(other).find(|name| !honoured.contains(name)) {
            None => Ok(()),
            Some(name) => Err(Problem::unsupported_query(format!(
                "The query option '${name}' is not supported inside of $expand={property}."
            ))),
        }
    }
}

/// 400 for a property that can not be expanded where it is asked for.
pub fn not_expandable(name: &str) -> Problem {
    Problem::unsupported_query(format!("Expanding '{name}' is not supported."))
}

/// The names of a `$select`.
pub(crate) fn split(text: &str) -> Result<Vec<String>, Problem> {
    let names: Vec<String> = text
        .split(',')
        .map(|it| it.trim().to_owned())
        .filter(|it| !it.is_empty())
        .collect();
    if names.is_empty() || names.len() > limits::MAX_NAMES {
        return Err(Problem::malformed(format!(
            "Parsing OData Select and Expand failed: between 1 and {} names are expected.",
            limits::MAX_NAMES
        )));
    }
    if let Some(odd) = names
        .iter()
        .find(|it| it.contains(|c: char| c.is_whitespace() || "()'\";".contains(c)))
    {
        return Err(Problem::malformed(format!(
            "Parsing OData Select and Expand failed: '{odd}' is not a name."
        )));
    }
    Ok(names)
}

/// The navigation properties of a `$expand`, e.g. `manager($levels=max;$select=id,displayName)`.
pub(crate) fn parse_expand(text: &str) -> Result<Vec<Expansion>, Problem> {
    expansions(text, 0)
}

fn expansions(text: &str, depth: usize) -> Result<Vec<Expansion>, Problem> {
    if depth >= limits::MAX_EXPAND_DEPTH {
        return Err(Problem::unsupported_query("$expand is nested too deeply."));
    }
    let mut found: Vec<Expansion> = Vec::new();
    for item in split_outside(text, ',')? {
        if found.len() >= limits::MAX_EXPANSIONS {
            return Err(Problem::unsupported_query(format!(
                "$expand names more than {} properties.",
                limits::MAX_EXPANSIONS
            )));
        }
        let expansion = expansion(item.trim(), depth)?;
        let property = expansion.property();
        // Each would be read again for every object, to be shown once.
        if found
            .iter()
            .any(|it| it.property().eq_ignore_ascii_case(property))
        {
            return Err(Problem::malformed(format!(
                "Parsing OData Select and Expand failed: '{property}' is expanded more than once."
            )));
        }
        found.push(expansion);
    }
    Ok(found)
}

fn expansion(item: &str, depth: usize) -> Result<Expansion, Problem> {
    let bad = || {
        Problem::malformed(format!(
            "Parsing OData Select and Expand failed: '{item}' cannot be read."
        ))
    };
    let (name, nested) = match item.split_once('(') {
        Some((name, rest)) => (
            name.trim(),
            rest.trim_end().strip_suffix(')').ok_or_else(bad)?,
        ),
        None => (item, ""),
    };
    let plain = |it: char| it.is_ascii_alphanumeric() || "_./$*".contains(it);
    if name.is_empty() || !name.chars().all(plain) {
        return Err(bad());
    }
    let mut expansion = Expansion {
        name: name.to_owned(),
        ..Expansion::default()
    };
    for option in split_outside(nested, ';')? {
        let option = option.trim();
        if option.is_empty() {
            continue;
        }
        let (name, value) = option.split_once('=').ok_or_else(bad)?;
        let name = name.trim().trim_start_matches('$').to_ascii_lowercase();
        let value = value.trim();
        match name.as_str() {
            "select" => expansion.select = split(value)?,
            "levels" => expansion.levels = Some(value.to_owned()),
            "expand" => expansion.expand = expansions(value, depth + 1)?,
            _ => expansion.other.push((name, value.to_owned())),
        }
    }
    Ok(expansion)
}

/// Splits at a separator that stands outside of parentheses and quoted strings.
fn split_outside(text: &str, separator: char) -> Result<Vec<&str>, Problem> {
    let mut parts = Vec::new();
    let (mut start, mut depth, mut quoted) = (0, 0_usize, false);
    let unbalanced =
        || Problem::malformed("Parsing OData Select and Expand failed: parentheses do not match.");
    for (at, it) in text.char_indices() {
        match it {
            '\'' => quoted = !quoted,
            _ if quoted => {}
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1).ok_or_else(unbalanced)?,
            _ if it == separator && depth == 0 => {
                parts.push(&text[start..at]);
                start = at + it.len_utf8();
            }
            _ => {}
        }
    }
    if depth > 0 || quoted {
        return Err(unbalanced());
    }
    parts.push(&text[start..]);
    Ok(parts)
}
