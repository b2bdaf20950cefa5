//! Turns, in memory: who writes in a tenant waits here for those of this node that do so already, before
//! there is a connection. On the server they would wait for the tenant's lock, each on a connection, and a
//! tenant with enough of them would have all that the node may open.
//!
//! The lock stays what counts: it is between nodes, too.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use parking_lot::{Condvar, Mutex};
use syncline_model::TenantId;

use super::patience::Patience;
use crate::{Result, StoreError};

/// What only one transaction at a time gets on with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::driver) enum Queue {
    Tenant(TenantId),
    /// What belongs to no tenant.
    NoTenant,
}

/// Who waits for what, and what is at work.
#[derive(Debug, Default)]
pub(super) struct Turns(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    arrivals: u64,
    /// By number of arrival.
    waiting: BTreeMap<Arrival, Waiting>,
    taken: BTreeSet<Queue>,
    /// Those of the taken ones in which another node is at work.
    elsewhere: BTreeSet<Queue>,
}

/// When somebody came; the earlier goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Arrival(u64);

#[derive(Debug)]
struct Waiting {
    queues: Vec<Queue>,
    told: Arc<Condvar>,
}

impl Turns {
    /// The number of somebody who comes now.
    pub(super) fn arrives(&self) -> Arrival {
        let mut state = self.0.lock();
        state.arrivals += 1;
        Arrival(state.arrivals)
    }

    /// How many wait.
    pub(super) fn waiting(&self) -> usize {
        self.0.lock().waiting.len()
    }

    /// Joins these queues, as somebody who stands in none. In which order they are named matters: see
    /// [`State::hand_out`].
    pub(super) fn join_as(self: &Arc<Self>, number: Arrival, queues: &[Queue]) -> Turn {
        let mut named = Vec::with_capacity(queues.len());
        for queue in queues {
            if !named.contains(queue) {
                named.push(*queue);
            }
        }
        let told = Arc::<Condvar>::default();
        let mut state = self.0.lock();
        let waiting = Waiting {
            queues: named.clone(),
            told: Arc::clone(&told),
        };
        state.waiting.insert(number, waiting);
        state.hand_out();
        drop(state);
        Turn {
            turns: Arc::clone(self),
            number,
            queues: named,
            told,
        }
    }
}

impl State {
    /// Lets those begin whose queues are all free, in order of arrival. Who needs several stands in
    /// nobody's way in one while another is long: others overtake it. Only when nobody who came before it
    /// waits in any of them, those that are free are kept for it, as far as to the first that is not: what
    /// is at work there has to end. While another node is at work in one of them, nothing is kept.
    ///
    /// So a queue stands still for one transaction of another at most, and for none of one that was named
    /// before it. Nobody waits for each other: those for whom something is kept share no queue, and wait
    /// for what is at work alone. Newcomers stay behind once those are gone who came before.
    ///
    /// Not so while another node is at work in one of them: then it is overtaken by all who come in the
    /// others, each time anew, for nobody here knows when that node ends. Where such nodes are at work
    /// again and again, nothing but its own patience ends its wait.
    fn hand_out(&mut self) {
        let mut taken = self.taken.clone();
        let mut waited_for = BTreeSet::new();
        let mut come = Vec::new();
        for (number, it) in &self.waiting {
            let free = it.queues.iter().take_while(|queue| !taken.contains(*queue));
            let free: Vec<Queue> = free.copied().collect();
            if free.len() == it.queues.len() {
                taken.extend(free);
                come.push(*number);
                continue;
            }
            let hopeless =
                |queue: &Queue| waited_for.contains(queue) || self.elsewhere.contains(queue);
            if !it.queues.iter().any(hopeless) {
                taken.extend(free);
            }
            waited_for.extend(it.queues.iter().copied());
        }
        for number in come {
            if let Some(it) = self.waiting.remove(&number) {
                self.taken.extend(it.queues);
                it.told.notify_one();
            }
        }
    }
}

/// A place in queues, until it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    turns: Arc<Turns>,
    number: Arrival,
    queues: Vec<Queue>,
    told: Arc<Condvar>,
}

impl Turn {
    /// Whether there is nothing in these queues to wait for any more once it has come.
    pub(super) fn covers(&self, queues: &[Queue]) -> bool {
        queues.iter().all(|it| self.queues.contains(it))
    }

    pub(super) fn has_come(&self) -> bool {
        !self.turns.0.lock().waiting.contains_key(&self.number)
    }

    /// What is done here is to wait for another node in a queue, when it has come.
    pub(super) fn elsewhere<T>(&self, queue: Queue, work: impl FnOnce() -> T) -> T {
        if !self.queues.contains(&queue) {
            return work();
        }
        let mut state = self.turns.0.lock();
        state.elsewhere.insert(queue);
        state.hand_out();
        drop(state);
        let done = work();
        self.turns.0.lock().elsewhere.remove(&queue);
        done
    }

    /// Returns when it has come. Busy when that takes too long.
    pub(super) fn wait(&self, patience: &Patience) -> Result<()> {
        let mut state = self.turns.0.lock();
        let waits = |state: &mut State| state.waiting.contains_key(&self.number);
        if patience.wait_while(&self.told, &mut state, waits) {
            return Ok(());
        }
        Err(StoreError::Busy(
            "too much is being written in the same place".to_owned(),
        ))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut state = self.turns.0.lock();
        if state.waiting.remove(&self.number).is_none() {
            for queue in &self.queues {
                state.taken.remove(queue);
                state.elsewhere.remove(queue);
            }
        }
        state.hand_out();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;
    use proptest::sample::Index;
    use uuid::Uuid;

    use super::*;

    impl Turns {
        fn join(self: &Arc<Self>, queues: &[Queue]) -> Turn {
            self.join_as(self.arrives(), queues)
        }
    }

    const ANN: Queue = Queue::Tenant(TenantId(Uuid::from_u128(1)));
    const BEN: Queue = Queue::Tenant(TenantId(Uuid::from_u128(2)));
    const LONG: Duration = Duration::from_secs(3600);

    #[test]
    fn each_queue_moves_by_itself() {
        let turns = Arc::<Turns>::default();
        let ann = turns.join(&[ANN]);
        let second = turns.join(&[ANN]);
        let ben = turns.join(&[BEN]);
        assert!(ann.has_come() && ben.has_come() && !second.has_come());
        drop(ann);
        assert!(second.has_come());
        drop((ben, second));
        let state = turns.0.lock();
        assert!(state.waiting.is_empty() && state.taken.is_empty());
    }

    #[test]
    fn whoever_needs_several_turns_keeps_nobody_waiting_while_the_first_is_long() {
        let turns = Arc::<Turns>::default();
        let ann = turns.join(&[ANN]);
        let second = turns.join(&[ANN]);
        let both = turns.join(&[ANN, BEN]);
        for _ in 0..3 {
            let ben = turns.join(&[BEN]);
            assert!(ben.has_come());
        }
        drop(ann);
        let ben = turns.join(&[BEN]);
        assert!(second.has_come() && ben.has_come() && !both.has_come());
        drop(ben);
        drop(second);
        assert!(both.has_come());
    }

    #[test]
    fn whoever_needs_several_turns_keeps_nobody_waiting_while_a_later_one_is_long() {
        let turns = Arc::<Turns>::default();
        let ben = turns.join(&[BEN]);
        let second = turns.join(&[BEN]);
        let both = turns.join(&[ANN, BEN]);
        let ann = turns.join(&[ANN]);
        assert!(ann.has_come() && !both.has_come());
        drop(ann);
        // From now on there is one transaction left to wait for.
        drop(ben);
        let ann = turns.join(&[ANN]);
        assert!(second.has_come() && !ann.has_come() && !both.has_come());
        drop(second);
        assert!(both.has_come() && !ann.has_come());
        drop(both);
        assert!(ann.has_come());
    }

    #[test]
    fn whoever_needs_several_turns_is_overtaken_only_until_those_before_it_are_done() {
        let turns = Arc::<Turns>::default();
        let (ann, ben) = (turns.join(&[ANN]), turns.join(&[BEN]));
        let both = turns.join(&[BEN, ANN, BEN]);
        // There is always somebody else in each.
        let (next_ann, next_ben) = (turns.join(&[ANN]), turns.join(&[BEN]));
        drop(ben);
        assert!(!both.has_come() && !next_ben.has_come());
        drop(ann);
        assert!(both.has_come() && !next_ann.has_come() && !next_ben.has_come());
        drop(both);
        assert!(next_ann.has_come() && next_ben.has_come());
    }

    #[test]
    fn nothing_is_kept_until_another_node_has_ended() {
        let turns = Arc::<Turns>::default();
        let ben = turns.join(&[BEN]);
        let both = turns.join(&[ANN, BEN]);
        let ann = turns.join(&[ANN]);
        assert!(!ann.has_come());
        ben.elsewhere(BEN, || {
            assert!(ann.has_come() && !both.has_come());
            drop(ann);
            assert!(turns.join(&[ANN]).has_come());
        });
        assert!(!turns.join(&[ANN]).has_come());
        drop(ben);
        assert!(both.has_come());
    }

    #[test]
    fn those_who_need_the_same_several_turns_get_them_in_order_of_arrival() {
        let turns = Arc::<Turns>::default();
        let ann = turns.join(&[ANN]);
        let both = turns.join(&[BEN, ANN]);
        let other_way = turns.join(&[ANN, BEN]);
        assert!(!both.has_come() && !other_way.has_come());
        drop(ann);
        assert!(both.has_come() && !other_way.has_come());
        drop(both);
        assert!(other_way.has_come());
    }

    #[test]
    fn a_turn_that_comes_wakes_whoever_waits_for_it() {
        let turns = Arc::<Turns>::default();
        let (ann, ben) = (turns.join(&[ANN]), turns.join(&[BEN]));
        let both = turns.join(&[ANN, BEN]);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| both.wait(&Patience::new(LONG)));
            drop(ann);
            drop(ben);
            waiting.join().unwrap().unwrap();
        });
    }

    #[test]
    fn whoever_has_waited_too_long_is_told_so_and_is_in_nobodys_way() {
        let turns = Arc::<Turns>::default();
        let ann = turns.join(&[ANN]);
        let second = turns.join(&[ANN]);
        let third = turns.join(&[ANN]);
        let none = Patience::new(Duration::ZERO);
        let told = second.wait(&none);
        assert!(matches!(told, Err(StoreError::Busy(_))), "{told:?}");
        drop(second);
        assert!(ann.has_come() && !third.has_come());
        drop(ann);
        third.wait(&none).unwrap();
    }

    #[test]
    fn whoever_joins_again_has_the_place_of_his_arrival() {
        let turns = Arc::<Turns>::default();
        let arrival = turns.arrives();
        let ann = turns.join_as(arrival, &[ANN]);
        assert!(ann.has_come());
        let second = turns.join(&[ANN]);
        let ben = turns.join(&[BEN]);
        drop(ann);
        assert!(second.has_come());
        // He gave it back, and whoever is at work by now is not disturbed.
        let both = turns.join_as(arrival, &[ANN, BEN]);
        let (next_ann, next_ben) = (turns.join(&[ANN]), turns.join(&[BEN]));
        assert_eq!(turns.waiting(), 3);
        drop(second);
        drop(ben);
        assert!(both.has_come() && !next_ann.has_come() && !next_ben.has_come());
    }

    const CAT: Queue = Queue::Tenant(TenantId(Uuid::from_u128(3)));
    const NEEDS: [&[Queue]; 9] = [
        &[ANN],
        &[BEN],
        &[CAT],
        &[ANN, BEN],
        &[BEN, ANN],
        &[BEN, CAT],
        &[CAT, ANN],
        &[ANN, BEN, CAT],
        &[CAT, BEN, ANN],
    ];

    #[derive(Clone, Debug)]
    enum Step {
        Joins(usize),
        Ends(Index),
        /// Whether it waits or is at work.
        GivesUp(Index),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            5 => (0..NEEDS.len()).prop_map(Step::Joins),
            4 => any::<Index>().prop_map(Step::Ends),
            1 => any::<Index>().prop_map(Step::GivesUp),
        ]
    }

    /// Those who have come, as places in `all`.
    fn at_work(all: &[Turn]) -> Vec<usize> {
        (0..all.len()).filter(|at| all[*at].has_come()).collect()
    }

    proptest! {
        /// No two are at work in one queue, somebody is while anybody waits, those who need one queue
        /// alone stay in order, and nobody who comes later gets what the first who waits needs first.
        #[test]
        fn turns_come_one_at_a_time_and_all_of_them(steps in prop::collection::vec(step(), 1..80)) {
            let turns = Arc::<Turns>::default();
            let mut all: Vec<Turn> = Vec::new();
            for step in steps {
                let before: Vec<Arrival> = at_work(&all).iter().map(|at| all[*at].number).collect();
                let first = all.iter().find(|it| !it.has_come());
                let first = first.map(|it| (it.number, it.queues[0]));
                match step {
                    Step::Joins(needs) => all.push(turns.join(NEEDS[needs])),
                    Step::Ends(_) | Step::GivesUp(_) if all.is_empty() => {}
                    Step::Ends(which) => drop(all.remove(*which.get(&at_work(&all)))),
                    Step::GivesUp(which) => drop(all.remove(which.index(all.len()))),
                }
                let works = at_work(&all);
                prop_assert_eq!(all.is_empty(), works.is_empty());
                let queues: Vec<Queue> = works.iter().flat_map(|at| all[*at].queues.clone()).collect();
                let once: BTreeSet<Queue> = queues.iter().copied().collect();
                prop_assert_eq!(queues.len(), once.len());
                for queue in [ANN, BEN, CAT] {
                    let alone = all.iter().filter(|it| it.queues == [queue]);
                    let come: Vec<bool> = alone.map(Turn::has_come).collect();
                    prop_assert!(come.is_sorted_by(|before, after| before >= after), "{:?}", come);
                }
                if let Some((number, needed)) = first && all.iter().any(|it| it.number == number) {
                    let overtakes = |it: &&Turn| it.number > number && it.queues.contains(&needed);
                    let mut began = works.iter().map(|at| &all[*at]).filter(|it| !before.contains(&it.number));
                    prop_assert!(!began.any(|it| overtakes(&it)));
                }
            }
            while let Some(at) = at_work(&all).first() {
                drop(all.remove(*at));
            }
            prop_assert!(all.is_empty());
        }
    }
}
