//! A target object that had to be made anew has lost the references to it: whoever refers to its
//! source object is made to wait for it, and so is served when references are drained.

use std::rc::Rc;

use syncline_connector::Referrer;
use syncline_engine::Rule;
use syncline_engine::rule::{FlowType, MappingSource};
use syncline_model::link::LinkState;
use syncline_model::{Attr, EntityKind, IdMap, IdSet, Link, ObjectId, Problem};
use syncline_store::WaitingReference;

use super::Ledger;
use super::links::{Wrong, delta};
use super::references::is_single;
use crate::configuration::Configuration;
use crate::memberships::Links as _;
use crate::page::Page;
use crate::unavailable::unavailable;
use crate::view::View;

/// So many are asked for at once.
const AT_ONCE: usize = 1000;
/// Of each at least so many of those who refer to it: most have no more.
const FEW: usize = 10;

/// Lets those that refer to these source objects, and are in the target, wait for them.
pub(super) fn await_anew(
    page: &mut Page<'_, '_>,
    made_anew: &[ObjectId],
    ledger: &mut Ledger,
) -> Result<(), Problem> {
    if made_anew.is_empty() {
        return Ok(());
    }
    for mut referrers in Referrers::of(&page.configuration.rules, made_anew) {
        while let Some(found) = referrers.next(&page.view())? {
            let links = page.view().of(&owners(&found))?;
            let waiting = referrers.waiting(&found, &links);
            ledger.waiting += delta(page.tx.insert_waiting(page.tenant, page.job, &waiting)?);
        }
    }
    Ok(())
}

/// A walk through those who refer to some source objects with one attribute, a slice at a time.
pub(crate) struct Referrers {
    kind: EntityKind,
    source_attr: Attr,
    target_attr: Attr,
    /// Of references to several, any may be right by another link.
    is_single: bool,
    /// It flows when its owner is created, and never again.
    at_creation: bool,
    /// It is written only while the target has none.
    only_fills: bool,
    /// Who is still to be asked for, behind whom.
    left: Vec<(ObjectId, Option<ObjectId>)>,
}

/// What is done for somebody who was misled.
#[derive(Clone, Copy)]
pub(crate) struct Amends {
    /// They are made to wait for the one that they refer to.
    pub(crate) wait: bool,
    /// They lose the reference.
    pub(crate) remove: bool,
}

/// Whoever may refer to a target object because a wrong link led there.
pub(crate) struct Misled {
    pub(crate) owner: Link,
    /// Whom the owner refers to in the source.
    source: ObjectId,
    /// Where the link of that one led.
    pub(crate) to: ObjectId,
}

impl Referrers {
    /// To these source objects, with all references that are kept in step by these rules.
    pub(crate) fn of(rules: &[Rule], to: &[ObjectId]) -> Vec<Self> {
        let mut walks = Self::any(rules, to);
        walks.retain(|it| !it.at_creation);
        walks
    }

    /// The same with those that are given at creation and not kept in step, of which `misled` tells.
    fn any(rules: &[Rule], to: &[ObjectId]) -> Vec<Self> {
        let mut walks = Vec::new();
        for (_, rule) in Rule::all_deciding(rules) {
            for mapping in &rule.mappings {
                let MappingSource::Reference(attr) = mapping.source else {
                    continue;
                };
                let flows_later = rule.flow.update && mapping.flow_type != FlowType::ObjectAddOnly;
                if !flows_later && !rule.flow.add {
                    // It never flows: whoever is there is nobody's mistake.
                    continue;
                }
                walks.push(Self {
                    kind: rule.source,
                    source_attr: attr,
                    target_attr: mapping.target,
                    is_single: is_single(rule.target, mapping.target),
                    at_creation: !flows_later,
                    only_fills: mapping.flow_type == FlowType::AttributeAddOnly,
                    left: to.iter().map(|to| (*to, None)).collect(),
                });
            }
        }
        walks
    }

    /// The attribute of the target.
    pub(crate) fn target_attr(&self) -> Attr {
        self.target_attr
    }

    /// What is to be done for those whom a link misled that made room or, if not, moved.
    pub(crate) fn amends(&self, made_room: bool) -> Amends {
        Amends {
            // Those to whom it flows later wait already, or are decided again.
            wait: self.at_creation,
            // A link that moved leads on: what comes then replaces the one that is there, but where it only fills.
            remove: made_room || self.only_fills,
        }
    }

    /// The next of those who refer to them; `None` when there are no more.
    pub(crate) fn next(&mut self, view: &View<'_, '_>) -> Result<Option<Vec<Referrer>>, Problem> {
        if self.left.is_empty() {
            return Ok(None);
        }
        let asked = self.left.len().min(AT_ONCE);
        let asked: Vec<(ObjectId, Option<ObjectId>)> = self.left.drain(..asked).collect();
        let of_each = FEW.max(AT_ONCE / asked.len());
        let source = &view.configuration.connected.source;
        let mut found = source
            .referrers(view.reader, self.source_attr, &asked, of_each)
            .map_err(unavailable)?;
        let of_one = found.chunk_by(|one, next| one.to == next.to);
        let full = of_one.filter(|it| it.len() >= of_each);
        let more = full
            .filter_map(|it| it.last())
            .map(|it| (it.to, Some(it.id)));
        self.left.extend(more);
        found.retain(|it| it.kind == self.kind);
        Ok(Some(found))
    }

    /// Of these with their links, those who were decided by the link that their object had, and where that led: not
    /// those who are [`still_to_come`](super::still_to_come), and not those who just were. What flows at creation
    /// only is told of those alone whom this matching has linked.
    pub(crate) fn misled(
        &self,
        found: &[Referrer],
        links: &IdMap<ObjectId, Link>,
        still_to_come: impl Fn(&Link) -> bool,
        decided: &IdSet<ObjectId>,
        led: &Led,
    ) -> Vec<Misled> {
        if !self.is_single {
            return Vec::new();
        }
        let misled = found.iter().filter_map(|it| {
            let owner = links.get(&it.id)?;
            let is_misled = owner.state == LinkState::Live
                && !still_to_come(owner)
                && !decided.contains(&owner.source)
                && (!self.at_creation || owner.matching == led.matching);
            is_misled.then_some(Misled {
                owner: owner.clone(),
                source: it.to,
                to: *led.to.get(&it.to)?,
            })
        });
        let mut misled: Vec<Misled> = misled.collect();
        misled.sort_unstable_by_key(|it| it.owner.source);
        misled
    }

    /// Those who wait then, of these with their links.
    pub(crate) fn waiting(
        &self,
        found: &[Referrer],
        links: &IdMap<ObjectId, Link>,
    ) -> Vec<WaitingReference> {
        let is_live = |id| {
            links
                .get(id)
                .is_some_and(|it: &Link| it.state == LinkState::Live)
        };
        let owners = found.iter().filter(|it| is_live(&it.id));
        self.rows(owners.map(|it| (it.to, it.id)))
    }

    /// The same of those who were misled.
    pub(crate) fn waiting_misled(&self, misled: &[Misled]) -> Vec<WaitingReference> {
        self.rows(misled.iter().map(|it| (it.source, it.owner.source)))
    }

    fn rows(&self, pairs: impl Iterator<Item = (ObjectId, ObjectId)>) -> Vec<WaitingReference> {
        let rows = pairs.map(|(waits_for, source)| WaitingReference {
            waits_for,
            source,
            kind: self.kind,
            attr: self.target_attr,
        });
        let mut rows: Vec<WaitingReference> = rows.collect();
        rows.sort_unstable();
        rows
    }
}

/// Where links of an earlier matching led, by source object.
pub(crate) struct Led {
    to: IdMap<ObjectId, ObjectId>,
    /// The matching that they were found wrong in.
    matching: u64,
}

/// The walks through whoever may have been misled by these links, each with where they led and what is to be
/// done.
pub(crate) fn misled_by(
    wrong: &Wrong,
    configuration: &Configuration,
) -> Vec<(Referrers, Rc<Led>, Amends)> {
    let mut walks = Vec::new();
    for (links, made_room) in [(&wrong.made_room, true), (&wrong.moved, false)] {
        let to: Vec<ObjectId> = links.iter().map(|it| it.source).collect();
        let led = Rc::new(Led {
            to: links.iter().map(|it| (it.source, it.target)).collect(),
            matching: configuration.connected.facts.matching,
        });
        for referrers in Referrers::any(&configuration.rules, &to) {
            let amends = referrers.amends(made_room);
            if amends.wait || amends.remove {
                walks.push((referrers, Rc::clone(&led), amends));
            }
        }
    }
    walks
}

pub(crate) fn owners(found: &[Referrer]) -> Vec<ObjectId> {
    found.iter().map(|it| it.id).collect()
}
