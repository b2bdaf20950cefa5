//! What people are told beforehand, and whether the log says the same afterwards.

use std::collections::{BTreeMap, BTreeSet};

use syncline_engine::evidence::EvidenceOutcome;
use syncline_engine::{Evidence, SkipReason};
use syncline_model::job::{CycleReport, CycleState};
use syncline_model::link::LinkState;
use syncline_model::{EntityKind, Link, ObjectId, Problem, ProblemKind};
use syncline_runner::{InTarget, MembershipExplanation, MembershipVerdict as Verdict};
use syncline_store::{Edge, EdgeKind, Escrow, ObjectState, Reader};

use super::facts::Life;
use super::history::History;
use crate::world::World;

impl History {
    /// What is told of the memberships of everybody who was hired; nothing where they do not flow.
    pub fn told_memberships(&self) -> ToldMemberships {
        let world = &self.world;
        let mut people = Vec::new();
        if self.groups_flow {
            let hired = self.people.iter().filter(|it| it.life != Life::NotHired);
            people.extend(hired.map(|facts| world.person(&facts.name).id));
        }
        ToldMemberships::of(world, &people, &[world.group("Group").id])
    }

    /// What would be decided of everybody who was hired, as they are explained.
    pub fn explained(&self) -> BTreeMap<ObjectId, Evidence> {
        let world = &self.world;
        let hired = self.people.iter().filter(|it| it.life != Life::NotHired);
        hired
            .map(|facts| {
                let id = world.person(&facts.name).id;
                let kind = EntityKind::User;
                let explained = world.runner.explain(world.contoso.id, &world.job, kind, id);
                (id, explained.unwrap().evidence.unwrap())
            })
            .collect()
    }

    /// The cycle since then has decided the same of whom the log tells, but for removals that are held, and
    /// references.
    pub fn check_explained(&self, explained: &BTreeMap<ObjectId, Evidence>, before: usize) {
        let log: Vec<Evidence> = self.world.log().into_iter().skip(before).collect();
        let is_as_told = |it: &&Evidence| {
            explained
                .get(&it.source)
                .is_some_and(|told| told.outcome == it.outcome)
        };
        let as_told: BTreeSet<ObjectId> =
            log.iter().filter(is_as_told).map(|it| it.source).collect();
        for evidence in log {
            let Some(told) = explained.get(&evidence.source) else {
                continue;
            };
            match evidence.outcome {
                EvidenceOutcome::Staged => {
                    assert!(is_removal(told), "held, and told as {told:?}");
                    assert_eq!(told.modified, evidence.modified);
                }
                EvidenceOutcome::ReferencesOnly => {}
                // Nothing but a reference: whom it leads to, or whose it is, is gone from the target.
                EvidenceOutcome::Failed(failure)
                    if failure.code == "InvalidAnchor"
                        && (is_passed_over(told) || as_told.contains(&evidence.source)) => {}
                // Beside that he came back: that he is not kept in step.
                EvidenceOutcome::Released | EvidenceOutcome::Skipped(SkipReason::LeftAlone)
                    if told.outcome == EvidenceOutcome::Restored
                        && as_told.contains(&evidence.source) => {}
                done => {
                    assert_eq!(told.outcome, done);
                    assert_eq!(told.modified, evidence.modified);
                }
            }
        }
    }
}

/// Whether a cycle does not look at him where nothing has changed in the source: he is as he should be, or somebody else
/// has thrown his target object away, which no cycle is told of.
fn is_passed_over(told: &Evidence) -> bool {
    [
        EvidenceOutcome::Unchanged { adopted: false },
        EvidenceOutcome::Restored,
        EvidenceOutcome::Created,
    ]
    .contains(&told.outcome)
}

/// Whether the deletion threshold counts it. An account may be switched off with other changes: that is told as an update.
fn is_removal(told: &Evidence) -> bool {
    match told.outcome {
        EvidenceOutcome::SoftDeleted | EvidenceOutcome::HardDeleted | EvidenceOutcome::Disabled => {
            true
        }
        EvidenceOutcome::Updated { .. } => told.modified.iter().any(|it| {
            it.name.as_str() == "accountEnabled"
                && it.old.as_ref().is_some_and(|old| old.as_str() == "True")
                && it.new.as_ref().is_some_and(|new| new.as_str() == "False")
        }),
        _ => false,
    }
}

/// What is told of memberships before a cycle.
pub struct ToldMemberships(Vec<(MembershipExplanation, Seen)>);

/// What there is of a membership, by the job's own links.
#[derive(Clone, Debug, PartialEq)]
struct Seen {
    /// The person and the group.
    ends: [Option<(ObjectId, LinkState)>; 2],
    /// Whether both live in the target.
    are_there: bool,
    is_member: bool,
    /// Whether an end has something put aside or held.
    staged: [bool; 2],
    /// What the group is listed as failed for.
    escrow: Option<Escrow>,
}

impl ToldMemberships {
    pub fn of(world: &World, people: &[ObjectId], groups: &[ObjectId]) -> Self {
        let (tenant, runner) = (world.contoso.id, &world.runner);
        let told = world.store.read(|reader| {
            let job = reader.job(tenant, &world.job)?.unwrap();
            let mut ends = [Vec::new(), Vec::new()];
            let asked = [(EntityKind::User, people), (EntityKind::Group, groups)];
            for (ends, (kind, ids)) in ends.iter_mut().zip(asked) {
                for id in ids {
                    match runner.explain_on(reader, &job, kind, *id) {
                        // Gone for good, and never linked.
                        Err(problem) if problem.kind == ProblemKind::NotFound => {}
                        explained => ends.push(explained?),
                    }
                }
            }
            let [people, groups] = &ends;
            let pairs = people
                .iter()
                .flat_map(|person| groups.iter().map(move |group| (person, group)));
            let told = pairs.map(|(person, group)| {
                let seen = Seen::of(world, reader, person.id, group.id)?;
                let (person, group) = (person.clone(), group.clone());
                let told = runner.explain_membership_on(reader, &job, person, group)?;
                Ok((told, seen))
            });
            told.collect::<Result<_, Problem>>()
        });
        let told = Self(told.unwrap());
        told.check_as_it_is();
        told
    }

    /// What is said of the target now.
    fn check_as_it_is(&self) {
        for (told, seen) in self.0.iter().filter(|(_, seen)| seen.are_there) {
            let is_member = match told.in_target {
                None => continue,
                Some(InTarget::Absent) => false,
                Some(InTarget::FromSource | InTarget::ByOthers) => true,
            };
            assert_eq!(is_member, seen.is_member, "{told:?}");
        }
    }

    /// The cycle since then has done what was told, with ends that it has left where they were.
    pub fn check(&self, world: &World, report: &CycleReport) {
        if report.state == CycleState::Failed {
            return;
        }
        for (told, before) in &self.0 {
            let (person, group) = (told.member.id, told.group.id);
            let now = world
                .store
                .read(|reader| Seen::of(world, reader, person, group));
            let now = now.unwrap();
            if (before.ends, before.are_there) != (now.ends, now.are_there) {
                continue;
            }
            assert!(
                is_right(told, before, &now),
                "{:?} of a membership that was {before:?}, and is {now:?}: {told:?}",
                told.verdict
            );
        }
    }
}

fn is_right(told: &MembershipExplanation, before: &Seen, now: &Seen) -> bool {
    let is_in_source = told.in_source.as_ref().is_some_and(|it| it.direct);
    let stays = before.is_member == now.is_member;
    match told.verdict {
        Verdict::NotMember => !now.is_member,
        Verdict::InTarget | Verdict::AddedByOthers | Verdict::Kept => {
            now.is_member || !now.are_there
        }
        Verdict::Due => now.is_member == is_in_source,
        // Whoever is wanted again is let go of by the cycle itself.
        Verdict::Held => stays || now.staged == [false; 2],
        // A group that was decided comes out of escrow before its time, and its memberships are due then.
        Verdict::Refused | Verdict::GivenUp | Verdict::NotLookedAt | Verdict::GivenOnce => {
            stays || (before.escrow.is_some() && before.escrow != now.escrow)
        }
        Verdict::Undecided
        | Verdict::Unknown
        | Verdict::MembersNotMapped
        | Verdict::GroupNotKept
        | Verdict::GroupsNotLetIn
        | Verdict::MemberNotThere
        | Verdict::SomebodyElses
        | Verdict::LetGo
        | Verdict::OtherJob => stays,
    }
}

impl Seen {
    fn of(
        world: &World,
        reader: &Reader<'_>,
        person: ObjectId,
        group: ObjectId,
    ) -> Result<Self, Problem> {
        let (source, target, job) = (world.contoso.id, world.fabrikam.id, &world.job);
        let links = reader.links_for(source, job, &[person, group])?;
        let ends = [0, 1].map(|end| links[end].as_ref().map(|it: &Link| (it.target, it.state)));
        let mut are_there = ends.iter().all(Option::is_some);
        for (end, _) in ends.iter().flatten() {
            let object = reader.object(target, *end)?;
            are_there &= object.is_some_and(|it| it.state == ObjectState::Live);
        }
        let mut is_member = false;
        if let ([Some((person, _)), Some((group, _))], true) = (ends, are_there) {
            let edge = Edge {
                kind: EdgeKind::Member,
                from: group,
                to: person,
            };
            is_member = reader.edges_exist(target, &[edge])?[0];
        }
        let staged = reader.staged_for(source, job, &[person, group])?;
        Ok(Self {
            ends,
            are_there,
            is_member,
            staged: [person, group].map(|end| staged.iter().any(|it| it.source == end)),
            escrow: reader.escrows_for(source, job, &[group])?.remove(0),
        })
    }
}
