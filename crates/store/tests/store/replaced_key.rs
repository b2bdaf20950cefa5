//! Another key takes the place of the one that everything is sealed with.

use serde::{Deserialize, Serialize};
use syncline_model::TenantId;
use syncline_store::{Document, MasterKey, SealedAnew, Store, StoreError};
use syncline_testkit::CountedIds;

use crate::world::World;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Secret(String);

impl Document for Secret {
    const KIND: &'static str = "test_secret";
    const SEALED: bool = true;
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Open(String);

impl Document for Open {
    const KIND: &'static str = "test_open";
}

/// More than are in memory at once.
const SECRETS: usize = 1_203;

struct Place {
    world: World,
    new: MasterKey,
}

impl Place {
    /// Secrets of two tenants and of none, and what is not sealed.
    fn new() -> Self {
        let place = Self {
            new: MasterKey::generate().unwrap(),
            world: World::new(),
        };
        let of = place.tenants();
        place
            .world
            .store
            .write(|tx| {
                for number in 0..SECRETS {
                    let (tenant, key) = (of[number % 3], format!("{number:04}"));
                    tx.put_document(tenant, &key, &Secret(key.clone()), None)?;
                }
                tx.put_document(None, "open", &Open("as it was".to_owned()), None)
            })
            .unwrap();
        place
    }

    fn tenants(&self) -> [Option<TenantId>; 3] {
        [None, Some(self.world.contoso), Some(self.world.fabrikam)]
    }

    fn open(&self, key: &MasterKey) -> syncline_store::Result<Store> {
        syncline_testkit::open_store(&self.world.folder.path().join("test.db"), key)
    }

    /// This key opens all there is, and the other one nothing.
    fn opens_with(&self, key: &MasterKey, other: &MasterKey) {
        let store = self.open(key).unwrap();
        let found: usize = self
            .tenants()
            .into_iter()
            .map(|tenant| {
                let all = store.read(|reader| reader.documents::<Secret>(tenant, "", SECRETS));
                let all = all.unwrap();
                assert!(all.iter().all(|(key, secret)| secret.0 == *key));
                all.len()
            })
            .sum();
        assert_eq!(found, SECRETS);
        let open = store.read(|reader| reader.document::<Open>(None, "open"));
        assert_eq!(open.unwrap(), Some(Open("as it was".to_owned())));
        drop(store);
        let refused = self.open(other);
        assert!(matches!(refused, Err(StoreError::WrongKey)), "{refused:?}");
    }
}

#[test]
fn everything_is_sealed_with_the_new_key_and_nothing_with_the_old() {
    let place = Place::new();
    let store = place.open(&place.world.key).unwrap();
    let before = Secret("written meanwhile".to_owned());
    let done = store.replace_key(&place.new, &CountedIds::new(), |tx| {
        tx.put_document(None, "0000", &Secret("0000".to_owned()), None)?;
        tx.put_document(None, "meanwhile", &before, None)?;
        tx.delete_document::<Secret>(None, "meanwhile").map(drop)
    });
    let done = done.unwrap();
    // The check of the key is one, too.
    assert_eq!(
        done,
        SealedAnew {
            documents: SECRETS as u64 + 1,
            unreadable: 0
        }
    );
    place.opens_with(&place.new, &place.world.key);
}

#[test]
fn what_is_refused_changes_nothing() {
    let place = Place::new();
    let store = place.open(&place.world.key).unwrap();
    let done = store.replace_key(&place.new, &CountedIds::new(), |tx| {
        tx.put_document(None, "0001", &Secret("other".to_owned()), None)?;
        Err(StoreError::GivenUp)
    });
    assert!(matches!(done, Err(StoreError::GivenUp)), "{done:?}");
    place.opens_with(&place.world.key, &place.new);
}

/// What nobody can read is in nobody's way.
#[test]
fn a_document_that_did_not_open_before_stays_as_it_is() {
    let place = Place::new();
    let spoil = "UPDATE document SET body = x'00' WHERE kind = 'test_secret' AND key = '0000'";
    let there = place.world.folder.path().join("test.db");
    if !syncline_testkit::execute(&there, &spoil.replace("x'", "'\\x")) {
        let file = rusqlite::Connection::open(&there).unwrap();
        file.execute_batch(spoil).unwrap();
    }
    let store = place.open(&place.world.key).unwrap();
    let done = store
        .replace_key::<StoreError>(&place.new, &CountedIds::new(), |_| Ok(()))
        .unwrap();
    assert_eq!((done.documents, done.unreadable), (SECRETS as u64, 1));
    let store = place.open(&place.new).unwrap();
    let other = store.read(|reader| reader.document::<Secret>(Some(place.world.contoso), "0001"));
    assert_eq!(other.unwrap(), Some(Secret("0001".to_owned())));
}

/// It would seal with the old key what nobody opens.
#[test]
fn whoever_opened_a_shared_database_before_writes_no_more() {
    let place = Place::new();
    if !place.world.store.is_shared() {
        // A file has one process.
        return;
    }
    let store = place.open(&place.world.key).unwrap();
    let second = place.open(&place.world.key).unwrap();
    store
        .replace_key::<StoreError>(&place.new, &CountedIds::new(), |_| Ok(()))
        .unwrap();
    for tenant in place.tenants() {
        let secret = Secret("late".to_owned());
        let write = |store: &Store| store.write(|tx| tx.put_document(tenant, "x", &secret, None));
        let refused = write(&place.world.store);
        assert!(matches!(refused, Err(StoreError::Replaced)), "{refused:?}");
    }
    let third = MasterKey::generate().unwrap();
    let refused = second.replace_key::<StoreError>(&third, &CountedIds::new(), |_| Ok(()));
    assert!(matches!(refused, Err(StoreError::Replaced)), "{refused:?}");
    place.opens_with(&place.new, &place.world.key);
}
