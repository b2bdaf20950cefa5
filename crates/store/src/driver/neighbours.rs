//! Rows of ids that stand next to each other in a table, which is so of a page of people: read in one
//! go, instead of looking for each.

use syncline_model::ObjectId;

use crate::{Reader, Result};

/// Looking for fewer one by one costs no more.
pub(crate) const FEW: usize = 16;

impl Reader<'_> {
    /// What there is for each of these ids, in the order asked: those in ascending order by `range`, as long
    /// as few others stand among them; the rest by `each`.
    ///
    /// `range` gets the least and the greatest id, and how many rows it may read, in order of id: those of
    /// which nothing is wanted count as well, for they are gone through. At most one of an id is wanted.
    /// `each` answers in the order asked.
    ///
    /// On a shared database all of them are looked for in one statement anyway.
    pub(crate) fn neighbours<T>(
        &self,
        ids: &[ObjectId],
        range: impl Fn(ObjectId, ObjectId, usize) -> Result<Vec<(ObjectId, Option<T>)>>,
        each: impl FnOnce(&[ObjectId]) -> Result<Vec<Option<T>>>,
    ) -> Result<Vec<Option<T>>> {
        if self.is_shared() {
            return each(ids);
        }
        let mut found: Vec<Option<T>> = Vec::with_capacity(ids.len());
        let mut places = Vec::new();
        for run in ids.chunk_by(|one, next| one < next) {
            let [first, .., last] = run else {
                places.push(found.len());
                found.push(None);
                continue;
            };
            let rows = if run.len() < FEW {
                None
            } else {
                let rows = range(*first, *last, run.len() + 1)?;
                (rows.len() <= run.len()).then_some(rows)
            };
            let Some(rows) = rows else {
                places.extend(found.len()..found.len() + run.len());
                found.extend(run.iter().map(|_| None));
                continue;
            };
            let mut rows = rows.into_iter().peekable();
            found.extend(run.iter().map(|id| {
                while rows.next_if(|(other, _)| other < id).is_some() {}
                let mut wanted = None;
                while let Some((_, row)) = rows.next_if(|(other, _)| other == id) {
                    wanted = wanted.or(row);
                }
                wanted
            }));
        }
        let rest: Vec<ObjectId> = places.iter().map(|at| ids[*at]).collect();
        for (at, row) in places.into_iter().zip(each(&rest)?) {
            found[at] = row;
        }
        Ok(found)
    }
}
