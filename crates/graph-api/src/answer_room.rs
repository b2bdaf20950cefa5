//! Room in memory for what an answer becomes on its way out.

use std::fmt;
use std::sync::Arc;

/// Goes with an answer, as an extension of it. Its bytes hold their share of the memory for answers by themselves; whoever
/// makes others of them, as a compression does, takes room for those until they are with the network.
#[derive(Clone)]
pub struct AnswerRoom(Arc<Hold>);

type Hold = dyn Fn(usize) -> Held + Send + Sync;
type Held = Box<dyn Send + Sync>;

impl AnswerRoom {
    /// `hold`: takes room for so many bytes, until what it returns is dropped.
    pub fn new(hold: impl Fn(usize) -> Held + Send + Sync + 'static) -> Self {
        Self(Arc::new(hold))
    }

    /// Room for so many bytes, until what is returned is dropped, whether there is so much or not: they are there already.
    #[must_use]
    pub fn hold(&self, bytes: usize) -> Box<dyn Send + Sync> {
        (self.0)(bytes)
    }
}

impl fmt::Debug for AnswerRoom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AnswerRoom")
    }
}
