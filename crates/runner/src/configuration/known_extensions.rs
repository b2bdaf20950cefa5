//! The directory extensions that a job's schema names, as they were when its last cycle began. When one of
//! them is another now, or is gone, the next cycle looks at everything again.
//!
//! It is the job that looks, at its own time: whoever adds or deletes an extension neither looks for jobs
//! of others nor enters their tenants, for anybody may name anybody as his target.
//!
//! INVARIANT: whoever was decided since the last cycle that looked at everything was decided with what
//! is noted, or with what came later. So what came in the middle of a cycle is noticed by the next one.
//! A schema may name further ones before a cycle begins with it: whoever decides by it first, in the
//! middle of a cycle or on demand, notes those.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use syncline_model::{Attr, EntityKind, Job, Problem, Schema};
use syncline_store::{Document, Reader, Tx};

use super::{Configuration, StoredSchema};

/// By name; `None`: there is none of this name now.
type Numbers = BTreeMap<String, Option<Attr>>;

/// Key: the job id. No number is ever given to a second extension of a tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KnownExtensions {
    source: Numbers,
    target: Numbers,
}

impl Document for KnownExtensions {
    const KIND: &'static str = "known_extensions";
}

/// Whether the target lets the job's tenant see its extensions. Asked on a snapshot: inside of a transaction
/// that writes, who asks a tenant has to wait for its writers.
pub(crate) fn let_in(snapshot: &Reader<'_>, configuration: &Configuration) -> bool {
    matches!(configuration.connected.target.permits(snapshot), Ok(Ok(())))
}

/// Whether extensions came or went since the last cycle of the job began.
pub(crate) fn changed(
    snapshot: &Reader<'_>,
    job: &Job,
    configuration: &Configuration,
) -> Result<bool, Problem> {
    let let_in = let_in(snapshot, configuration);
    let compared = compare(snapshot, job, configuration, let_in)?;
    Ok(compared.is_some_and(|it| it.now.differs_from(&it.before)))
}

/// The same of a cycle in progress, since it began. Asked in a page, to which nobody comes whom the target does not let in.
pub(crate) fn changed_since(
    page: &Reader<'_>,
    job: &Job,
    configuration: &Configuration,
) -> Result<bool, Problem> {
    let compared = compare(page, job, configuration, true)?;
    Ok(compared.is_some_and(|it| it.now.differs_from(&it.before)))
}

/// Notes what there is now, for a cycle that begins; it evaluates everything when that differs. Of the target
/// only when the tenant was just [`let_in`].
pub(crate) fn note(
    tx: &mut Tx<'_>,
    job: &mut Job,
    configuration: &Configuration,
    let_in: bool,
) -> Result<(), Problem> {
    let Some(compared) = compare(tx, job, configuration, let_in)? else {
        return Ok(());
    };
    let Compared {
        before,
        mut now,
        schema,
    } = compared;
    if now.differs_from(&before) {
        // Nobody's list of what was superseded is complete any more.
        job.configured_anew();
    } else if job.evaluated_generation == job.configuration_generation {
        // Nobody is left who was decided by a schema that named others.
        now.forget_others(&schema);
    }
    if now != before {
        tx.put_document(Some(job.tenant), job.id.as_str(), &now, None)?;
    }
    Ok(())
}

/// Adds those that a schema names and no schema before it named, with what decides by it now, which is only
/// done by whom the target lets in. What is noted stays as it is: should it differ, the next cycle says so.
pub(crate) fn note_further(
    tx: &mut Tx<'_>,
    job: &Job,
    configuration: &Configuration,
) -> Result<(), Problem> {
    let Some(Compared { before, now, .. }) = compare(tx, job, configuration, true)? else {
        return Ok(());
    };
    let mut noted = before.clone();
    noted.add_further(now);
    if noted != before {
        tx.put_document(Some(job.tenant), job.id.as_str(), &noted, None)?;
    }
    Ok(())
}

struct Compared {
    /// What is noted.
    before: KnownExtensions,
    /// What it would be now.
    now: KnownExtensions,
    /// The text of the job's schema, in small letters.
    schema: String,
}

/// `None` where neither side has ever had any.
fn compare(
    reader: &Reader<'_>,
    job: &Job,
    configuration: &Configuration,
    let_in: bool,
) -> Result<Option<Compared>, Problem> {
    let types = configuration.types();
    if types.source.is_core() && types.target.is_core() {
        return Ok(None);
    }
    let before: KnownExtensions = reader
        .document(Some(job.tenant), job.id.as_str())?
        .unwrap_or_default();
    let schema = StoredSchema::load(reader, job)?;
    let mut schema =
        serde_json::to_string(&schema).map_err(|error| Problem::internal(error.to_string()))?;
    schema.make_ascii_lowercase();
    let now = KnownExtensions {
        source: numbers(types.source, &schema, &before.source),
        // What a tenant has is none of the business of those it does not let in. They decide nothing meanwhile.
        target: if let_in {
            numbers(types.target, &schema, &before.target)
        } else {
            before.target.clone()
        },
    };
    Ok(Some(Compared {
        before,
        now,
        schema,
    }))
}

/// Those that the text of a schema names, and those that were known before. A scope may name them in any
/// case.
fn numbers(types: &Schema, schema: &str, before: &Numbers) -> Numbers {
    let mut found: Numbers = before.keys().map(|name| (name.clone(), None)).collect();
    for kind in [EntityKind::User, EntityKind::Group, EntityKind::Application] {
        let properties = types.of(kind).properties().iter();
        for property in properties.filter(|it| it.attr.is_extension()) {
            let name: &str = &property.name;
            if before.contains_key(name) || schema.contains(&name.to_ascii_lowercase()) {
                found.insert(name.to_owned(), Some(property.attr));
            }
        }
    }
    found
}

impl KnownExtensions {
    /// In one that is noted: whoever names a further one has changed the schema, which counts by itself.
    fn differs_from(&self, before: &Self) -> bool {
        let differs = |now: &Numbers, before: &Numbers| {
            before.iter().any(|(name, it)| now.get(name) != Some(it))
        };
        differs(&self.source, &before.source) || differs(&self.target, &before.target)
    }

    fn forget_others(&mut self, schema: &str) {
        for numbers in [&mut self.source, &mut self.target] {
            numbers.retain(|name, _| schema.contains(&name.to_ascii_lowercase()));
        }
    }

    fn add_further(&mut self, now: Self) {
        for (known, now) in [
            (&mut self.source, now.source),
            (&mut self.target, now.target),
        ] {
            for (name, number) in now {
                known.entry(name).or_insert(number);
            }
        }
    }
}
