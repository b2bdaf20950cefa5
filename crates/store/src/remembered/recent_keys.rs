//! Which recent keys are to be moved next, tenant by tenant.
//!
//! Of each tenant by itself: were the slices told in turn to whoever takes keys, of two tenants that do so by turns
//! each would move every second slice, and keep the keys of the others among the recent ones for ever. Nor does each
//! process begin with the same slice, or with none: of many that each take few keys, all together move as many as one.

use std::collections::BTreeMap;

use parking_lot::Mutex;

/// So many keys are taken before a slice of the recent ones is moved: moving fewer would dirty as many leaves
/// for less. Tests take as many at once.
const KEYS_PER_SLICE: usize = 5_000;
/// Slices of all hashes.
const SLICES: u8 = 16;

/// A few bytes for each tenant that has taken keys since this process began.
#[derive(Debug, Default)]
pub(crate) struct RecentKeys(Mutex<BTreeMap<i64, Taken>>);

#[derive(Debug)]
struct Taken {
    /// Keys taken since a slice was moved.
    keys: usize,
    /// Which one is next.
    slice: u8,
}

impl RecentKeys {
    /// Which of sixteen slices of a tenant's recent keys is to be moved, if one is due after so many more. Where a tenant
    /// begins in this process, the hash of one of these keys says.
    pub(crate) fn due_slice(&self, tenant_no: i64, added: usize, hash: &[u8; 16]) -> Option<u8> {
        let mut all = self.0.lock();
        let taken = all
            .entry(tenant_no)
            .or_insert_with(|| Taken::begun_at(hash));
        taken.keys += added;
        if taken.keys < KEYS_PER_SLICE {
            return None;
        }
        let due = taken.slice;
        *taken = Taken {
            keys: 0,
            slice: (due + 1) % SLICES,
        };
        Some(due)
    }
}

impl Taken {
    /// By chance, which a SHA-256 is as good as.
    fn begun_at(hash: &[u8; 16]) -> Self {
        let [.., high, low, slice] = *hash;
        Self {
            keys: usize::from(u16::from_be_bytes([high, low])) % KEYS_PER_SLICE,
            slice: slice % SLICES,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slice_of_a_tenant_has_its_turn_whoever_else_takes_keys() {
        let recent = RecentKeys::default();
        let slices = |tenant_no| recent.due_slice(tenant_no, KEYS_PER_SLICE, &[0; 16]);
        let (mut mine, mut others) = (Vec::new(), Vec::new());
        for _ in 0..=SLICES {
            mine.extend(slices(1));
            others.extend(slices(2));
        }
        let expected: Vec<u8> = (0..SLICES).chain([0]).collect();
        assert_eq!((&mine, &others), (&expected, &expected));
    }

    #[test]
    fn a_tenant_that_takes_few_keys_moves_none_for_another_that_takes_many() {
        let recent = RecentKeys::default();
        let due = |tenant_no, added| recent.due_slice(tenant_no, added, &[0; 16]);
        for _ in 0..100 {
            assert_eq!(due(1, KEYS_PER_SLICE - 1), None);
            assert_eq!(due(2, 1), None);
            assert!(due(1, 1).is_some());
        }
    }

    #[test]
    fn processes_that_each_take_few_keys_move_every_slice_all_the_same() {
        let mut moved = [0; SLICES as usize];
        for process in 0..8_000_u64 {
            let hash = crate::directory::keys::key_hash(1, &process.to_be_bytes());
            if let Some(slice) = RecentKeys::default().due_slice(1, 500, &hash) {
                moved[usize::from(slice)] += 1;
            }
        }
        // One in ten, which are eight hundred, and of sixteen slices each fifty times; so far as chance goes.
        let [least, most] = [moved.iter().min(), moved.iter().max()].map(Option::unwrap);
        assert!(*least > 20 && *most < 100, "{moved:?}");
    }
}
