//! Who hashes passwords now, and who waits for that.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Condvar;
use syncline_model::TenantId;

use super::{PasswordLimits, PasswordWork, PasswordsBusy};

#[derive(Debug, Default)]
pub(super) struct Taken {
    sign_in: Line,
    set: Line,
    /// Whose turn it is when both wait.
    turn: PasswordWork,
    next_ticket: u64,
    /// Whether the log knows that some are sent away.
    pub(super) told: bool,
}

/// All of one sort.
#[derive(Debug, Default)]
struct Line {
    at_work: usize,
    /// Who waits longest is first.
    waiting: VecDeque<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    ticket: u64,
    tenant: Option<TenantId>,
    called: Arc<Condvar>,
}

impl Taken {
    fn line(&self, work: PasswordWork) -> &Line {
        match work {
            PasswordWork::SignIn => &self.sign_in,
            PasswordWork::Set => &self.set,
        }
    }

    fn line_mut(&mut self, work: PasswordWork) -> &mut Line {
        match work {
            PasswordWork::SignIn => &mut self.sign_in,
            PasswordWork::Set => &mut self.set,
        }
    }

    pub(super) fn waiting(&self) -> usize {
        self.sign_in.waiting.len() + self.set.waiting.len()
    }

    pub(super) fn is_full(&self, limits: PasswordLimits, work: PasswordWork) -> bool {
        self.sign_in.at_work + self.set.at_work >= limits.at_once
            || self.line(work).at_work >= limits.at_once_for(work)
    }

    /// Takes a place that is free.
    pub(super) fn begin(&mut self, work: PasswordWork) {
        self.line_mut(work).at_work += 1;
        self.turn = work.other();
    }

    /// Gives a place back: to whoever waits for it.
    pub(super) fn end(&mut self, limits: PasswordLimits, work: PasswordWork) {
        self.line_mut(work).at_work -= 1;
        self.hand_out(limits);
        self.told &= self.waiting() > 0;
    }

    /// Gives the places that are free to those who wait, the two sorts in turn.
    fn hand_out(&mut self, limits: PasswordLimits) {
        while let Some(work) = self.next(limits) {
            self.begin(work);
            if let Some(first) = self.line_mut(work).waiting.pop_front() {
                first.called.notify_one();
            }
        }
    }

    /// Who waits and may have a place.
    fn next(&self, limits: PasswordLimits) -> Option<PasswordWork> {
        [self.turn, self.turn.other()]
            .into_iter()
            .find(|work| !self.line(*work).waiting.is_empty() && !self.is_full(limits, *work))
    }

    pub(super) fn queue(
        &mut self,
        limits: PasswordLimits,
        work: PasswordWork,
        tenant: Option<TenantId>,
    ) -> Result<(u64, Arc<Condvar>), PasswordsBusy> {
        let waiting = &self.line(work).waiting;
        let of_tenant = waiting.iter().filter(|it| it.tenant == tenant).count();
        if of_tenant >= limits.waiting_of_tenant {
            return Err(self.busy(PasswordsBusy::Tenant));
        }
        if waiting.len() >= limits.waiting {
            return Err(self.busy(PasswordsBusy::All));
        }
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        let called = Arc::new(Condvar::new());
        self.line_mut(work).waiting.push_back(Waiting {
            ticket,
            tenant,
            called: Arc::clone(&called),
        });
        Ok((ticket, called))
    }

    pub(super) fn waits(&self, work: PasswordWork, ticket: u64) -> bool {
        let mut waiting = self.line(work).waiting.iter();
        waiting.any(|it| it.ticket == ticket)
    }

    pub(super) fn leave_queue(&mut self, work: PasswordWork, ticket: u64) {
        self.line_mut(work).waiting.retain(|it| it.ticket != ticket);
    }

    /// One log line when the first is sent away, and not another before nobody waits.
    pub(super) fn busy(&mut self, busy: PasswordsBusy) -> PasswordsBusy {
        if !std::mem::replace(&mut self.told, true) {
            tracing::warn!(
                waiting = self.waiting(),
                "more passwords are to be set or checked than can be; some callers are told to try again"
            );
        }
        busy
    }
}
