//! Whether the disk of the database has room, as far as this process has found out by writing.

use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};

use crate::figures::Metered;
use crate::{Document, Store, StoreError};

/// What was found out last. Each process learns for itself.
#[derive(Default)]
pub(crate) struct Room {
    missing: AtomicBool,
}

impl Room {
    pub(crate) fn is_missing(&self, metered: &Metered) {
        self.missing.store(true, Ordering::SeqCst);
        metered.room(false);
    }

    pub(crate) fn is_there(&self, metered: &Metered) {
        if self.missing.swap(false, Ordering::SeqCst) {
            metered.room(true);
        }
    }
}

/// Written to see whether there is room, and gone in the same transaction.
#[derive(Serialize, Deserialize)]
struct Trial {
    filling: String,
}

impl Document for Trial {
    const KIND: &'static str = "roomTrial";
    /// So that no database makes less of it than it is.
    const SEALED: bool = true;
}

/// Bytes of a trial: as much as a small request or a page of few objects writes.
const FILLING: usize = 64 * 1024;

impl Store {
    /// False when the last write met a full disk and a small one, tried now, still does. Writes nothing
    /// as long as no write has met one.
    ///
    /// # Errors
    /// When the trial fails for another reason.
    pub fn has_room(&self) -> Result<bool, StoreError> {
        if !self.room.missing.load(Ordering::SeqCst) {
            return Ok(true);
        }
        let filling = "-".repeat(FILLING);
        let tried = self.write(|tx| {
            tx.put_document(None, "trial", &Trial { filling }, None)?;
            tx.delete_document::<Trial>(None, "trial")?;
            Ok(())
        });
        match tried {
            Ok(()) => Ok(true),
            Err(StoreError::Full(_)) => Ok(false),
            Err(other) => Err(other),
        }
    }
}
