//! The places for connections of a node, and who has one.

use std::sync::Arc;

use parking_lot::{Condvar, Mutex};

use super::super::session::Session;
use super::patience::Patience;
use crate::{Result, StoreError};

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Reading,
    Writing,
}

pub(super) struct Places {
    most: Most,
    state: Mutex<State>,
    /// Told when a connection is given back, which is for either of those who wait.
    for_readers: Condvar,
    for_writers: Condvar,
}

#[derive(Clone, Copy)]
struct Most {
    all: usize,
    /// Fewer than all: writers wait for each other, which nobody who only reads has to.
    writing: usize,
}

#[derive(Default)]
struct State {
    idle: Vec<Session>,
    open: usize,
    writing: usize,
    /// Who waits because the server has no room for another.
    without_room: usize,
}

impl Places {
    /// At least two, one of which is for readers alone: one in four of any more.
    pub(super) fn new(limit: usize) -> Self {
        let all = limit.max(2);
        Self {
            most: Most {
                all,
                writing: all - (all / 4).max(1),
            },
            state: Mutex::default(),
            for_readers: Condvar::new(),
            for_writers: Condvar::new(),
        }
    }

    /// A place, with an idle connection if there is one. Busy when none is free for too long.
    pub(super) fn take(self: &Arc<Self>, purpose: Purpose, patience: &Patience) -> Result<Lease> {
        let freed = self.freed(purpose);
        let mut state = self.state.lock();
        let full = |state: &mut State| !state.has_room(self.most, purpose);
        if !patience.wait_while(freed, &mut state, full) {
            return Err(StoreError::Busy(
                "all connections to the database are in use".to_owned(),
            ));
        }
        let session = state.idle.pop();
        if session.is_none() {
            state.open += 1;
        }
        if purpose == Purpose::Writing {
            state.writing += 1;
        }
        Ok(Lease {
            places: Arc::clone(self),
            purpose,
            session,
            ended: false,
        })
    }

    /// Waits, for a second at the latest, until another of this node's connections is given back, where the server has no room
    /// for one more. False when none is open, or there is no patience left.
    pub(super) fn wait_for_another(&self, purpose: Purpose, patience: &Patience) -> bool {
        let mut state = self.state.lock();
        state.forget_lost();
        if state.open == 0 {
            return false;
        }
        state.without_room += 1;
        let nothing_given_back = |state: &mut State| state.idle.is_empty() && state.open > 0;
        let waited = patience.wait_a_slice(self.freed(purpose), &mut state, nothing_given_back);
        state.without_room -= 1;
        waited
    }

    /// How many wait because the server has no room for another connection.
    #[cfg(test)]
    pub(super) fn without_room(&self) -> usize {
        self.state.lock().without_room
    }

    /// What is told to those of this purpose.
    fn freed(&self, purpose: Purpose) -> &Condvar {
        match purpose {
            Purpose::Reading => &self.for_readers,
            Purpose::Writing => &self.for_writers,
        }
    }
}

impl State {
    /// Forgets connections that were lost while they were idle.
    fn forget_lost(&mut self) {
        let before = self.idle.len();
        self.idle.retain(|session| !session.is_closed());
        self.open = self.open.saturating_sub(before - self.idle.len());
    }

    fn has_room(&mut self, most: Most, purpose: Purpose) -> bool {
        self.forget_lost();
        let may = purpose == Purpose::Reading || self.writing < most.writing;
        may && (!self.idle.is_empty() || self.open < most.all)
    }
}

/// A place on loan, and the connection in it. Without a good end that is closed, not given back: the
/// database rolls its transaction back.
pub(super) struct Lease {
    places: Arc<Places>,
    purpose: Purpose,
    /// None until it is opened.
    session: Option<Session>,
    ended: bool,
}

impl Lease {
    /// None while nobody has opened it.
    pub(super) fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    pub(super) fn opened(&mut self, session: Session) {
        self.session = Some(session);
    }

    /// Begins a transaction on the connection.
    pub(super) fn begin(&self, statement: &str) -> Result<()> {
        match &self.session {
            Some(session) => session.begin(statement),
            None => Ok(()),
        }
    }

    /// Ends the transaction, so that the next may have the connection.
    pub(super) fn end(&mut self, statement: &str) -> Result<()> {
        if let Some(session) = &self.session {
            session.run(statement)?;
        }
        self.ended = true;
        Ok(())
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let session = self.session.take();
        let mut state = self.places.state.lock();
        if self.purpose == Purpose::Writing {
            state.writing = state.writing.saturating_sub(1);
        }
        match session {
            Some(session) if self.ended && !session.is_closed() => state.idle.push(session),
            lost => {
                state.open = state.open.saturating_sub(1);
                drop(state);
                drop(lost);
            }
        }
        // Whoever of the two comes too late waits on.
        self.places.for_readers.notify_one();
        self.places.for_writers.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn take(places: &Arc<Places>, purpose: Purpose) -> Result<Lease> {
        places.take(purpose, &Patience::new(Duration::ZERO))
    }

    #[test]
    fn writers_leave_a_part_of_the_places_to_readers() {
        for (limit, writers) in [(0, 1), (2, 1), (4, 3), (6, 5), (16, 12)] {
            let places = Arc::new(Places::new(limit));
            let writing: Vec<_> = (0..writers)
                .map(|_| take(&places, Purpose::Writing).unwrap())
                .collect();
            let told = take(&places, Purpose::Writing);
            assert!(matches!(told, Err(StoreError::Busy(_))), "{limit}");
            let reading = take(&places, Purpose::Reading).unwrap();
            drop(writing);
            drop((take(&places, Purpose::Writing).unwrap(), reading));
            let state = places.state.lock();
            assert_eq!((state.open, state.writing), (0, 0), "{limit}");
        }
    }

    #[test]
    fn readers_may_have_all_places() {
        let places = Arc::new(Places::new(4));
        let reading: Vec<_> = (0..4)
            .map(|_| take(&places, Purpose::Reading).unwrap())
            .collect();
        for purpose in [Purpose::Reading, Purpose::Writing] {
            assert!(take(&places, purpose).is_err());
        }
        drop(reading);
        assert!(take(&places, Purpose::Writing).is_ok());
    }

    #[test]
    fn a_place_that_is_given_back_wakes_writers_also_where_readers_wait() {
        let places = Arc::new(Places::new(2));
        let long = Duration::from_secs(3600);
        let (reading, writing) = (
            take(&places, Purpose::Reading).unwrap(),
            take(&places, Purpose::Writing).unwrap(),
        );
        std::thread::scope(|scope| {
            let waiting = [Purpose::Reading, Purpose::Writing].map(|purpose| {
                let places = &places;
                scope.spawn(move || places.take(purpose, &Patience::new(long)).map(drop))
            });
            drop((reading, writing));
            for it in waiting {
                it.join().unwrap().unwrap();
            }
        });
    }
}
