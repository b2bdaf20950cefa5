//! A day's changes in the source tenant: mostly new job titles; some leave, return, move to
//! another manager, are deleted, or join.

use syncline_directory::Context;
use syncline_directory::users::{self, NewUser};
use syncline_model::job::Counts;
use syncline_model::{Attr, ObjectId, Problem, Value};
use syncline_store::Tx;

use crate::population::{Population, spread};
use crate::scope::Scope;
use crate::world::World;

/// Changes per transaction.
const PAGE: usize = 100;

/// One change of one person, known by rank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Promote(u64),
    Disable(u64),
    Enable(u64),
    /// To the head of the company.
    Move(u64),
    Delete(u64),
    Join(u64),
}

/// So many changes, each of another person. Nobody joins where only assigned people are in scope:
/// a newcomer is in no group yet.
pub fn plan(population: Population, count: u64, scope: Scope) -> Vec<Change> {
    let mut changes = Vec::new();
    for place in 0..population.people {
        if changes.len() as u64 == count {
            break;
        }
        let rank = spread(place, population.people);
        // The head of the company stays: the others move to that person.
        if rank == 0 {
            continue;
        }
        let number = changes.len() as u64;
        changes.push(match number % 20 {
            _ if population.has_left(rank) => Change::Enable(rank),
            0 | 10 => Change::Disable(rank),
            5 => Change::Delete(rank),
            3 | 13 if population.manager(rank) != Some(0) => Change::Move(rank),
            7 if scope == Scope::All => Change::Join(population.people + number),
            _ => Change::Promote(rank),
        });
    }
    changes
}

/// What the cycle after the changes must count, references apart: those who are deleted or return
/// have some, too.
pub fn expected(changes: &[Change]) -> Counts {
    let mut expected = Counts::default();
    for change in changes {
        match change {
            Change::Promote(_) | Change::Move(_) => expected.updated += 1,
            Change::Disable(_) => expected.disabled += 1,
            Change::Enable(_) | Change::Join(_) => expected.created += 1,
            Change::Delete(_) => expected.deleted += 1,
        }
    }
    expected
}

/// Makes the changes.
pub fn run(world: &World, population: Population, changes: &[Change]) -> Result<(), Problem> {
    for page in changes.chunks(PAGE) {
        world.write(|tx, context| {
            page.iter()
                .try_for_each(|change| make(tx, context, population, *change))
        })?;
    }
    Ok(())
}

fn make(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    population: Population,
    change: Change,
) -> Result<(), Problem> {
    let set = |tx: &mut Tx<'_>, rank: u64, attr: Attr, value: Value| {
        let id = find(tx, context, population, rank)?;
        users::update(tx, context, id, &[(attr, Some(value))]).map(|_| ())
    };
    match change {
        Change::Promote(rank) => set(tx, rank, Attr::JOB_TITLE, Value::text("Principal")),
        Change::Disable(rank) => set(tx, rank, Attr::ACCOUNT_ENABLED, Value::Bool(false)),
        Change::Enable(rank) => set(tx, rank, Attr::ACCOUNT_ENABLED, Value::Bool(true)),
        Change::Move(rank) => {
            let id = find(tx, context, population, rank)?;
            let head = find(tx, context, population, 0)?;
            users::set_manager(tx, context, id, head)
        }
        Change::Delete(rank) => {
            let id = find(tx, context, population, rank)?;
            users::delete(tx, context, id)
        }
        Change::Join(rank) => {
            let attrs = population.attrs(rank).with(Attr::ACCOUNT_ENABLED, true);
            let joined = users::create(tx, context, NewUser { attrs })?;
            let head = find(tx, context, population, 0)?;
            users::set_manager(tx, context, joined.entry.id, head)
        }
    }
}

fn find(
    tx: &Tx<'_>,
    context: &Context<'_>,
    population: Population,
    rank: u64,
) -> Result<ObjectId, Problem> {
    Ok(users::find(
        tx,
        context.tenant_id(),
        &population.user_principal_name(rank),
    )?
    .entry
    .id)
}
