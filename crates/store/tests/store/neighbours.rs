//! Links, managers and assignments of many objects at once, of which some stand next to each other.

use syncline_model::link::LinkState;
use syncline_model::{EntityKind, Ids, JobId, Link, ObjectId};
use syncline_store::{Assignment, AssignmentId, Edge, EdgeKind, StoreError};
use uuid::Uuid;

use crate::links::job;
use crate::world::{NOW, World};

/// A tenant whose people have links and managers, but for every seventh.
struct People {
    world: World,
    job: JobId,
    /// Ascending.
    ids: Vec<ObjectId>,
    /// To which every third is assigned; every ninth in two roles.
    resource: ObjectId,
}

impl People {
    fn new(count: usize) -> Self {
        let world = World::new();
        let mine = job(&world, world.contoso);
        let other = job(&world, world.contoso);
        let foreign = job(&world, world.fabrikam);
        let mut ids: Vec<ObjectId> = (0..count).map(|_| world.ids.object_id()).collect();
        ids.sort_unstable();
        let resource = world.ids.object_id();
        let people = Self {
            world,
            job: mine,
            ids,
            resource,
        };
        people.assign();
        let all: Vec<usize> = (0..count).collect();
        let some: Vec<usize> = all.iter().copied().filter(|at| at % 7 != 3).collect();
        people.link(people.world.contoso, &people.job, &some);
        people.link(people.world.contoso, &other, &all);
        people.link(people.world.fabrikam, &foreign, &all);
        let edge = |kind, at: usize| Edge {
            kind,
            from: people.ids[at],
            to: people.ids[at / 2],
        };
        let managers: Vec<Edge> = some.iter().map(|at| edge(EdgeKind::Manager, *at)).collect();
        let sponsors: Vec<Edge> = all.iter().map(|at| edge(EdgeKind::Sponsor, *at)).collect();
        let removed: Vec<Edge> = managers.iter().step_by(5).copied().collect();
        let world = &people.world;
        world
            .store
            .write(|tx| {
                tx.add_edges(world.contoso, &managers)?;
                tx.add_edges(world.contoso, &sponsors)?;
                tx.add_edges(world.fabrikam, &sponsors)?;
                tx.remove_edges(world.contoso, &removed)?;
                // Some have another one since: two rows, of which one counts.
                let moved = removed.iter().step_by(2).map(|edge| Edge {
                    to: people.ids[count - 1],
                    ..*edge
                });
                tx.add_edges(world.contoso, &moved.collect::<Vec<_>>())
            })
            .unwrap();
        people
    }

    fn link(&self, tenant: syncline_model::TenantId, job: &JobId, places: &[usize]) {
        let links: Vec<Link> = places
            .iter()
            .map(|at| Link {
                source: self.ids[*at],
                target: self.world.ids.object_id(),
                kind: EntityKind::User,
                state: LinkState::Live,
                since: NOW,
                matching: 0,
                was_released: false,
            })
            .collect();
        self.world
            .store
            .write(|tx| tx.put_links(tenant, job, &links))
            .unwrap();
    }

    fn assign(&self) {
        let Self { world, ids, .. } = self;
        let assignment = |resource: ObjectId, at: usize, role: u128| Assignment {
            id: AssignmentId {
                principal: ids[at],
                suffix: *world.ids.random_uuid().as_bytes(),
            },
            resource,
            principal_kind: EntityKind::User,
            role: Uuid::from_u128(role),
            created_at: NOW,
        };
        world
            .store
            .write(|tx| {
                for at in 0..ids.len() {
                    // Not looked for: to somebody else, in another tenant, or not any more.
                    tx.insert_assignment(world.contoso, &assignment(ids[0], at, 0))?;
                    tx.insert_assignment(world.fabrikam, &assignment(self.resource, at, 0))?;
                    if at % 10 == 4 {
                        let removed = assignment(self.resource, at, 9);
                        tx.insert_assignment(world.contoso, &removed)?;
                        tx.remove_assignment(world.contoso, &removed)?;
                    }
                    if at % 3 == 0 {
                        tx.insert_assignment(world.contoso, &assignment(self.resource, at, 1))?;
                    }
                    if at % 9 == 0 {
                        tx.insert_assignment(world.contoso, &assignment(self.resource, at, 2))?;
                    }
                }
                Ok::<_, StoreError>(())
            })
            .unwrap();
    }

    /// Asked together, these are answered as one by one.
    fn asked_together(&self, places: &[usize], what: &str) {
        let asked: Vec<ObjectId> = places.iter().map(|at| self.ids[*at]).collect();
        let tenant = self.world.contoso;
        self.world
            .store
            .read(|reader| {
                let (mut links, mut managers) = (Vec::new(), Vec::new());
                let mut assignments = Vec::new();
                for id in &asked {
                    assignments.extend(reader.assignments_between(
                        tenant,
                        self.resource,
                        &[*id],
                    )?);
                    links.extend(reader.links_for(tenant, &self.job, &[*id])?);
                    managers.extend(reader.single_edges(tenant, EdgeKind::Manager, &[*id])?);
                }
                let roles = |place: &usize| {
                    usize::from(place.is_multiple_of(3)) + usize::from(place.is_multiple_of(9))
                };
                assert_eq!(
                    assignments.len(),
                    places.iter().map(roles).sum::<usize>(),
                    "{what}"
                );
                for (at, place) in places.iter().enumerate() {
                    assert_eq!(links[at].is_some(), place % 7 != 3, "{what}: {place}");
                }
                assert_eq!(
                    reader.links_for(tenant, &self.job, &asked)?,
                    links,
                    "{what}"
                );
                let together = reader.single_edges(tenant, EdgeKind::Manager, &asked)?;
                assert_eq!(together, managers, "{what}");
                let together = reader.assignments_between(tenant, self.resource, &asked)?;
                assert_eq!(together, assignments, "{what}");
                Ok::<_, StoreError>(())
            })
            .unwrap();
    }
}

#[test]
fn those_asked_for_together_are_found_as_one_by_one() {
    let people = People::new(120);
    let run = |from: usize, count: usize| -> Vec<usize> { (from..from + count).collect() };
    people.asked_together(&[], "nobody");
    for count in [1, 2, 15, 16, 17, 100] {
        people.asked_together(&run(3, count), &format!("{count} neighbours"));
    }
    let every = |step: usize| -> Vec<usize> { (0..120).step_by(step).collect() };
    for step in [2, 3, 7] {
        people.asked_together(
            &every(step),
            &format!("every {step}th, with others among them"),
        );
    }
    let few_others: Vec<usize> = (0..100).filter(|at| *at != 11 && *at != 50).collect();
    people.asked_together(&few_others, "with two others among them");
    let backwards: Vec<usize> = run(0, 40).into_iter().rev().collect();
    people.asked_together(&backwards, "descending");
    let twice = [run(10, 20), run(10, 20)].concat();
    people.asked_together(&twice, "everybody twice");
    let repeated: Vec<usize> = run(0, 30).into_iter().flat_map(|at| [at, at]).collect();
    people.asked_together(&repeated, "each twice in a row");
    let runs = [vec![90, 5], run(20, 18), vec![1], run(50, 3), every(3)].concat();
    people.asked_together(&runs, "several runs");
}

#[test]
fn nobody_is_found_where_nobody_is() {
    let world = World::new();
    let job = job(&world, world.contoso);
    let mut ids: Vec<ObjectId> = (0..40).map(|_| world.ids.object_id()).collect();
    ids.sort_unstable();
    world
        .store
        .read(|reader| {
            assert_eq!(reader.links_for(world.contoso, &job, &ids)?, vec![None; 40]);
            let managers = reader.single_edges(world.contoso, EdgeKind::Manager, &ids)?;
            assert_eq!(managers, vec![None; 40]);
            Ok::<_, StoreError>(())
        })
        .unwrap();
}
