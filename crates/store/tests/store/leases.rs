//! Leases: one owner at a time, and whoever comes back with an older generation is refused.

use syncline_model::{Ids, JobId, Timestamp};
use syncline_store::{Lease, MasterKey, NodeId, Part, Reader, StoreError, Tx};

use crate::links;
use crate::world::{NOW, World};

struct Leased {
    world: World,
    job: JobId,
    first: NodeId,
    second: NodeId,
}

/// When the first lease of a test ends.
const END: Timestamp = Timestamp(NOW.0 + 600_000_000);
const JUST_BEFORE: Timestamp = Timestamp(END.0 - 1);
const LATER: Timestamp = Timestamp(END.0 + 600_000_000);

impl Leased {
    fn new() -> Self {
        let world = World::new();
        let job = links::job(&world, world.contoso);
        let [first, second] = [(); 2].map(|()| NodeId(world.ids.random_uuid()));
        Self {
            world,
            job,
            first,
            second,
        }
    }

    fn write<T>(&self, act: impl Fn(&mut Tx<'_>) -> Result<T, StoreError>) -> T {
        self.world.store.write(act).unwrap()
    }

    fn read<T>(&self, ask: impl Fn(&Reader<'_>) -> Result<T, StoreError>) -> T {
        self.world.store.read(ask).unwrap()
    }

    fn take(&self, node: NodeId, now: Timestamp, until: Timestamp) -> Option<Lease> {
        self.write(|tx| tx.lease_job(self.world.contoso, &self.job, node, now, until))
    }

    fn take_part(&self, node: NodeId, now: Timestamp) -> Option<Part> {
        self.write(|tx| tx.lease_part(self.world.contoso, &self.job, node, now, END))
    }

    fn keep(&self, lease: &Lease, until: Timestamp) -> bool {
        self.write(|tx| tx.keep_lease(self.world.contoso, &self.job, lease, until))
    }

    fn release(&self, lease: &Lease) {
        self.write(|tx| tx.release_lease(self.world.contoso, &self.job, lease));
    }

    fn renew(&self, lease: &Lease) -> Result<bool, StoreError> {
        let store = &self.world.store;
        store.renew_lease(self.world.contoso, &self.job, lease, 60)
    }

    fn end(&self) -> Timestamp {
        let found = self.read(|reader| reader.job_lease(self.world.contoso, &self.job));
        found.unwrap().until
    }

    fn holds(&self, lease: &Lease) -> bool {
        self.read(|reader| reader.holds(self.world.contoso, &self.job, lease))
    }

    fn cut(&self, parts: &[(&str, &str)]) {
        let parts: Vec<(String, String)> = parts
            .iter()
            .map(|(cursor, last)| ((*cursor).to_owned(), (*last).to_owned()))
            .collect();
        self.write(|tx| tx.put_parts(self.world.contoso, &self.job, &parts));
    }

    fn parts(&self) -> Vec<Part> {
        self.read(|reader| reader.parts(self.world.contoso, &self.job))
    }

    fn advance(&self, part: u32, cursor: &str, done: bool) {
        self.write(|tx| tx.advance_part(self.world.contoso, &self.job, part, cursor, done));
    }
}

#[test]
fn nobody_else_takes_a_lease_until_its_time_has_passed() {
    let it = Leased::new();
    let lease = it.take(it.first, NOW, END).unwrap();
    assert_eq!((lease.owner, lease.until), (it.first, END));
    assert_eq!(it.take(it.second, JUST_BEFORE, LATER), None);
    assert!(it.holds(&lease));
    let next = it.take(it.second, END, LATER).unwrap();
    assert_eq!((next.owner, next.until), (it.second, LATER));
    assert!(next.generation > lease.generation);
    assert!(!it.holds(&lease));
    assert!(it.holds(&next));
}

#[test]
fn a_lease_that_is_kept_ends_later() {
    let it = Leased::new();
    let lease = it.take(it.first, NOW, END).unwrap();
    assert!(it.keep(&lease, LATER));
    assert_eq!(it.take(it.second, END, LATER), None);
    assert!(it.take(it.second, LATER, LATER.plus_seconds(1)).is_some());
}

#[test]
fn whoever_lost_a_lease_neither_keeps_it_nor_gives_it_back() {
    let it = Leased::new();
    let lost = it.take(it.first, NOW, END).unwrap();
    let newest = it.take(it.second, END, LATER).unwrap();
    assert!(!it.keep(&lost, LATER.plus_seconds(60)));
    it.release(&lost);
    assert!(it.holds(&newest));
    let now = Timestamp(LATER.0 - 1);
    assert_eq!(
        it.take(it.first, now, LATER),
        None,
        "it was lengthened or freed"
    );
    // That the owner is the same is not enough, nor that the generation is.
    let again = it.take(it.second, now, LATER).unwrap();
    let forged = Lease {
        owner: it.first,
        ..again
    };
    for wrong in [newest, forged] {
        assert!(!it.holds(&wrong));
        assert!(!it.keep(&wrong, LATER.plus_seconds(60)));
        it.release(&wrong);
    }
    assert!(it.holds(&again));
}

#[test]
fn a_lease_given_back_is_free_at_once_and_its_owner_has_it_no_more() {
    let it = Leased::new();
    let lease = it.take(it.first, NOW, END).unwrap();
    it.release(&lease);
    assert!(!it.holds(&lease));
    assert!(!it.keep(&lease, LATER));
    let next = it.take(it.second, NOW, END).unwrap();
    assert!(next.generation > lease.generation);
}

/// One node leads several jobs, and works on a part of one that it leads: the numbers are the same.
#[test]
fn what_happens_to_a_lease_happens_to_no_other_one_of_its_owner() {
    let it = Leased::new();
    let contoso = it.world.contoso;
    let another = links::job(&it.world, contoso);
    let of_another = || {
        let found = it.read(|reader| reader.job_lease(contoso, &another));
        found.unwrap()
    };
    let of_job = || it.read(|reader| reader.job_lease(contoso, &it.job));
    it.cut(&[("", "")]);
    assert_eq!(of_job(), None, "a part is not the job");
    let untouched = it.write(|tx| tx.lease_job(contoso, &another, it.first, NOW, END));
    let untouched = untouched.unwrap();
    let lease = it.take(it.first, NOW, END).unwrap();
    let part = it.take_part(it.first, NOW).unwrap().lease;
    assert_eq!(lease, untouched);
    assert_eq!(part.generation, lease.generation);
    assert_eq!(of_another(), untouched);
    assert!(it.keep(&part, LATER));
    assert_eq!(of_job(), Some(lease));
    let longest = LATER.plus_seconds(1);
    assert!(it.keep(&lease, longest));
    assert_eq!(it.parts()[0].lease.until, LATER);
    assert_eq!(of_another(), untouched);
    it.release(&part);
    assert!(it.holds(&lease));
    it.release(&lease);
    assert_eq!(of_another(), untouched);
}

#[test]
fn parts_are_taken_in_order_past_what_is_done_or_held() {
    let it = Leased::new();
    let of_job = it.take(it.first, NOW, END).unwrap();
    it.cut(&[("", "f"), ("f", "m"), ("m", "")]);
    assert!(it.holds(&of_job), "cutting leaves the job's own lease");
    it.advance(1, "e", true);
    let ours = it.take_part(it.first, NOW).unwrap();
    assert_eq!((ours.lease.part, ours.cursor.as_str()), (2, "f"));
    let theirs = it.take_part(it.second, NOW).unwrap();
    assert_eq!((theirs.lease.part, theirs.last.as_str()), (3, ""));
    assert!(it.keep(&theirs.lease, LATER));
    it.release(&theirs.lease);
    assert!(it.holds(&ours.lease), "each is a lease of its own");
    assert!(it.holds(&of_job));
    it.advance(2, "h", false);
    it.advance(3, "z", true);
    assert_eq!(it.take_part(it.second, NOW), None);
    // Whoever takes it over goes on where it was left.
    let over = it.take_part(it.second, END).unwrap();
    assert_eq!((over.lease.part, over.cursor.as_str()), (2, "h"));
    assert!(!over.done);
    assert!(!it.holds(&ours.lease));
    let told: Vec<_> = it
        .parts()
        .into_iter()
        .map(|part| (part.lease.part, part.cursor, part.last, part.done))
        .collect();
    let expected = [
        (1, "e", "f", true),
        (2, "h", "m", false),
        (3, "z", "", true),
    ];
    let expected =
        expected.map(|(part, cursor, last, done)| (part, cursor.to_owned(), last.to_owned(), done));
    assert_eq!(told, expected);
}

#[test]
fn a_read_that_is_cut_anew_has_none_of_the_parts_of_before() {
    let it = Leased::new();
    it.cut(&[("", "m"), ("m", "")]);
    let part = it.take_part(it.first, NOW).unwrap();
    it.cut(&[("", "")]);
    assert_eq!(it.parts().len(), 1);
    assert!(!it.holds(&part.lease));
    assert!(!it.keep(&part.lease, LATER));
    assert!(it.take_part(it.second, NOW).is_some());
}

/// Generations begin anew with the parts.
#[test]
fn a_part_of_a_read_that_was_cut_before_is_not_the_one_of_the_same_number_now() {
    let it = Leased::new();
    it.cut(&[("", "")]);
    it.take_part(it.first, NOW).unwrap();
    let before = it.take_part(it.first, NOW).unwrap().lease;
    it.cut(&[("", "")]);
    let now = it.take_part(it.first, NOW).unwrap().lease;
    assert!(now.generation < before.generation);
    assert!(!it.holds(&before));
    assert!(!it.keep(&before, LATER));
    it.release(&before);
    assert!(it.holds(&now));
}

#[test]
fn somebody_works_while_a_lease_is_held_and_its_time_has_not_passed() {
    let it = Leased::new();
    let is_leased =
        |own| it.read(|reader| Ok::<_, StoreError>(reader.leased_until(own)?.is_some()));
    // A shared database measures by its own clock.
    let now = it.read(|reader| reader.lease_time(NOW));
    let (long_ago, soon) = (now.plus_seconds(-60), now.plus_seconds(600));
    assert!(!is_leased(NOW), "nobody has taken it yet");
    it.take(it.first, long_ago, long_ago).unwrap();
    assert!(!is_leased(NOW), "its time has passed");
    let lease = it.take(it.first, long_ago, soon).unwrap();
    assert!(is_leased(NOW));
    it.release(&lease);
    assert!(!is_leased(NOW), "it was given back");
}

#[test]
fn a_lease_is_over_at_its_end_for_those_who_ask_as_for_those_who_take_it() {
    if syncline_testkit::on_postgres() {
        // Which measures by its own clock.
        return;
    }
    let it = Leased::new();
    it.take(it.first, NOW, END).unwrap();
    let is_leased =
        |own| it.read(|reader| Ok::<_, StoreError>(reader.leased_until(own)?.is_some()));
    assert!(is_leased(JUST_BEFORE));
    assert!(!is_leased(END));
}

/// The nodes are those of the database that a backup was made of.
#[test]
fn all_leases_are_given_back_at_once_with_how_far_the_parts_have_come() {
    let it = Leased::new();
    let long = it.read(|reader| reader.lease_time(NOW)).plus_seconds(6_000);
    it.cut(&[("", "m"), ("m", "")]);
    let job = it.take(it.first, NOW, long).unwrap();
    let part = it.take_part(it.first, NOW).unwrap();
    it.advance(part.lease.part, "g", false);
    it.write(|tx| tx.release_every_lease());
    assert_eq!(it.read(|reader| reader.leased_until(NOW)), None);
    assert!(!it.holds(&job) && !it.holds(&part.lease));
    let next = it.take(it.second, NOW, long).unwrap();
    assert_eq!(next.generation, job.generation + 1);
    assert_eq!(it.read(|reader| reader.leased_until(NOW)), Some(long));
    let next = it.take_part(it.second, NOW).unwrap();
    assert_eq!((next.lease.part, next.cursor.as_str()), (1, "g"));
    assert_eq!(next.lease.generation, part.lease.generation + 1);
}

/// There is nobody to keep it from where there is one process.
fn renewed() -> Option<Leased> {
    syncline_testkit::on_postgres().then(Leased::new)
}

#[test]
fn a_lease_that_is_renewed_ends_so_long_from_now_and_never_sooner_than_before() {
    let Some(it) = renewed() else { return };
    let lease = it.take(it.first, NOW, END).unwrap();
    let now = it.read(|reader| reader.lease_time(NOW));
    assert!(it.renew(&lease).unwrap());
    assert!(it.end() >= now.plus_seconds(60));
    let late = now.plus_seconds(6_000);
    assert!(it.keep(&lease, late));
    assert!(it.renew(&lease).unwrap());
    assert_eq!(it.end(), late);
    it.cut(&[("", "")]);
    let part = it.take_part(it.first, NOW).unwrap().lease;
    assert!(it.renew(&part).unwrap());
    assert!(it.parts()[0].lease.until >= now.plus_seconds(60));
    assert_eq!(it.end(), late);
}

#[test]
fn whoever_lost_a_lease_or_gave_it_back_does_not_renew_it() {
    let Some(it) = renewed() else { return };
    let lost = it.take(it.first, NOW, END).unwrap();
    let newest = it.take(it.second, END, LATER).unwrap();
    let forged = Lease {
        owner: it.first,
        ..newest
    };
    for wrong in [&lost, &forged] {
        assert!(!it.renew(wrong).unwrap());
    }
    assert_eq!(it.end(), LATER);
    it.release(&newest);
    assert!(!it.renew(&newest).unwrap());
    assert!(it.take(it.first, NOW, END).is_some(), "it is free");
}

#[test]
fn renewing_a_lease_waits_neither_for_who_writes_in_its_tenant_nor_for_who_is_at_it() {
    let Some(it) = renewed() else { return };
    let lease = it.take(it.first, NOW, END).unwrap();
    it.write(|tx| {
        tx.enter(&[it.world.contoso])?;
        assert!(it.renew(&lease)?);
        assert!(tx.keep_lease(it.world.contoso, &it.job, &lease, LATER)?);
        assert!(!it.renew(&lease)?);
        Ok(())
    });
    assert_eq!(it.end(), LATER);
}

#[test]
fn a_lease_of_a_database_that_was_replaced_is_not_renewed() {
    let Some(it) = renewed() else { return };
    let lease = it.take(it.first, NOW, END).unwrap();
    let path = it.world.folder.path().join("test.db");
    let other = syncline_testkit::open_store(&path, &it.world.key).unwrap();
    let key = MasterKey::generate().unwrap();
    let replaced = other.replace_key(&key, &it.world.ids, |_| {
        // Neither then, nor does it wait.
        assert!(!it.renew(&lease)?);
        Ok::<_, StoreError>(())
    });
    replaced.unwrap();
    let refused = it.renew(&lease);
    assert!(matches!(refused, Err(StoreError::Replaced)), "{refused:?}");
    assert_eq!(it.end(), END);
}
