//! Who is signed in to the status page. In memory: a restart signs everybody out.
//!
//! INVARIANT: whoever signs in often enough signs out himself, and after that people of the tenant that has most sessions:
//! nobody makes room for himself among others. No sign-in goes through the sessions of everybody.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use parking_lot::Mutex;
use syncline_access::{SignedIn, secrets};
use syncline_model::{Ids, ObjectId, TenantId, Timestamp};

const LIFETIME_SECONDS: i64 = 3600;

/// How many sessions there are at the same time; past that the oldest go.
#[derive(Clone, Copy, Debug)]
struct Most {
    /// Of somebody, in all his browsers.
    of_user: usize,
    /// Of everybody: the oldest of the tenant that has most.
    all: usize,
}

const MOST: Most = Most {
    of_user: 10,
    all: 10_000,
};

/// One sign-in.
#[derive(Clone, Debug)]
pub struct Session {
    pub who: SignedIn,
    pub signed_in_at: Timestamp,
    /// A new password ends the session.
    pub password_generation: String,
}

/// Sessions by the fingerprint of their secret.
#[derive(Debug)]
pub struct Sessions {
    kept: Mutex<Kept>,
    most: Most,
}

impl Default for Sessions {
    fn default() -> Self {
        Self {
            kept: Mutex::default(),
            most: MOST,
        }
    }
}

impl Sessions {
    /// Begins a session and returns its secret, for the cookie.
    pub fn begin(&self, session: Session, ids: &dyn Ids, now: Timestamp) -> String {
        let secret = secrets::generate(ids);
        let mut kept = self.kept.lock();
        kept.forget_ended(now);
        kept.make_room(&session.who, self.most);
        kept.add(
            secrets::fingerprint(&secret),
            session,
            now.plus_seconds(LIFETIME_SECONDS),
        );
        secret
    }

    pub fn find(&self, secret: &str, now: Timestamp) -> Option<Session> {
        let kept = self.kept.lock();
        kept.by_secret
            .get(&secrets::fingerprint(secret))
            .and_then(|number| kept.sessions.get(number))
            .filter(|it| it.end > now)
            .map(|it| it.session.clone())
    }

    pub fn end(&self, secret: &str) {
        let mut kept = self.kept.lock();
        let number = kept.by_secret.get(&secrets::fingerprint(secret)).copied();
        if let Some(number) = number {
            kept.remove(number);
        }
    }
}

/// How many sign-ins there were before: what is older has a smaller one.
type Number = u64;

#[derive(Debug)]
struct Open {
    session: Session,
    fingerprint: String,
    end: Timestamp,
}

#[derive(Debug, Default)]
struct Kept {
    next: Number,
    sessions: BTreeMap<Number, Open>,
    by_secret: HashMap<String, Number>,
    of_users: HashMap<(TenantId, ObjectId), BTreeSet<Number>>,
    of_tenants: HashMap<TenantId, BTreeSet<Number>>,
    /// Each tenant with the count of its sessions, the largest last.
    sizes: BTreeSet<(usize, TenantId)>,
}

impl Kept {
    /// All last equally long: the oldest end first.
    fn forget_ended(&mut self, now: Timestamp) {
        while let Some((number, open)) = self.sessions.first_key_value()
            && open.end <= now
        {
            let number = *number;
            self.remove(number);
        }
    }

    /// For one more of somebody.
    fn make_room(&mut self, who: &SignedIn, most: Most) {
        let his = self.of_users.get(&(who.tenant, who.user));
        if let Some(his) = his.filter(|it| it.len() >= most.of_user)
            && let Some(oldest) = his.first().copied()
        {
            self.remove(oldest);
        }
        if self.sessions.len() < most.all {
            return;
        }
        let largest = self.sizes.last().map(|(_, tenant)| tenant);
        let its = largest.and_then(|tenant| self.of_tenants.get(tenant));
        if let Some(oldest) = its.and_then(|it| it.first()).copied() {
            self.remove(oldest);
        }
    }

    fn add(&mut self, fingerprint: String, session: Session, end: Timestamp) {
        let number = self.next;
        self.next += 1;
        let SignedIn { tenant, user } = session.who;
        self.by_secret.insert(fingerprint.clone(), number);
        self.of_users
            .entry((tenant, user))
            .or_default()
            .insert(number);
        self.resize(tenant, |its| its.insert(number));
        self.sessions.insert(
            number,
            Open {
                session,
                fingerprint,
                end,
            },
        );
    }

    fn remove(&mut self, number: Number) {
        let Some(open) = self.sessions.remove(&number) else {
            return;
        };
        self.by_secret.remove(&open.fingerprint);
        let SignedIn { tenant, user } = open.session.who;
        if let Some(his) = self.of_users.get_mut(&(tenant, user)) {
            his.remove(&number);
            if his.is_empty() {
                self.of_users.remove(&(tenant, user));
            }
        }
        self.resize(tenant, |its| its.remove(&number));
    }

    /// Changes the sessions of a tenant, and where it stands among the others.
    fn resize(&mut self, tenant: TenantId, change: impl FnOnce(&mut BTreeSet<Number>) -> bool) {
        let its = self.of_tenants.entry(tenant).or_default();
        self.sizes.remove(&(its.len(), tenant));
        change(its);
        if its.is_empty() {
            self.of_tenants.remove(&tenant);
        } else {
            self.sizes.insert((its.len(), tenant));
        }
    }
}

#[cfg(test)]
mod tests {
    use syncline_testkit::CountedIds;

    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    struct Desk {
        sessions: Sessions,
        ids: CountedIds,
    }

    impl Desk {
        fn new(most: Most) -> Self {
            Self {
                sessions: Sessions {
                    kept: Mutex::default(),
                    most,
                },
                ids: CountedIds::default(),
            }
        }

        fn sign_in(&self, tenant: u8, user: u8) -> String {
            let session = Session {
                who: SignedIn {
                    tenant: TenantId::from_bytes([tenant; 16]),
                    user: ObjectId::from_bytes([user; 16]),
                },
                signed_in_at: NOW,
                password_generation: String::new(),
            };
            self.sessions.begin(session, &self.ids, NOW)
        }

        fn is_open(&self, secret: &str) -> bool {
            self.sessions.find(secret, NOW).is_some()
        }

        /// Nothing is kept of whoever is gone.
        fn is_empty(&self) -> bool {
            let kept = self.sessions.kept.lock();
            kept.sessions.is_empty()
                && kept.by_secret.is_empty()
                && kept.of_users.is_empty()
                && kept.of_tenants.is_empty()
                && kept.sizes.is_empty()
        }
    }

    #[test]
    fn somebody_who_signs_in_again_and_again_signs_out_himself_alone() {
        let desk = Desk::new(MOST);
        // In the same tenant, and of the same id in another one.
        let others = [desk.sign_in(1, 2), desk.sign_in(2, 1)];
        let his: Vec<String> = (0..30).map(|_| desk.sign_in(1, 1)).collect();
        assert!(others.iter().all(|it| desk.is_open(it)));
        let (ended, open) = his.split_at(20);
        assert!(!ended.iter().any(|it| desk.is_open(it)));
        assert!(open.iter().all(|it| desk.is_open(it)));
        // Whoever signs out makes room.
        desk.sessions.end(&open[9]);
        desk.sign_in(1, 1);
        assert!(desk.is_open(&open[0]));
    }

    #[test]
    fn a_tenant_with_many_people_makes_room_of_its_own() {
        let desk = Desk::new(Most {
            of_user: 2,
            all: 50,
        });
        let other: Vec<String> = (0..5).map(|user| desk.sign_in(2, user)).collect();
        let first = desk.sign_in(1, 0);
        for user in 1..200 {
            desk.sign_in(1, user);
        }
        assert!(!desk.is_open(&first));
        assert!(other.iter().all(|it| desk.is_open(it)));
        // Others come in still, and it goes on to be the largest that makes room.
        let third = desk.sign_in(3, 1);
        assert!(desk.is_open(&third) && other.iter().all(|it| desk.is_open(it)));
        assert_eq!(desk.sessions.kept.lock().sessions.len(), 50);
    }

    #[test]
    fn what_has_ended_is_forgotten() {
        let desk = Desk::new(MOST);
        let secret = desk.sign_in(1, 1);
        assert!(!desk.is_empty());
        let later = NOW.plus_seconds(LIFETIME_SECONDS);
        assert!(desk.sessions.find(&secret, later).is_none());
        desk.sessions.kept.lock().forget_ended(later);
        assert!(desk.is_empty());
        let secret = desk.sign_in(1, 1);
        desk.sessions.end(&secret);
        assert!(desk.is_empty());
    }
}
