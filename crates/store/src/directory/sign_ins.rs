//! When somebody last began to sign in as a user. What ends what a user has begun comes behind that, also when the node
//! that writes the end has a clock that is behind the one of the node at which the user signed in.

use serde::{Deserialize, Serialize};
use syncline_model::{Entry, ObjectId, TenantId, Timestamp, sign_in_end};

use super::object_documents::kinds::NEWEST_SIGN_IN;
use crate::{Document, Reader, Result, Tx};

/// Key: the user's id. Kept as long as the user: nobody knows by how much a clock is going to be behind.
#[derive(Serialize, Deserialize)]
struct NewestSignIn {
    /// By the clock that was ahead of the others.
    begun_at: Timestamp,
}

impl Document for NewestSignIn {
    const KIND: &'static str = NEWEST_SIGN_IN;
}

impl Reader<'_> {
    /// When what this user of the tenant began before now is to be over, to be written in the same transaction. As
    /// [`sign_in_end::ends_at`] tells it.
    pub fn sign_in_end(&self, tenant: TenantId, user: &Entry, now: Timestamp) -> Result<Timestamp> {
        let newest = self.newest_sign_in(tenant, user.id)?;
        Ok(sign_in_end::ends_at(user, newest, now))
    }

    fn newest_sign_in(&self, tenant: TenantId, user: ObjectId) -> Result<Option<Timestamp>> {
        let newest: Option<NewestSignIn> = self.document(Some(tenant), &user.to_string())?;
        Ok(newest.map(|it| it.begun_at))
    }
}

impl Tx<'_> {
    /// Notes that somebody begins to sign in as this user of the tenant, before it is known what comes of it: an end that
    /// is written from now on is one for what begins with it.
    pub fn note_sign_in(&mut self, tenant: TenantId, user: ObjectId, now: Timestamp) -> Result<()> {
        let newest = self.newest_sign_in(tenant, user)?;
        if newest.is_some_and(|newest| newest >= now) {
            return Ok(());
        }
        let noted = NewestSignIn { begun_at: now };
        self.put_document(Some(tenant), &user.to_string(), &noted, None)
    }
}
