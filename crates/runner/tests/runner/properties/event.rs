//! What may happen, and how likely.

use std::sync::atomic::{AtomicU32, Ordering};

use proptest::prelude::*;
use syncline_engine::Operation;
use syncline_engine::schema::FlowType;

use super::{DEPARTMENTS, PEOPLE};
use crate::world::World;

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
    Cycle,
    /// A cycle whose process dies after so many pages, if it has that many.
    CycleThatDies(u32),
    /// A cycle that is paused after so many pages, and started again.
    CycleThatPauses(u32),
    /// A cycle during which the target refuses some operations.
    CycleInTrouble(Trouble),
    /// An administrator of Fabrikam deletes somebody by hand.
    DeletedInFabrikam(usize),
    PurgedInFabrikam(usize),
    /// Or gives him a manager.
    ManagedInFabrikam(usize, usize),
    /// The manager flows otherwise: one of [`MANAGER_FLOWS`].
    ManagerFlows(usize),
}

/// Ways that the manager may flow.
pub const MANAGER_FLOWS: [FlowType; 4] = [
    FlowType::Always,
    FlowType::ValueAddOnly,
    FlowType::AttributeAddOnly,
    FlowType::ObjectAddOnly,
];

/// What the target refuses.
#[derive(Clone, Copy, Debug)]
pub enum Trouble {
    Creates,
    Changes,
    Removals,
    References,
    /// Breaks over every second operation, whole batches with it.
    Batches,
}

pub fn event() -> impl Strategy<Value = Event> {
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
    ]
}

/// What happens, and what goes wrong on the other side.
pub fn troubled_event() -> impl Strategy<Value = Event> {
    let trouble = prop_oneof![
        Just(Trouble::Creates),
        Just(Trouble::Changes),
        Just(Trouble::Removals),
        Just(Trouble::References),
        Just(Trouble::Batches),
    ];
    prop_oneof![
        20 => event(),
        6 => trouble.prop_map(Event::CycleInTrouble),
        1 => (0..PEOPLE).prop_map(Event::DeletedInFabrikam),
        2 => (0..PEOPLE).prop_map(Event::PurgedInFabrikam),
    ]
}

/// The same, and managers who are not those of the source.
pub fn event_with_other_managers() -> impl Strategy<Value = Event> {
    let who = 0..PEOPLE;
    prop_oneof![
        20 => troubled_event(),
        2 => (who.clone(), who).prop_map(|(who, to)| Event::ManagedInFabrikam(who, to)),
        2 => (0..MANAGER_FLOWS.len()).prop_map(Event::ManagerFlows),
    ]
}

impl Trouble {
    pub fn begins(self, world: &World) {
        match self {
            Self::Creates => {
                world.target_refuses(|it| matches!(it, Operation::Create { .. }));
            }
            Self::Changes => world.target_refuses(|it| {
                matches!(it, Operation::Update { .. } | Operation::Restore { .. })
            }),
            Self::Removals => world.target_refuses(|it| {
                matches!(
                    it,
                    Operation::SoftDelete { .. } | Operation::HardDelete { .. }
                )
            }),
            Self::References => world.target_refuses(|it| {
                matches!(
                    it,
                    Operation::AddReference { .. } | Operation::RemoveReference { .. }
                )
            }),
            Self::Batches => {
                let count = AtomicU32::new(0);
                world.target_breaks_over(move |_| {
                    count.fetch_add(1, Ordering::SeqCst).is_multiple_of(2)
                });
            }
        }
    }
}
