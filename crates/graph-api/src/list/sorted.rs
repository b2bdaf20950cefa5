//! Pages in the order of `$orderby`: a pass over all rows that keeps the smallest ones after the
//! last page. Memory is bounded by the page, time by the collection.

use syncline_model::Problem;
use syncline_odata::skiptoken::expired_page;
use syncline_store::Stored;

use super::bound::Bound;
use super::key::SortKey;
use super::rows::{CHUNK, FULL, Page, Rows};

/// Reads the page after the sort key in a token.
pub(super) fn read(
    rows: &Rows<'_>,
    bound: &Bound,
    after: Option<&[u8]>,
    size: usize,
) -> Result<Page, Problem> {
    let last = after
        .map(|bytes| SortKey::decode(bytes).ok_or_else(expired_page))
        .transpose()?;
    let mut best: Vec<(SortKey, Stored)> = Vec::new();
    let mut position = None;
    loop {
        let batch = rows(position, CHUNK)?;
        for stored in batch.rows.into_iter().filter(|it| bound.keeps(it)) {
            let key = SortKey::of(&stored, &bound.order);
            if last
                .as_ref()
                .is_none_or(|last| key.compare(last, &bound.order).is_gt())
            {
                best.push((key, stored));
            }
        }
        // One row more than fits tells whether there is a next page.
        if best.len() > size + 1 || bytes(&best) > FULL {
            best.sort_by(|(left, _), (right, _)| left.compare(right, &bound.order));
            best.truncate(fitting(&best).min(size) + 1);
        }
        match batch.next {
            Some(next) => position = Some(next),
            None => break,
        }
    }
    best.sort_by(|(left, _), (right, _)| left.compare(right, &bound.order));
    let more = best.len();
    best.truncate(size);
    best.truncate(fitting(&best));
    let more = more > best.len();
    let next = best.last().filter(|_| more).map(|(key, _)| key.encode());
    Ok(Page {
        items: best.into_iter().map(|(_, stored)| stored).collect(),
        next,
    })
}

/// How many of the first ones are on a page, whose room the last of them may exceed.
fn fitting(best: &[(SortKey, Stored)]) -> usize {
    let mut room = FULL;
    let fits = best.iter().take_while(|(_, stored)| {
        let fits = room > 0;
        room = room.saturating_sub(stored.bytes());
        fits
    });
    fits.count()
}

fn bytes(best: &[(SortKey, Stored)]) -> usize {
    best.iter().map(|(_, stored)| stored.bytes()).sum()
}
