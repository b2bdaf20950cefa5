//! One page of rows.

use syncline_model::{ObjectId, Problem};
use syncline_odata::skiptoken::expired_page;
use syncline_store::Stored;

use super::bound::Bound;
use super::key::SortKey;
use super::rows::{AT_ONCE, CHUNK, FULL, Page, Rows};
use super::sorted;

/// Rows a request may look at for a filter, for a cast, or past the dead, before it answers with what it has.
pub const BUDGET: usize = 20_000;

/// Reads the page after a position.
pub(super) fn read(
    rows: &Rows<'_>,
    bound: &Bound,
    after: Option<&[u8]>,
    size: usize,
) -> Result<Page, Problem> {
    if !bound.order.is_empty() {
        return sorted::read(rows, bound, after, size);
    }
    let after = match after {
        Some(bytes) => Some(ObjectId::from_bytes(
            bytes.try_into().map_err(|_| expired_page())?,
        )),
        None => None,
    };
    by_id(rows, bound, after, size)
}

fn by_id(
    rows: &Rows<'_>,
    bound: &Bound,
    after: Option<ObjectId>,
    size: usize,
) -> Result<Page, Problem> {
    let everything = bound.is_everything();
    let mut items: Vec<Stored> = Vec::new();
    let mut after = after;
    let (mut seen, mut left_out, mut room) = (0, 0, FULL);
    loop {
        let at_once = if everything {
            // One row more than fits tells whether there is a next page. Where many do not get as far as here, more
            // and more at a time, or it would take long to pass them over.
            let wanted = (size + 1 - items.len()).min(AT_ONCE);
            wanted.max(CHUNK.min(left_out))
        } else {
            CHUNK
        };
        let batch = rows(after, at_once)?;
        seen += batch.looked_at;
        left_out += batch.looked_at.saturating_sub(batch.rows.len());
        for stored in batch.rows {
            let id = stored.entry.id;
            if bound.keeps(&stored) {
                if items.len() == size || room == 0 {
                    return Ok(Page {
                        items,
                        next: after.map(of_id),
                    });
                }
                room = room.saturating_sub(stored.bytes());
                items.push(stored);
            }
            after = Some(id);
        }
        let Some(next) = batch.next else {
            return Ok(Page { items, next: None });
        };
        after = Some(next);
        if seen >= BUDGET || room == 0 {
            return Ok(Page {
                items,
                next: after.map(of_id),
            });
        }
    }
}

fn of_id(id: ObjectId) -> Vec<u8> {
    id.as_bytes().to_vec()
}

/// Where the page after this object begins.
pub(super) fn position(stored: &Stored, bound: &Bound) -> Vec<u8> {
    match bound.order.as_slice() {
        [] => of_id(stored.entry.id),
        order => SortKey::of(stored, order).encode(),
    }
}

/// How many rows belong to the list; reads them all.
pub(super) fn count(rows: &Rows<'_>, bound: &Bound) -> Result<u64, Problem> {
    let mut count = 0;
    let mut after = None;
    loop {
        let batch = rows(after, CHUNK)?;
        count += batch.rows.iter().filter(|it| bound.keeps(it)).count() as u64;
        match batch.next {
            Some(next) => after = Some(next),
            None => return Ok(count),
        }
    }
}

#[cfg(test)]
mod tests {
    use syncline_model::{Attr, EntityKind, Entry, Timestamp};
    use syncline_odata::{QueryOptions, Rules};
    use syncline_store::ObjectState;
    use uuid::Uuid;

    use super::super::rows::Batch;
    use super::*;

    /// So many users without end of memory: made when asked for.
    fn endless(total: u128) -> impl Fn(Option<ObjectId>, usize) -> Result<Batch, Problem> {
        move |after, limit| {
            let from = after.map_or(0, |id| id.0.as_u128() + 1);
            let to = total.min(from + limit as u128);
            Ok(Batch::full((from..to).map(user).collect(), limit))
        }
    }

    /// The names on each page, from the first to the last.
    fn pages(rows: &Rows<'_>, bound: &Bound, size: usize) -> Vec<Vec<String>> {
        let (mut after, mut pages) = (None, Vec::new());
        loop {
            let page = read(rows, bound, after.as_deref(), size).unwrap();
            let name = |it: &Stored| it.entry.text(Attr::DISPLAY_NAME).unwrap().to_owned();
            pages.push(page.items.iter().map(name).collect());
            after = page.next;
            if after.is_none() {
                return pages;
            }
        }
    }

    #[test]
    fn a_page_of_large_objects_is_full_with_few_of_them() {
        let small = endless(12);
        let rows = |after, limit| {
            let mut batch: Batch = small(after, limit)?;
            for stored in &mut batch.rows {
                let attrs = &mut stored.entry.attrs;
                attrs.set(Attr::DESCRIPTION, "-".repeat(1024 * 1024));
            }
            Ok(batch)
        };
        let sorted = "$orderby=displayName desc";
        let filtered = "$filter=startsWith(displayName,'u1')";
        for (query, count) in [("", 12), (sorted, 12), (filtered, 3)] {
            let pages = pages(&rows, &bound(query), 999);
            assert!(pages.iter().all(|it| it.len() <= 4), "{query}: {pages:?}");
            let mut seen: Vec<String> = pages.into_iter().flatten().collect();
            assert_eq!(seen.len(), count, "{query}: {seen:?}");
            seen.sort();
            seen.dedup();
            assert_eq!(seen.len(), count, "{query}: {seen:?}");
        }
    }

    fn user(number: u128) -> Stored {
        let mut entry = Entry::new(EntityKind::User, ObjectId(Uuid::from_u128(number)));
        entry.attrs.set(Attr::DISPLAY_NAME, format!("u{number}"));
        let at = Timestamp::from_seconds(0);
        Stored {
            entry,
            state: ObjectState::Live,
            changed_seq: 1,
            created_at: at,
            deleted_at: None,
        }
    }

    fn bound(query: &str) -> Bound {
        let options = QueryOptions::parse(query).unwrap();
        Bound::new(
            syncline_model::Schema::core(),
            &options,
            &[EntityKind::User],
            &Rules::users(),
            &super::super::Sight::everything(),
        )
        .unwrap()
    }

    #[test]
    fn a_filter_that_finds_nothing_for_long_answers_an_empty_page_that_goes_on() {
        let rows = endless(50_000);
        let bound = bound("$filter=displayName eq 'u49999'");
        let (mut after, mut pages, mut found) = (None, 0, Vec::new());
        loop {
            let page = read(&rows, &bound, after.as_deref(), 10).unwrap();
            pages += 1;
            found.extend(page.items);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!((found.len(), pages), (1, 3));
    }

    #[test]
    fn an_unfiltered_page_that_meets_very_many_dead_is_empty_and_goes_on() {
        let all = endless(50_000);
        let rows = |after, limit| {
            let mut batch: Batch = all(after, limit)?;
            batch.rows.retain(|it| it.entry.id.0.as_u128() >= 49_998);
            Ok(batch)
        };
        let pages = pages(&rows, &bound(""), 10);
        assert_eq!(pages, [vec![], vec![], vec!["u49998", "u49999"]]);
    }

    #[test]
    fn an_unfiltered_page_reads_no_more_than_it_shows() {
        let asked = std::cell::Cell::new(0);
        let all = endless(50_000);
        let rows = |after, limit| {
            asked.set(asked.get() + limit);
            all(after, limit)
        };
        let page = read(&rows, &bound(""), None, 10).unwrap();
        assert_eq!(
            (page.items.len(), page.next.is_some(), asked.get()),
            (10, true, 11)
        );
    }
}
