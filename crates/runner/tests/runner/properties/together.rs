//! Events that belong together: what matters only when all of it happens, one after the other, is hardly ever drawn event
//! by event.

use proptest::prelude::*;

use super::PEOPLE;
use super::event::{DAYS, Event, LeftAlone};
use super::trouble::Trouble;

/// Events of one kind, and now and then some of these that belong together.
pub fn events(
    one: impl Strategy<Value = Event>,
    together: impl Strategy<Value = Vec<Event>>,
    fewer_than: usize,
) -> impl Strategy<Value = Vec<Event>> {
    let some = prop_oneof![
        16 => one.prop_map(|it| vec![it]),
        1 => together,
    ];
    prop::collection::vec(some, 1..fewer_than).prop_map(|all| all.concat())
}

/// Wherever nothing is refused.
pub fn together() -> impl Strategy<Value = Vec<Event>> {
    prop_oneof![unnoticed(), away_and_back()]
}

/// Where an external system refuses what it is asked for as well.
pub fn together_in_trouble() -> impl Strategy<Value = Vec<Event>> {
    prop_oneof![
        1 => together(),
        2 => trouble_that_lasts(),
    ]
}

/// Where removals are held.
pub fn together_at_the_gate() -> impl Strategy<Value = Vec<Event>> {
    prop_oneof![
        1 => together(),
        2 => let_through_once(),
    ]
}

/// Somebody whom the job has in Fabrikam.
fn there(who: usize) -> [Event; 3] {
    [Event::Hire(who), Event::Assign(who), Event::Cycle]
}

/// Somebody leaves, and nobody looks until the traces of that are older than any delta link. A job that was restarted
/// is told of him by what stays of him alone.
fn unnoticed() -> impl Strategy<Value = Vec<Event>> {
    let who = 0..PEOPLE;
    let leaves = prop_oneof![
        who.clone()
            .prop_map(|who| (who, vec![Event::Delete(who), Event::Purge(who)])),
        who.clone()
            .prop_map(|who| (who, vec![Event::Unassign(who)])),
        who.prop_map(|who| (who, vec![Event::Unassign(who), Event::Leave(who)])),
    ];
    (leaves, any::<bool>(), 8..DAYS).prop_map(|((who, leaves), is_restarted, days)| {
        let restart = is_restarted.then_some(Event::Restart);
        let unnoticed = [Event::Days(days), Event::Cycle];
        there(who)
            .into_iter()
            .chain(leaves)
            .chain(restart)
            .chain(unnoticed)
            .collect()
    })
}

/// Somebody has references and memberships when he goes, and comes back to them.
fn away_and_back() -> impl Strategy<Value = Vec<Event>> {
    let who = 0..PEOPLE;
    let how = prop_oneof![
        Just((
            Event::Delete as fn(usize) -> Event,
            Event::Restore as fn(usize) -> Event
        )),
        Just((
            Event::Unassign as fn(usize) -> Event,
            Event::Assign as fn(usize) -> Event
        )),
    ];
    (who.clone(), who, how, 1..DAYS).prop_map(|(who, other, (goes, comes), days)| {
        let mut events = vec![Event::Hire(other), Event::Assign(other)];
        events.extend(there(who));
        events.extend([
            Event::LeftAlone(who, LeftAlone::Club),
            Event::ReportTo(who, other),
            Event::ReportTo(other, who),
            Event::Cycle,
            goes(who),
            Event::Cycle,
            Event::Days(days),
            comes(who),
            Event::Cycle,
        ]);
        events
    })
}

/// The target refuses the same for days, until the job gives up.
fn trouble_that_lasts() -> impl Strategy<Value = Vec<Event>> {
    let trouble = prop_oneof![
        Just(Trouble::Creates),
        Just(Trouble::Changes),
        Just(Trouble::Removals),
        Just(Trouble::References),
    ];
    let who = 0..PEOPLE;
    (trouble, who.clone(), who, 1..3i64).prop_map(|(trouble, who, other, days)| {
        let mut events = vec![Event::Hire(other), Event::Assign(other)];
        let of_who = match trouble {
            Trouble::Creates => vec![Event::Hire(who), Event::Assign(who)],
            Trouble::Changes => vec![Event::Move(who, 1), Event::Move(other, 2)],
            Trouble::Removals => vec![Event::Delete(who)],
            Trouble::References | Trouble::Batches => vec![Event::ReportTo(who, other)],
        };
        if !matches!(trouble, Trouble::Creates) {
            events.extend(there(who));
        }
        events.extend(of_who);
        for _ in 0..3 {
            events.extend([Event::CycleInTrouble(trouble), Event::Days(days)]);
        }
        events.push(Event::CycleInTrouble(trouble));
        events
    })
}

/// Removals are let through, or would be, and others come behind them: those nobody has looked at.
fn let_through_once() -> impl Strategy<Value = Vec<Event>> {
    let ends = prop_oneof![
        3 => Just(vec![Event::Cycle]),
        1 => Just(vec![Event::Restart]),
        2 => (1..12u32).prop_map(|pages| vec![Event::CycleThatPauses(pages)]),
        1 => (1..12u32).prop_map(|pages| vec![
            Event::CycleThatDies(pages),
            Event::Capitals(true),
            Event::Capitals(false),
        ]),
    ];
    (0..PEOPLE, 1..4usize, 1..4usize, ends).prop_map(|(first, before, behind, ends)| {
        let those = |from: usize, to: usize| (from..to).map(move |it| (first + it) % PEOPLE);
        let mut events = vec![Event::LetIn];
        for who in those(0, before + behind) {
            events.extend([Event::Hire(who), Event::Assign(who)]);
        }
        events.push(Event::Cycle);
        events.extend(those(0, before).map(Event::Delete));
        events.push(Event::ForceDeletes);
        events.extend(ends);
        events.extend(those(before, before + behind).map(Event::Delete));
        events.push(Event::Cycle);
        events
    })
}
