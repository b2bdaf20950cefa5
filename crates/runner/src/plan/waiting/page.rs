//! What would become of the references that a page decides.

use syncline_engine::evidence::ReferenceState;
use syncline_engine::{Action, Decision};
use syncline_model::job::Counts;
use syncline_model::{Attr, EntityKind, IdMap, IdSet, Link, ObjectId, Problem};
use syncline_store::WaitingReference;

use super::{Row, Waiting, key};
use crate::beside;
use crate::settle::{flowing, is_matching, memberships_due, settles_references, wanted};
use crate::view::{Decided, View};

/// What would become of a decision's references.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::plan) struct References {
    /// One would be written.
    pub(in crate::plan) written: bool,
    /// One could not be written: whom it leads to is gone from the target.
    pub(in crate::plan) failed: bool,
}

/// Links into the target of whom references lead to, by source object.
struct Ends {
    /// The job's own.
    own: IdMap<ObjectId, Link>,
    /// These, and those of other jobs beside it.
    present: IdMap<ObjectId, Link>,
}

impl Waiting {
    /// Follows the decisions of a page; says for each what would become of its references. `aside`: what the
    /// page puts aside, to be decided again.
    pub(in crate::plan) fn page(
        &mut self,
        view: &View<'_, '_>,
        aside: &[Decided],
        decided: &[Decided],
        targets: &[Option<ObjectId>],
        counts: &mut Counts,
    ) -> Result<Vec<References>, Problem> {
        // Whoever is matched anew and is to be switched off is linked at once: what is his nobody else keeps.
        let anew = || aside.iter().filter(|it| it.matched_anew().is_some());
        let linked = anew().map(|it| (it, it.matched_anew()));
        let carried = decided.iter().zip(targets.iter().copied());
        let wrong = self.settle(view, linked.chain(carried))?;
        anew().for_each(|it| self.links.keep(it.decision.source));
        let become_of = self.references_of(view, decided, targets, counts)?;
        if !wrong.is_empty() {
            let decided = settles_references(view.configuration, decided, targets);
            self.let_go(view, &wrong, &decided, counts)?;
        }
        self.settle_owed(view, decided, targets, &become_of, counts)?;
        let settled = decided.iter().zip(&become_of).filter(|(it, references)| {
            let failed = matches!(it.decision.action, Action::Fail(_));
            !failed && !references.failed && it.decision.kind == EntityKind::Group
        });
        let groups: Vec<ObjectId> = settled.map(|(it, _)| it.decision.source).collect();
        self.note_due(&memberships_due(view, &groups, view.now)?);
        Ok(become_of)
    }

    /// What would become of the references of these decisions, each with the target object that it came to.
    fn references_of(
        &mut self,
        view: &View<'_, '_>,
        decided: &[Decided],
        targets: &[Option<ObjectId>],
        counts: &mut Counts,
    ) -> Result<Vec<References>, Problem> {
        let Ends { own, present } = self.ends_of(view, decided)?;
        let known = self.known_holders(view, decided, &present)?;

        let mut writes = Vec::new();
        let mut redecided: IdSet<(ObjectId, Attr)> = IdSet::default();
        let mut rows: Vec<Row> = Vec::new();
        for (at, (decided, target)) in decided.iter().zip(targets).enumerate() {
            let Some(target) = *target else { continue };
            let decision = &decided.decision;
            let rule = view.configuration.rule_for(decision.kind);
            if decided.link.is_some() {
                redecided.extend(flowing(rule, decided).map(|attr| (decision.source, attr)));
            }
            let kind = rule.map_or(decision.kind, |rule| rule.target);
            for reference in &decision.references {
                let absent = reference
                    .sources
                    .iter()
                    .filter(|it| !present.contains_key(it));
                rows.extend(absent.map(|it| (*it, decision.source, reference.attr)));
                writes.extend(wanted(at, kind, target, reference, &present, &known));
            }
        }
        let ends = writes.iter().filter_map(|it| own.get(&it.source?));
        let absent = self.links.absent(view, ends)?;
        let mut become_of = vec![References::default(); decided.len()];
        for write in writes {
            let references = &mut become_of[write.at];
            match write.state {
                ReferenceState::Set(to) if absent.gone.contains(&to) => {
                    references.failed = !is_matching(self.walk);
                    if let Some(link) = write.source.and_then(|source| own.get(&source)) {
                        self.links.lose(view, link);
                        let decision = &decided[write.at].decision;
                        rows.extend(self.led_away(view, decision, write.attr, link));
                    }
                    continue;
                }
                ReferenceState::Set(to) => {
                    counts.references_set += 1;
                    let by = write.source.and_then(|source| present.get(&source));
                    self.note_led(
                        view,
                        (decided[write.at].decision.source, write.attr),
                        to,
                        by,
                    );
                }
                ReferenceState::Removed(_) => counts.references_removed += 1,
                ReferenceState::Waiting => continue,
            }
            references.written = true;
        }
        let sources: IdSet<ObjectId> = redecided.iter().map(|(source, _)| *source).collect();
        let waited = self.of(view, sources)?;
        for row in waited {
            if redecided.contains(&(row.1, row.2)) {
                self.remove(row);
            }
        }
        for row in rows {
            if !self.gone.remove(&row) {
                self.added.insert(row);
            }
        }
        Ok(become_of)
    }

    /// Whom these references lead to.
    fn ends_of(&self, view: &View<'_, '_>, decided: &[Decided]) -> Result<Ends, Problem> {
        let references = decided.iter().flat_map(|it| &it.decision.references);
        let sources: IdSet<ObjectId> = references
            .flat_map(|it| it.sources.iter().copied())
            .collect();
        let own = self.links.in_target(view, sources.clone())?;
        let present = self.links.with_beside(view, sources, &own)?;
        Ok(Ends { own, present })
    }

    /// Whose source objects they are whom references lead to now that would have to wait.
    fn known_holders(
        &self,
        view: &View<'_, '_>,
        decided: &[Decided],
        present: &IdMap<ObjectId, Link>,
    ) -> Result<IdMap<ObjectId, ObjectId>, Problem> {
        let references = decided.iter().flat_map(|it| &it.decision.references);
        let current: Vec<ObjectId> = references
            .filter(|it| it.sources.iter().any(|id| !present.contains_key(id)))
            .flat_map(|it| it.current.iter().copied())
            .collect();
        let holders = self.links.to(view, &current)?;
        let known = beside::sources_to(view, &current, holders)?;
        Ok(known.into_iter().collect())
    }

    /// A reference whose link leads to somebody who is gone from the target: the row by which it would wait, if it would.
    fn led_away(
        &mut self,
        view: &View<'_, '_>,
        decision: &Decision,
        attr: Attr,
        link: &Link,
    ) -> Option<Row> {
        let row = WaitingReference {
            waits_for: link.source,
            source: decision.source,
            kind: decision.kind,
            attr,
        };
        let is_to_come = is_matching(self.walk);
        if is_to_come {
            self.owed.await_arrival(key(row));
        }
        (is_to_come || self.owed.refuse(view, &row)).then(|| key(row))
    }

    /// Notes whom a reference would lead to by a link of an earlier matching: that may make room.
    pub(super) fn note_led(
        &mut self,
        view: &View<'_, '_>,
        reference: (ObjectId, Attr),
        to: ObjectId,
        by: Option<&Link>,
    ) {
        let matching = view.configuration.connected.facts.matching;
        let by_old_link = by.is_some_and(|link| link.matching < matching);
        if by_old_link || self.led.contains_key(&reference) {
            self.led.insert(reference, Some(to));
        }
    }
}
