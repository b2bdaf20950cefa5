//! Values and references that are decided by what the target has of its own: those that flow only while it has none, and
//! those to which only what is missing is added. Somebody may have given it another one since.

use syncline_engine::rule::MappingSource;
use syncline_engine::{Action, Change, Rule};
use syncline_model::{Attr, EntityKind, IdMap, ObjectId, Problem};

use crate::page::Page;
use crate::view::Decided;
use crate::view::absent::look;

/// What the target was found to have.
#[derive(Default)]
struct Found<'d> {
    values: Vec<&'d Change>,
    /// By which it referred to nobody.
    references: Vec<Attr>,
}

/// Whether the target still has what these decisions found there, where that is kept. Most write nothing of the
/// kind, and nobody is asked: a create least of all.
pub(super) fn still_there(page: &Page<'_, '_>, decided: &[Decided]) -> Result<bool, Problem> {
    let mut asked: IdMap<ObjectId, (EntityKind, Found<'_>)> = IdMap::default();
    for it in decided {
        let Some(rule) = page.configuration.rule_for(it.decision.kind) else {
            continue;
        };
        let Some((target, found)) = found(rule, it) else {
            continue;
        };
        asked.insert(target, (rule.target, found));
    }
    let objects: Vec<(EntityKind, ObjectId)> = asked
        .iter()
        .map(|(target, (kind, _))| (*kind, *target))
        .collect();
    let mut holds = true;
    look(&page.view(), objects, |target, now| {
        let before = asked.get(&target).map(|(_, found)| found);
        holds &= before.zip(now).is_some_and(|(before, now)| {
            let has = |it: &&Change| now.entry.attrs.get(it.attr) == it.old.as_ref();
            before.values.iter().all(has)
                && !before.references.iter().any(|it| now.has_reference(*it))
        });
    })?;
    Ok(holds)
}

/// `None` where nothing is written by what the target has of its own.
fn found<'d>(rule: &Rule, decided: &'d Decided) -> Option<(ObjectId, Found<'d>)> {
    let decision = &decided.decision;
    let (target, changes): (_, &[Change]) = match &decision.action {
        Action::Update {
            target, changes, ..
        }
        | Action::Disable { target, changes }
        | Action::Release { target, changes }
        | Action::Restore {
            target, changes, ..
        } => (*target, changes),
        Action::Unchanged { target, .. } => (*target, &[]),
        _ => return None,
    };
    let is_kept = |attr: Attr| {
        let mapping = rule.mapping(attr);
        mapping.is_some_and(|it| {
            it.flow_type.adds_only() || matches!(it.source, MappingSource::DefaultOnly)
        })
    };
    let references = decision.references.iter();
    // What adds only and finds one there replaces it.
    let references = references.filter(|it| it.current.is_empty() && is_kept(it.attr));
    let found = Found {
        values: changes.iter().filter(|it| is_kept(it.attr)).collect(),
        references: references.map(|it| it.attr).collect(),
    };
    let is_any = !found.values.is_empty() || !found.references.is_empty();
    is_any.then_some((target, found))
}
