//! `GET /oauth2PermissionGrants`

use serde_json::Value as Json;
use syncline_access::grants::{self, Grant};
use syncline_model::predicate::{Operand, Operator};
use syncline_model::query::Query;
use syncline_model::{Attr, ObjectId, Predicate, Problem, Value};
use syncline_odata::skiptoken::{PageToken, expired_page};
use syncline_odata::{QueryOptions, Rules};
use syncline_store::Reader;

use super::table::{SET, TABLE, json};
use crate::call::Tail;
use crate::list::{page_size, small};
use crate::wire::collection::Collection;
use crate::{Call, Reply};

/// Grants read at once.
const AT_ONCE: usize = 500;

/// Grants read for a filter before a page is answered with what it has.
const BUDGET: usize = 20_000;

/// In order of client, API and user: everybody may have consented to every client for himself, so that there are
/// many times as many grants as people.
pub fn list(call: &Call<'_>) -> Result<Reply, Problem> {
    let token = call.query.skiptoken.as_deref();
    let token = token
        .map(|it| PageToken::decode(it, SET, call.tenant()))
        .transpose()?;
    let options = match &token {
        Some(token) => QueryOptions::from_texts(&token.texts)?,
        None => call.query.clone(),
    };
    small::check_expand(&options, &[])?;
    let query = options.bind(&TABLE, &Rules::directory())?;
    if call.tail == Tail::Count {
        let count = call.read(|reader| Walk::new(call, reader, &query).count())?;
        return Ok(Reply::text(count.to_string()));
    }
    let after = token.as_ref().map(|it| place(&it.last_key)).transpose()?;
    let size = page_size(call, query.top);
    let (page, count) = call.read(|reader| {
        let walk = Walk::new(call, reader, &query);
        let count = (options.texts.count && token.is_none()).then(|| walk.count());
        Ok::<_, Problem>((walk.page(after, size)?, count.transpose()?))
    })?;
    let items = page
        .items
        .into_iter()
        .map(|it| small::select(&options, &TABLE, it))
        .collect::<Result<_, _>>()?;
    let next = page.next.map(|last| {
        let token = PageToken {
            resource: SET.to_owned(),
            last_key: last.id().into_bytes(),
            texts: options.texts.clone(),
        };
        call.link(&options.next_link_query(&token.encode(call.tenant())))
    });
    Ok(Collection::new(call, SET, items)
        .count(count)
        .next_link(next)
        .reply())
}

fn place(key: &[u8]) -> Result<Grant, Problem> {
    let id = std::str::from_utf8(key).ok();
    id.and_then(grants::place).ok_or_else(expired_page)
}

struct Page {
    items: Vec<Json>,
    /// The last grant that was looked at; `None` on the last page.
    next: Option<Grant>,
}

/// Through the grants that a query may mean.
struct Walk<'w> {
    call: &'w Call<'w>,
    reader: &'w Reader<'w>,
    query: &'w Query,
    /// The one whose grants are asked for, as they mostly are.
    client: Option<ObjectId>,
}

impl<'w> Walk<'w> {
    fn new(call: &'w Call<'w>, reader: &'w Reader<'w>, query: &'w Query) -> Self {
        Self {
            call,
            reader,
            query,
            client: query.predicate.as_ref().and_then(client),
        }
    }

    /// The grants after one, those that are not meant among them.
    fn after(&self, after: Option<&Grant>) -> Result<Vec<Grant>, Problem> {
        let tenant = self.call.tenant();
        let read = match self.client {
            Some(client) => grants::of_client(self.reader, tenant, client, after, AT_ONCE)?,
            None => grants::list(self.reader, tenant, after, AT_ONCE)?,
        };
        self.call.has_read(read.len())?;
        Ok(read)
    }

    fn keeps(&self, item: &Json) -> bool {
        small::keeps(&TABLE, self.query, item)
    }

    fn page(&self, mut after: Option<Grant>, size: usize) -> Result<Page, Problem> {
        let (mut items, mut read) = (Vec::new(), 0);
        loop {
            let found = self.after(after.as_ref())?;
            let ended = found.len() < AT_ONCE;
            read += found.len();
            for grant in found {
                let item = json(&grant);
                if self.keeps(&item) {
                    if items.len() == size {
                        return Ok(Page { items, next: after });
                    }
                    items.push(item);
                }
                after = Some(grant);
            }
            if ended {
                return Ok(Page { items, next: None });
            }
            if read >= BUDGET {
                return Ok(Page { items, next: after });
            }
        }
    }

    fn count(&self) -> Result<u64, Problem> {
        let (mut count, mut after) = (0, None);
        loop {
            let found = self.after(after.as_ref())?;
            count += found.iter().filter(|it| self.keeps(&json(it))).count() as u64;
            if found.len() < AT_ONCE {
                return Ok(count);
            }
            after = found.into_iter().next_back();
        }
    }
}

/// The client that every grant must have which a filter keeps, where it names one.
fn client(filter: &Predicate) -> Option<ObjectId> {
    match filter {
        Predicate::And(parts) => parts.iter().find_map(client),
        Predicate::Compare {
            operand,
            operator: Operator::Equal,
            value: Value::Text(id),
            ..
        } if *operand == Operand::attr(Attr::APP_ID) => id.parse().ok(),
        _ => None,
    }
}
