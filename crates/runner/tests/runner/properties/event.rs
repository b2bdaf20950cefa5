//! What may happen, and how likely.

use proptest::prelude::*;
use syncline_engine::schema::FlowType;

use super::consent::Consent;
use super::trouble::Trouble;
use super::{DEPARTMENTS, PEOPLE};

/// Something that happens.
#[derive(Clone, Copy, Debug)]
pub enum Event {
    Hire(usize),
    Move(usize, usize),
    Disable(usize),
    Enable(usize),
    Delete(usize),
    Restore(usize),
    Purge(usize),
    Assign(usize),
    Unassign(usize),
    ReportTo(usize, usize),
    ReportToNobody(usize),
    Join(usize),
    Leave(usize),
    AssignGroup,
    UnassignGroup,
    /// Only one department is in scope, or all are.
    Scope(Option<usize>),
    /// Departments are mapped as they are, or in capitals.
    Capitals(bool),
    /// Everyone is in scope, or those assigned are.
    Everyone(bool),
    Restart,
    /// Everybody is matched anew, too.
    RestartInFull,
    /// All that failed is tried at once, what was given up as well.
    RestartOfEscrows,
    /// The removals that are held are let through.
    ForceDeletes,
    /// So many days pass, and what has had its time is thrown away.
    Days(i64),
    /// One of what lets the job into Fabrikam is taken back.
    Withdraw(Consent),
    /// All of it is given again.
    LetIn,
    Cycle,
    /// A cycle whose process dies after so many pages, if it has that many.
    CycleThatDies(u32),
    /// A cycle that is paused after so many pages, and started again.
    CycleThatPauses(u32),
    /// A cycle whose node loses its lease after so many pages, to another one that goes on with it.
    CycleThatMoves(u32),
    /// A cycle that Fabrikam lets in no longer after so many pages.
    CycleShutOut(u32, Consent),
    /// A cycle during which the target refuses some operations.
    CycleInTrouble(Trouble),
    /// An administrator of Fabrikam does something to an external user that no mapping knows of.
    LeftAlone(usize, LeftAlone),
    /// Or to one of their attributes that mappings write, or to all of them.
    Spoilt(usize, Spoilt),
    /// Or gives him a manager.
    ManagedInFabrikam(usize, usize),
    /// Or invites somebody of another home who has the same anchor.
    Namesake(usize),
    /// The manager flows otherwise: one of [`MANAGER_FLOWS`].
    ManagerFlows(usize),
}

/// What stays as it is, whatever cycles do.
#[derive(Clone, Copy, Debug)]
pub enum LeftAlone {
    /// An attribute that is not mapped.
    Company,
    /// A membership in a group of Fabrikam's own.
    Club,
}

/// What cycles put right when they look at him.
#[derive(Clone, Copy, Debug)]
pub enum Spoilt {
    Deleted,
    Purged,
    Restored,
    Department,
    Enabled(bool),
    /// Has no manager any more.
    Unmanaged,
}

/// Ways that the manager may flow.
pub const MANAGER_FLOWS: [FlowType; 4] = [
    FlowType::Always,
    FlowType::ValueAddOnly,
    FlowType::AttributeAddOnly,
    FlowType::ObjectAddOnly,
];

/// The longest time at once: past the timetable of failures, and past what recycle bins and logs keep.
pub const DAYS: i64 = 35;

pub fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        45 => of_contoso(),
        2 => days(),
        2 => consent().prop_map(Event::Withdraw),
        4 => Just(Event::LetIn),
        2 => (1..5u32).prop_map(Event::CycleThatMoves),
        1 => (0..PEOPLE).prop_map(Event::Namesake),
        2 => (0..PEOPLE, left_alone()).prop_map(|(who, what)| Event::LeftAlone(who, what)),
    ]
}

/// What is done in Contoso, and cycles.
fn of_contoso() -> impl Strategy<Value = Event> {
    let who = 0..PEOPLE;
    prop_oneof![
        3 => who.clone().prop_map(Event::Hire),
        2 => (who.clone(), 0..DEPARTMENTS.len()).prop_map(|(who, to)| Event::Move(who, to)),
        2 => who.clone().prop_map(Event::Disable),
        2 => who.clone().prop_map(Event::Enable),
        2 => who.clone().prop_map(Event::Delete),
        2 => who.clone().prop_map(Event::Restore),
        1 => who.clone().prop_map(Event::Purge),
        3 => who.clone().prop_map(Event::Assign),
        2 => who.clone().prop_map(Event::Unassign),
        4 => (who.clone(), who.clone()).prop_map(|(who, to)| Event::ReportTo(who, to)),
        1 => who.clone().prop_map(Event::ReportToNobody),
        2 => who.clone().prop_map(Event::Join),
        1 => who.prop_map(Event::Leave),
        1 => Just(Event::AssignGroup),
        1 => Just(Event::UnassignGroup),
        2 => prop::option::of(0..DEPARTMENTS.len()).prop_map(Event::Scope),
        1 => any::<bool>().prop_map(Event::Capitals),
        1 => any::<bool>().prop_map(Event::Everyone),
        2 => Just(Event::Restart),
        2 => Just(Event::RestartInFull),
        5 => Just(Event::Cycle),
        2 => (1..6u32).prop_map(Event::CycleThatDies),
        1 => (1..4u32).prop_map(Event::CycleThatPauses),
    ]
}

/// What somebody did by mistake, all of which can be undone.
pub fn unwanted_event() -> impl Strategy<Value = Event> {
    let who = 0..PEOPLE;
    prop_oneof![
        2 => who.clone().prop_map(Event::Hire),
        2 => (who.clone(), 0..DEPARTMENTS.len()).prop_map(|(who, to)| Event::Move(who, to)),
        2 => who.clone().prop_map(Event::Delete),
        2 => who.clone().prop_map(Event::Restore),
        2 => who.clone().prop_map(Event::Assign),
        2 => who.clone().prop_map(Event::Unassign),
        2 => (who.clone(), who.clone()).prop_map(|(who, to)| Event::ReportTo(who, to)),
        1 => who.clone().prop_map(Event::ReportToNobody),
        1 => who.clone().prop_map(Event::Join),
        1 => who.prop_map(Event::Leave),
        4 => prop::option::of(0..DEPARTMENTS.len()).prop_map(Event::Scope),
        3 => any::<bool>().prop_map(Event::Capitals),
        1 => any::<bool>().prop_map(Event::Everyone),
        2 => Just(Event::RestartInFull),
        3 => Just(Event::Cycle),
    ]
}

fn days() -> impl Strategy<Value = Event> {
    prop_oneof![1..8i64, 1..DAYS].prop_map(Event::Days)
}

fn consent() -> impl Strategy<Value = Consent> {
    prop_oneof![
        Just(Consent::Synchronization),
        Just(Consent::InboundRedemption),
        Just(Consent::OutboundRedemption),
        Just(Consent::Collaboration),
    ]
}

fn trouble() -> impl Strategy<Value = Trouble> {
    prop_oneof![
        Just(Trouble::Creates),
        Just(Trouble::Changes),
        Just(Trouble::Removals),
        Just(Trouble::References),
        Just(Trouble::Batches),
    ]
}

fn left_alone() -> impl Strategy<Value = LeftAlone> {
    prop_oneof![Just(LeftAlone::Company), Just(LeftAlone::Club)]
}

/// What happens, and what goes wrong on the other side.
pub fn troubled_event() -> impl Strategy<Value = Event> {
    let spoilt = prop_oneof![
        2 => Just(Spoilt::Deleted),
        3 => Just(Spoilt::Purged),
        1 => Just(Spoilt::Restored),
        1 => Just(Spoilt::Department),
        1 => any::<bool>().prop_map(Spoilt::Enabled),
        1 => Just(Spoilt::Unmanaged),
    ];
    prop_oneof![
        20 => event(),
        6 => trouble().prop_map(Event::CycleInTrouble),
        1 => Just(Event::RestartOfEscrows),
        1 => (1..4u32, consent()).prop_map(|(pages, which)| Event::CycleShutOut(pages, which)),
        4 => (0..PEOPLE, spoilt).prop_map(|(who, what)| Event::Spoilt(who, what)),
    ]
}

/// The same, and managers who are not those of the source.
pub fn event_with_other_managers() -> impl Strategy<Value = Event> {
    let who = 0..PEOPLE;
    prop_oneof![
        20 => troubled_event(),
        2 => (who.clone(), who).prop_map(|(who, to)| Event::ManagedInFabrikam(who, to)),
        2 => (0..MANAGER_FLOWS.len()).prop_map(Event::ManagerFlows),
        1 => Just(Event::ForceDeletes),
    ]
}

/// What happens where removals are held, and that they are let through.
pub fn event_at_the_gate() -> impl Strategy<Value = Event> {
    prop_oneof![
        14 => event(),
        // Whoever leaves is held, and what is held is looked at.
        3 => (0..PEOPLE).prop_map(Event::Delete),
        3 => Just(Event::Cycle),
        1 => Just(Event::ForceDeletes),
    ]
}
