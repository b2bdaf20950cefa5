//! What other jobs are woken for, where they are many.

use syncline_model::{EntityKind, Ids, JobId, ObjectId, TenantId, Timestamp};
use syncline_store::{Escrow, MembershipsDue, Reader, StoreError, Tx};

use crate::links::job;
use crate::world::{NOW, World};

const USER: EntityKind = EntityKind::User;
/// Jobs in which others wait.
const JOBS: usize = 250;
/// So many objects are looked for in each of them at once.
const AT_ONCE: usize = 80;
/// Whom the job lets go of: for three slices, the last of which is short.
const LET_GO: usize = 170;

const LATER: Timestamp = Timestamp(NOW.0 + 3_600 * 10_000_000);

/// A world in which many jobs wait for the first and the last of each slice, and for one more.
struct Waiting {
    world: World,
    letting_go: JobId,
    /// Of another tenant.
    theirs: JobId,
    others: Vec<JobId>,
    let_go: Vec<ObjectId>,
    waits: Vec<ObjectId>,
}

impl Waiting {
    fn new(
        put: impl Fn(&mut Tx<'_>, TenantId, &JobId, &[ObjectId]) -> Result<(), StoreError>,
    ) -> Self {
        let world = World::new();
        let letting_go = job(&world, world.contoso);
        let others: Vec<JobId> = (0..JOBS).map(|_| job(&world, world.contoso)).collect();
        let theirs = job(&world, world.fabrikam);
        let mut let_go: Vec<ObjectId> = (0..=LET_GO).map(|_| world.ids.object_id()).collect();
        let_go.sort_unstable();
        let waits = [
            0,
            AT_ONCE - 1,
            AT_ONCE,
            2 * AT_ONCE - 1,
            2 * AT_ONCE,
            LET_GO - 1,
            LET_GO,
        ];
        let waits = waits.map(|at| let_go[at]).to_vec();
        let_go.pop();
        let written = world.store.write(|tx| {
            for job in others.iter().chain([&letting_go]) {
                put(tx, world.contoso, job, &waits)?;
            }
            put(tx, world.fabrikam, &theirs, &waits)
        });
        written.unwrap();
        Self {
            world,
            letting_go,
            theirs,
            others,
            let_go,
            waits,
        }
    }

    /// How many of each of the jobs are woken, of all jobs the same.
    fn woken(&self, woken: impl Fn(&Reader<'_>, &JobId) -> Result<usize, StoreError>) -> usize {
        let counted = self.world.store.read(|reader| {
            let each = self.others.iter().map(|job| woken(reader, job));
            each.collect::<Result<Vec<usize>, StoreError>>()
        });
        let mut counted = counted.unwrap();
        counted.dedup();
        assert_eq!(counted.len(), 1, "{counted:?}");
        counted[0]
    }

    fn has_to_wake(&self) -> [bool; 2] {
        let tenants = [self.world.contoso, self.world.fabrikam];
        tenants.map(|it| {
            self.world
                .store
                .read(|reader| reader.has_to_wake(it))
                .unwrap()
        })
    }

    /// A slice more; whether there may be another one.
    fn slice(&self) -> bool {
        let slice = |tx: &mut Tx<'_>| tx.wake_noted(self.world.contoso, NOW.plus_seconds(60));
        self.world.store.write(slice).unwrap()
    }
}

#[test]
fn memberships_that_wait_in_many_jobs_are_woken_a_slice_at_a_time() {
    let put = |tx: &mut Tx<'_>, tenant, job: &JobId, waits: &[ObjectId]| {
        let held = waits.iter().map(|source| MembershipsDue {
            not_before: MembershipsDue::HELD,
            ..MembershipsDue::of(USER, *source)
        });
        tx.put_memberships_due(tenant, job, &held.collect::<Vec<_>>())
    };
    let it = Waiting::new(put);
    let (contoso, store) = (it.world.contoso, &it.world.store);
    let due_of = |tenant, reader: &Reader<'_>, job: &JobId| {
        let due = reader.memberships_due(tenant, job, NOW, NOW, None, 100)?;
        Ok(due.len())
    };
    let woken = || it.woken(|reader, job| due_of(contoso, reader, job));
    assert_eq!(woken(), 0);
    store
        .write(|tx| tx.delete_staged(contoso, &it.letting_go, &it.let_go, NOW))
        .unwrap();
    assert_eq!((woken(), it.has_to_wake()), (2, [true, false]));
    // Of the same job all are woken at once, by its own time.
    let own = |reader: &Reader<'_>| reader.memberships_due_of(contoso, &it.letting_go, &it.waits);
    let own = store.read(own).unwrap().into_iter().flatten();
    let own: Vec<Timestamp> = own.map(|row| row.not_before).collect();
    assert_eq!(own[..6], [NOW; 6]);
    assert_eq!(own[6], MembershipsDue::HELD);
    // What is let go of again meanwhile is noted once more, and nothing of either gets lost.
    store
        .write(|tx| tx.delete_staged(contoso, &it.letting_go, &it.let_go, NOW))
        .unwrap();
    assert_eq!(woken(), 2);
    assert!(it.slice());
    assert_eq!(woken(), 4);
    assert!(!it.slice());
    assert_eq!((woken(), it.has_to_wake()), (6, [false, false]));
    assert!(!it.slice());
    assert_eq!(woken(), 6, "nobody let go of the last one");
    let theirs = store.read(|reader| due_of(it.world.fabrikam, reader, &it.theirs));
    assert_eq!(theirs.unwrap(), 0);
}

#[test]
fn whoever_failed_in_many_jobs_is_woken_a_slice_at_a_time() {
    let put = |tx: &mut Tx<'_>, tenant, job: &JobId, waits: &[ObjectId]| {
        let failed = waits.iter().map(|source| Escrow {
            source: *source,
            kind: USER,
            first_failed: NOW,
            attempts: 1,
            next_attempt: LATER,
            failure: "{}".to_owned(),
            waits_for: None,
        });
        tx.put_escrows(tenant, job, &failed.collect::<Vec<_>>())
    };
    let it = Waiting::new(put);
    let (contoso, store) = (it.world.contoso, &it.world.store);
    let now = NOW.plus_seconds(60);
    let due_of = |tenant, reader: &Reader<'_>, job: &JobId| {
        let due = reader.due_escrows(tenant, job, now, LATER, None, 100)?;
        Ok(due.len())
    };
    let woken = || it.woken(|reader, job| due_of(contoso, reader, job));
    store
        .write(|tx| tx.wake_escrows_of_other_jobs(contoso, &it.letting_go, &it.let_go, now))
        .unwrap();
    assert_eq!((woken(), it.has_to_wake()), (2, [true, false]));
    assert!(it.slice());
    assert_eq!(woken(), 4);
    assert!(!it.slice());
    assert_eq!((woken(), it.has_to_wake()), (6, [false, false]));
    let own = store.read(|reader| due_of(contoso, reader, &it.letting_go));
    assert_eq!(own.unwrap(), 0, "it goes by its own times");
    let theirs = store.read(|reader| due_of(it.world.fabrikam, reader, &it.theirs));
    assert_eq!(theirs.unwrap(), 0);
}

/// Those that are put while it is written whom others have let go of wait, too.
#[test]
fn a_job_that_fails_for_the_first_time_in_a_transaction_is_asked_by_it() {
    let world = World::new();
    let [letting_go, failing] = [(); 2].map(|()| job(&world, world.contoso));
    let (contoso, source) = (world.contoso, world.ids.object_id());
    let failed = Escrow {
        source,
        kind: USER,
        first_failed: NOW,
        attempts: 1,
        next_attempt: LATER,
        failure: "{}".to_owned(),
        waits_for: None,
    };
    let due = world.store.write(|tx| {
        tx.wake_escrows_of_other_jobs(contoso, &letting_go, &[source], NOW)?;
        tx.put_escrows(contoso, &failing, &[failed])?;
        tx.wake_escrows_of_other_jobs(contoso, &letting_go, &[source], NOW)?;
        tx.due_escrows(contoso, &failing, NOW, LATER, None, 10)
    });
    assert_eq!(due.unwrap().len(), 1);
}
