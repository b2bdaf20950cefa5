//! Members of a group that is provisioned on demand: those who are named, and nobody else. What a cycle
//! would do of them; the rest of the group is due then.

use syncline_connector::Membership;
use syncline_model::{EntityKind, IdSet, Ids, ObjectId, Problem};
use syncline_store::MembershipsDue;

use super::{OnDemandSubject, matching_under_way};
use crate::configuration::Configuration;
use crate::memberships::{Flowing, Wanted};
use crate::page::Page;
use crate::settle::{self, Event, Ledger};
use crate::unavailable::unavailable;
use crate::view::Decided;

/// 400 when members are named of something that has none.
pub(super) fn refuse_others(subjects: &[OnDemandSubject]) -> Result<(), Problem> {
    let has_none = |it: &&OnDemandSubject| it.kind != EntityKind::Group && !it.members.is_empty();
    match subjects.iter().find(has_none) {
        None => Ok(()),
        Some(other) => Err(Problem::bad_request(format!(
            "Only a group has members: leave links.members of {} out.",
            other.id
        ))),
    }
}

/// The objects that a call is about, each once: members before their groups, who are logged in this order.
pub(super) fn objects(subjects: &[OnDemandSubject]) -> Vec<(EntityKind, ObjectId)> {
    let mut met = IdSet::default();
    let members = subjects.iter().flat_map(|subject| &subject.members);
    let subjects = subjects.iter().map(|subject| (subject.kind, subject.id));
    let all = members.copied().chain(subjects);
    all.filter(|(_, id)| met.insert(*id)).collect()
}

/// The memberships that a call is about.
pub(super) struct Members<'c> {
    flowing: Flowing<'c>,
    asked: Vec<Membership>,
}

impl<'c> Members<'c> {
    /// `None` when no members are named. Before anything is written.
    ///
    /// # Errors
    /// 400 when members do not flow; 409 when one end keeps a link of an earlier matching, and everybody is still to
    /// be matched anew: nobody knows yet whose target object would become a member, or be one no more.
    pub(super) fn of(
        configuration: &'c Configuration,
        subjects: &[OnDemandSubject],
        decided: &[Decided],
        is_matching: bool,
    ) -> Result<Option<Self>, Problem> {
        let mut asked = Vec::new();
        for subject in subjects.iter().filter(|it| !it.members.is_empty()) {
            let members = subject.members.iter();
            asked.extend(members.map(|(_, member)| Membership {
                group: subject.id,
                member: *member,
            }));
        }
        if asked.is_empty() {
            return Ok(None);
        }
        let Some(flowing) = Flowing::of(configuration) else {
            return Err(Problem::bad_request(
                "The job's schema lets no members of groups flow: switch on its object mapping of groups with the mapping of members, or leave links.members out.".to_owned(),
            ));
        };
        if !flowing.follows {
            // Members are given when their group comes into the target, and left alone afterwards.
            let stays = |it: &Decided| {
                let link = it.link.as_ref();
                link.is_some_and(crate::memberships::is_kept)
                    .then_some(it.decision.source)
            };
            let stay: IdSet<ObjectId> = decided.iter().filter_map(stays).collect();
            asked.retain(|it| !stay.contains(&it.group));
        }
        if is_matching {
            let is_asked = |it: &&Decided| {
                let id = it.decision.source;
                asked.iter().any(|it| it.group == id || it.member == id)
            };
            let mut asked_for = decided.iter().filter(is_asked);
            if let Some(it) = asked_for.find(|it| it.keeps_old_link()) {
                return Err(matching_under_way(it.decision.source));
            }
        }
        Ok(Some(Self { flowing, asked }))
    }

    /// Adds those who are members in the source, and removes those who are not. Once all objects are
    /// provisioned: whoever came into the target is there now.
    pub(super) fn settle(
        &self,
        page: &mut Page<'_, '_>,
        ids: &dyn Ids,
        ledger: &mut Ledger,
    ) -> Result<Vec<Event>, Problem> {
        let source = self.flowing.source;
        let exist = source.exist(page.tx, &self.asked).map_err(unavailable)?;
        let asked = self.asked.iter().copied().zip(exist);
        let wanted: Vec<Wanted> = asked.map(Wanted::changed).collect();
        let settled = settle::memberships(page, &self.flowing, &wanted, ids, ledger)?;
        // The next cycle tries again, mostly with the whole group.
        let failed = settled.failed.iter().filter_map(|(at, failing)| {
            let group = wanted.get(*at)?.membership.group;
            let (kind, source) = failing.end.unwrap_or((EntityKind::Group, group));
            Some(MembershipsDue::of(kind, source))
        });
        let due: Vec<MembershipsDue> = failed.collect();
        page.tx.put_memberships_due(page.tenant, page.job, &due)?;
        Ok(settled.events)
    }
}
