//! How many passwords are hashed at once, to set or to check them: each takes a core for tens of
//! milliseconds and 19 MiB. Every door waits here, so that no storm at one of them takes the memory,
//! or all cores.

mod taken;

use std::time::Duration;

use parking_lot::Mutex;
use syncline_model::{Problem, ProblemKind, TenantId};

use crate::Refusal;
use taken::Taken;

/// How many are worked on, and how many wait for that.
#[derive(Clone, Copy, Debug)]
pub struct PasswordLimits {
    /// Hashed at the same time.
    pub at_once: usize,
    /// Who waits holds a thread, of which there are 512. Counted for each [`PasswordWork`].
    pub waiting: usize,
    /// Those of one tenant; of names that no tenant has, all together.
    pub waiting_of_tenant: usize,
    /// Sign-ins of one network, from the first look at the name to the end: whoever waits and whose
    /// password is checked. Behind a reverse proxy all come from one.
    pub sign_ins_of_network: usize,
    /// How long one waits before it is told to come back.
    pub patience: Duration,
}

impl PasswordLimits {
    /// A quarter of those who may wait; an office behind one address is through in a second.
    pub const SIGN_INS_OF_NETWORK: usize = 16;
}

impl Default for PasswordLimits {
    fn default() -> Self {
        Self {
            at_once: std::thread::available_parallelism().map_or(1, usize::from),
            // One core is through with as many in three seconds.
            waiting: 64,
            waiting_of_tenant: 32,
            sign_ins_of_network: Self::SIGN_INS_OF_NETWORK,
            patience: Duration::from_secs(10),
        }
    }
}

impl PasswordLimits {
    /// Hashed at the same time for this. Strangers who sign in must not keep every core busy; whoever sets
    /// passwords may: the next place that is given back is a sign-in's, if one waits.
    fn at_once_for(self, work: PasswordWork) -> usize {
        match work {
            PasswordWork::SignIn => self.at_once.saturating_sub(1).max(1),
            PasswordWork::Set => self.at_once.max(1),
        }
    }
}

/// Why a password is hashed. Strangers may try to sign in, and one application may set passwords by the
/// thousand: neither must keep the others out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PasswordWork {
    #[default]
    SignIn,
    Set,
}

impl PasswordWork {
    fn other(self) -> Self {
        match self {
            Self::SignIn => Self::Set,
            Self::Set => Self::SignIn,
        }
    }
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

/// The places at which passwords are hashed. Whoever gives one back hands it to who waits for it, so
/// that a place is free only when nobody waits who may have it: no newcomer passes those who wait.
#[derive(Debug)]
pub struct Hashing {
    limits: PasswordLimits,
    taken: Mutex<Taken>,
}

impl Hashing {
    pub(crate) fn new(limits: PasswordLimits) -> Self {
        Self {
            limits,
            taken: Mutex::default(),
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
            let (ticket, called) = taken.queue(limits, work, tenant)?;
            called.wait_while_for(
                &mut taken,
                |taken| taken.waits(work, ticket),
                limits.patience,
            );
            if taken.waits(work, ticket) {
                taken.leave_queue(work, ticket);
                return Err(taken.busy(PasswordsBusy::All));
            }
        } else {
            taken.begin(work);
        }
        Ok(HashingPlace {
            hashing: self,
            work,
        })
    }

    /// How many wait for a place.
    pub fn waiting(&self) -> usize {
        self.taken.lock().waiting()
    }
}

/// One place; somebody else's when it is dropped.
#[derive(Debug)]
#[must_use]
pub struct HashingPlace<'h> {
    hashing: &'h Hashing,
    work: PasswordWork,
}

impl Drop for HashingPlace<'_> {
    fn drop(&mut self) {
        let mut taken = self.hashing.taken.lock();
        taken.end(self.hashing.limits, self.work);
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const ANN: Option<TenantId> = Some(TenantId(Uuid::from_u128(1)));
    const BEN: Option<TenantId> = Some(TenantId(Uuid::from_u128(2)));
    const CAT: Option<TenantId> = Some(TenantId(Uuid::from_u128(3)));

    fn hashing(patience: Duration) -> Hashing {
        Hashing::new(PasswordLimits {
            at_once: 1,
            waiting: 3,
            waiting_of_tenant: 2,
            sign_ins_of_network: 1,
            patience,
        })
    }

    fn until_waiting(hashing: &Hashing, wanted: usize) {
        syncline_testkit::until("so many wait", || hashing.waiting() == wanted);
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
        assert!(hashing.place(PasswordWork::SignIn, ANN).is_ok());
    }

    #[test]
    fn both_sorts_have_their_turn_in_the_order_in_which_they_came() {
        let (set, sign_in) = (PasswordWork::Set, PasswordWork::SignIn);
        let came = [
            (set, ANN, "set 1"),
            (set, BEN, "set 2"),
            (set, ANN, "set 3"),
            (sign_in, ANN, "sign-in 1"),
            (sign_in, BEN, "sign-in 2"),
        ];
        let wanted = ["set 1", "sign-in 1", "set 2", "sign-in 2", "set 3"];
        let hashing = &hashing(Duration::from_secs(3600));
        // Often: once could be luck.
        for _ in 0..50 {
            let order = &Mutex::new(Vec::new());
            let held = hashing.place(PasswordWork::SignIn, ANN).unwrap();
            std::thread::scope(|scope| {
                for (already, (work, tenant, name)) in came.into_iter().enumerate() {
                    scope.spawn(move || {
                        let _place = hashing.place(work, tenant).unwrap();
                        order.lock().push(name);
                    });
                    until_waiting(hashing, already + 1);
                }
                drop(held);
            });
            assert_eq!(*order.lock(), wanted);
        }
    }

    #[test]
    fn a_newcomer_passes_nobody_who_waits() {
        let hashing = hashing(Duration::from_secs(3600));
        let order = Mutex::new(Vec::new());
        let held = hashing.place(PasswordWork::SignIn, ANN).unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let _place = hashing.place(PasswordWork::SignIn, ANN).unwrap();
                order.lock().push("who waited");
            });
            until_waiting(&hashing, 1);
            drop(held);
            // It is his before he knows.
            assert_eq!(hashing.waiting(), 0);
            let _place = hashing.place(PasswordWork::SignIn, BEN).unwrap();
            order.lock().push("the newcomer");
        });
        assert_eq!(*order.lock(), ["who waited", "the newcomer"]);
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
    fn sign_ins_leave_a_place_unless_there_is_only_one_and_whoever_sets_passwords_has_all() {
        for (at_once, sign_ins) in [(1, 1), (2, 1), (4, 3)] {
            let hashing = Hashing::new(PasswordLimits {
                at_once,
                patience: Duration::ZERO,
                ..PasswordLimits::default()
            });
            let all = |work| std::iter::from_fn(|| hashing.place(work, ANN).ok()).collect();
            let held: Vec<_> = all(PasswordWork::SignIn);
            assert_eq!(held.len(), sign_ins, "of {at_once}");
            let set = hashing.place(PasswordWork::Set, BEN);
            assert_eq!(set.is_ok(), at_once > 1, "beside sign-ins of {at_once}");
            drop((held, set));
            let held: Vec<_> = all(PasswordWork::Set);
            assert_eq!(held.len(), at_once);
        }
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
