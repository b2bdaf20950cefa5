//! Which keys may be taken, in memory. Nearly all keys that a cycle takes are free; to see that from
//! the table, which is larger than the cache of pages, most of its leaves would be read for each page of
//! people. Two bytes of a key's hash tell nearly always.
//!
//! Right as long as nobody else writes: for the one process that works on a file, and not for a shared
//! database, where nothing is remembered.

use std::collections::BTreeMap;

use parking_lot::Mutex;

use crate::driver::{blob, int};
use crate::{Reader, Result, Tx};

type Hash = [u8; 16];

/// Hashes that begin with the same twelve bits share a drawer.
const DRAWERS: usize = 1 << 12;
/// So many are remembered at most, of all tenants together: two bytes and a little each, so 16 to 18 MiB.
const MOST: usize = 8 << 20;
/// What the drawers of a tenant take without any, counted in keys.
const EMPTY: usize = DRAWERS * std::mem::size_of::<Vec<u16>>() / std::mem::size_of::<u16>();
/// Whoever takes fewer asks the table.
const FEW: usize = 100;

/// What is remembered of all tenants.
#[derive(Debug, Default)]
pub(crate) struct TakenKeys(Mutex<State>);

#[derive(Debug)]
struct State {
    /// `None`: it has more than can be remembered beside the others.
    tenants: BTreeMap<i64, Option<Drawers>>,
    most: usize,
    /// Of the file; another number means that another process has written.
    version: i64,
}

impl Default for State {
    fn default() -> Self {
        Self {
            tenants: BTreeMap::new(),
            most: MOST,
            version: 0,
        }
    }
}

/// What is remembered of one tenant: of the hashes up to a border, never fewer than are taken.
#[derive(Debug)]
struct Drawers {
    /// `None`: all are known.
    border: Option<Vec<u8>>,
    /// The sixteen bits after the first twelve, in order.
    prints: Vec<Vec<u16>>,
    count: usize,
}

impl State {
    fn add(&mut self, tenant_no: i64, hashes: impl IntoIterator<Item = Hash>) {
        let Some(Some(drawers)) = self.tenants.get_mut(&tenant_no) else {
            return;
        };
        for hash in hashes {
            drawers.add(&hash);
        }
        self.bound();
    }

    /// Gives up the largest tenants as long as all together are too large.
    fn bound(&mut self) {
        loop {
            let sizes = self
                .tenants
                .iter()
                .filter_map(|(tenant_no, drawers)| Some((drawers.as_ref()?.size(), *tenant_no)));
            let (all, largest) = sizes.fold((0, None), |(all, largest), size| {
                (all + size.0, largest.max(Some(size)))
            });
            match largest {
                Some((_, tenant_no)) if all > self.most => {
                    self.tenants.insert(tenant_no, None);
                }
                _ => return,
            }
        }
    }
}

impl Drawers {
    fn unread() -> Self {
        Self {
            border: Some(Vec::new()),
            prints: vec![Vec::new(); DRAWERS],
            count: 0,
        }
    }

    fn size(&self) -> usize {
        EMPTY + self.count
    }

    /// One that looks the same may be there.
    fn add(&mut self, hash: &Hash) {
        let (drawer, print) = place(hash);
        let Some(prints) = self.prints.get_mut(drawer) else {
            return;
        };
        if let Err(at) = prints.binary_search(&print) {
            if prints.len() == prints.capacity() {
                // An eighth at a time: a vector's own way leaves half of the memory empty.
                prints.reserve_exact(prints.len() / 8 + 2);
            }
            prints.insert(at, print);
            self.count += 1;
        }
    }

    fn may_hold(&self, hash: &Hash) -> bool {
        let unread = |border: &Vec<u8>| border.as_slice() < hash.as_slice();
        let (drawer, print) = place(hash);
        self.border.as_ref().is_some_and(unread)
            || self
                .prints
                .get(drawer)
                .is_none_or(|prints| prints.binary_search(&print).is_ok())
    }
}

fn place(hash: &Hash) -> (usize, u16) {
    let [a, b, c, d, ..] = *hash;
    let head = u32::from_be_bytes([a, b, c, d]);
    // Twelve bits, and the sixteen after them: neither is cut.
    ((head >> 20) as usize, (head >> 4) as u16)
}

impl Reader<'_> {
    /// Leaves out the hashes that nobody has taken, as far as this process knows. What was given back
    /// since the view began counts as taken or as free, as it is now.
    pub(crate) fn drop_free<T>(&self, tenant_no: i64, hashes: &mut Vec<(Hash, T)>) {
        if self.is_shared() {
            return;
        }
        let state = self.taken_keys().0.lock();
        if let Some(Some(drawers)) = state.tenants.get(&tenant_no) {
            hashes.retain(|(hash, _)| drawers.may_hold(hash));
        }
    }
}

impl Tx<'_> {
    /// Leaves out the hashes of which it is known that nobody has taken them.
    pub(crate) fn without_free<'h>(
        &self,
        tenant_no: i64,
        hashes: Vec<&'h Hash>,
    ) -> Result<Vec<&'h Hash>> {
        if self.is_shared() || hashes.len() < FEW {
            return Ok(hashes);
        }
        let version = self
            .connection
            .first("PRAGMA data_version", &[], |row| row.int(0))?;
        let mut state = self.taken_keys().0.lock();
        if version.is_none_or(|it| it != std::mem::replace(&mut state.version, it)) {
            state.tenants.clear();
        }
        self.read_on(&mut state, tenant_no, hashes.len())?;
        let Some(Some(drawers)) = state.tenants.get(&tenant_no) else {
            return Ok(hashes);
        };
        Ok(hashes
            .into_iter()
            .filter(|hash| drawers.may_hold(hash))
            .collect())
    }

    /// Remembers keys that are taken now.
    pub(crate) fn remember_taken(&self, tenant_no: i64, hashes: impl Iterator<Item = Hash>) {
        if !self.is_shared() {
            self.taken_keys().0.lock().add(tenant_no, hashes);
        }
    }

    /// Reads as many keys as are asked for: in the course of time all, and never so many that it costs
    /// more than it saves.
    ///
    /// A key that this transaction has given back is taken again should it be undone, so nothing is read
    /// then. What it has taken may be remembered in any case: it is looked for once in vain.
    fn read_on(&self, state: &mut State, tenant_no: i64, asked: usize) -> Result<()> {
        if self.gave_keys_back.get() {
            return Ok(());
        }
        let drawers = state
            .tenants
            .entry(tenant_no)
            .or_insert_with(|| Some(Drawers::unread()));
        let Some(drawers) = drawers else {
            return Ok(());
        };
        let Some(border) = drawers.border.clone() else {
            return Ok(());
        };
        let hash = |row: &crate::driver::Row<'_>| Ok(row.blob(0)?.to_vec());
        let settled = self.connection.query(
            "SELECT hash FROM object_key WHERE tenant_no = ?1 AND hash > ?2 ORDER BY hash LIMIT ?3",
            &[int(tenant_no), blob(&border), int(asked)],
            hash,
        )?;
        let next = settled.last().filter(|_| settled.len() == asked).cloned();
        // Beyond all hashes.
        let until = next.clone().unwrap_or_else(|| vec![0xff; 17]);
        let recent = self.connection.query(
            "SELECT hash FROM object_key_recent WHERE tenant_no = ?1 AND hash > ?2 AND hash <= ?3",
            &[int(tenant_no), blob(&border), blob(&until)],
            hash,
        )?;
        drawers.border = next;
        let hashes = settled.into_iter().chain(recent);
        state.add(tenant_no, hashes.filter_map(|it| Hash::try_from(it).ok()));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(number: u32) -> Hash {
        let mut hash = [0; 16];
        hash[..4].copy_from_slice(&number.wrapping_mul(0x9e37_79b9).to_be_bytes());
        hash
    }

    fn holding(state: &State, tenant_no: i64, number: u32) -> Option<bool> {
        let drawers = state.tenants.get(&tenant_no)?.as_ref()?;
        Some(drawers.may_hold(&hash(number)))
    }

    #[test]
    fn the_largest_tenant_is_given_up_and_the_others_are_remembered() {
        let mut state = State {
            most: 2 * EMPTY + 1_000,
            ..State::default()
        };
        let read = || {
            Some(Drawers {
                border: None,
                ..Drawers::unread()
            })
        };
        for tenant_no in [1, 2] {
            state.tenants.insert(tenant_no, read());
        }
        state.add(1, (0..100).map(hash));
        state.add(2, (0..500).map(hash));
        assert_eq!(holding(&state, 1, 99), Some(true));
        assert_eq!(holding(&state, 1, 499), Some(false));
        assert_eq!(holding(&state, 2, 499), Some(true));

        state.add(2, (500..2_000).map(hash));
        assert_eq!(holding(&state, 2, 499), None, "given up");
        assert_eq!(holding(&state, 1, 99), Some(true));
        // Nothing is remembered of it any more, however little it takes.
        state.add(2, [hash(7)]);
        assert_eq!(holding(&state, 2, 7), None);
    }
}
