//! What references lead to is answered from memory, and as if it were read: whatever was written
//! since, by whom, and whether it came to pass. On random histories.

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use syncline_model::link::LinkState;
use syncline_model::{EntityKind, Entry, Ids, JobId, Link, ObjectId, TenantId};
use syncline_store::{ObjectState, Store, StoreError, Tx};
use syncline_testkit::few;

use crate::links::job;
use crate::world::{NOW, World};

/// Of each: source objects, and target objects that links lead to.
const OBJECTS: usize = 6;

#[derive(Clone, Debug)]
enum Verb {
    Ask,
    Insert(usize),
    Move(usize, ObjectState),
    Link(usize, LinkState),
    /// Leads to another target than before.
    Relink(usize),
    Unlink(usize),
    RemoveTombstones,
}

#[derive(Clone, Debug)]
enum End {
    Commit,
    RollBack,
    /// The verbs from here on are undone, and the transaction is committed.
    Savepoint(usize),
}

#[derive(Clone, Debug)]
struct Transaction {
    by_another_process: bool,
    in_other_tenant: bool,
    verbs: Vec<Verb>,
    end: End,
    /// Whether somebody asks for everything before the next one.
    then_asked: bool,
}

fn verb() -> impl Strategy<Value = Verb> {
    let object = 0..OBJECTS;
    let states = prop_oneof![
        Just(ObjectState::Live),
        Just(ObjectState::Deleted),
        Just(ObjectState::Purged)
    ];
    let link_states = prop_oneof![
        Just(LinkState::Live),
        Just(LinkState::SoftDeleted),
        Just(LinkState::Released)
    ];
    prop_oneof![
        4 => Just(Verb::Ask),
        3 => object.clone().prop_map(Verb::Insert),
        3 => (object.clone(), states).prop_map(|(at, state)| Verb::Move(at, state)),
        3 => (object.clone(), link_states).prop_map(|(at, state)| Verb::Link(at, state)),
        1 => object.clone().prop_map(Verb::Relink),
        2 => object.prop_map(Verb::Unlink),
        2 => Just(Verb::RemoveTombstones),
    ]
}

fn transaction() -> impl Strategy<Value = Transaction> {
    let ends = prop_oneof![
        4 => Just(End::Commit),
        2 => Just(End::RollBack),
        2 => (0..4_usize).prop_map(End::Savepoint),
    ];
    let verbs = prop::collection::vec(verb(), 1..6);
    (
        prop::bool::weighted(0.2),
        any::<bool>(),
        verbs,
        ends,
        any::<bool>(),
    )
        .prop_map(
            |(by_another_process, in_other_tenant, verbs, end, then_asked)| Transaction {
                by_another_process,
                in_other_tenant,
                verbs,
                end,
                then_asked,
            },
        )
}

/// Both tenants have the same source ids and target ids.
struct Ends {
    sources: Vec<ObjectId>,
    targets: Vec<ObjectId>,
    others: Vec<ObjectId>,
}

impl Ends {
    fn link(&self, at: usize, target: ObjectId, state: LinkState) -> Link {
        Link {
            source: self.sources[at],
            target,
            kind: EntityKind::User,
            state,
            since: NOW,
            matching: 0,
            was_released: false,
        }
    }

    fn carry_out(
        &self,
        tx: &mut Tx<'_>,
        tenant: TenantId,
        job: &JobId,
        verb: &Verb,
    ) -> Result<(), StoreError> {
        match verb {
            Verb::Ask => self.assert_the_same(tx, tenant, job),
            Verb::Insert(at) => {
                let id = self.targets[*at];
                let there = tx.peek(tenant, EntityKind::User, &[id], [])?;
                if there.is_empty() {
                    tx.insert_objects(tenant, &[Entry::new(EntityKind::User, id)], NOW)?;
                }
                Ok(())
            }
            Verb::Move(at, state) => {
                let entry = Entry::new(EntityKind::User, self.targets[*at]);
                tx.move_objects(tenant, &[entry], *state, NOW)
            }
            Verb::Link(at, state) => tx
                .put_links(tenant, job, &[self.link(*at, self.targets[*at], *state)])
                .map(drop),
            Verb::Relink(at) => tx
                .put_links(
                    tenant,
                    job,
                    &[self.link(*at, self.others[*at], LinkState::Live)],
                )
                .map(drop),
            Verb::Unlink(at) => tx.delete_links(tenant, job, &[self.sources[*at]]),
            Verb::RemoveTombstones => tx.remove_tombstones(tenant, 0, u64::MAX >> 1).map(|_| ()),
        }
    }

    fn assert_the_same(
        &self,
        tx: &Tx<'_>,
        tenant: TenantId,
        job: &JobId,
    ) -> Result<(), StoreError> {
        let read = tx.links_for(tenant, job, &self.sources)?;
        assert_eq!(tx.links_of_referred(tenant, job, &self.sources)?, read);
        for kind in [EntityKind::User, EntityKind::Group] {
            let mut read = tx.peek(tenant, kind, &self.targets, [])?;
            let mut remembered = tx.peek_at_referred(tenant, kind, &self.targets)?;
            read.sort_by_key(|it| it.id);
            remembered.sort_by_key(|it| it.id);
            assert_eq!(remembered, read);
        }
        Ok(())
    }
}

/// One database for all histories, for it takes longer to make than all that comes to pass in it, and another process
/// on it.
struct Shared {
    world: World,
    another: Store,
}

impl Shared {
    fn new() -> Self {
        let world = World::new();
        let path = world.folder.path().join("test.db");
        let another = syncline_testkit::open_store(&path, &world.key).unwrap();
        Self { world, another }
    }
}

/// In two tenants that nobody else has anything to do with.
fn come_to_pass(Shared { world, another }: &Shared, history: &[Transaction]) {
    let tenants = [world.another_tenant(), world.another_tenant()];
    let jobs = tenants.map(|tenant| job(world, tenant));
    let ids = || {
        let mut ids: Vec<ObjectId> = (0..OBJECTS).map(|_| world.ids.object_id()).collect();
        ids.sort_unstable();
        ids
    };
    let ends = Ends {
        sources: ids(),
        targets: ids(),
        others: ids(),
    };
    let last = history.len() - 1;
    for (at, transaction) in history.iter().enumerate() {
        let which = usize::from(transaction.in_other_tenant);
        let (tenant, job) = (tenants[which], &jobs[which]);
        let store = if transaction.by_another_process {
            another
        } else {
            &world.store
        };
        let carry_out = |tx: &mut Tx<'_>, verbs: &[Verb]| {
            verbs
                .iter()
                .try_for_each(|verb| ends.carry_out(tx, tenant, job, verb))
        };
        let verbs = &transaction.verbs;
        let done = store.write(|tx| match transaction.end {
            End::Commit => carry_out(tx, verbs),
            End::RollBack => {
                carry_out(tx, verbs)?;
                Err(StoreError::Damaged("on purpose"))
            }
            End::Savepoint(at) => {
                tx.enter(&[tenant])?;
                let (kept, undone) = verbs.split_at(at.min(verbs.len()));
                carry_out(tx, kept)?;
                let failed = tx.savepoint(|tx| {
                    carry_out(tx, undone)?;
                    Err::<(), _>(StoreError::Damaged("on purpose"))
                })?;
                assert!(failed.is_err());
                ends.assert_the_same(tx, tenant, job)
            }
        });
        assert_eq!(done.is_err(), matches!(transaction.end, End::RollBack));
        if !transaction.then_asked && at < last {
            continue;
        }
        for (tenant, job) in tenants.into_iter().zip(&jobs) {
            world
                .store
                .write(|tx| ends.assert_the_same(tx, tenant, job))
                .unwrap();
        }
    }
}

#[test]
fn it_is_answered_as_if_it_were_read() {
    let shared = Shared::new();
    let histories = prop::collection::vec(transaction(), 1..14);
    let ran = TestRunner::new(few(200)).run(&histories, |history| {
        come_to_pass(&shared, &history);
        Ok(())
    });
    ran.unwrap();
}

/// A transaction that looked, and was interrupted by a panic, has told nobody that it came to nothing.
#[test]
fn what_a_panic_has_undone_is_forgotten() {
    let world = World::new();
    let job = job(&world, world.contoso);
    let source = world.ids.object_id();
    let link = Link {
        source,
        target: world.ids.object_id(),
        kind: EntityKind::User,
        state: LinkState::Live,
        since: NOW,
        matching: 0,
        was_released: false,
    };
    let interrupted = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        world.store.write(|tx| {
            tx.put_links(world.contoso, &job, std::slice::from_ref(&link))?;
            let found = tx.links_of_referred(world.contoso, &job, &[source])?;
            assert_eq!(found, [None], "on purpose");
            Ok::<_, StoreError>(())
        })
    }));
    assert!(interrupted.is_err());
    let found = world
        .store
        .write(|tx| tx.links_of_referred(world.contoso, &job, &[source]))
        .unwrap();
    assert_eq!(found, [None]);
}
