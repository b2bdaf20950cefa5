//! Lists: `$filter`, `$search`, `$orderby`, `$select`, `$expand`, `$top`, `$count` and paging over
//! anything that has rows in order of id.
//!
//! ```text
//! List::objects(EntityKind::User).reply(call, reader)
//! List::related(call, "groups/{id}/members", KINDS, &rows).reply(call, reader)
//! ```
//!
//! One list answers four paths: the collection, its `/$count`, its `/$ref` and, of related objects, one item, which a cast
//! before or behind its id wants to be of one kind.
//!
//! A filter that names an id, a unique value or a reference reads what the store finds by it
//! ([`Restriction`]). Any other filter is evaluated row by row, with a bound on the rows of one
//! request: a page may then be short, or empty, and still have a next link.

mod bound;
pub mod containers;
mod expand;
mod key;
mod owned;
mod page;
pub mod rows;
mod shape;
mod sight;
pub mod small;
mod sorted;
mod strict;

use http::StatusCode;
use serde_json::value::RawValue;
use syncline_model::{Attr, EntityKind, ObjectId, Problem};
use syncline_odata::skiptoken::PageToken;
use syncline_odata::{QueryOptions, Rules};
use syncline_store::{ObjectState, Reader, Restriction, Stored};
use uuid::Uuid;

pub use expand::first_shown;
pub use page::BUDGET;
pub use rows::{AT_ONCE, Batch, FULL, Rows};
pub use shape::Shape;
pub use sight::Sight;

use crate::call::Tail;
use crate::wire::collection::Collection;
use crate::wire::entity_out::{Columns, Object};
use crate::{Call, Reply};

/// The placeholder of one item of a collection.
const ITEM: &str = "itemId";

/// Page size without `$top`.
const DEFAULT_PAGE: u32 = 100;

/// A list request that is ready to run.
pub struct List<'l> {
    /// Names the collection in page tokens: a token of one is refused by another.
    resource: String,
    /// What `@odata.context` says after `$metadata#`, without the selected names.
    context: String,
    /// What the items may be. None: a cast to something this directory has none of.
    kinds: &'l [EntityKind],
    /// Whether items tell their type: the collection may hold objects of several kinds.
    typed: bool,
    /// Whether the action asked for the permission to read these objects.
    allowed: bool,
    rules: Rules,
    source: Source<'l>,
}

enum Source<'l> {
    /// All live objects of one kind; knows keys and its size.
    Objects(EntityKind),
    Rows(&'l Rows<'l>),
}

impl std::fmt::Debug for List<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("List")
            .field("resource", &self.resource)
            .finish_non_exhaustive()
    }
}

impl<'l> List<'l> {
    /// `/users`, `/groups`, `/applications`, `/servicePrincipals`.
    pub fn objects(kind: EntityKind) -> Self {
        let (set, kinds, rules): (_, &'static [EntityKind], _) = match kind {
            EntityKind::Group => ("groups", &[EntityKind::Group], Rules::groups()),
            EntityKind::Application => (
                "applications",
                &[EntityKind::Application],
                Rules::applications(),
            ),
            EntityKind::ServicePrincipal => (
                "servicePrincipals",
                &[EntityKind::ServicePrincipal],
                Rules::applications(),
            ),
            _ => ("users", &[EntityKind::User], Rules::users()),
        };
        let source = Source::Objects(kind);
        Self {
            resource: set.to_owned(),
            context: set.to_owned(),
            kinds,
            typed: false,
            allowed: false,
            rules,
            source,
        }
    }

    /// The recycle bin's objects of one kind, for whom the action found to be allowed to read them.
    pub fn deleted(kind: EntityKind, rows: &'l Rows<'l>) -> Self {
        let live = Self::objects(kind);
        Self {
            resource: format!("deleted {}", live.resource),
            allowed: true,
            rules: Rules::deleted_items(),
            source: Source::Rows(rows),
            ..live
        }
    }

    /// Objects related to another: members, owners, direct reports. `rows` gives them in order of
    /// id. Without a cast in the path the items are of any kind and say so.
    pub fn related(
        call: &Call<'_>,
        resource: impl Into<String>,
        kinds: &'l [EntityKind],
        rows: &'l Rows<'l>,
    ) -> Self {
        let typed = call.captures.key("cast").is_none();
        let context = match kinds {
            _ if typed => "directoryObjects",
            [EntityKind::Group] => "groups",
            [EntityKind::ServicePrincipal] => "servicePrincipals",
            [EntityKind::Application] => "applications",
            [EntityKind::User] => "users",
            [EntityKind::DirectoryRole] => "directoryRoles",
            _ => "directoryObjects",
        };
        let rules = Rules {
            searchable: &[Attr::DISPLAY_NAME],
            ..Rules::directory()
        };
        Self {
            resource: resource.into(),
            context: context.to_owned(),
            kinds,
            typed,
            allowed: false,
            rules,
            source: Source::Rows(rows),
        }
    }

    /// 200 with one page; with the number of objects when the path ends in `/$count`, and with the one that
    /// `{itemId}` names when it ends in that.
    pub fn reply(&self, call: &Call<'_>, reader: &Reader<'_>) -> Result<Reply, Problem> {
        match (call.tail, &self.source) {
            (Tail::Plain, Source::Rows(rows)) if call.captures.key(ITEM).is_some() => {
                one_related(call, reader, &item(call, rows)?)
            }
            _ => self.list_reply(call, reader),
        }
    }

    fn list_reply(&self, call: &Call<'_>, reader: &Reader<'_>) -> Result<Reply, Problem> {
        match call.tail {
            Tail::Count => self.count_reply(call, reader),
            _ if self.kinds.is_empty() => Ok(Collection::empty(call, &self.context).reply()),
            Tail::Plain | Tail::References => self.page_reply(call, reader),
        }
    }

    fn sight(&self, call: &Call<'_>) -> Sight {
        let sight = Sight::of(call);
        match self.kinds {
            [kind] if self.allowed => sight.and_whole(*kind),
            _ => sight,
        }
    }

    fn page_reply(&self, call: &Call<'_>, reader: &Reader<'_>) -> Result<Reply, Problem> {
        let token = call
            .query
            .skiptoken
            .as_deref()
            .map(|it| PageToken::decode(it, &self.resource, call.tenant()))
            .transpose()?;
        let options = match &token {
            Some(token) => QueryOptions::from_texts(&token.texts)?,
            None => call.query.clone(),
        };
        if token.is_none() {
            strict::check(call, &options)?;
            strict::check_levels(call, &options)?;
        }
        let (schema, sight) = (reader.schema(call.tenant())?, self.sight(call));
        let bound = bound::Bound::new(&schema, &options, self.kinds, &self.rules, &sight)?;
        let shape = Shape::bind(call, &schema, &options, self.kinds, sight)?;
        let size = page_size(call, bound.top).min(shape.most_objects());
        let rows = self.rows(call, reader, &bound, Some(&shape))?;
        let after = token.as_ref().map(|it| it.last_key.as_slice());
        let page = page::read(&*rows, &bound, after, size)?;
        let count = self.count_if_asked(call, reader, &bound, &options, token.is_none())?;
        let item = |stored: &Stored| match call.tail {
            Tail::References => reference(call, stored),
            _ => shape.item(call, reader, stored, self.typed)?.written(),
        };
        let (mut items, mut last_key, mut room) = (Vec::new(), page.next, FULL);
        let rows_read = call.rows_read();
        for (at, stored) in page.items.iter().enumerate() {
            let item = item(stored)?;
            // What is expanded inside of the objects was not counted when they were read.
            room = room.saturating_sub(item.get().len());
            items.push(item);
            let is_full = room == 0 || call.rows_read() - rows_read >= page::BUDGET;
            if is_full && !options.expand.is_empty() && at + 1 < page.items.len() {
                last_key = Some(page::position(stored, &bound));
                break;
            }
        }
        let next = last_key.map(|last_key| {
            let token = PageToken {
                resource: self.resource.clone(),
                last_key,
                texts: options.texts.clone(),
            };
            call.link(&options.next_link_query(&token.encode(call.tenant())))
        });
        let context = match call.tail {
            Tail::References => "Collection($ref)".to_owned(),
            _ => shape.context(&self.context),
        };
        Ok(Collection::new(call, &context, items)
            .count(count)
            .next_link(next)
            .reply())
    }

    fn count_reply(&self, call: &Call<'_>, reader: &Reader<'_>) -> Result<Reply, Problem> {
        strict::check_count_segment(call)?;
        if self.kinds.is_empty() {
            return Ok(Reply::text("0"));
        }
        let (schema, sight) = (reader.schema(call.tenant())?, self.sight(call));
        let bound = bound::Bound::new(&schema, &call.query, self.kinds, &self.rules, &sight)?;
        Ok(Reply::text(self.count(call, reader, &bound)?.to_string()))
    }

    fn count_if_asked(
        &self,
        call: &Call<'_>,
        reader: &Reader<'_>,
        bound: &bound::Bound,
        options: &QueryOptions,
        first_page: bool,
    ) -> Result<Option<u64>, Problem> {
        let asked = first_page
            && options.texts.count
            && (call.eventual() || !call.api.settings.strict_graph);
        if asked {
            self.count(call, reader, bound).map(Some)
        } else {
            Ok(None)
        }
    }

    fn count(
        &self,
        call: &Call<'_>,
        reader: &Reader<'_>,
        bound: &bound::Bound,
    ) -> Result<u64, Problem> {
        if let (Source::Objects(kind), true) = (&self.source, bound.is_everything()) {
            return Ok(reader.count_objects(call.tenant(), *kind, ObjectState::Live)?);
        }
        page::count(&*self.rows(call, reader, bound, None)?, bound)
    }

    /// `shown`: what the rows are read for, besides the filter and the order.
    fn rows<'r>(
        &'r self,
        call: &'r Call<'_>,
        reader: &'r Reader<'_>,
        bound: &bound::Bound,
        shown: Option<&Shape>,
    ) -> Result<Box<Rows<'r>>, Problem> {
        let rows = self.source_rows(call, reader, bound, shown)?;
        let by_owners = bound.asks_about(Attr::OWNERS);
        Ok(Box::new(move |after, limit| {
            let mut batch = rows(after, limit)?;
            call.has_read(batch.looked_at)?;
            if by_owners {
                // They count against what a page may look at.
                batch.looked_at += owned::add(call, reader, &mut batch.rows)?;
            }
            Ok(batch)
        }))
    }

    fn source_rows<'r>(
        &'r self,
        call: &'r Call<'_>,
        reader: &'r Reader<'_>,
        bound: &bound::Bound,
        shown: Option<&Shape>,
    ) -> Result<Box<Rows<'r>>, Problem> {
        match &self.source {
            Source::Rows(rows) => Ok(Box::new(rows)),
            Source::Objects(kind) => {
                let tenant = call.tenant();
                if let Some(shape) = shown.filter(|_| bound.asks_for_nothing()) {
                    let attrs = shape.attrs(*kind);
                    return Ok(Box::new(rows::scan_showing(reader, tenant, *kind, attrs)));
                }
                if let Some(predicate) = bound.predicate(*kind) {
                    let live = Restriction::of(predicate, *kind, ObjectState::Live);
                    return Ok(Box::new(rows::candidates(reader, tenant, live)));
                }
                Ok(Box::new(rows::scan(reader, tenant, *kind)))
            }
        }
    }
}

/// `$top`, else `Prefer: odata.maxpagesize=N`, else 100.
pub(crate) fn page_size(call: &Call<'_>, top: Option<u32>) -> usize {
    let preferred = call.preference("odata.maxpagesize");
    let preferred = preferred.and_then(|it| it.parse::<u32>().ok());
    let preferred = preferred.filter(|it| top.is_none() && (1..=999).contains(it));
    call.preferred_page.set(preferred);
    let size = top.or(preferred).unwrap_or(DEFAULT_PAGE);
    usize::try_from(size).unwrap_or(usize::MAX)
}

/// The object that the path names, if these rows have it.
fn item(call: &Call<'_>, rows: &Rows<'_>) -> Result<Stored, Problem> {
    let id = call.object_id(ITEM)?;
    // They come in order of id: right after the id before this one, or not at all.
    let before = id.0.as_u128().checked_sub(1);
    let batch = rows(before.map(|it| ObjectId(Uuid::from_u128(it))), 1)?;
    let found = batch.rows.into_iter().find(|it| it.entry.id == id);
    found.ok_or_else(|| Problem::not_found(id))
}

/// An item of a `/$ref` collection.
fn reference(call: &Call<'_>, stored: &Stored) -> Result<Box<RawValue>, Problem> {
    let columns = Columns::default();
    let mut object = Object::new(stored, &columns);
    let id = format!("{}/directoryObjects/{}", call.base_url(), stored.entry.id);
    object.insert("@odata.id", id);
    object.written()
}

/// One object with `$select` and `$expand` applied: the answer to `GET /groups/{id}` and its like, for
/// whom the route, or the action, found to be allowed to read it.
pub fn one(
    call: &Call<'_>,
    reader: &Reader<'_>,
    stored: &Stored,
    set: &str,
) -> Result<Reply, Problem> {
    let sight = Sight::of(call).and_whole(stored.entry.kind);
    one_of(call, reader, stored, set, sight)
}

/// The same for whom the route lets read one such object, though perhaps not all of it.
pub fn one_as_seen(
    call: &Call<'_>,
    reader: &Reader<'_>,
    stored: &Stored,
    set: &str,
) -> Result<Reply, Problem> {
    let sight = Sight::of(call).and_own(call, stored);
    one_of(call, reader, stored, set, sight)
}

fn one_of(
    call: &Call<'_>,
    reader: &Reader<'_>,
    stored: &Stored,
    set: &str,
    sight: Sight,
) -> Result<Reply, Problem> {
    strict::check_levels(call, &call.query)?;
    let schema = reader.schema(call.tenant())?;
    let shape = Shape::bind(call, &schema, &call.query, &[stored.entry.kind], sight)?;
    let mut object = shape.object(call, reader, stored)?;
    let mut named = call.query.select.iter();
    if named.any(|it| it.eq_ignore_ascii_case("keyCredentials")) {
        object.show_keys();
    }
    let context = call.context(&format!("{}/$entity", shape.context(set)));
    object.insert("@odata.context", context);
    Ok(Reply::written(StatusCode::OK, object.written()?))
}

/// The same of a kind that the path does not tell (`directoryObjects/{id}`).
pub fn one_typed(call: &Call<'_>, reader: &Reader<'_>, stored: &Stored) -> Result<Reply, Problem> {
    let sight = Sight::of(call).and_whole(stored.entry.kind);
    one_seen(call, reader, stored, sight)
}

/// The one object that another refers to (`manager`), as the caller may see it.
pub fn one_related(
    call: &Call<'_>,
    reader: &Reader<'_>,
    stored: &Stored,
) -> Result<Reply, Problem> {
    one_seen(call, reader, stored, Sight::of(call))
}

fn one_seen(
    call: &Call<'_>,
    reader: &Reader<'_>,
    stored: &Stored,
    sight: Sight,
) -> Result<Reply, Problem> {
    strict::check_levels(call, &call.query)?;
    let schema = reader.schema(call.tenant())?;
    let kinds = [stored.entry.kind];
    let shape = Shape::bind(call, &schema, &call.query, &kinds, sight)?;
    let mut object = shape.item(call, reader, stored, true)?;
    let context = call.context("directoryObjects/$entity");
    object.insert("@odata.context", context);
    Ok(Reply::written(StatusCode::OK, object.written()?))
}
