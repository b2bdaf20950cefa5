//! The query string of a request: OData's options by name, the caller's own beside them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use syncline_model::query::Order;
use syncline_model::{EntityType, Predicate, Problem, Query};

use crate::select::{Expansion, Selection};
use crate::{Rules, decode, filter, limits, orderby, search, select};

/// Parsed query options. Texts are decoded and kept as written; names and values are checked when
/// the options are bound to an entity type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueryOptions {
    /// The texts that page and delta tokens carry along.
    pub texts: OptionTexts,
    pub skip: Option<u32>,
    pub skiptoken: Option<String>,
    pub deltatoken: Option<String>,
    pub format: Option<String>,
    /// `$select`, split; empty when not given.
    pub select: Vec<String>,
    /// `$expand`, parsed; empty when not given.
    pub expand: Vec<Expansion>,
    /// Options that are not OData's, in order; ignored by Graph.
    pub custom: Vec<(String, String)>,
}

/// The options that stay the same from page to page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptionTexts {
    pub select: Option<String>,
    pub filter: Option<String>,
    pub orderby: Option<String>,
    pub search: Option<String>,
    pub expand: Option<String>,
    pub top: Option<u32>,
    /// `$count=true`.
    pub count: bool,
}

const NAMES: [&str; 11] = [
    "select",
    "filter",
    "orderby",
    "search",
    "expand",
    "top",
    "count",
    "skip",
    "skiptoken",
    "deltatoken",
    "format",
];

/// Those of [`NAMES`] that links carry.
const TOKENS: [&str; 2] = ["skiptoken", "deltatoken"];

/// What a value in a query string keeps as it is; everything else is percent-encoded.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b',');

impl QueryOptions {
    /// Parses a raw query string (without `?`). Names count in any case, with and without `$`;
    /// `+` and `%20` both mean a space.
    ///
    /// # Errors
    /// 400 for an unknown `$option`, an option given twice or empty, a number or Boolean that is
    /// none, a `$expand` that can not be read, or more than has room: 16 KiB, and in a link with a token 49 KiB, of
    /// which 16 KiB of options when decoded.
    pub fn parse(raw: &str) -> Result<Self, Problem> {
        let too_long = || Problem::malformed("The query string is too long.");
        if raw.len() > limits::MAX_LINK_BYTES {
            return Err(too_long());
        }
        let mut options = Self::default();
        let mut seen: Vec<&str> = Vec::new();
        let mut written = 0;
        for pair in raw.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decode::query(name, "query string")?;
            let value = decode::query(value, "query string")?;
            let bare = name.strip_prefix('$').unwrap_or(&name).trim();
            if !TOKENS.iter().any(|it| it.eq_ignore_ascii_case(bare)) {
                written += name.len() + "=".len() + value.len();
            }
            let Some(known) = NAMES.into_iter().find(|it| it.eq_ignore_ascii_case(bare)) else {
                if name.starts_with('$') {
                    return Err(Problem::unsupported_query(format!(
                        "The query option '{name}' is not supported."
                    )));
                }
                options.custom.push((name, value));
                continue;
            };
            if seen.contains(&known) {
                return Err(Problem::malformed(format!(
                    "Query option '${known}' was specified more than once."
                )));
            }
            seen.push(known);
            options.set(known, value.trim())?;
        }
        let goes_on = TOKENS.iter().any(|it| seen.contains(it));
        if written > limits::MAX_TEXT_BYTES || (raw.len() > limits::MAX_TEXT_BYTES && !goes_on) {
            return Err(too_long());
        }
        Ok(options)
    }

    /// The options a token carried, as if the caller had sent them.
    ///
    /// # Errors
    /// As [`QueryOptions::parse`].
    pub fn from_texts(texts: &OptionTexts) -> Result<Self, Problem> {
        let mut options = Self::default();
        let named = [
            ("select", &texts.select),
            ("filter", &texts.filter),
            ("orderby", &texts.orderby),
            ("search", &texts.search),
            ("expand", &texts.expand),
        ];
        for (name, text) in named {
            if let Some(text) = text {
                options.set(name, text)?;
            }
        }
        options.texts.top = texts.top;
        options.texts.count = texts.count;
        Ok(options)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), Problem> {
        if value.is_empty() && name == "deltatoken" {
            // What the answer to an expired one tells to begin again with.
            return Ok(());
        }
        if value.is_empty() {
            return Err(Problem::malformed(format!(
                "The value for OData query '${name}' cannot be empty."
            )));
        }
        let text = || Some(value.to_owned());
        match name {
            "select" => {
                self.select = select::split(value)?;
                self.texts.select = text();
            }
            "expand" => {
                self.expand = select::parse_expand(value)?;
                self.texts.expand = text();
            }
            "filter" => self.texts.filter = text(),
            "orderby" => self.texts.orderby = text(),
            "search" => self.texts.search = text(),
            "top" => self.texts.top = Some(number(name, value)?),
            "skip" => self.skip = Some(number(name, value)?),
            "count" => self.texts.count = boolean(name, value)?,
            "skiptoken" => self.skiptoken = text(),
            "deltatoken" => self.deltatoken = text(),
            _ => self.format = text(),
        }
        Ok(())
    }

    /// Binds filter, search, order and page size to an entity type.
    ///
    /// # Errors
    /// 400 naming the clause and its position: syntax, unknown properties, operators the property
    /// or the collection does not support, literals of the wrong type, a page size out of range.
    pub fn bind(&self, entity: &EntityType, rules: &Rules) -> Result<Query, Problem> {
        let query = self.bind_unordered(entity, rules)?;
        let order = self.bind_order(entity, rules)?;
        Ok(Query { order, ..query })
    }

    /// Binds the order alone; empty when none is asked for.
    ///
    /// # Errors
    /// 400 naming what can not be read, is not known, or is nothing to sort by.
    pub fn bind_order(&self, entity: &EntityType, rules: &Rules) -> Result<Vec<Order>, Problem> {
        match &self.texts.orderby {
            Some(text) => orderby::bind(text, entity, rules),
            None => Ok(Vec::new()),
        }
    }

    /// Binds everything but the order.
    ///
    /// # Errors
    /// As [`QueryOptions::bind`].
    pub fn bind_unordered(&self, entity: &EntityType, rules: &Rules) -> Result<Query, Problem> {
        if let Some(top) = self.texts.top
            && (top == 0 || top > rules.max_top)
        {
            return Err(rules.unsupported(format!(
                "Invalid page size specified: '{top}'. Must be between 1 and {} inclusive.",
                rules.max_top
            )));
        }
        if self.skip.is_some() && !rules.skip {
            return Err(rules.unsupported("'$skip' is not supported by the service."));
        }
        let mut conditions = Vec::new();
        if let Some(text) = &self.texts.filter {
            conditions.push(filter::bind(text, entity, rules)?);
        }
        if let Some(text) = &self.texts.search {
            conditions.push(search::bind(text, entity, rules)?);
        }
        let predicate = match conditions.len() {
            0 => None,
            1 => conditions.pop(),
            _ => Some(Predicate::And(conditions)),
        };
        Ok(Query {
            predicate,
            order: Vec::new(),
            top: self.texts.top,
            skip: self.skip,
            count: self.texts.count,
        })
    }

    /// Refuses options that nobody honours where they are sent: `["filter", "top"]`. Passed over, they would
    /// leave the caller with another answer than it asked for.
    ///
    /// # Errors
    /// 400 naming the first one.
    pub fn refuse(&self, names: &[&str]) -> Result<(), Problem> {
        let texts = &self.texts;
        let sent = [
            ("filter", texts.filter.is_some()),
            ("orderby", texts.orderby.is_some()),
            ("search", texts.search.is_some()),
            ("top", texts.top.is_some()),
            ("skip", self.skip.is_some()),
            ("skiptoken", self.skiptoken.is_some()),
        ];
        match sent
            .iter()
            .find(|(name, sent)| *sent && names.contains(name))
        {
            None => Ok(()),
            Some((name, _)) => Err(Problem::unsupported_query(format!(
                "The query option '${name}' is not supported here."
            ))),
        }
    }

    /// What `$select` asks for.
    ///
    /// # Errors
    /// 400 for a property the entity type does not have.
    pub fn selection(&self, entity: &EntityType) -> Result<Selection, Problem> {
        Selection::bind(&self.select, entity)
    }

    /// The query string of a next page, percent-encoded: the token, and before it the caller's options, for whoever
    /// reads the link. The token carries those that count, so that what would make the link long is left out: it would
    /// be refused where the request was not, here or on the way.
    pub fn next_link_query(&self, skiptoken: &str) -> String {
        let texts = &self.texts;
        let top = texts.top.map(|top| top.to_string());
        let count = texts.count.then(|| "true".to_owned());
        let named = [
            ("$select", &texts.select),
            ("$filter", &texts.filter),
            ("$orderby", &texts.orderby),
            ("$search", &texts.search),
            ("$expand", &texts.expand),
            ("$top", &top),
            ("$count", &count),
            ("$format", &self.format),
        ];
        let own = named
            .iter()
            .filter_map(|(name, value)| Some((*name, value.as_deref()?)));
        let custom = self
            .custom
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let mut query = String::new();
        for (name, value) in own.chain(custom) {
            let before = query.len();
            push_option(&mut query, name, value);
            if query.len() > limits::REPEATED_BYTES {
                query.truncate(before);
            }
        }
        push_option(&mut query, "$skiptoken", skiptoken);
        query
    }
}

fn push_option(query: &mut String, name: &str, value: &str) {
    if !query.is_empty() {
        query.push('&');
    }
    // The `$` of an option stays readable; custom names never begin with one.
    match name.strip_prefix('$') {
        Some(bare) => {
            query.push('$');
            query.push_str(bare);
        }
        None => query.extend(utf8_percent_encode(name, KEPT)),
    }
    query.push('=');
    query.extend(utf8_percent_encode(value, KEPT));
}

fn number(name: &str, value: &str) -> Result<u32, Problem> {
    let digits = value.bytes().all(|it| it.is_ascii_digit());
    value.parse().ok().filter(|_| digits).ok_or_else(|| {
        Problem::malformed(format!(
            "Invalid value '{value}' for ${name} query option found. The ${name} query option requires a non-negative integer value."
        ))
    })
}

fn boolean(name: &str, value: &str) -> Result<bool, Problem> {
    match value {
        _ if value.eq_ignore_ascii_case("true") => Ok(true),
        _ if value.eq_ignore_ascii_case("false") => Ok(false),
        _ => Err(Problem::malformed(format!(
            "Invalid value '{value}' for ${name} query option found. Valid values are 'true' and 'false'."
        ))),
    }
}
