//! Prepared pages that are to be written, in their order. One transaction may take more than one: what
//! the pages write next to each other in the database is then written once, and the disk is asked once.
//! A page leaves the queue when it is committed, so that a transaction which breaks is done again with
//! all that were in it.

use std::collections::VecDeque;
use std::sync::mpsc::Receiver;

use syncline_model::Problem;

use super::prepared::Prepared;
use crate::threads::wait::receive;

type Pages = Receiver<Result<Prepared, Problem>>;

pub(super) struct Queue<'p> {
    /// Received and not committed.
    pages: VecDeque<Prepared>,
    /// Why the page behind them could not be prepared.
    problem: Option<Problem>,
    from: Option<&'p Pages>,
}

impl<'p> Queue<'p> {
    /// One page and no other.
    pub(super) fn only(page: Prepared) -> Self {
        Self {
            pages: VecDeque::from([page]),
            problem: None,
            from: None,
        }
    }

    /// One page, and those that another thread prepares.
    pub(super) fn beginning_with(page: Prepared, from: &'p Pages) -> Self {
        Self {
            from: Some(from),
            ..Self::only(page)
        }
    }

    /// Waits for the next page; `None` when there is none any more, or the wait is to end.
    pub(super) fn first(
        &mut self,
        must_stop: impl Fn() -> bool,
    ) -> Result<Option<&Prepared>, Problem> {
        if self.pages.is_empty() {
            if let Some(problem) = self.problem.take() {
                return Err(problem);
            }
            if let Some(page) = self.from.and_then(|from| receive(from, must_stop)) {
                self.pages.push_back(page?);
            }
        }
        Ok(self.pages.front())
    }

    /// Waits until so many are ready, or there are no more, or the wait is to end.
    pub(super) fn gather(&mut self, count: usize, must_stop: impl Fn() -> bool) {
        while self.pages.len() < count && self.problem.is_none() {
            match self.from.and_then(|from| receive(from, &must_stop)) {
                Some(Ok(page)) => self.pages.push_back(page),
                Some(Err(problem)) => self.problem = Some(problem),
                None => return,
            }
        }
    }

    /// The page at this place, if it is ready.
    pub(super) fn ready(&mut self, at: usize) -> Option<&mut Prepared> {
        if self.pages.len() <= at && self.problem.is_none() {
            match self.from.map(Receiver::try_recv) {
                Some(Ok(Ok(page))) => self.pages.push_back(page),
                Some(Ok(Err(problem))) => self.problem = Some(problem),
                // None is ready, or none comes any more.
                Some(Err(_)) | None => {}
            }
        }
        self.pages.get_mut(at)
    }

    /// Takes out the first so many pages.
    pub(super) fn take(&mut self, count: usize) -> impl Iterator<Item = Prepared> + '_ {
        self.pages.drain(..count.min(self.pages.len()))
    }
}
