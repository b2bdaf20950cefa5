//! A target object that had to be made anew has lost the references to it: whoever refers to its
//! source object is made to wait for it, and so is served when references are drained.

use syncline_engine::rule::{FlowType, MappingSource};
use syncline_model::link::LinkState;
use syncline_model::{Attr, EntityKind, ObjectId, Problem};
use syncline_store::WaitingReference;

use super::Ledger;
use super::links::delta;
use crate::page::{Page, unavailable};

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
    let rules = page.configuration.rules.iter();
    for rule in rules.filter(|rule| rule.enabled && rule.flow.update) {
        for mapping in &rule.mappings {
            let MappingSource::Reference(attr) = mapping.source else {
                continue;
            };
            if mapping.flow_type == FlowType::ObjectAddOnly {
                continue;
            }
            for to in made_anew {
                let ends = (rule.source, attr, mapping.target);
                referrers_of(page, ends, *to, ledger)?;
            }
        }
    }
    Ok(())
}

fn referrers_of(
    page: &mut Page<'_, '_>,
    (kind, source_attr, target_attr): (EntityKind, Attr, Attr),
    to: ObjectId,
    ledger: &mut Ledger,
) -> Result<(), Problem> {
    let source = &page.configuration.connected.source;
    let mut after = None;
    loop {
        let found = source
            .referrers(page.tx, source_attr, to, after, AT_ONCE)
            .map_err(unavailable)?;
        after = found.last().map(|(_, id)| *id);
        let ids: Vec<ObjectId> = found
            .iter()
            .filter(|(of, _)| *of == kind)
            .map(|(_, id)| *id)
            .collect();
        let links = page.tx.links_for(page.tenant, page.job, &ids)?;
        let waiting: Vec<WaitingReference> = links
            .into_iter()
            .flatten()
            .filter(|link| link.state == LinkState::Live)
            .map(|link| WaitingReference {
                waits_for: to,
                source: link.source,
                kind,
                attr: target_attr,
            })
            .collect();
        ledger.waiting += delta(page.tx.insert_waiting(page.tenant, page.job, &waiting)?);
        if found.len() < AT_ONCE {
            return Ok(());
        }
    }
}
