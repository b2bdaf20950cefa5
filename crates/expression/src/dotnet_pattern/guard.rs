//! What somebody else's code makes of a pattern or a text that nobody has tried before.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// What `tried` yields; `None` when it panics. The engine that goes back is known to have done that, on patterns that it
/// takes: a cycle would end there and begin again without end, because of one object.
pub(super) fn guarded<T>(tried: impl FnOnce() -> T) -> Option<T> {
    // What it leaves behind is told of as failed, and not looked at any more; the engines' own memory is made anew.
    catch_unwind(AssertUnwindSafe(tried)).ok()
}
