//! A full read that finds nothing, or much less than is linked, is an accident of the source until
//! somebody says otherwise: nothing is written.

use syncline_model::{EntityKind, Job, Problem};
use syncline_store::Reader;

use super::held_and_gone::HeldAndGone;
use crate::configuration::Configuration;
use crate::unavailable::unavailable;

/// So many of a kind are enough to tell from the share of them that is missing.
const MANY: u64 = 20;

/// Fewer groups may all have been deleted on purpose, one after the other. They are left to the threshold.
const SEVERAL_GROUPS: u64 = 5;

/// Code and message, when the source is suddenly short. Asked kind by kind, of those that the job reads
/// now: many groups make up for no missing people, and a kind that is switched off is not missing. Nor is somebody
/// missing who is gone from the source and linked only because the gate holds the removal: somebody was told of that, and
/// it counts at the gate with whatever is removed further.
pub(crate) fn short_of(
    reader: &Reader<'_>,
    job: &Job,
    configuration: &Configuration,
    held: &mut HeldAndGone,
) -> Result<Option<(&'static str, String)>, Problem> {
    let nothing_is_linked = job.status.synchronized_entries.values().all(|it| *it == 0);
    if nothing_is_linked {
        return Ok(None);
    }
    let source = &configuration.connected.source;
    let mut is_empty = true;
    for kind in configuration.kinds() {
        let linked = linked(job, configuration, kind);
        // To count is work: nothing is asked that decides nothing.
        if linked == 0 && !is_empty {
            continue;
        }
        let there = source.count(reader, &[kind]).map_err(unavailable)?;
        let is_less = |expected: u64| {
            let is_part = linked >= MANY && there < expected / 2;
            is_part || (there == 0 && expected >= too_many_to_miss(kind))
        };
        // To go through what is held is work, too.
        if is_less(linked) {
            let is_short = |held: u64| is_less(linked.saturating_sub(held));
            let held = held.of(reader, job, configuration, kind, |it| !is_short(it))?;
            if is_short(held) {
                return Ok(Some(refusal(job, there, linked, held, words(kind))));
            }
        }
        is_empty &= there == 0;
    }
    if !is_empty {
        return Ok(None);
    }
    let linked = job.status.synchronized_entries.values().sum();
    let held = held.of_any(reader, job, configuration, |it| it >= linked)?;
    Ok((linked > held).then(|| refusal(job, 0, linked, held, "objects")))
}

/// How many objects of this kind are linked.
fn linked(job: &Job, configuration: &Configuration, kind: EntityKind) -> u64 {
    let key = configuration.entry_key(kind);
    let entries = &job.status.synchronized_entries;
    entries.get(&key).copied().unwrap_or_default()
}

/// From so many linked ones on, a source that has none of this kind is not believed. Of people one is enough: that
/// nobody at all is left is an accident more often than not.
fn too_many_to_miss(kind: EntityKind) -> u64 {
    match kind {
        EntityKind::User => 1,
        _ => SEVERAL_GROUPS,
    }
}

fn words(kind: EntityKind) -> &'static str {
    match kind {
        EntityKind::User => "users",
        EntityKind::Group => "groups",
        _ => "objects",
    }
}

/// `held`: see [`HeldAndGone`].
fn refusal(job: &Job, there: u64, linked: u64, held: u64, words: &str) -> (&'static str, String) {
    let id = &job.id;
    let apart = match held {
        0 => String::new(),
        held => format!(", {held} of them only because their removal is held"),
    };
    let message = format!(
        "The source shows {there} {words} while {linked} are linked{apart}. Nothing was written. If this is meant, let it through with `syncline jobs restart --job {id} --scope ForceDeletes`, or over the API with POST …/synchronization/jobs/{id}/restart and {{\"criteria\":{{\"resetScope\":\"ForceDeletes\"}}}}.",
    );
    ("SourceSuddenlyShort", message)
}
