//! Unique values and who holds them.

use syncline_model::{EntityKind, ObjectId, TenantId};

use crate::driver::{blob, int, text};
use crate::objects::all_taken;
use crate::{Reader, Result, Tx};

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
}

/// One unique value. The value is folded already.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub name: KeyName,
    pub value: String,
}

impl Key {
    /// Folds the value.
    pub fn new(name: KeyName, value: &str) -> Self {
        Self {
            name,
            value: syncline_model::fold::fold(value),
        }
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
        self.connection.find_each(
            "SELECT id, kind FROM object_key WHERE tenant_no = ?1 AND name = ?2 AND value = ?3",
            &[int(tenant_no)],
            keys.iter()
                .map(|key| [int(key.name as u8), text(&key.value)]),
            |row| Ok((row.kind(1)?, row.id(0, ObjectId::from_bytes)?)),
        )
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
        let taken = self.connection.execute_each(
            "INSERT INTO object_key (tenant_no, name, value, kind, id) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
            &[int(tenant_no)],
            keys.iter().map(|(key, kind, id)| {
                [
                    int(key.name as u8),
                    text(&key.value),
                    int(*kind as u8),
                    blob(id.as_bytes()),
                ]
            }),
        )?;
        all_taken(taken, keys.len())
    }

    /// Gives keys back, where this object holds them.
    pub fn release_keys(&mut self, tenant: TenantId, keys: &[(Key, ObjectId)]) -> Result<()> {
        let tenant_no = self.tenant_no(tenant)?;
        self.connection.execute_each(
            "DELETE FROM object_key WHERE tenant_no = ?1 AND name = ?2 AND value = ?3 AND id = ?4",
            &[int(tenant_no)],
            keys.iter()
                .map(|(key, id)| [int(key.name as u8), text(&key.value), blob(id.as_bytes())]),
        )?;
        Ok(())
    }
}
