//! Page sizes that a property test draws.

use proptest::prelude::*;
use syncline_runner::PageSizes;

/// Pages of fewer objects than this, or one of all; and whether a cycle with no more changes than that is decided where it is
/// written, as most cycles of a server are. Never with more than a page has: a plan looks at as many at once, and whom a
/// cycle meets beside whom may change how it counts them.
pub fn sizes(below: usize) -> impl Strategy<Value = PageSizes> {
    let size = prop_oneof![3 => 1..below, 1 => Just(100)];
    (size, any::<bool>()).prop_map(|(size, inside)| PageSizes {
        few: if inside { size } else { 0 },
        ..PageSizes::fixed(size)
    })
}
