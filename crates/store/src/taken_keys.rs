//! Which keys may be taken, in memory. Nearly all keys that a cycle takes are free; to see that from
//! the table, which is larger than the cache of pages, most of its leaves would be read for each page of
//! people. Two bytes of a key's hash tell nearly always.
//!
//! Right as long as nobody else writes: for the one process that works on a file, and not for a shared
//! database, where nothing is remembered.

use std::collections::BTreeMap;

use parking_lot::Mutex;

use crate::driver::{blob, int};
use crate::{Result, Tx};

type Hash = [u8; 16];

/// Hashes that begin with the same twelve bits share a drawer.
const DRAWERS: usize = 1 << 12;
/// So many are remembered at most, of all tenants together: 16 MiB.
const MOST: usize = 8 << 20;
/// Whoever takes fewer asks the table.
const FEW: usize = 100;

/// What is remembered of all tenants.
#[derive(Debug, Default)]
pub(crate) struct TakenKeys(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    tenants: BTreeMap<i64, Drawers>,
    count: usize,
    /// There were more than can be remembered.
    too_many: bool,
    /// Of the file; another number means that another process has written.
    version: i64,
}

/// What is remembered of one tenant: of the hashes up to a border, never fewer than are taken.
#[derive(Debug)]
struct Drawers {
    /// `None`: all are known.
    border: Option<Vec<u8>>,
    /// The sixteen bits after the first twelve, in order.
    prints: Vec<Vec<u16>>,
}

impl State {
    fn forget(&mut self) {
        self.tenants.clear();
        self.count = 0;
    }

    fn add(&mut self, tenant_no: i64, hashes: impl IntoIterator<Item = Hash>) {
        let Some(drawers) = self.tenants.get_mut(&tenant_no) else {
            return;
        };
        for hash in hashes {
            self.count += usize::from(drawers.add(&hash));
        }
        if self.count > MOST {
            self.too_many = true;
            self.forget();
        }
    }
}

impl Drawers {
    fn unread() -> Self {
        Self {
            border: Some(Vec::new()),
            prints: vec![Vec::new(); DRAWERS],
        }
    }

    /// False when one that looks the same was there.
    fn add(&mut self, hash: &Hash) -> bool {
        let (drawer, print) = place(hash);
        let Some(prints) = self.prints.get_mut(drawer) else {
            return false;
        };
        match prints.binary_search(&print) {
            Ok(_) => false,
            Err(at) => {
                prints.insert(at, print);
                true
            }
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
            state.forget();
        }
        self.read_on(&mut state, tenant_no, hashes.len())?;
        let Some(drawers) = state.tenants.get(&tenant_no) else {
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
        if state.too_many || self.gave_keys_back.get() {
            return Ok(());
        }
        let drawers = state
            .tenants
            .entry(tenant_no)
            .or_insert_with(Drawers::unread);
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
