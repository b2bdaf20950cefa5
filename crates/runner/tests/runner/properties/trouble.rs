//! What the target refuses.

use std::sync::atomic::{AtomicU32, Ordering};

use syncline_engine::Operation;

use crate::world::World;

#[derive(Clone, Copy, Debug)]
pub enum Trouble {
    Creates,
    Changes,
    Removals,
    References,
    /// Breaks over every second operation, whole batches with it.
    Batches,
}

impl Trouble {
    pub fn begins(self, world: &World) {
        match self {
            Self::Creates => {
                world.target_refuses(|it| matches!(it, Operation::Create { .. }));
            }
            Self::Changes => world.target_refuses(|it| {
                matches!(it, Operation::Update { .. } | Operation::Restore { .. })
            }),
            Self::Removals => world.target_refuses(|it| {
                matches!(
                    it,
                    Operation::SoftDelete { .. } | Operation::HardDelete { .. }
                )
            }),
            Self::References => world.target_refuses(|it| {
                matches!(
                    it,
                    Operation::AddReference { .. } | Operation::RemoveReference { .. }
                )
            }),
            Self::Batches => {
                let count = AtomicU32::new(0);
                world.target_breaks_over(move |_| {
                    count.fetch_add(1, Ordering::SeqCst).is_multiple_of(2)
                });
            }
        }
    }
}
