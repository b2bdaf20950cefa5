//! A store with hosted tenants, and the words the tests speak in.

use std::sync::Arc;

use syncline_directory::users::NewUser;
use syncline_directory::{Context, groups, tenants, users};
use syncline_model::{Attr, Attrs, Clock, ObjectId, Problem, Value};
use syncline_store::{MasterKey, Store, Stored, Tenant, Tx};
use syncline_testkit::{CountedIds, FakeClock};

pub struct World {
    pub store: Store,
    pub clock: Arc<FakeClock>,
    pub ids: Arc<CountedIds>,
    pub contoso: Tenant,
    pub fabrikam: Tenant,
    _folder: tempfile::TempDir,
}

pub fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    let store = syncline_testkit::open_store(
        &folder.path().join("syncline.db"),
        &MasterKey::generate().unwrap(),
    )
    .unwrap();
    let clock = Arc::new(FakeClock::new());
    let ids = Arc::new(CountedIds::new());
    let make = |domain: &str, name: &str| tenant(&store, &ids, &clock, domain, name);
    let contoso = make("contoso.example", "Contoso");
    let fabrikam = make("fabrikam.example", "Fabrikam");
    World {
        store,
        clock,
        ids,
        contoso,
        fabrikam,
        _folder: folder,
    }
}

fn tenant(store: &Store, ids: &CountedIds, clock: &FakeClock, domain: &str, name: &str) -> Tenant {
    let new = tenants::NewTenant {
        id: None,
        domain: domain.to_owned(),
        display_name: name.to_owned(),
    };
    store
        .write(|tx| tenants::create(tx, ids, clock.now(), new))
        .unwrap()
        .tenant
}

impl World {
    /// One more tenant.
    pub fn tenant(&self, domain: &str, name: &str) -> Tenant {
        tenant(&self.store, &self.ids, &self.clock, domain, name)
    }

    /// Writes in one transaction, as contoso.
    pub fn write<T>(
        &self,
        work: impl FnOnce(&mut Tx<'_>, &Context<'_>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        self.write_in(&self.contoso, work)
    }

    pub fn write_in<T>(
        &self,
        tenant: &Tenant,
        work: impl FnOnce(&mut Tx<'_>, &Context<'_>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let context = Context {
            tenant,
            now: self.clock.now(),
            ids: self.ids.as_ref(),
        };
        self.store.write(|tx| work(tx, &context))
    }

    pub fn sequence(&self) -> u64 {
        self.store
            .read(|reader| reader.sequence(self.contoso.id))
            .unwrap()
    }

    /// A user of contoso with this alias.
    pub fn user(&self, alias: &str) -> ObjectId {
        self.try_user(alias, Attrs::new()).unwrap().entry.id
    }

    pub fn try_user(&self, alias: &str, more: Attrs) -> Result<Stored, Problem> {
        self.write(|tx, context| users::create(tx, context, new_user(alias, more)))
    }

    pub fn find_user(&self, key: &str) -> Result<Stored, Problem> {
        self.store
            .read(|reader| users::find(reader, self.contoso.id, key))
    }

    /// A security group of contoso.
    pub fn group(&self, name: &str, members: &[ObjectId]) -> ObjectId {
        let new = groups::NewGroup {
            attrs: security_group(name),
            members: members.to_vec(),
            owners: Vec::new(),
        };
        self.write(|tx, context| groups::create(tx, context, new))
            .unwrap()
            .entry
            .id
    }

    pub fn update_user(
        &self,
        id: ObjectId,
        attr: Attr,
        value: Option<Value>,
    ) -> Result<Stored, Problem> {
        self.write(|tx, context| users::update(tx, context, id, &[(attr, value)]))
    }

    pub fn delete_user(&self, id: ObjectId) {
        self.write(|tx, context| users::delete(tx, context, id))
            .unwrap();
    }

    pub fn set_manager(&self, user: ObjectId, manager: ObjectId) {
        self.write(|tx, context| users::set_manager(tx, context, user, manager))
            .unwrap();
    }

    pub fn manager(&self, user: ObjectId) -> Option<ObjectId> {
        self.store
            .read(|reader| users::manager(reader, self.contoso.id, user))
            .unwrap()
            .map(|it| it.entry.id)
    }

    pub fn members(&self, group: ObjectId) -> Vec<ObjectId> {
        ids(&self
            .store
            .read(|reader| groups::members(reader, self.contoso.id, group, None, 1000))
            .unwrap())
    }
}

pub fn ids(stored: &[Stored]) -> Vec<ObjectId> {
    stored.iter().map(|it| it.entry.id).collect()
}

pub fn new_user(alias: &str, more: Attrs) -> NewUser {
    let mut attrs = Attrs::new()
        .with(Attr::ACCOUNT_ENABLED, true)
        .with(Attr::DISPLAY_NAME, alias)
        .with(Attr::MAIL_NICKNAME, alias)
        .with(
            Attr::USER_PRINCIPAL_NAME,
            format!("{alias}@contoso.example"),
        );
    for (attr, value) in more.iter() {
        attrs.set(attr, value.clone());
    }
    NewUser { attrs }
}

pub fn security_group(name: &str) -> Attrs {
    Attrs::new()
        .with(Attr::DISPLAY_NAME, name)
        .with(Attr::MAIL_ENABLED, false)
        .with(Attr::MAIL_NICKNAME, name.replace(' ', ""))
        .with(Attr::SECURITY_ENABLED, true)
}

/// The message and the property a problem names.
pub fn said(problem: &Problem) -> (&str, Option<&str>) {
    (
        &problem.message,
        problem
            .details
            .first()
            .and_then(|detail| detail.target.as_deref()),
    )
}
