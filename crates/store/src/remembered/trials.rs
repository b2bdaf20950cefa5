//! Writing a little to see whether that is possible again.

use std::time::Duration;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use crate::{Document, Result, Store};

/// Trials of one kind: one at a time, and none for a while after one that was refused. Anybody may ask, as often as they
/// like, and each trial writes where nothing can be written.
#[derive(Default)]
pub(crate) struct Trials {
    /// When one was refused last. Held during one: who asks meanwhile waits for its answer.
    refused: Mutex<Option<Duration>>,
}

/// So long the answer of a trial that was refused is good.
const REFUSAL_HOLDS: Duration = Duration::from_secs(5);

impl Trials {
    /// Whether one passes, now or a moment ago. `now`: the time since any moment that stays the same; `is_over`: whether
    /// there is nothing to be tried any more.
    pub(crate) fn pass(
        &self,
        now: Duration,
        is_over: impl Fn() -> bool,
        trial: impl FnOnce() -> Result<()>,
    ) -> Result<bool> {
        let mut refused = self.refused.lock();
        // Somebody may have found out while this waited.
        if is_over() {
            return Ok(true);
        }
        if refused.is_some_and(|at| now.saturating_sub(at) < REFUSAL_HOLDS) {
            return Ok(false);
        }
        match trial() {
            Ok(()) => {
                *refused = None;
                Ok(true)
            }
            Err(error) if error.is_obstacle() => {
                *refused = Some(now);
                Ok(false)
            }
            Err(other) => Err(other),
        }
    }
}

/// Written, and gone in the same transaction.
#[derive(Serialize, Deserialize)]
struct Trial {
    filling: String,
}

impl Document for Trial {
    const KIND: &'static str = "roomTrial";
    /// So that no database makes less of it than it is.
    const SEALED: bool = true;
}

impl Store {
    /// Writes so many bytes, of which nothing is left.
    pub(super) fn try_to_write(&self, bytes: usize) -> Result<()> {
        let filling = "-".repeat(bytes);
        self.write(|tx| {
            tx.put_document(None, "trial", &Trial { filling }, None)?;
            tx.delete_document::<Trial>(None, "trial")?;
            Ok(())
        })
    }
}
