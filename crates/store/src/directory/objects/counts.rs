//! How many objects a tenant has, told without reading them. Kept by the verbs that insert and move
//! objects, in their transaction; writers of a tenant take turns.

use std::collections::{BTreeMap, HashSet};

use syncline_model::{EntityKind, Entry, ObjectId, TenantId};

use crate::driver::{blob, int};
use crate::{ObjectState, Reader, Result, Tx};

/// Changes of how many objects of a kind are live, and in the recycle bin.
#[derive(Debug, Default)]
pub(crate) struct Changes(BTreeMap<EntityKind, [i64; 2]>);

impl Changes {
    pub(crate) fn add(&mut self, kind: EntityKind, state: ObjectState, objects: i64) {
        // Of tombstones nobody asks how many there are.
        if let Some(count) = self
            .0
            .entry(kind)
            .or_default()
            .get_mut(usize::from(state as u8))
        {
            *count += objects;
        }
    }
}

impl Reader<'_> {
    /// How many objects of one kind are live, or in the recycle bin; 0 of tombstones, which are not
    /// counted.
    pub fn count_objects(
        &self,
        tenant: TenantId,
        kind: EntityKind,
        state: ObjectState,
    ) -> Result<u64> {
        let tenant_no = self.tenant_no(tenant)?;
        let counts = self.connection.first(
            "SELECT live, recycled FROM object_count WHERE tenant_no = ?1 AND kind = ?2",
            &[int(tenant_no), int(kind as u8)],
            |row| Ok([row.number(0)?, row.number(1)?]),
        )?;
        let counts = counts.unwrap_or_default();
        let count = counts.get(usize::from(state as u8));
        Ok(count.copied().unwrap_or_default())
    }
}

impl Tx<'_> {
    pub(crate) fn change_counts(&self, tenant_no: i64, changes: &Changes) -> Result<()> {
        self.connection.execute_each(
            "INSERT INTO object_count (tenant_no, kind, live, recycled) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (tenant_no, kind) DO UPDATE SET live = object_count.live + excluded.live, recycled = object_count.recycled + excluded.recycled",
            &[int(tenant_no)],
            changes
                .0
                .iter()
                .map(|(kind, [live, recycled])| [int(*kind as u8), int(*live), int(*recycled)]),
        )?;
        Ok(())
    }

    /// What changes when these objects come to be in another state. Before it is written: their rows
    /// say in which one they are.
    pub(crate) fn changes_of_moving<'e>(
        &self,
        tenant_no: i64,
        entries: impl Iterator<Item = &'e Entry>,
        to: ObjectState,
    ) -> Result<Changes> {
        let mut met: HashSet<(EntityKind, ObjectId)> = HashSet::new();
        let entries: Vec<(EntityKind, ObjectId)> = entries
            .map(|entry| (entry.kind, entry.id))
            .filter(|it| met.insert(*it))
            .collect();
        let states = self.connection.find_each(
            "SELECT state FROM object WHERE tenant_no = ?1 AND kind = ?2 AND id = ?3",
            &[int(tenant_no)],
            entries
                .iter()
                .map(|(kind, id)| [int(*kind as u8), blob(id.as_bytes())]),
            |row| ObjectState::from_number(row.int(0)?),
        )?;
        let mut changes = Changes::default();
        for ((kind, _), from) in entries.into_iter().zip(states) {
            if let Some(from) = from {
                changes.add(kind, from, -1);
                changes.add(kind, to, 1);
            }
        }
        Ok(changes)
    }
}
