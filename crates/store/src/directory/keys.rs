//! Unique values and who holds them. Stored are hashes; the values stand in the objects.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use aws_lc_rs::digest::{Context, SHA256};
use syncline_model::{EntityKind, ObjectId, TenantId};
use uuid::Uuid;

use super::objects::all_taken;
use crate::driver::{blob, int};
use crate::{Reader, Result, StoreError, Tx};

/// The families of unique values. Numbers are stored: never renumber.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum KeyName {
    /// Live users.
    UserPrincipalName = 1,
    /// `mail` and `proxyAddresses` of live users and groups, without the `SMTP:` prefix.
    ProxyAddress = 2,
    /// Source anchor of an external object: `<home tenant>|<alternative security id>`; kept while
    /// the object is in the recycle bin.
    SourceAnchor = 3,
    /// `appId` of an application.
    ApplicationAppId = 4,
    /// `appId` of a service principal.
    ServicePrincipalAppId = 5,
    /// `uniqueName` of a group or an application, prefixed by the kind.
    UniqueName = 6,
    /// `identifierUris` of a live application. One that builds before knew takes them when it is next written.
    IdentifierUri = 7,
}

/// One unique value. Keys are told apart and ordered by their hash, as they are stored: those of
/// one leaf come one after the other.
#[derive(Clone, Debug)]
pub struct Key {
    pub name: KeyName,
    /// Folded.
    pub value: Arc<str>,
    hash: [u8; 16],
}

impl Key {
    /// Folds the value.
    pub fn new(name: KeyName, value: &str) -> Self {
        let value = syncline_model::fold::fold(value);
        let hash = key_hash(name as u8, value.as_bytes());
        Self {
            name,
            value: value.into(),
            hash,
        }
    }
}

impl Key {
    /// The key under which an external object is found by its source.
    pub fn source_anchor(home: Uuid, anchor: &str) -> Self {
        // Twice for each person of a first cycle: without the machinery of `format!`.
        let mut id = Uuid::encode_buffer();
        let id = &*home.hyphenated().encode_lower(&mut id);
        Self::new(KeyName::SourceAnchor, &[id, "|", anchor].concat())
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.hash.hash(state);
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        self.hash.cmp(&other.hash)
    }
}

/// A key as it is stored: its name and value are told apart from all others by these bytes. The
/// tenant stands beside it, so nobody can collide with somebody else's keys.
pub(crate) fn key_hash(name: u8, value: &[u8]) -> [u8; 16] {
    let mut context = Context::new(&SHA256);
    context.update(&[name]);
    context.update(value);
    let mut hash = [0; 16];
    for (to, from) in hash.iter_mut().zip(context.finish().as_ref()) {
        *to = *from;
    }
    hash
}

impl Key {
    /// By what the store tells it apart from all others of its tenant.
    pub fn hash(&self) -> [u8; 16] {
        self.hash
    }
}

impl Reader<'_> {
    /// Who holds each of these keys; `None` where nobody does. In the order asked.
    pub fn holders(
        &self,
        tenant: TenantId,
        keys: &[Key],
    ) -> Result<Vec<Option<(EntityKind, ObjectId)>>> {
        let tenant_no = self.tenant_no(tenant)?;
        let mut hashes: Vec<([u8; 16], usize)> = keys.iter().map(|key| key.hash).zip(0..).collect();
        if self.asks_memory.get() {
            self.drop_free(tenant_no, &mut hashes);
        }
        hashes.sort_unstable();
        let found = self.connection.find_each(
            "SELECT id, kind FROM object_key_recent WHERE tenant_no = ?1 AND hash = ?2 UNION ALL SELECT id, kind FROM object_key WHERE tenant_no = ?1 AND hash = ?2",
            &[int(tenant_no)],
            hashes.iter().map(|(hash, _)| [blob(hash)]),
            |row| Ok((row.kind(1)?, row.id(0, ObjectId::from_bytes)?)),
        )?;
        let mut holders = vec![None; keys.len()];
        for ((hash, at), holder) in hashes.into_iter().zip(found) {
            if holder.is_none() {
                self.note_free_key(tenant_no, hash);
            }
            holders[at] = holder;
        }
        Ok(holders)
    }

    /// Who holds one key.
    pub fn holder(&self, tenant: TenantId, key: &Key) -> Result<Option<(EntityKind, ObjectId)>> {
        Ok(self
            .holders(tenant, std::slice::from_ref(key))?
            .pop()
            .flatten())
    }
}

impl Tx<'_> {
    /// Takes keys for objects. [`StoreError::Taken`](crate::StoreError::Taken) when another object
    /// holds one.
    pub fn take_keys(
        &mut self,
        tenant: TenantId,
        keys: &[(Key, EntityKind, ObjectId)],
    ) -> Result<()> {
        let tenant_no = self.tenant_no(tenant)?;
        // In order of hash, so that those of one leaf come one after the other.
        let mut rows: Vec<([u8; 16], EntityKind, ObjectId)> = keys
            .iter()
            .map(|(key, kind, id)| (key.hash, *kind, *id))
            .collect();
        rows.sort_unstable_by_key(|(hash, ..)| *hash);
        // The writers of a tenant take turns, so nobody can put a key into one table between the
        // look and the insert into the other. (One statement for both would be an `INSERT … SELECT`,
        // for which SQLite keeps a journal of its own that grows with the transaction.)
        let unknown: Vec<&[u8; 16]> = rows
            .iter()
            .map(|(hash, ..)| hash)
            .filter(|hash| !self.takes_free_key(tenant_no, **hash))
            .collect();
        let unknown = self.without_free(tenant_no, unknown)?;
        let settled = self.connection.find_each(
            "SELECT 1 FROM object_key WHERE tenant_no = ?1 AND hash = ?2",
            &[int(tenant_no)],
            unknown.iter().map(|hash| [blob(*hash)]),
            |_| Ok(()),
        )?;
        if settled.iter().any(Option::is_some) {
            return Err(StoreError::Taken);
        }
        let taken = self.connection.execute_each(
            "INSERT INTO object_key_recent (tenant_no, hash, kind, id) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
            &[int(tenant_no)],
            rows.iter()
                .map(|(hash, kind, id)| [blob(hash), int(*kind as u8), blob(id.as_bytes())]),
        )?;
        all_taken(taken, keys.len())?;
        self.remember_taken(tenant_no, rows.iter().map(|(hash, ..)| *hash));
        match rows.first() {
            Some((hash, ..)) => self.settle_recent(tenant_no, rows.len(), hash),
            None => Ok(()),
        }
    }

    /// Gives keys back, where this object holds them.
    pub fn release_keys(&mut self, tenant: TenantId, keys: &[(Key, ObjectId)]) -> Result<()> {
        let tenant_no = self.tenant_no(tenant)?;
        if !keys.is_empty() {
            self.gave_keys_back.set(true);
        }
        for table in ["object_key_recent", "object_key"] {
            self.connection.execute_each(
                &format!("DELETE FROM {table} WHERE tenant_no = ?1 AND hash = ?2 AND id = ?3"),
                &[int(tenant_no)],
                keys.iter()
                    .map(|(key, id)| [blob(&key.hash), blob(id.as_bytes())]),
            )?;
        }
        Ok(())
    }

    /// Now and then moves one slice of a tenant's recent keys to their place among the others, in
    /// order. Any slice is right at any time; taking them in turn bounds how many are recent.
    fn settle_recent(&mut self, tenant_no: i64, added: usize, hash: &[u8; 16]) -> Result<()> {
        let Some(slice) = self.due_slice(tenant_no, added, hash) else {
            return Ok(());
        };
        let from = [slice << 4];
        let until = match slice {
            // Beyond all hashes.
            15 => vec![0xff; 17],
            _ => vec![(slice + 1) << 4],
        };
        let bounds = [int(tenant_no), blob(&from), blob(&until)];
        self.connection.insert_found(
            "INSERT INTO object_key (tenant_no, hash, kind, id) SELECT tenant_no, hash, kind, id FROM object_key_recent WHERE tenant_no = ?1 AND hash >= ?2 AND hash < ?3 ORDER BY hash",
            &bounds,
        )?;
        self.connection.execute(
            "DELETE FROM object_key_recent WHERE tenant_no = ?1 AND hash >= ?2 AND hash < ?3",
            &bounds,
        )?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_told_apart_by_its_name_too() {
        assert_ne!(key_hash(1, b"x"), key_hash(2, b"x"));
        assert_eq!(
            Key::new(KeyName::ProxyAddress, "ANA@contoso.example").hash,
            key_hash(2, b"ana@contoso.example")
        );
    }
}
