//! Who is signed in to the status page. In memory: a restart signs everybody out.

use std::collections::HashMap;

use parking_lot::Mutex;
use syncline_access::{SignedIn, secrets};
use syncline_model::{Ids, Timestamp};

const LIFETIME_SECONDS: i64 = 3600;
/// At the same time; past that the oldest goes.
const MOST: usize = 10_000;

/// One sign-in.
#[derive(Clone, Debug)]
pub struct Session {
    pub who: SignedIn,
    pub signed_in_at: Timestamp,
    /// A new password ends the session.
    pub password_generation: String,
}

/// Sessions by the fingerprint of their secret, each with its end.
#[derive(Debug, Default)]
pub struct Sessions(Mutex<HashMap<String, (Session, Timestamp)>>);

impl Sessions {
    /// Begins a session and returns its secret, for the cookie.
    pub fn begin(&self, session: Session, ids: &dyn Ids, now: Timestamp) -> String {
        let secret = secrets::generate(ids);
        let mut sessions = self.0.lock();
        sessions.retain(|_, (_, end)| *end > now);
        if sessions.len() >= MOST {
            let oldest = sessions
                .iter()
                .min_by_key(|(_, (_, end))| *end)
                .map(|(key, _)| key.clone());
            if let Some(oldest) = oldest {
                sessions.remove(&oldest);
            }
        }
        sessions.insert(
            secrets::fingerprint(&secret),
            (session, now.plus_seconds(LIFETIME_SECONDS)),
        );
        secret
    }

    pub fn find(&self, secret: &str, now: Timestamp) -> Option<Session> {
        let sessions = self.0.lock();
        sessions
            .get(&secrets::fingerprint(secret))
            .filter(|(_, end)| *end > now)
            .map(|(session, _)| session.clone())
    }

    pub fn end(&self, secret: &str) {
        self.0.lock().remove(&secrets::fingerprint(secret));
    }
}
