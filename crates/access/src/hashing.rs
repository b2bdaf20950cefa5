//! How many passwords are hashed at once, to set or to check them: each takes a core for tens of
//! milliseconds and 19 MiB. Every door waits here, so that no storm at one of them takes the memory,
//! or all cores.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use syncline_model::{Problem, ProblemKind, TenantId};

use crate::Refusal;

/// How many are worked on, and how many wait for that.
#[derive(Clone, Copy, Debug)]
pub struct PasswordLimits {
    /// Hashed at the same time.
    pub at_once: usize,
    /// Of these, for people who sign in: strangers must not keep every core busy.
    pub sign_ins_at_once: usize,
    /// Who waits holds a thread, of which there are 512. Counted for each [`PasswordWork`].
    pub waiting: usize,
    /// Those of one tenant; of names that no tenant has, all together.
    pub waiting_of_tenant: usize,
    /// How long one waits before it is told to come back.
    pub patience: Duration,
}

impl Default for PasswordLimits {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            at_once: cores,
            sign_ins_at_once: cores.saturating_sub(1).max(1),
            // One core is through with as many in three seconds.
            waiting: 64,
            waiting_of_tenant: 32,
            patience: Duration::from_secs(10),
        }
    }
}

/// Why a password is hashed. Strangers may try to sign in: their queue must not keep those waiting
/// out who have a right to set passwords.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PasswordWork {
    SignIn,
    Set,
}

/// Why a password is not hashed now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordsBusy {
    /// As many of the tenant wait as may.
    Tenant,
    /// As many of all tenants wait as may, or it took too long.
    All,
}

/// Seconds after which another try has a chance.
const RETRY_AFTER: u32 = 5;

impl From<PasswordsBusy> for Problem {
    fn from(busy: PasswordsBusy) -> Self {
        match busy {
            PasswordsBusy::Tenant => Self::new(
                ProblemKind::TooManyRequests,
                "TooManyRequests",
                "Too many passwords of this tenant are being set. Please retry after the time in Retry-After.",
            ),
            PasswordsBusy::All => Self::new(
                ProblemKind::Unavailable,
                "ServiceUnavailable",
                "As many passwords are being set or checked as can be. Please retry after the time in Retry-After.",
            ),
        }
        .with_retry_after(RETRY_AFTER)
    }
}

impl From<PasswordsBusy> for Refusal {
    fn from(_: PasswordsBusy) -> Self {
        Self::SignInsTooMany(RETRY_AFTER.to_string())
    }
}

/// The places at which passwords are hashed.
#[derive(Debug)]
pub struct Hashing {
    limits: PasswordLimits,
    taken: Mutex<Taken>,
    /// For those who wait to do each kind of work: a place that one of them may not have must not wake
    /// him alone.
    freed_for_sign_in: Condvar,
    freed_for_set: Condvar,
}

#[derive(Debug, Default)]
struct Taken {
    at_work: usize,
    sign_ins: usize,
    waiting: HashMap<(PasswordWork, Option<TenantId>), usize>,
    /// Whether the log knows that some are sent away.
    told: bool,
}

impl Hashing {
    pub(crate) fn new(limits: PasswordLimits) -> Self {
        Self {
            limits,
            taken: Mutex::default(),
            freed_for_sign_in: Condvar::new(),
            freed_for_set: Condvar::new(),
        }
    }

    /// A place, at once or after a while; never asked for inside of a transaction, where everybody
    /// else would wait too. `tenant`: whose password it is; `None` for a name that no tenant has.
    ///
    /// # Errors
    /// When too many wait already, or there was none in time.
    pub fn place(
        &self,
        work: PasswordWork,
        tenant: Option<TenantId>,
    ) -> Result<HashingPlace<'_>, PasswordsBusy> {
        let limits = self.limits;
        let mut taken = self.taken.lock();
        if taken.is_full(limits, work) {
            taken.queue(limits, work, tenant)?;
            let freed = match work {
                PasswordWork::SignIn => &self.freed_for_sign_in,
                PasswordWork::Set => &self.freed_for_set,
            };
            // Those who wait longest are woken first.
            freed.wait_while_for(
                &mut taken,
                |taken| taken.is_full(limits, work),
                limits.patience,
            );
            taken.leave_queue(work, tenant);
            if taken.is_full(limits, work) {
                return Err(taken.busy(PasswordsBusy::All));
            }
        }
        taken.at_work += 1;
        taken.sign_ins += usize::from(work == PasswordWork::SignIn);
        Ok(HashingPlace {
            hashing: self,
            work,
        })
    }

    /// How many wait for a place.
    pub fn waiting(&self) -> usize {
        self.taken.lock().waiting.values().sum()
    }
}

impl Taken {
    fn is_full(&self, limits: PasswordLimits, work: PasswordWork) -> bool {
        self.at_work >= limits.at_once
            || (work == PasswordWork::SignIn && self.sign_ins >= limits.sign_ins_at_once)
    }

    fn queue(
        &mut self,
        limits: PasswordLimits,
        work: PasswordWork,
        tenant: Option<TenantId>,
    ) -> Result<(), PasswordsBusy> {
        let of_tenant = self.waiting.get(&(work, tenant)).copied().unwrap_or(0);
        if of_tenant >= limits.waiting_of_tenant {
            return Err(self.busy(PasswordsBusy::Tenant));
        }
        let same = self.waiting.iter().filter(|((it, _), _)| *it == work);
        if same.map(|(_, count)| count).sum::<usize>() >= limits.waiting {
            return Err(self.busy(PasswordsBusy::All));
        }
        self.waiting.insert((work, tenant), of_tenant + 1);
        Ok(())
    }

    fn leave_queue(&mut self, work: PasswordWork, tenant: Option<TenantId>) {
        if let Some(count) = self.waiting.get_mut(&(work, tenant)) {
            *count -= 1;
            if *count == 0 {
                self.waiting.remove(&(work, tenant));
            }
        }
    }

    /// One log line when the first is sent away, and not another before nobody waits.
    fn busy(&mut self, busy: PasswordsBusy) -> PasswordsBusy {
        if !std::mem::replace(&mut self.told, true) {
            tracing::warn!(
                waiting = self.waiting.values().sum::<usize>(),
                "more passwords are to be set or checked than can be; some are told to come back"
            );
        }
        busy
    }
}

/// One place; free again when it is dropped.
#[derive(Debug)]
#[must_use]
pub struct HashingPlace<'h> {
    hashing: &'h Hashing,
    work: PasswordWork,
}

impl Drop for HashingPlace<'_> {
    fn drop(&mut self) {
        let mut taken = self.hashing.taken.lock();
        taken.at_work -= 1;
        taken.sign_ins -= usize::from(self.work == PasswordWork::SignIn);
        taken.told &= !taken.waiting.is_empty();
        drop(taken);
        self.hashing.freed_for_set.notify_one();
        self.hashing.freed_for_sign_in.notify_one();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use uuid::Uuid;

    use super::*;

    const ANN: Option<TenantId> = Some(TenantId(Uuid::from_u128(1)));
    const BEN: Option<TenantId> = Some(TenantId(Uuid::from_u128(2)));
    const CAT: Option<TenantId> = Some(TenantId(Uuid::from_u128(3)));

    fn hashing(patience: Duration) -> Hashing {
        Hashing::new(PasswordLimits {
            at_once: 1,
            sign_ins_at_once: 1,
            waiting: 3,
            waiting_of_tenant: 2,
            patience,
        })
    }

    fn until_waiting(hashing: &Hashing, wanted: usize) {
        while hashing.waiting() != wanted {
            std::thread::yield_now();
        }
    }

    #[test]
    fn whoever_waits_gets_the_place_that_is_given_back() {
        let hashing = hashing(Duration::from_secs(3600));
        let held = hashing.place(PasswordWork::SignIn, ANN).unwrap();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| hashing.place(PasswordWork::Set, ANN).is_ok());
            until_waiting(&hashing, 1);
            drop(held);
            assert!(waiting.join().unwrap());
        });
        let taken = hashing.taken.lock();
        assert_eq!((taken.at_work, taken.waiting.len()), (0, 0));
    }

    #[test]
    fn a_queue_has_an_end_for_one_tenant_for_all_and_for_strangers() {
        let hashing = hashing(Duration::from_secs(3600));
        let ask = |work, tenant| hashing.place(work, tenant).map(drop);
        let held = hashing.place(PasswordWork::SignIn, ANN).unwrap();
        std::thread::scope(|scope| {
            for (already, tenant) in [ANN, ANN, BEN].into_iter().enumerate() {
                scope.spawn(move || ask(PasswordWork::SignIn, tenant).unwrap());
                until_waiting(&hashing, already + 1);
            }
            assert_eq!(
                ask(PasswordWork::SignIn, ANN),
                Err(PasswordsBusy::Tenant),
                "too many of one tenant"
            );
            for tenant in [BEN, CAT, None] {
                assert_eq!(ask(PasswordWork::SignIn, tenant), Err(PasswordsBusy::All));
            }
            // Who may set passwords has a queue of his own.
            scope.spawn(|| ask(PasswordWork::Set, ANN).unwrap());
            until_waiting(&hashing, 4);
            drop(held);
        });
        ask(PasswordWork::SignIn, ANN).unwrap();
        assert!(!hashing.taken.lock().told);
    }

    #[test]
    fn strangers_leave_a_place_to_those_who_set_passwords() {
        let hashing = Hashing::new(PasswordLimits {
            at_once: 2,
            sign_ins_at_once: 1,
            patience: Duration::ZERO,
            ..PasswordLimits::default()
        });
        let sign_in = hashing.place(PasswordWork::SignIn, ANN).unwrap();
        assert!(hashing.place(PasswordWork::SignIn, BEN).is_err());
        let set = hashing.place(PasswordWork::Set, BEN).unwrap();
        assert!(hashing.place(PasswordWork::Set, BEN).is_err());
        drop(sign_in);
        let other = hashing.place(PasswordWork::Set, BEN).unwrap();
        assert!(hashing.place(PasswordWork::SignIn, ANN).is_err());
        drop((set, other));
        assert!(hashing.place(PasswordWork::SignIn, ANN).is_ok());
    }

    #[test]
    fn nobody_waits_for_ever() {
        let hashing = hashing(Duration::ZERO);
        let held = hashing.place(PasswordWork::Set, ANN).unwrap();
        let refused = hashing.place(PasswordWork::Set, BEN).unwrap_err();
        assert_eq!(refused, PasswordsBusy::All);
        assert_eq!(hashing.waiting(), 0);
        drop(held);
        assert!(hashing.place(PasswordWork::Set, BEN).is_ok());
    }
}
