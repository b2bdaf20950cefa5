//! Deciding ahead of a page's transaction, with the evidence packed for the log, and working out ahead the
//! objects to be created. A few subjects at a time, so that what is looked up, decided, packed and freed
//! again is still in a processor's cache.
//!
//! Two threads share this, one decides and one works out: together they take longer than the one that
//! writes. Each has a state of the database of its own; what is worked out of the target tenant and its
//! entity table is compared with theirs when the page is carried out.

use syncline_engine::evidence::EvidenceForm;
use syncline_engine::{Action, Creation, Subject};
use syncline_model::{Attrs, Problem, id_set};
use syncline_store::Reader;

use super::claims::Claims;
use super::promised::Promised;
use super::{Decided, View};
use crate::configuration::Configuration;
use crate::unavailable::unavailable;

/// So many subjects are decided and worked out at a time: what they need fits into the second
/// cache of a core, and look-ups are still asked together.
const AT_ONCE: usize = 128;

impl View<'_, '_> {
    /// As [`View::decide_beside`], and works out ahead.
    pub(crate) fn decide_ahead(
        &self,
        subjects: Vec<Subject>,
        promised: &mut Promised,
    ) -> Result<Vec<Decided>, Problem> {
        // Who finds nobody creates, and so takes what he asked for: if all rules may.
        if self.configuration.rules.iter().all(|rule| rule.flow.add) {
            self.reader.decides_ahead();
        }
        let drafter = self.drafter.filter(|_| subjects.len() > AT_ONCE);
        let mut seen = id_set(subjects.len());
        let mut claims = Claims::default();
        let mut left = subjects
            .into_iter()
            .filter(|subject| seen.insert(subject.id));
        let few_decided = move || {
            let few: Vec<Subject> = left.by_ref().take(AT_ONCE).collect();
            let few: Vec<&Subject> = few.iter().collect();
            let form = EvidenceForm::Packed;
            let some =
                (!few.is_empty()).then(|| self.decide_distinct(&few, &mut claims, promised, form));
            some.transpose()
        };
        match drafter {
            Some(drafter) => drafter.work_out(self.reader, few_decided),
            None => one_thread(self.reader, self.configuration, few_decided),
        }
    }
}

/// `few_decided` gives the next few, until there are none.
fn one_thread(
    reader: &Reader<'_>,
    configuration: &Configuration,
    mut few_decided: impl FnMut() -> Result<Option<Vec<Decided>>, Problem>,
) -> Result<Vec<Decided>, Problem> {
    let mut page = Vec::new();
    while let Some(mut few) = few_decided()? {
        work_out(reader, configuration, &mut few)?;
        page.append(&mut few);
    }
    Ok(page)
}

pub(super) fn work_out(
    reader: &Reader<'_>,
    configuration: &Configuration,
    decided: &mut [Decided],
) -> Result<(), Problem> {
    let creates: Vec<Creation<'_>> = decided
        .iter()
        .filter_map(|it| {
            let kind = configuration.target_kind(it.decision.kind);
            Creation::of(kind, &it.decision.action)
        })
        .collect();
    let drafts = configuration
        .connected
        .target
        .draft(reader, &creates)
        .map_err(unavailable)?;
    let mut drafts = drafts.into_iter();
    for it in decided {
        if let Action::Create { attrs, .. } = &mut it.decision.action {
            it.draft = drafts.next().flatten();
            if it.draft.is_some() {
                // Freed while they are in the cache. Should the draft not hold any more, the page is
                // decided again.
                *attrs = Attrs::new();
            }
        }
    }
    Ok(())
}
