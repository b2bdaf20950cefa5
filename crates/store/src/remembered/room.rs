//! Whether the disk of the database has room, as far as this process has found out by writing.

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use crate::figures::Metered;
use crate::{Document, Durability, Store, StoreError};

/// What was found out last. Each process learns for itself.
#[derive(Default)]
pub(crate) struct Room(Mutex<Missing>);

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Missing {
    #[default]
    Nothing,
    /// For what is written at a caller's request.
    Some,
    /// For a page of a cycle, which is much more: that something small was written says nothing.
    Much,
}

impl Room {
    pub(crate) fn is_missing(&self, metered: &Metered, durability: Durability) {
        let missing = match durability {
            Durability::Full => Missing::Some,
            Durability::Relaxed => Missing::Much,
        };
        {
            let mut known = self.0.lock();
            if *known != Missing::Much {
                *known = missing;
            }
        }
        metered.room(false);
    }

    /// Something was written like this.
    pub(crate) fn was_there(&self, metered: &Metered, durability: Durability) {
        let known = *self.0.lock();
        if known == Missing::Some || durability == Durability::Relaxed {
            self.is_there(metered);
        }
    }

    fn is_there(&self, metered: &Metered) {
        let known = std::mem::take(&mut *self.0.lock());
        if known != Missing::Nothing {
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

/// Bytes of a trial: as much as a page of some hundred objects writes.
const FILLING: usize = 1024 * 1024;

impl Store {
    /// False when a write met a full disk and one of a megabyte, tried now, still does. Writes nothing
    /// as long as no write has met one.
    ///
    /// # Errors
    /// When the trial fails for another reason.
    pub fn has_room(&self) -> Result<bool, StoreError> {
        if *self.room.0.lock() == Missing::Nothing {
            return Ok(true);
        }
        let filling = "-".repeat(FILLING);
        let tried = self.write(|tx| {
            tx.put_document(None, "trial", &Trial { filling }, None)?;
            tx.delete_document::<Trial>(None, "trial")?;
            Ok(())
        });
        match tried {
            Ok(()) => {
                self.room.is_there(&self.metered);
                Ok(true)
            }
            Err(StoreError::Full(_)) => Ok(false),
            Err(other) => Err(other),
        }
    }
}
