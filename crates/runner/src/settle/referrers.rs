//! A target object that had to be made anew has lost the references to it: whoever refers to its
//! source object is made to wait for it, and so is served when references are drained.

use syncline_engine::rule::{FlowType, MappingSource};
use syncline_model::link::LinkState;
use syncline_model::{Attr, EntityKind, IdMap, IdSet, Link, ObjectId, Problem};
use syncline_store::WaitingReference;

use super::Ledger;
use super::links::delta;
use super::references::is_single;
use crate::configuration::Configuration;
use crate::memberships::Links as _;
use crate::page::Page;
use crate::unavailable::unavailable;
use crate::view::View;

const AT_ONCE: usize = 1000;

/// Lets those that refer to these source objects, and are in the target, wait for them.
pub(super) fn await_anew(
    page: &mut Page<'_, '_>,
    made_anew: &[ObjectId],
    ledger: &mut Ledger,
) -> Result<(), Problem> {
    if made_anew.is_empty() {
        return Ok(());
    }
    for mut referrers in Referrers::of(page.configuration, made_anew) {
        while let Some(owners) = referrers.next(&page.view())? {
            let links = page.view().of(&owners)?;
            let waiting = referrers.waiting(&links);
            ledger.waiting += delta(page.tx.insert_waiting(page.tenant, page.job, &waiting)?);
        }
    }
    Ok(())
}

/// A walk through those who refer to one source object with one attribute.
pub(crate) struct Referrers {
    kind: EntityKind,
    source_attr: Attr,
    target_attr: Attr,
    /// Of references to several, any may be right by another link.
    is_single: bool,
    to: ObjectId,
    after: Option<ObjectId>,
    over: bool,
}

impl Referrers {
    /// To these source objects, with all references that are kept in step.
    pub(crate) fn of(configuration: &Configuration, made_anew: &[ObjectId]) -> Vec<Self> {
        let mut walks = Vec::new();
        let rules = configuration.rules.iter();
        for rule in rules.filter(|rule| rule.enabled && rule.flow.update) {
            for mapping in &rule.mappings {
                let MappingSource::Reference(attr) = mapping.source else {
                    continue;
                };
                if mapping.flow_type == FlowType::ObjectAddOnly {
                    continue;
                }
                walks.extend(made_anew.iter().map(|to| Self {
                    kind: rule.source,
                    source_attr: attr,
                    target_attr: mapping.target,
                    is_single: is_single(rule.target, mapping.target),
                    to: *to,
                    after: None,
                    over: false,
                }));
            }
        }
        walks
    }

    /// The attribute of the target.
    pub(crate) fn target_attr(&self) -> Attr {
        self.target_attr
    }

    /// The next of those who refer to it; `None` when there are no more.
    pub(crate) fn next(&mut self, view: &View<'_, '_>) -> Result<Option<Vec<ObjectId>>, Problem> {
        if self.over {
            return Ok(None);
        }
        let source = &view.configuration.connected.source;
        let found = source
            .referrers(view.reader, self.source_attr, self.to, self.after, AT_ONCE)
            .map_err(unavailable)?;
        self.after = found.last().map(|(_, id)| *id);
        self.over = found.len() < AT_ONCE;
        let of_kind = found.iter().filter(|(of, _)| *of == self.kind);
        Ok(Some(of_kind.map(|(_, id)| *id).collect()))
    }

    /// Of these with their links, those who were decided by the link that their object had: not those who are
    /// [`still_to_come`](super::still_to_come), and not those who just were.
    pub(crate) fn misled(
        &self,
        links: IdMap<ObjectId, Link>,
        still_to_come: impl Fn(&Link) -> bool,
        decided: &IdSet<ObjectId>,
    ) -> Vec<Link> {
        let links = links.into_values().filter(|link| {
            self.is_single
                && link.state == LinkState::Live
                && !still_to_come(link)
                && !decided.contains(&link.source)
        });
        let mut misled: Vec<Link> = links.collect();
        misled.sort_unstable_by_key(|link| link.source);
        misled
    }

    /// Those who wait then, of these with their links.
    pub(crate) fn waiting(&self, links: &IdMap<ObjectId, Link>) -> Vec<WaitingReference> {
        let owners = links.values().filter(|it| it.state == LinkState::Live);
        let mut waiting: Vec<WaitingReference> = owners
            .map(|link| WaitingReference {
                waits_for: self.to,
                source: link.source,
                kind: self.kind,
                attr: self.target_attr,
            })
            .collect();
        waiting.sort_unstable();
        waiting
    }
}
