//! Page sizes that a property test draws.

use proptest::prelude::*;
use syncline_runner::PageSizes;

/// Pages of fewer objects than this; and of up to how many changes a cycle is decided where it is written, as most cycles of a
/// server are: none, some, all.
pub fn sizes(below: usize) -> impl Strategy<Value = PageSizes> {
    let few = prop_oneof![Just(0), Just(2), Just(100)];
    (1..below, few).prop_map(|(size, few)| PageSizes {
        few,
        ..PageSizes::fixed(size)
    })
}
