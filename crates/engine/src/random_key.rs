//! What the random values of expressions (`Guid`, `RandomString`) are drawn from.

use std::fmt;
use std::hash::{Hash, Hasher};

use siphasher::sip::SipHasher24;
use syncline_model::{Attr, ObjectId, Timestamp};

/// A secret of whoever runs the job. Object, attribute and moment stand in the provisioning log: with
/// nothing else in it, everybody who knows their own value could work out all others of the same page.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RandomKey([u8; 16]);

impl RandomKey {
    /// `secret` comes from a cryptographically secure source.
    pub fn new(secret: [u8; 16]) -> Self {
        Self(secret)
    }

    /// Different for every object, attribute and moment.
    pub(crate) fn seed(&self, object: ObjectId, target: Attr, now: Timestamp) -> u64 {
        let mut hasher = SipHasher24::new_with_key(&self.0);
        (object, target, now).hash(&mut hasher);
        hasher.finish()
    }
}

impl fmt::Debug for RandomKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RandomKey")
    }
}
