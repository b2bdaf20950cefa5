//! A store in a temporary folder, with two tenants.

use syncline_model::{Attr, EntityKind, Entry, Ids, ObjectId, TenantId, Timestamp};
use syncline_store::{Domain, MasterKey, Store, StoreError, Tenant};
use syncline_testkit::CountedIds;

pub struct World {
    pub store: Store,
    pub key: MasterKey,
    pub folder: tempfile::TempDir,
    pub ids: CountedIds,
    pub contoso: TenantId,
    pub fabrikam: TenantId,
}

pub const NOW: Timestamp = Timestamp(16_000_000_000_000_000);

impl World {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = MasterKey::generate().unwrap();
        let store = syncline_testkit::open_store(&folder.path().join("test.db"), &key).unwrap();
        let ids = CountedIds::at(NOW);
        let contoso = TenantId(ids.random_uuid());
        let fabrikam = TenantId(ids.random_uuid());
        for (id, name) in [(contoso, "contoso"), (fabrikam, "fabrikam")] {
            insert_tenant(&store, id, name);
        }
        Self {
            store,
            key,
            folder,
            ids,
            contoso,
            fabrikam,
        }
    }

    /// Another tenant, of a name of its own.
    pub fn another_tenant(&self) -> TenantId {
        let id = self.ids.random_uuid();
        insert_tenant(&self.store, TenantId(id), &id.simple().to_string());
        TenantId(id)
    }

    /// Adds a user and returns the id.
    pub fn user(&self, tenant: TenantId, name: &str) -> ObjectId {
        let mut entry = Entry::new(EntityKind::User, self.ids.object_id());
        entry.attrs.set(Attr::DISPLAY_NAME, name);
        self.store
            .write(|tx| tx.insert_objects(tenant, std::slice::from_ref(&entry), NOW))
            .unwrap();
        entry.id
    }

    pub fn names(&self, tenant: TenantId) -> Vec<String> {
        self.store
            .read(|reader| {
                let users = reader.scan(
                    tenant,
                    EntityKind::User,
                    syncline_store::ObjectState::Live,
                    None,
                    1000,
                )?;
                Ok::<_, StoreError>(
                    users
                        .rows
                        .iter()
                        .map(|it| it.entry.text(Attr::DISPLAY_NAME).unwrap().to_owned())
                        .collect(),
                )
            })
            .unwrap()
    }
}

fn insert_tenant(store: &Store, id: TenantId, name: &str) {
    let tenant = Tenant {
        id,
        display_name: name.to_owned(),
        created_at: NOW,
        domains: vec![Domain {
            name: format!("{name}.onmicrosoft.com"),
            is_default: true,
            is_initial: true,
        }],
    };
    store.write(|tx| tx.insert_tenant(&tenant)).unwrap();
}
