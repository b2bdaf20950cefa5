//! Two tenants with the same ids, names and keys, and two jobs with the same source objects: what
//! is written in one is neither seen nor changed in the other.

use std::fmt::Debug;

use serde::{Deserialize, Serialize};
use syncline_model::link::LinkState;
use syncline_model::{
    Attr, CycleId, EntityKind, Entry, Ids, JobId, Link, ObjectId, TenantId, Timestamp,
};
use syncline_store::{
    Assignment, AssignmentId, Document, Edge, EdgeKind, Escrow, Key, KeyName, LogFacts, LogFilter,
    LogRow, MembershipsDue, NodeId, ObjectState, Reader, Result, Staged, Tx, WaitingReference,
};

use crate::links::job;
use crate::world::{NOW, World};

const USER: EntityKind = EntityKind::User;

#[derive(Debug, Serialize, Deserialize)]
struct Note(String);

impl Document for Note {
    const KIND: &'static str = "test_note";
}

/// What both tenants, or both jobs, call alike.
struct Same {
    ana: ObjectId,
    bo: ObjectId,
    gone: ObjectId,
    role: uuid::Uuid,
}

impl Same {
    fn new(world: &World) -> Self {
        let [ana, bo, gone] = [(); 3].map(|()| world.ids.object_id());
        let role = world.ids.random_uuid();
        Self {
            ana,
            bo,
            gone,
            role,
        }
    }

    fn entries(&self, name: &str) -> Vec<Entry> {
        let entry = |id| {
            let mut entry = Entry::new(USER, id);
            entry.attrs.set(Attr::DISPLAY_NAME, name);
            entry
        };
        [self.ana, self.bo, self.gone].map(entry).into()
    }

    fn edge(&self, kind: EdgeKind) -> Edge {
        Edge {
            kind,
            from: self.ana,
            to: self.bo,
        }
    }

    fn assignment(&self, at: Timestamp) -> Assignment {
        Assignment {
            id: AssignmentId {
                principal: self.bo,
                suffix: [7; 16],
            },
            resource: self.ana,
            principal_kind: EntityKind::Group,
            role: self.role,
            created_at: at,
        }
    }

    fn key(&self) -> Key {
        Key::new(KeyName::ProxyAddress, "ana@x.example")
    }

    /// Gives a tenant a bit of everything, named after it.
    fn fill_directory(&self, tx: &mut Tx<'_>, tenant: TenantId, name: &str, at: i64) -> Result<()> {
        let at = NOW.plus_seconds(at);
        let entries = self.entries(name);
        tx.insert_objects(tenant, &entries, at)?;
        tx.move_objects(tenant, &entries[2..], ObjectState::Deleted, at)?;
        tx.add_edges(tenant, &[self.edge(EdgeKind::Manager)])?;
        tx.insert_assignment(tenant, &self.assignment(at))?;
        tx.take_keys(tenant, &[(self.key(), USER, self.ana)])?;
        tx.put_document(Some(tenant), "key", &Note(name.to_owned()), None)
    }

    /// Changes and removes all of it.
    fn empty_directory(&self, tx: &mut Tx<'_>, tenant: TenantId) -> Result<()> {
        let entries = self.entries("changed");
        tx.update_objects(tenant, &entries[..1])?;
        tx.move_objects(tenant, &entries, ObjectState::Purged, NOW)?;
        tx.add_edges_by(tenant, &[self.edge(EdgeKind::Member)], tenant)?;
        tx.remove_edges(tenant, &[self.edge(EdgeKind::Manager)])?;
        tx.remove_assignment(tenant, &self.assignment(NOW))?;
        tx.release_keys(tenant, &[(self.key(), self.ana)])?;
        tx.delete_document::<Note>(Some(tenant), "key")?;
        tx.remove_tombstones(tenant, 0, 1000)?;
        tx.remove_tombstones_let_go(tenant, 0, 1000)?;
        Ok(())
    }

    /// All that the verbs tell of a tenant.
    fn directory(&self, reader: &Reader<'_>, tenant: TenantId) -> Result<Told> {
        let all = [self.ana, self.bo, self.gone];
        let mut told = Told::default();
        told.add(&reader.sequence(tenant)?);
        told.add(&reader.changes_since(tenant, 0, 1000, 100)?);
        told.add(&reader.edge_changes(tenant, 0, 1000, 100)?);
        told.add(&reader.moves_since(tenant, 0, 1000, 100)?);
        told.add(&reader.end_of_object_changes(tenant, 0, 1000, 1)?);
        told.add(&reader.objects(tenant, USER, &all)?);
        for id in all {
            told.add(&reader.object(tenant, id)?);
        }
        for state in [ObjectState::Live, ObjectState::Deleted] {
            told.add(&reader.scan(tenant, USER, state, None, 100)?);
            told.add(&reader.scan_until(tenant, USER, state, None, Some(self.gone), 100)?);
            told.add(&reader.count_objects(tenant, USER, state)?);
        }
        told.add(&reader.peek(tenant, USER, &all, [Attr::DISPLAY_NAME])?);
        told.add(&reader.borders(tenant, USER, 1)?);
        told.add(&reader.recycled(tenant, USER, None, 100)?);
        told.add(&reader.recycled_before(tenant, USER, NOW.plus_seconds(100), 100)?);
        for kind in [EdgeKind::Manager, EdgeKind::Member] {
            let edges = [self.edge(kind)];
            told.add(&reader.edges_from(tenant, kind, self.ana, None, 100)?);
            told.add(&reader.edges_to(tenant, kind, self.bo, None, 100)?);
            let bo = [(self.bo, None)];
            told.add(&reader.edges_to_each(tenant, kind, &bo, 100)?);
            told.add(&reader.edges_from_each(tenant, kind, &all, 100)?);
            told.add(&reader.single_edges(tenant, kind, &all)?);
            told.add(&reader.edges_from_added(tenant, kind, self.ana, tenant, None, 100)?);
            told.add(&reader.edges_to_added(tenant, kind, self.bo, tenant, None, 100)?);
            told.add(&reader.edges_added(tenant, &edges, tenant)?);
            told.add(&reader.edges_exist(tenant, &edges)?);
        }
        told.add(&reader.assignments_of_resource(tenant, self.ana, None, 100)?);
        told.add(&reader.assignments_of_principal(tenant, self.bo)?);
        told.add(&reader.assignments_between(tenant, self.ana, &all)?);
        told.add(&reader.assigned_groups(tenant, self.ana)?);
        told.add(&reader.groups_ever_assigned(tenant, self.ana)?);
        told.add(&reader.holder(tenant, &self.key())?);
        told.add(&reader.document::<Note>(Some(tenant), "key")?);
        told.add(&reader.documents::<Note>(Some(tenant), "", 100)?);
        Ok(told)
    }

    /// Gives a job a bit of everything. Its source objects are those of the other one; its targets are its own.
    fn fill_job(&self, tx: &mut Tx<'_>, it: &Working) -> Result<()> {
        let (tenant, job) = (it.tenant, &it.job);
        let at = NOW.plus_seconds(it.at);
        let link = Link {
            source: self.ana,
            target: it.target,
            kind: USER,
            state: LinkState::Live,
            since: at,
            matching: 0,
            was_released: false,
        };
        tx.put_links(tenant, job, &[link])?;
        let waiting = WaitingReference {
            waits_for: self.ana,
            source: self.bo,
            kind: USER,
            attr: Attr::MANAGER,
        };
        tx.insert_waiting(tenant, job, &[waiting])?;
        tx.wake_waiting(tenant, job, &[self.ana])?;
        let refused = WaitingReference {
            source: self.gone,
            ..waiting
        };
        tx.insert_refused(tenant, job, &[refused])?;
        let suspended = WaitingReference {
            waits_for: self.bo,
            source: self.ana,
            ..waiting
        };
        tx.insert_waiting(tenant, job, &[suspended])?;
        tx.suspend_waiting_of(tenant, job, &[self.ana])?;
        let escrow = Escrow {
            source: self.bo,
            kind: USER,
            first_failed: at,
            attempts: 1,
            next_attempt: at,
            failure: r#"{"code":"Conflict"}"#.to_owned(),
            waits_for: None,
        };
        tx.put_escrows(tenant, job, &[escrow])?;
        let staged = Staged {
            source: self.gone,
            kind: USER,
            held: true,
            staged_at: at,
        };
        tx.put_staged(tenant, job, &[staged])?;
        tx.note_evaluated(tenant, job, &[self.ana])?;
        tx.put_memberships_due(tenant, job, &[MembershipsDue::of(USER, self.ana)])?;
        tx.lease_job(tenant, job, it.node, NOW, at)?;
        tx.put_parts(tenant, job, &[(format!("{}", it.at), String::new())])?;
        tx.lease_part(tenant, job, it.node, NOW, at)?;
        let event = LogRow {
            id: it.event,
            job: job.clone(),
            cycle: CycleId(self.role),
            change: it.event,
            at,
            duration_ms: 1,
            evidence: vec![1],
        };
        tx.append_log(tenant, job, &[event])?;
        tx.end_log_facts(tenant, job, &LogFacts::default())
    }

    /// Changes and removes all of it.
    fn empty_job(&self, tx: &mut Tx<'_>, it: &Working) -> Result<()> {
        let (tenant, job) = (it.tenant, &it.job);
        let all = [self.ana, self.bo, self.gone];
        tx.reset_escrows(tenant, job, NOW, None, 100)?;
        tx.wake_noted(tenant, NOW)?;
        tx.wake_escrows_waiting_for(tenant, job, &all, NOW)?;
        tx.delete_escrows(tenant, job, &all)?;
        tx.delete_links(tenant, job, &all)?;
        tx.delete_ready(tenant, job, &all)?;
        tx.delete_waiting_at(tenant, job, &[(self.bo, Attr::MANAGER)])?;
        tx.resume_waiting_of(tenant, job, &all)?;
        tx.suspend_waiting_of(tenant, job, &all)?;
        tx.delete_suspended_of(tenant, job, &all)?;
        tx.sweep_ready(tenant, job, None, 100)?;
        tx.delete_staged(tenant, job, &all, NOW)?;
        tx.clear_some_evaluated(tenant, job, None, 100)?;
        tx.clear_evaluated(tenant, job)?;
        tx.delete_memberships_due(tenant, job, &all)?;
        tx.advance_part(tenant, job, 1, "further", true)?;
        if let Some(lease) = tx.job_lease(tenant, job)? {
            tx.keep_lease(tenant, job, &lease, NOW.plus_seconds(1000))?;
            tx.release_lease(tenant, job, &lease)?;
        }
        tx.put_parts(tenant, job, &[])?;
        tx.delete_job(tenant, job)
    }

    /// All that the verbs tell of a job.
    fn job(&self, reader: &Reader<'_>, it: &Working) -> Result<Told> {
        let (tenant, job) = (it.tenant, &it.job);
        let all = [self.ana, self.bo, self.gone];
        let late = NOW.plus_seconds(1000);
        let mut told = Told::default();
        told.add(&reader.job(tenant, job)?.is_some());
        told.add(&reader.links_for(tenant, job, &all)?);
        told.add(&reader.links_to(tenant, job, &it.targets)?);
        told.add(&reader.links(tenant, job, None, 100)?);
        told.add(&reader.count_waiting(tenant, job)?);
        told.add(&reader.waiting(tenant, job, None, 100)?);
        told.add(&reader.waiting_for(tenant, job, &all)?);
        told.add(&reader.waiting_of(tenant, job, &all)?);
        told.add(&reader.refused_of(tenant, job, &all)?);
        told.add(&reader.suspended_of(tenant, job, &all)?);
        told.add(&reader.ready_references(tenant, job, None, 100)?);
        told.add(&reader.escrows_for(tenant, job, &all)?);
        told.add(&reader.due_escrows(tenant, job, late, late, None, 100)?);
        told.add(&reader.escrows(tenant, job, None, 100)?);
        told.add(&reader.escrows_since(tenant, job, NOW, None, 100)?);
        told.add(&reader.escrows_that_do_not_say(tenant, job, "Conflict", None, 100)?);
        told.add(&reader.any_escrow(tenant, job)?);
        told.add(&reader.has_to_wake(tenant)?);
        told.add(&reader.count_escrows(tenant, job)?);
        told.add(&reader.count_escrows_to_try(tenant, job)?);
        told.add(&reader.count_unlinked_escrows(tenant, job)?);
        told.add(&reader.count_given_up(tenant, job)?);
        told.add(&reader.staged(tenant, job, None, 100)?);
        told.add(&reader.staged_among(tenant, job, &all)?);
        told.add(&reader.count_staged(tenant, job)?);
        told.add(&reader.count_held(tenant, job)?);
        let ever = (Timestamp(0), Timestamp(i64::MAX));
        told.add(&reader.count_staged_between(tenant, job, ever)?);
        told.add(&reader.newest_staged(tenant, job)?);
        told.add(&reader.any_evaluated(tenant, job)?);
        told.add(&reader.evaluated_between(tenant, job, self.ana, self.gone)?);
        told.add(&reader.memberships_due(tenant, job, late, late, None, 100)?);
        told.add(&reader.memberships_held(tenant, job, None, 100)?);
        told.add(&reader.memberships_due_of(tenant, job, &all)?);
        told.add(&reader.job_lease(tenant, job)?);
        told.add(&reader.parts(tenant, job)?);
        told.add(&reader.part(tenant, job, 1)?);
        let filter = LogFilter {
            job: Some(job.clone()),
            ..LogFilter::default()
        };
        told.add(&reader.log(tenant, &filter, None, 100)?);
        told.add(&reader.log_ascending(tenant, &filter, None, 100)?);
        told.add(&reader.log_fitting(tenant, &filter, None, true, 100, 1)?);
        told.add(&reader.past_log_facts(tenant, job)?);
        told.add(&reader.knows_job(tenant, job)?);
        told.add(&reader.log_event(tenant, it.event)?);
        Ok(told)
    }
}

/// A job that has something to do.
struct Working {
    tenant: TenantId,
    job: JobId,
    node: NodeId,
    target: ObjectId,
    /// Of every job.
    targets: Vec<ObjectId>,
    event: ObjectId,
    /// Tells its rows from those of others.
    at: i64,
}

/// Answers, one a line, so that a difference is shown where it is.
#[derive(Debug, Default, PartialEq)]
struct Told(Vec<String>);

impl Told {
    fn add(&mut self, answer: &impl Debug) {
        self.0.push(format!("{answer:?}"));
    }
}

#[test]
fn tenants_neither_see_nor_change_each_others_directories() {
    let world = World::new();
    let same = Same::new(&world);
    let told = |tenant| world.store.read(|it| same.directory(it, tenant)).unwrap();
    let fill = |tenant, name, at| {
        let filled = world
            .store
            .write(|tx| same.fill_directory(tx, tenant, name, at));
        filled.unwrap();
    };
    let empty = told(world.fabrikam);
    fill(world.contoso, "contoso", 1);
    assert_eq!(told(world.fabrikam), empty);
    let contoso = told(world.contoso);
    fill(world.fabrikam, "fabrikam", 2);
    assert_eq!(told(world.contoso), contoso);
    let fabrikam = told(world.fabrikam);
    assert_ne!(fabrikam, contoso);
    world
        .store
        .write(|tx| same.empty_directory(tx, world.contoso))
        .unwrap();
    assert_ne!(told(world.contoso), contoso);
    assert_eq!(told(world.fabrikam), fabrikam);
}

#[test]
fn jobs_neither_see_nor_change_what_others_do_in_their_tenant_or_another() {
    let world = World::new();
    let same = Same::new(&world);
    let targets: Vec<ObjectId> = (0..3).map(|_| world.ids.object_id()).collect();
    let tenants = [world.contoso, world.contoso, world.fabrikam];
    let jobs: Vec<Working> = (0..3)
        .map(|number| Working {
            tenant: tenants[number],
            job: job(&world, tenants[number]),
            node: NodeId(world.ids.random_uuid()),
            target: targets[number],
            targets: targets.clone(),
            event: world.ids.object_id(),
            at: 10 + number as i64,
        })
        .collect();
    let told = |it: &Working| world.store.read(|reader| same.job(reader, it)).unwrap();
    let mut before: Vec<Told> = jobs.iter().map(told).collect();
    for (number, filled) in jobs.iter().enumerate() {
        world.store.write(|tx| same.fill_job(tx, filled)).unwrap();
        assert_ne!(told(filled), before[number]);
        before[number] = told(filled);
        for (other, told_before) in jobs.iter().zip(&before) {
            assert_eq!(told(other), *told_before, "after filling {number}");
        }
    }
    // The last one of a job's rows is removed with it, and nobody else's.
    world
        .store
        .write(|tx| same.empty_job(tx, &jobs[0]))
        .unwrap();
    for (other, told_before) in jobs.iter().zip(&before).skip(1) {
        assert_eq!(told(other), *told_before);
    }
}
