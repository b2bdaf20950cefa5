//! Lists that are short enough to be made as a whole: role definitions, grants, assignments of one
//! principal. The items are JSON already; a table of properties says what `$filter`, `$orderby` and
//! `$select` may name.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::{Map, Value as Json};
use syncline_model::predicate::{Attributes, Case, order};
use syncline_model::query::{Order, Query};
use syncline_model::{Attr, EntityType, Problem, Value};
use syncline_odata::select::not_expandable;
use syncline_odata::skiptoken::{PageToken, expired_page};
use syncline_odata::{QueryOptions, Rules};

use super::{FULL, page_size};
use crate::call::Tail;
use crate::wire::collection::Collection;
use crate::wire::value;
use crate::{Call, Reply};

/// 200 with a page of the items that the caller asks for; with their number for `/$count`.
/// `context` comes after `$metadata#` and names the collection in page tokens, too.
pub fn reply(
    call: &Call<'_>,
    context: &str,
    entity: &EntityType,
    rules: &Rules,
    items: Vec<Json>,
) -> Result<Reply, Problem> {
    let nothing = Expand {
        names: &[],
        bind: &|_| Ok(Box::new(|_| Ok(()))),
    };
    reply_expanded(call, context, entity, rules, items, &nothing)
}

/// Adds to an item what `$expand` asks for.
pub type Fill<'e> = dyn Fn(&mut Json) -> Result<(), Problem> + 'e;

/// Binds what a query expands, once for all items.
type Bind<'e> = dyn Fn(&QueryOptions) -> Result<Box<Fill<'e>>, Problem> + 'e;

/// What `$expand` may name, and how the items of a page get it.
pub struct Expand<'e> {
    pub names: &'e [&'e str],
    pub bind: &'e Bind<'e>,
}

impl std::fmt::Debug for Expand<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Expand")
            .field("names", &self.names)
            .finish_non_exhaustive()
    }
}

/// The same, with what `$expand` asks for in the items of the page.
pub fn reply_expanded(
    call: &Call<'_>,
    context: &str,
    entity: &EntityType,
    rules: &Rules,
    items: Vec<Json>,
    expand: &Expand<'_>,
) -> Result<Reply, Problem> {
    let token = call
        .query
        .skiptoken
        .as_deref()
        .map(|it| PageToken::decode(it, context, call.tenant()))
        .transpose()?;
    let options = match &token {
        Some(token) => QueryOptions::from_texts(&token.texts)?,
        None => call.query.clone(),
    };
    check_expand(&options, expand.names)?;
    let query = options.bind(entity, rules)?;
    let mut items: Vec<Json> = items
        .into_iter()
        .filter(|it| keeps(entity, &query, it))
        .collect();
    if call.tail == Tail::Count {
        return Ok(Reply::text(items.len().to_string()));
    }
    let place = |left: &Json, right: &Json| {
        compare(entity, &query.order, left, right).then_with(|| id(left).cmp(id(right)))
    };
    items.sort_by(place);
    let count = (options.texts.count && token.is_none()).then_some(items.len() as u64);
    let from = match &token {
        Some(token) => {
            let last = last_item(&token.last_key)?;
            items.partition_point(|it| place(it, &last).is_le())
        }
        None => query
            .skip
            .and_then(|it| usize::try_from(it).ok())
            .unwrap_or(0),
    };
    let to = from
        .saturating_add(page_size(call, query.top))
        .min(items.len());
    let fill = (expand.bind)(&options)?;
    let (mut page, mut last_key, mut room) = (Vec::new(), None, FULL);
    for at in from..to {
        // Before it is filled: it is what the items are sorted by.
        last_key = Some(position(entity, &query.order, &items[at]));
        let mut item = std::mem::take(&mut items[at]);
        fill(&mut item)?;
        // As text, and at once: a tree of what is expanded would take many times the room.
        let item = select_expanded(&options, entity, item, expand.names)?.to_string();
        room = room.saturating_sub(item.len());
        page.push(item);
        if at + 1 == items.len() {
            last_key = None;
        }
        if room == 0 {
            break;
        }
    }
    let next = last_key.map(|last_key| {
        let token = PageToken {
            resource: context.to_owned(),
            last_key,
            texts: options.texts.clone(),
        };
        call.link(&options.next_link_query(&token.encode(call.tenant())))
    });
    Ok(Collection::new(call, context, page)
        .count(count)
        .next_link(next)
        .reply())
}

/// Whether an item is what a query's filter asks for.
pub fn keeps(entity: &EntityType, query: &Query, json: &Json) -> bool {
    let filter = query.predicate.as_ref();
    filter.is_none_or(|it| it.evaluate(&Item { entity, json }))
}

/// 400 for a `$expand` that names anything else.
pub fn check_expand(options: &QueryOptions, expanded: &[&str]) -> Result<(), Problem> {
    for expansion in &options.expand {
        let name = expansion.property();
        if !expanded.iter().any(|it| it.eq_ignore_ascii_case(name)) {
            return Err(not_expandable(name));
        }
        expansion.only(&["select"])?;
    }
    Ok(())
}

/// One item with `$select` applied; annotations stay.
pub fn select(options: &QueryOptions, entity: &EntityType, item: Json) -> Result<Json, Problem> {
    select_expanded(options, entity, item, &[])
}

/// The same of an item in which these properties are expanded: they need not be selected.
pub fn select_expanded(
    options: &QueryOptions,
    entity: &EntityType,
    item: Json,
    expanded: &[&str],
) -> Result<Json, Problem> {
    check_expand(options, expanded)?;
    let selection = options.selection(entity)?;
    let Json::Object(members) = item else {
        return Ok(item);
    };
    if !selection.explicit {
        return Ok(Json::Object(members));
    }
    let chosen = |name: &String| {
        name.starts_with('@')
            || expanded.contains(&name.as_str())
            || entity
                .by_name(name)
                .is_some_and(|property| selection.contains(property.attr))
    };
    Ok(Json::Object(
        members
            .into_iter()
            .filter(|(name, _)| chosen(name))
            .collect::<Map<_, _>>(),
    ))
}

/// Where an item stands: what it is sorted by, and its id. It holds when items before it come or go.
fn position(entity: &EntityType, order: &[Order], item: &Json) -> Vec<u8> {
    let sorted_by = order.iter().filter_map(|key| entity.property(key.attr));
    let names = sorted_by.map(|property| &*property.name).chain([ID]);
    let place: Map<String, Json> = names
        .filter_map(|name| Some((name.to_owned(), item.get(name)?.clone())))
        .collect();
    Json::Object(place).to_string().into_bytes()
}

/// The item that [`position`] told the place of, as far as that goes. Builds before told how many items had been read,
/// which was wrong as soon as one of them was gone: such a token has expired.
fn last_item(position: &[u8]) -> Result<Json, Problem> {
    let place = serde_json::from_slice(position).ok();
    place.filter(Json::is_object).ok_or_else(expired_page)
}

const ID: &str = "id";

fn id(item: &Json) -> &str {
    item[ID].as_str().unwrap_or_default()
}

fn compare(entity: &EntityType, keys: &[Order], left: &Json, right: &Json) -> Ordering {
    let (left, right) = (
        Item { entity, json: left },
        Item {
            entity,
            json: right,
        },
    );
    for key in keys {
        let ordering = match (left.value(key.attr), right.value(key.attr)) {
            (Some(left), Some(right)) => {
                order(&left, &right, Case::Insensitive).unwrap_or(Ordering::Equal)
            }
            (left, right) => left.is_some().cmp(&right.is_some()),
        };
        let ordering = if key.descending {
            ordering.reverse()
        } else {
            ordering
        };
        if ordering.is_ne() {
            return ordering;
        }
    }
    Ordering::Equal
}

/// A JSON item as a predicate sees it.
struct Item<'i> {
    entity: &'i EntityType,
    json: &'i Json,
}

impl Attributes for Item<'_> {
    fn value(&self, attr: Attr) -> Option<Cow<'_, Value>> {
        let property = self.entity.property(attr)?;
        let json = self.json.get(&*property.name).filter(|it| !it.is_null())?;
        Some(Cow::Owned(
            value::parse(property.kind, json).unwrap_or_else(|| value::free(json)),
        ))
    }
}
