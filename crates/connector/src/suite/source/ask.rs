//! How the suite asks a source: each time opened anew, each page from a view of its own.

use std::collections::BTreeSet;

use syncline_engine::{Fault, Subject};
use syncline_model::job::Watermark;
use syncline_model::{EntityKind, ObjectId};
use syncline_store::{Reader, StoreError};

use super::SourceFixture;
use crate::{Cursor, Source, SubjectPage};

pub(super) const USERS: [EntityKind; 1] = [EntityKind::User];
pub(super) const BOTH: [EntityKind; 2] = [EntityKind::User, EntityKind::Group];

/// No walk of the suite has more pages; a longer one goes in circles.
const MOST_PAGES: usize = 1000;

impl dyn SourceFixture + '_ {
    pub(super) fn try_ask<T>(
        &self,
        question: impl FnOnce(&dyn Source, &Reader<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let source = self.source();
        self.store()
            .read(|page| Ok::<_, StoreError>(question(source.as_ref(), page)))
            .expect("the store works")
    }

    pub(super) fn ask<T>(
        &self,
        question: impl FnOnce(&dyn Source, &Reader<'_>) -> Result<T, Fault>,
    ) -> T {
        match self.try_ask(question) {
            Ok(answer) => answer,
            Err(fault) => panic!("the source does not answer: {fault:?}"),
        }
    }

    pub(super) fn watermark(&self) -> Watermark {
        self.ask(|source, page| source.watermark(page))
    }

    pub(super) fn count(&self, kinds: &[EntityKind]) -> u64 {
        self.ask(|source, page| source.count(page, kinds))
    }

    pub(super) fn subjects(&self, ids: &[ObjectId]) -> Vec<Subject> {
        let ids: Vec<_> = ids.iter().map(|id| (EntityKind::User, *id)).collect();
        self.ask(|source, page| source.by_id(page, &ids))
    }

    pub(super) fn subject(&self, id: ObjectId) -> Subject {
        let mut subjects = self.subjects(&[id]);
        assert_eq!(subjects.len(), 1, "one subject was asked for: {subjects:?}");
        subjects.remove(0)
    }

    /// A page of a walk through everything.
    pub(super) fn page_of_all(
        &self,
        kinds: &[EntityKind],
        cursor: &Cursor,
        limit: usize,
    ) -> SubjectPage {
        self.page(cursor, limit, |source, page| {
            source.all(page, kinds, cursor, &Cursor::default(), limit)
        })
    }

    /// Everything, in pages of `limit`.
    pub(super) fn all(&self, kinds: &[EntityKind], limit: usize) -> Vec<Subject> {
        walk(|cursor| self.page_of_all(kinds, cursor, limit))
    }

    /// What changed in between, in pages of `limit`.
    pub(super) fn changes(
        &self,
        kinds: &[EntityKind],
        since: &Watermark,
        until: &Watermark,
        limit: usize,
    ) -> Vec<Subject> {
        walk(|cursor| {
            self.page(cursor, limit, |source, page| {
                source.changes(page, kinds, since, until, cursor, limit)
            })
        })
    }

    /// Who changed since, each once.
    pub(super) fn changed(&self, kinds: &[EntityKind], since: &Watermark) -> BTreeSet<ObjectId> {
        let until = self.watermark();
        let subjects = self.changes(kinds, since, &until, 10);
        subjects.iter().map(|it| it.id).collect()
    }

    fn page(
        &self,
        cursor: &Cursor,
        limit: usize,
        question: impl FnOnce(&dyn Source, &Reader<'_>) -> Result<SubjectPage, Fault>,
    ) -> SubjectPage {
        let source = self.source();
        let answer = source.prepare(cursor, limit).and_then(|()| {
            self.store()
                .read(|page| Ok::<_, StoreError>(question(source.as_ref(), page)))
                .expect("the store works")
        });
        match answer {
            Ok(page) => {
                assert!(page.subjects.len() <= limit, "more than {limit}: {page:?}");
                page
            }
            Err(fault) => panic!("the source does not answer: {fault:?}"),
        }
    }
}

fn walk(page: impl Fn(&Cursor) -> SubjectPage) -> Vec<Subject> {
    let mut cursor = Cursor::default();
    let mut seen = Vec::new();
    for _ in 0..MOST_PAGES {
        let page = page(&cursor);
        seen.extend(page.subjects);
        match page.next {
            // Stored as text between two pages.
            Some(next) => cursor = Cursor(next.0),
            None => return seen,
        }
    }
    panic!("the walk does not end");
}

pub(super) fn ids(subjects: &[Subject]) -> Vec<ObjectId> {
    subjects.iter().map(|it| it.id).collect()
}

/// In order of id: a source walks in whatever order it likes.
pub(super) fn sorted(mut ids: Vec<ObjectId>) -> Vec<ObjectId> {
    ids.sort_unstable();
    ids
}
