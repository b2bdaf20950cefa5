//! What ends what a user has begun: sessions, and all that came of them.

use crate::{Attr, Entry, Timestamp, Value};

/// What has one of these begins anew with it: nothing that was begun before holds.
pub const ENDS: [Attr; 2] = [
    Attr::SIGN_IN_SESSIONS_VALID_FROM_DATE_TIME,
    Attr::LAST_PASSWORD_CHANGE_DATE_TIME,
];

/// When what a user began before now is to be over: behind all that was begun until then, also by clocks that were ahead,
/// and never before the moment at which it was over already. What begins is dated no earlier than [`newest_end`].
/// `newest_sign_in`: the last moment at which anybody began to sign in as this user, whoever's clock told it.
pub fn ends_at(user: &Entry, newest_sign_in: Option<Timestamp>, now: Timestamp) -> Timestamp {
    match newest_end(user).max(newest_sign_in) {
        Some(last) if now < last => last.plus_milliseconds(1),
        _ => now,
    }
}

/// The moment before which nothing holds, by what the user's entry says.
pub fn newest_end(user: &Entry) -> Option<Timestamp> {
    let ends = ENDS.into_iter().filter_map(|attr| match user.get(attr) {
        Some(Value::Time(end)) => Some(*end),
        _ => None,
    });
    ends.max()
}
