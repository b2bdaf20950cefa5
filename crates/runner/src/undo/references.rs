//! Memberships and managers, put back where they are still as the job left them.

use std::collections::BTreeMap;

use syncline_connector::{Held, Membership};
use syncline_engine::evidence::{EvidenceOutcome, ReferenceEvidence, ReferenceState};
use syncline_engine::{Action, Evidence, Failure, Operation, Outcome, TargetObject, steps};
use syncline_model::link::LinkState;
use syncline_model::{Attr, EntityKind, Ids, JobId, Link, ObjectId, Problem, Text};

use super::carry_out::evidence;
use super::done::{Done, Standing};
use super::judge::{holders, objects};
use super::manager::{self, Back, Manager};
use super::tally::{Member, Page as Told};
use crate::page::Page;
use crate::settle::{self, Event, Ledger};
use crate::unavailable::unavailable;
use crate::view::View;

/// One reference that was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Item {
    /// Whose it is, by its place among what was done.
    at: usize,
    what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// Whether somebody of the target was a member before.
    Member {
        id: ObjectId,
        before: bool,
    },
    Manager(Manager),
}

/// What is to be done with references, and what is not.
#[derive(Default)]
pub(super) struct Wanted {
    pub(super) writes: Vec<Write>,
    /// What stays as it is, by the place of whose it is.
    pub(super) left: Vec<(usize, String)>,
}

/// One reference that is put back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Write {
    pub(super) at: usize,
    pub(super) attr: Attr,
    pub(super) adds: bool,
    /// In ids of the target.
    owner: ObjectId,
    pub(super) to: ObjectId,
    /// The manager until now.
    pub(super) replaces: Option<ObjectId>,
}

/// The references of these that are not as they were before. Of whoever goes himself there are none.
pub(super) fn items(dones: &[Done]) -> Vec<Item> {
    let of_each = dones.iter().enumerate();
    of_each
        .flat_map(|(at, done)| changed(done).map(move |what| Item { at, what }))
        .collect()
}

/// Whether there are any of this one.
pub(super) fn are_changed(done: &Done) -> bool {
    changed(done).next().is_some()
}

fn changed(done: &Done) -> impl Iterator<Item = What> + '_ {
    let stays = matches!(done.before, Standing::Kept | Standing::LetGo) && !done.is_another;
    let members = done
        .members
        .iter()
        .filter(|(_, (before, after))| before != after);
    let members = members.map(|(id, (before, _))| What::Member {
        id: *id,
        before: *before,
    });
    let manager = done.manager.filter(Manager::is_changed);
    let all = members.chain(manager.map(What::Manager));
    all.filter(move |_| stays)
}

/// What is done about these references, with all look-ups going out together.
pub(super) fn wanted(
    view: &View<'_, '_>,
    dones: &[Done],
    items: Vec<Item>,
) -> Result<Wanted, Problem> {
    let mut wanted = Wanted::default();
    if items.is_empty() {
        return Ok(wanted);
    }
    let owners = Owners::of(view, dones, &items)?;
    let held = held(view, dones, &items)?;
    let mut known: Option<(usize, Option<ObjectId>)> = None;
    for (item, held) in items.iter().zip(held) {
        let at = item.at;
        let owner = match known {
            Some((of, owner)) if of == at => owner,
            _ => {
                let owner = owners.target(dones, at).unwrap_or_else(|why| {
                    wanted.left.extend(why.map(|why| (at, why)));
                    None
                });
                known = Some((at, owner));
                owner
            }
        };
        let Some(owner) = owner else { continue };
        let write = |attr, adds, to, replaces| Write {
            at,
            attr,
            adds,
            owner,
            to,
            replaces,
        };
        match (item.what, held) {
            (What::Member { id, before: true }, Held::Not) => {
                wanted.writes.push(write(Attr::MEMBERS, true, id, None));
            }
            (What::Member { id, before: false }, Held::FromSource) => {
                wanted.writes.push(write(Attr::MEMBERS, false, id, None));
            }
            (What::Member { id, before: false }, Held::ByOthers) => {
                let why = format!("its member {id} was added by somebody else since");
                wanted.left.push((at, why));
            }
            (What::Member { .. }, _) => {}
            (What::Manager(it), _) => match manager::put_back(it, owners.manager(at)) {
                Back::AsBefore => {}
                Back::To(before, now) => {
                    wanted.writes.push(write(Attr::MANAGER, true, before, now));
                }
                Back::Out(now) => wanted.writes.push(write(Attr::MANAGER, false, now, None)),
                Back::Left(why) => wanted.left.push((at, why.to_owned())),
            },
        }
    }
    Ok(wanted)
}

/// How each of these is held now; of managers nothing is asked.
fn held(view: &View<'_, '_>, dones: &[Done], items: &[Item]) -> Result<Vec<Held>, Problem> {
    let asked: Vec<Membership> = items
        .iter()
        .filter_map(|item| match item.what {
            What::Member { id, .. } => Some(Membership {
                group: dones[item.at].target.unwrap_or(ObjectId::NIL),
                member: id,
            }),
            What::Manager(_) => None,
        })
        .collect();
    let memberships = view.configuration.connected.target.memberships();
    let mut held = match memberships {
        Some(it) if !asked.is_empty() => it.held(view.reader, &asked).map_err(unavailable)?,
        _ => Vec::new(),
    }
    .into_iter();
    let of = items.iter().map(|item| match item.what {
        // Where the target does not tell, nothing is known to be ours.
        What::Member { .. } => held.next().unwrap_or(Held::ByOthers),
        What::Manager(_) => Held::Not,
    });
    Ok(of.collect())
}

/// Whose references they are, as they are now.
struct Owners {
    places: BTreeMap<usize, usize>,
    links: Vec<Option<Link>>,
    objects: Vec<Option<TargetObject>>,
    holders: Vec<Option<JobId>>,
}

impl Owners {
    fn of(view: &View<'_, '_>, dones: &[Done], items: &[Item]) -> Result<Self, Problem> {
        let mut places: Vec<usize> = items.iter().map(|item| item.at).collect();
        places.dedup();
        let asked: Vec<Done> = places.iter().map(|at| dones[*at].clone()).collect();
        let sources: Vec<ObjectId> = asked.iter().map(Done::source).collect();
        let targets = asked.iter().map(|it| it.target.unwrap_or(ObjectId::NIL));
        let targets: Vec<ObjectId> = targets.collect();
        Ok(Self {
            links: view.reader.links_for(view.tenant, view.job, &sources)?,
            objects: objects(view, &asked, &targets)?,
            holders: holders(view, &targets)?,
            places: places
                .into_iter()
                .enumerate()
                .map(|(to, at)| (at, to))
                .collect(),
        })
    }

    /// The target object, if its references are this job's to write; otherwise why not, where nothing has said that yet.
    fn target(&self, dones: &[Done], at: usize) -> Result<Option<ObjectId>, Option<String>> {
        let Some(place) = self.places.get(&at).copied() else {
            return Ok(None);
        };
        let (Some(object), Some(link)) = (&self.objects[place], &self.links[place]) else {
            return Ok(None);
        };
        if Some(link.target) != dones[at].target {
            return Ok(None);
        }
        if let Some(job) = &self.holders[place] {
            return Err(Some(format!(
                "whom it refers to stays: the job {job} keeps it in step"
            )));
        }
        // A plan finds there whom the undoing takes out before.
        let comes_back = dones[at].after == Standing::InRecycleBin;
        let is_away = object.soft_deleted || link.state == LinkState::SoftDeleted;
        if is_away && !comes_back {
            return Err(Some(
                "whom it refers to stays: it is in the recycle bin".to_owned(),
            ));
        }
        Ok(Some(link.target))
    }

    fn manager(&self, at: usize) -> Option<ObjectId> {
        let place = self.places.get(&at)?;
        let references = &self.objects[*place].as_ref()?.references;
        let managers = references.iter().find(|(attr, _)| *attr == Attr::MANAGER);
        managers.and_then(|(_, ids)| ids.first().copied())
    }
}

/// Writes them. What the log has to say, and what is told.
pub(super) fn carry_out(
    page: &mut Page<'_, '_>,
    dones: &[Done],
    wanted: Wanted,
    ids: &dyn Ids,
    ledger: &mut Ledger,
) -> Result<(Vec<Event>, Told), Problem> {
    let operations: Vec<Operation> = wanted
        .writes
        .iter()
        .map(|it| {
            let kind = page.configuration.target_kind(dones[it.at].last.kind);
            it.operation(kind)
        })
        .collect();
    let outcomes = page.apply(&operations)?;
    let mut written: Vec<Write> = Vec::new();
    // Of one group alone there may be thousands, mostly for one reason.
    let mut failed: BTreeMap<usize, (u64, Failure)> = BTreeMap::new();
    for (write, outcome) in wanted.writes.iter().zip(outcomes) {
        match outcome {
            Outcome::Done(_) => written.push(*write),
            Outcome::Stands(_) => {}
            Outcome::Failed(fault) => {
                let first = || (0, Failure::from(fault));
                failed.entry(write.at).or_insert_with(first).0 += 1;
            }
        }
    }
    for write in &written {
        match write.adds {
            true => ledger.counts.references_set += 1,
            false => ledger.counts.references_removed += 1,
        }
    }
    let mut events = Vec::new();
    for of_one in written.chunk_by(|one, other| one.at == other.at) {
        let evidence = references_only(page, &dones[of_one[0].at]);
        let told: Vec<ReferenceEvidence> = of_one.iter().flat_map(Write::told).collect();
        for some in told.chunks(steps::NAMED) {
            let mut evidence = evidence.clone();
            evidence.references = some.to_vec();
            events.push(Event::new(ids.object_id(), evidence));
        }
    }
    for (at, (_, failure)) in &failed {
        let mut evidence = references_only(page, &dones[*at]);
        evidence.outcome = EvidenceOutcome::Failed(failure.clone());
        events.push(Event::new(ids.object_id(), evidence));
    }
    let mut left = wanted.left;
    left.extend(failed.into_iter().map(|(at, (count, failure))| {
        let references = match count {
            1 => "1 reference of it stays".to_owned(),
            count => format!("{count} references of it stay"),
        };
        (
            at,
            format!("{references}: {}: {}", failure.code, failure.reason),
        )
    }));
    let told = told(&page.view(), dones, &written, left)?;
    Ok((events, told))
}

/// What is told of these references.
pub(super) fn told(
    view: &View<'_, '_>,
    dones: &[Done],
    writes: &[Write],
    left: Vec<(usize, String)>,
) -> Result<Told, Problem> {
    let mut told = Told::default();
    let ids: Vec<ObjectId> = writes
        .iter()
        .flat_map(|it| [Some(it.to), it.replaces])
        .flatten()
        .collect();
    let names = names(view, &ids)?;
    let name = |id: &ObjectId| names.get(id).cloned().unwrap_or_else(|| id.text());
    for of_one in writes.chunk_by(|one, other| one.at == other.at) {
        let done = &dones[of_one[0].at];
        let members = of_one.iter().filter(|it| it.attr == Attr::MEMBERS);
        told.members(
            done,
            members.map(|it| Member {
                name: name(&it.to),
                adds: it.adds,
            }),
        );
        for it in of_one.iter().filter(|it| it.attr == Attr::MANAGER) {
            let to = Some(name(&it.to));
            match it.adds {
                true => told.manager(done, it.replaces.as_ref().map(name), to),
                false => told.manager(done, to, None),
            }
        }
    }
    for (at, why) in left {
        told.impossible(&dones[at], why);
    }
    Ok(told)
}

/// The names of these target objects as logs show them, of those that the job has linked.
fn names(view: &View<'_, '_>, ids: &[ObjectId]) -> Result<BTreeMap<ObjectId, Text>, Problem> {
    let links = view.reader.links_to(view.tenant, view.job, ids)?;
    let links: Vec<Link> = links.into_iter().flatten().collect();
    let sources: Vec<(EntityKind, ObjectId)> =
        links.iter().map(|link| (link.kind, link.source)).collect();
    let names = settle::names(view.configuration, view.reader, &sources)?;
    let named = links.into_iter().zip(names);
    let named = named.map(|(link, names)| (link.target, names.name));
    Ok(named.filter(|(_, name)| !name.is_empty()).collect())
}

fn references_only(page: &Page<'_, '_>, done: &Done) -> Evidence {
    let nothing = Action::Unchanged {
        target: done.target.unwrap_or(ObjectId::NIL),
        adopt: false,
    };
    Evidence {
        outcome: EvidenceOutcome::ReferencesOnly,
        ..evidence(page, done, &nothing)
    }
}

impl Write {
    fn operation(&self, kind: EntityKind) -> Operation {
        let Self {
            attr,
            owner: target,
            to,
            ..
        } = *self;
        match self.adds {
            true => Operation::AddReference {
                kind,
                target,
                attr,
                to,
            },
            false => Operation::RemoveReference {
                kind,
                target,
                attr,
                to,
            },
        }
    }

    /// As the log tells it: a manager who is replaced first, and of one who replaces nobody that there was none.
    fn told(&self) -> impl Iterator<Item = ReferenceEvidence> + use<> {
        let name = Text::fixed(self.attr.core_name().unwrap_or_default());
        let state = match self.adds {
            true => ReferenceState::Set(self.to),
            false => ReferenceState::Removed(self.to),
        };
        let fills = self.adds && self.attr == Attr::MANAGER && self.replaces.is_none();
        let replaced = self.replaces.map(ReferenceState::Removed);
        let states = replaced.into_iter().chain(std::iter::once(state));
        states.map(move |state| ReferenceEvidence {
            name: name.clone(),
            source: None,
            state,
            fills,
        })
    }
}
