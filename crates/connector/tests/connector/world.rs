//! Systems in memory, and a store that they ignore.

use std::sync::Arc;

use syncline_connector::memory::{MemorySource, MemoryTarget};
use syncline_connector::suite::source::SourceFixture;
use syncline_connector::suite::target::TargetFixture;
use syncline_connector::{Source, Target};
use syncline_model::policy::PolicyRefusal;
use syncline_model::{Attr, Attrs, EntityKind, Entry, Ids, ObjectId, Value, b2b};
use syncline_store::{MasterKey, Store};
use syncline_testkit::CountedIds;

pub struct Database {
    pub store: Store,
    _folder: tempfile::TempDir,
}

impl Database {
    pub fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("syncline.db");
        Self {
            store: syncline_testkit::open_store(&path, &MasterKey::generate().unwrap()).unwrap(),
            _folder: folder,
        }
    }
}

/// A source system.
pub struct People {
    database: Database,
    ids: CountedIds,
    source: MemorySource,
}

impl People {
    pub fn none() -> Self {
        Self {
            database: Database::empty(),
            ids: CountedIds::new(),
            source: MemorySource::new(),
        }
    }

    fn put(&mut self, kind: EntityKind, name: &str) -> ObjectId {
        let mut entry = Entry::new(kind, self.ids.object_id());
        entry.attrs.set(Attr::DISPLAY_NAME, name);
        let id = entry.id;
        self.source.put(entry);
        id
    }
}

impl SourceFixture for People {
    fn store(&self) -> &Store {
        &self.database.store
    }

    fn source(&self) -> Box<dyn Source> {
        Box::new(self.source.clone())
    }

    fn create_person(&mut self, alias: &str) -> ObjectId {
        self.put(EntityKind::User, alias)
    }

    fn create_group(&mut self, name: &str) -> ObjectId {
        self.put(EntityKind::Group, name)
    }

    fn set_title(&mut self, person: ObjectId, title: &str) {
        let title = Some(Value::text(title));
        assert!(self.source.set(person, Attr::JOB_TITLE, title));
    }

    fn set_manager(&mut self, person: ObjectId, manager: ObjectId) {
        assert!(self.source.refer(person, Attr::MANAGER, vec![manager]));
    }

    fn remove_manager(&mut self, person: ObjectId) {
        assert!(self.source.refer(person, Attr::MANAGER, Vec::new()));
    }

    fn assign(&mut self, person: ObjectId) {
        let roles = vec!["msiam_access".to_owned()];
        assert!(self.source.assign(person, roles));
    }

    fn unassign(&mut self, person: ObjectId) {
        assert!(self.source.assign(person, Vec::new()));
    }

    fn soft_delete(&mut self, person: ObjectId) {
        assert!(self.source.soft_delete(person));
    }

    fn restore(&mut self, person: ObjectId) {
        assert!(self.source.restore(person));
    }

    fn hard_delete(&mut self, person: ObjectId) {
        assert!(self.source.hard_delete(person));
    }
}

/// A target system.
pub struct Partner {
    pub database: Database,
    ids: Arc<CountedIds>,
    pub target: MemoryTarget,
}

impl Partner {
    pub fn empty() -> Self {
        let ids = Arc::new(CountedIds::new());
        Self {
            database: Database::empty(),
            target: MemoryTarget::new(Arc::clone(&ids) as _),
            ids,
        }
    }
}

impl TargetFixture for Partner {
    fn store(&self) -> &Store {
        &self.database.store
    }

    fn target(&self) -> Box<dyn Target> {
        Box::new(self.target.clone())
    }

    fn person(&self, alias: &str) -> Attrs {
        let home = format!("{alias}@contoso.example");
        Attrs::new()
            .with(Attr::ALTERNATIVE_SECURITY_IDS, format!("5::{alias}"))
            .with(Attr::DISPLAY_NAME, alias)
            .with(Attr::IS_SOFT_DELETED, false)
            .with(
                Attr::USER_PRINCIPAL_NAME,
                b2b::external_upn(&home, "fabrikam.example"),
            )
    }

    fn create_own(&mut self, alias: &str) -> ObjectId {
        let mut entry = Entry::new(EntityKind::User, self.ids.object_id());
        let name = format!("{alias}@fabrikam.example");
        entry.attrs = self.person(alias).with(Attr::USER_PRINCIPAL_NAME, name);
        let id = entry.id;
        self.target.put_own(entry);
        id
    }

    fn permit(&mut self, allowed: bool) {
        if allowed {
            self.target.recover();
        } else {
            let refusal = PolicyRefusal::InboundSynchronizationNotAllowed;
            self.target.refuse(refusal);
        }
    }
}
