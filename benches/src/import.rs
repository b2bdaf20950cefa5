//! Fills the source tenant with a population, a page at a time.

use std::collections::BTreeMap;

use syncline_directory::app_role_assignments::{self, DEFAULT_ACCESS};
use syncline_directory::groups::{self, NewGroup};
use syncline_directory::users::{self, NewUser};
use syncline_model::{Attr, Attrs, ObjectId, Problem};

use crate::population::Population;
use crate::scope::Scope;
use crate::world::World;

/// People, manager edges or members per transaction.
const PAGE: usize = 2_000;

/// Creates the people, sets their managers, and makes a security group of each department, which is
/// assigned to the configuration when that decides who is in scope.
pub fn run(world: &World, population: Population, scope: Scope) -> Result<(), Problem> {
    let ids = people(world, population)?;
    import_groups(world, population, scope, &ids)
}

/// Creates the people and sets their managers; says which rank got which id.
pub fn people(world: &World, population: Population) -> Result<BTreeMap<u64, ObjectId>, Problem> {
    let arrivals: Vec<u64> = (0..population.people)
        .map(|place| population.arrival(place))
        .collect();
    let mut ids: BTreeMap<u64, ObjectId> = BTreeMap::new();
    for page in arrivals.chunks(PAGE) {
        let created = world.write(|tx, context| {
            let people = page
                .iter()
                .map(|rank| NewUser {
                    attrs: population.attrs(*rank),
                })
                .collect();
            users::create_many(tx, context, people)?
                .into_iter()
                .collect::<Result<Vec<_>, _>>()
        })?;
        ids.extend(page.iter().copied().zip(created));
    }
    let managers: Vec<(ObjectId, ObjectId)> = ids
        .iter()
        .filter_map(|(rank, id)| Some((*id, *ids.get(&population.manager(*rank)?)?)))
        .collect();
    for page in managers.chunks(PAGE) {
        world.write(|tx, context| users::set_managers(tx, context, page))?;
    }
    Ok(ids)
}

fn import_groups(
    world: &World,
    population: Population,
    scope: Scope,
    ids: &BTreeMap<u64, ObjectId>,
) -> Result<(), Problem> {
    let mut members: BTreeMap<&str, Vec<ObjectId>> = BTreeMap::new();
    for (rank, id) in ids {
        members
            .entry(population.department(*rank))
            .or_default()
            .push(*id);
    }
    for (name, members) in members {
        match scope {
            Scope::All => group(world, name, &members)?,
            Scope::Assigned => assigned_group(world, name, &members)?,
        };
    }
    Ok(())
}

/// Makes a security group with these members and assigns it to the configuration.
pub fn assigned_group(
    world: &World,
    name: &str,
    members: &[ObjectId],
) -> Result<ObjectId, Problem> {
    let group = group(world, name, members)?;
    let configuration = world.job.service_principal;
    world.write(|tx, context| {
        app_role_assignments::assign(tx, context, configuration, group, DEFAULT_ACCESS)
    })?;
    Ok(group)
}

/// Makes a security group with these members.
pub fn group(world: &World, name: &str, members: &[ObjectId]) -> Result<ObjectId, Problem> {
    let attrs = Attrs::new()
        .with(Attr::DISPLAY_NAME, name)
        .with(Attr::MAIL_ENABLED, false)
        .with(Attr::MAIL_NICKNAME, name.replace(' ', "-").to_lowercase())
        .with(Attr::SECURITY_ENABLED, true);
    let new = NewGroup {
        attrs,
        ..NewGroup::default()
    };
    let group = world.write(|tx, context| groups::create(tx, context, new))?;
    let id = group.entry.id;
    for page in members.chunks(PAGE) {
        world.write(|tx, context| groups::add_members(tx, context, id, page))?;
    }
    Ok(id)
}
