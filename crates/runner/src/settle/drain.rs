//! References that waited and whose object came into the target.

use syncline_connector::Names;
use syncline_engine::evidence::{
    EvidenceOutcome, Import, Matching, Packed, ReferenceEvidence, ReferenceState,
};
use syncline_engine::{Evidence, Failure, FaultKind, Operation, Outcome};
use syncline_model::link::LinkState;
use syncline_model::{Attr, EntityKind, IdMap, IdSet, Ids, Link, ObjectId, Problem, Text};
use syncline_store::{Reader, WaitingReference};

use super::Ledger;
use super::links::delta;
use super::log::Event;
use super::owed::put_back;
use super::references::{Failed, failure, is_single, links_in_target, name, with_lost};
use super::unwanted::unwanted;
use crate::beside;
use crate::configuration::Configuration;
use crate::page::Page;
use crate::signal::given_up;
use crate::unavailable::unavailable;
use crate::view::View;
use crate::view::absent::look;

/// References that were found ready in a snapshot, and what the log will say of them.
#[derive(Debug)]
pub(crate) struct Slice {
    /// Ordered by the object that waits: so are links, objects and references in the store.
    pub(crate) rows: Vec<WaitingReference>,
    /// By row; used up when the slice is carried out.
    pub(crate) foreseen: Option<Vec<Option<Foreseen>>>,
}

/// The log's word for a reference, worked out ahead.
#[derive(Debug)]
pub(crate) struct Foreseen {
    target: ObjectId,
    evidence: Evidence,
    packed: Packed,
}

/// What became of references that were tried.
#[derive(Default)]
pub(super) struct Tries {
    pub(super) events: Vec<Event>,
    /// Whoever is to be looked at again.
    pub(super) failures: Vec<Failed>,
    /// Objects whose target object was found to be gone: to be looked at soon.
    pub(super) lost: Vec<Failed>,
}

/// The links by which both ends of references are in the target.
struct Ends {
    /// This job's: only what it has linked itself it writes into.
    own: IdMap<ObjectId, Link>,
    /// Those that jobs beside it have of whom it has not: they can be referred to.
    others: IdMap<ObjectId, Link>,
}

impl Ends {
    /// Of whom a reference waits for.
    fn to(&self, row: &WaitingReference) -> Option<&Link> {
        let own = self.own.get(&row.waits_for);
        own.or_else(|| self.others.get(&row.waits_for))
    }
}

/// A reference that was tried.
struct Tried {
    /// Its place among the rows.
    at: usize,
    row: WaitingReference,
    target: ObjectId,
    to: ObjectId,
    failure: Option<Failure>,
    /// It was there: its owner was linked again, and nothing is to be told.
    stands: bool,
    /// The target object was seen to refer to nobody.
    fills: bool,
}

/// Writes up to `limit` references whose object was linked meanwhile. Returns what the log has to
/// say, and whether there may be more. Behind the last of them it looks at up to `swept` of these objects and
/// forgets those for which nothing waits any more.
pub(crate) fn drain(
    page: &mut Page<'_, '_>,
    limit: usize,
    swept: usize,
    ids: &dyn Ids,
    ledger: &mut Ledger,
) -> Result<(Vec<Event>, bool), Problem> {
    let mut ready = page
        .tx
        .ready_references(page.tenant, page.job, None, limit)?;
    let more = ready.len() == limit;
    ready.sort_unstable_by_key(|row| (row.source, row.waits_for, row.attr));
    let events = if ready.is_empty() {
        Vec::new()
    } else {
        let tries = write(page, &ready, Vec::new(), ids, ledger)?;
        put_aside(page, tries)?
    };
    if !more {
        // As a rule all there are. Others go when the cycle is over.
        page.tx.sweep_ready(page.tenant, page.job, None, swept)?;
    }
    Ok((events, more))
}

/// Whoever failed is put aside, to be looked at again. Returns what the log has to say.
fn put_aside(page: &mut Page<'_, '_>, tries: Tries) -> Result<Vec<Event>, Problem> {
    let Tries {
        mut events,
        mut failures,
        lost,
    } = tries;
    with_lost(&mut failures, lost);
    let no_more = super::escrow(page, &failures)?;
    super::tell_given_up(&mut events, &no_more, &page.configuration.timetable);
    Ok(events)
}

/// Writes the references of a slice that still wait.
///
/// INVARIANT: what is taken from the snapshot is which references wait, and what their owners are
/// called. The first try is carried out as a whole or given up, also when one of its references
/// waits no longer: it was written, or decided anew, or its owner left. The second one, in another
/// transaction, leaves those out.
pub(crate) fn drain_slice(
    page: &mut Page<'_, '_>,
    slice: &mut Slice,
    ids: &dyn Ids,
    ledger: &mut Ledger,
) -> Result<Vec<Event>, Problem> {
    if let Some(foreseen) = slice.foreseen.take() {
        page.all_or_nothing = true;
        let tries = write(page, &slice.rows, foreseen, ids, ledger)?;
        return if ledger.references_failed > 0 {
            Err(given_up())
        } else {
            Ok(tries.events)
        };
    }
    // In order of the owner, of which one may have several.
    let mut sources: Vec<ObjectId> = slice.rows.iter().map(|row| row.source).collect();
    sources.dedup();
    let waiting = page.tx.waiting_of(page.tenant, page.job, &sources)?;
    let waiting: IdSet<WaitingReference> = waiting.into_iter().collect();
    let mut rows = slice.rows.clone();
    rows.retain(|row| waiting.contains(row));
    let tries = write(page, &rows, Vec::new(), ids, ledger)?;
    put_aside(page, tries)
}

/// What the log will say when these references are written, where a snapshot tells; by row.
pub(crate) fn foresee(
    view: &View<'_, '_>,
    rows: &[WaitingReference],
) -> Result<Vec<Option<Foreseen>>, Problem> {
    let owners: Vec<ObjectId> = rows.iter().map(|row| row.source).collect();
    let links = view.reader.links_for(view.tenant, view.job, &owners)?;
    let known: Vec<(EntityKind, ObjectId, ObjectId)> = rows
        .iter()
        .zip(&links)
        .filter_map(|(row, link)| Some((row.kind, row.source, link.as_ref()?.target)))
        .collect();
    let mut evidence = evidence(view.configuration, view.reader, &known)?.into_iter();
    Ok(links
        .into_iter()
        .map(|link| {
            let target = link?.target;
            let evidence = evidence.next()?;
            Some(Foreseen {
                target,
                packed: evidence.pack(),
                evidence,
            })
        })
        .collect())
}

/// Writes those of these waiting references whose object is in the target; the others sleep on.
pub(super) fn write(
    page: &mut Page<'_, '_>,
    rows: &[WaitingReference],
    foreseen: Vec<Option<Foreseen>>,
    ids: &dyn Ids,
    ledger: &mut Ledger,
) -> Result<Tries, Problem> {
    let ends = rows.iter().flat_map(|row| [row.source, row.waits_for]);
    let own = links_in_target(page, ends.collect())?;
    let others = rows.iter().map(|row| row.waits_for);
    let others = others.filter(|it| !own.contains_key(it)).collect();
    let links = Ends {
        others: beside::in_target(&page.view(), others)?,
        own,
    };
    let (ready, asleep): (Vec<WaitingReference>, Vec<WaitingReference>) =
        rows.iter().partition(|row| links.to(row).is_some());
    let asleep: Vec<ObjectId> = asleep.iter().map(|row| row.waits_for).collect();
    page.tx.delete_ready(page.tenant, page.job, &asleep)?;
    let waited = page.tx.delete_waiting(page.tenant, page.job, &ready)?;
    if page.all_or_nothing && waited != ready.len() as u64 {
        return Err(given_up());
    }
    ledger.waiting -= delta(waited);

    let filled = filled(&page.view(), rows, &links)?;
    let unwanted = unwanted(&page.view(), &ready)?;
    let (operations, mut tried) = operations(page, rows, &links, filled, &unwanted);
    let outcomes = page.apply(&operations)?;
    // What could not be written waits in escrow: its object is decided anew, references and all but those that are
    // given at creation only.
    let mut failures = Vec::new();
    let mut lost = Vec::new();
    let mut refused = Vec::new();
    for (it, outcome) in tried.iter_mut().zip(outcomes) {
        match outcome {
            Outcome::Done(_) => ledger.counts.references_set += 1,
            Outcome::Stands(_) => it.stands = true,
            Outcome::Failed(fault) => {
                let gone = fault.kind == FaultKind::NotFound;
                let failure = failure(fault);
                failures.push((it.row.source, it.row.kind, failure.clone()));
                if let (true, Some(link)) = (gone, links.own.get(&it.row.waits_for)) {
                    lost.push((link.source, link.kind, failure.clone()));
                }
                it.failure = Some(failure);
                refused.push(it.row);
                ledger.references_failed += 1;
            }
        }
    }
    put_back(page, refused, ledger)?;
    page.discard(operations);
    tried.retain(|it| !it.stands);
    let events = events(page, tried, foreseen, ids)?;
    Ok(Tries {
        events,
        failures,
        lost,
    })
}

/// Of references that are written only while the target has none, those that it has by now: they waited, and
/// somebody else may have set one meanwhile. By source object.
fn filled(
    view: &View<'_, '_>,
    rows: &[WaitingReference],
    links: &Ends,
) -> Result<IdSet<(ObjectId, Attr)>, Problem> {
    let configuration = view.configuration;
    let mut asked: IdMap<ObjectId, Vec<(ObjectId, Attr)>> = IdMap::default();
    let mut objects = Vec::new();
    for row in rows {
        let owner = links.own.get(&row.source);
        let owner = owner.filter(|_| configuration.only_fills(row.kind, row.attr));
        if let Some(owner) = owner.filter(|_| links.to(row).is_some()) {
            objects.push((configuration.target_kind(row.kind), owner.target));
            let of_owner = asked.entry(owner.target).or_default();
            of_owner.push((row.source, row.attr));
        }
    }
    let mut filled = IdSet::default();
    look(view, objects, |target, found| {
        let asked = asked.get(&target).into_iter().flatten();
        filled.extend(asked.filter(|(_, attr)| found.is_some_and(|it| it.has_reference(*attr))));
    })?;
    Ok(filled)
}

/// `filled`: references that are not written beside those that the target has. `unwanted`: those that go unwritten.
fn operations(
    page: &Page<'_, '_>,
    rows: &[WaitingReference],
    links: &Ends,
    mut filled: IdSet<(ObjectId, Attr)>,
    unwanted: &IdSet<WaitingReference>,
) -> (Vec<Operation>, Vec<Tried>) {
    let mut operations = Vec::with_capacity(rows.len());
    let mut tried = Vec::with_capacity(rows.len());
    for (at, row) in rows.iter().enumerate() {
        // Where the one who waited is not kept in step any more, nothing is written; the row goes.
        let owner = links
            .own
            .get(&row.source)
            .filter(|link| link.state == LinkState::Live);
        let (Some(owner), Some(to)) = (owner, links.to(row)) else {
            continue;
        };
        if unwanted.contains(row) {
            continue;
        }
        // The first of several fills it as well.
        let only_fills = page.configuration.only_fills(row.kind, row.attr);
        if only_fills && !filled.insert((row.source, row.attr)) {
            continue;
        }
        let kind = page
            .configuration
            .rule_for(row.kind)
            .map_or(row.kind, |rule| rule.target);
        operations.push(Operation::AddReference {
            kind,
            target: owner.target,
            attr: row.attr,
            to: to.target,
        });
        tried.push(Tried {
            at,
            row: *row,
            target: owner.target,
            to: to.target,
            failure: None,
            stands: false,
            fills: only_fills && is_single(kind, row.attr),
        });
    }
    (operations, tried)
}

/// Log events for references tried without anything else having changed.
fn events(
    page: &Page<'_, '_>,
    tried: Vec<Tried>,
    mut foreseen: Vec<Option<Foreseen>>,
    ids: &dyn Ids,
) -> Result<Vec<Event>, Problem> {
    let foreseen: Vec<Option<Foreseen>> = tried
        .iter()
        .map(|it| {
            let foreseen = foreseen.get_mut(it.at)?.take();
            foreseen.filter(|foreseen| foreseen.target == it.target)
        })
        .collect();
    let unforeseen: Vec<(EntityKind, ObjectId, ObjectId)> = tried
        .iter()
        .zip(&foreseen)
        .filter(|(_, foreseen)| foreseen.is_none())
        .map(|(it, _)| (it.row.kind, it.row.source, it.target))
        .collect();
    let mut unforeseen = evidence(page.configuration, page.tx, &unforeseen)?.into_iter();
    let events = tried
        .into_iter()
        .zip(foreseen)
        .filter_map(|(it, foreseen)| {
            let (mut evidence, packed) = match foreseen {
                Some(foreseen) => (foreseen.evidence, Some(foreseen.packed)),
                None => (unforeseen.next()?, None),
            };
            match it.failure {
                Some(failure) => evidence.outcome = EvidenceOutcome::Failed(failure),
                None => evidence.references.push(ReferenceEvidence {
                    name: name(it.row.attr),
                    source: Some(it.row.waits_for),
                    state: ReferenceState::Set(it.to),
                    fills: it.fills,
                }),
            }
            Some(Event {
                id: ids.object_id(),
                evidence,
                packed,
            })
        });
    Ok(events.collect())
}

/// The names of source objects as logs show them, in the order asked.
pub(crate) fn names(
    configuration: &Configuration,
    reader: &Reader<'_>,
    objects: &[(EntityKind, ObjectId)],
) -> Result<Vec<Names>, Problem> {
    let source = &configuration.connected.source;
    let names = source.names(reader, objects).map_err(unavailable)?;
    let shown = |kind: EntityKind, names: Names| match configuration.rule_for(kind) {
        Some(rule) => names.hiding(kind, |attr| rule.hides(attr)),
        None => names,
    };
    let named = objects.iter().zip(names);
    Ok(named
        .map(|((kind, _), names)| shown(*kind, names))
        .collect())
}

/// What is known before they are written of references: of source objects that have some, and their target
/// objects.
pub(super) fn evidence(
    configuration: &Configuration,
    reader: &Reader<'_>,
    owners: &[(EntityKind, ObjectId, ObjectId)],
) -> Result<Vec<Evidence>, Problem> {
    let facts = &configuration.connected.facts;
    let sources: Vec<(EntityKind, ObjectId)> =
        owners.iter().map(|(kind, id, _)| (*kind, *id)).collect();
    let names = names(configuration, reader, &sources)?;
    let evidence = owners
        .iter()
        .zip(names)
        .map(|((kind, source, target), names)| Evidence {
            kind: *kind,
            source: *source,
            source_display_name: names.display_name,
            source_name: names.name,
            import: Import::Update,
            imported: Vec::new(),
            scoping: None,
            matching: Some(Matching {
                attribute: None,
                found: vec![*target],
            }),
            target: Some(*target),
            target_display_name: Text::default(),
            target_name: Text::default(),
            outcome: EvidenceOutcome::ReferencesOnly,
            keeping: None,
            modified: Vec::new(),
            references: Vec::new(),
            source_system: facts.source_system.clone(),
            target_system: facts.target_system.clone(),
        });
    Ok(evidence.collect())
}
