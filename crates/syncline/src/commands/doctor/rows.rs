//! What holds between the rows of the database, and whether they can be read.

use syncline_directory::integrity;
use syncline_engine::Evidence;
use syncline_model::{EntityKind, TenantId};
use syncline_store::{Checked, HeldIn, ObjectState, RULES, Reader, Rule, RulePlace, StoreError};

use super::known::NamedTenant;
use super::subject::Subject;
use super::turn::Turn;
use super::{BYTES, Check, PAGE, Walk};
use crate::failure::{Failure, RESTORE};

/// Steps that do not belong to a tenant or a job.
pub(super) const STEPS: usize = RULES.len() + 3;

pub(super) fn pages_are_whole(walk: &mut Walk<'_>) -> Result<bool, Failure> {
    let turn = walk.turn;
    let of = Subject::new("databasePages", "database pages");
    walk.check(&of, |of| pages(turn, of))?;
    Ok(walk.checks.last().is_some_and(|it| it.ok))
}

pub(super) fn look(walk: &mut Walk<'_>, tenants: &[NamedTenant]) -> Result<(), Failure> {
    let turn = walk.turn;
    for rule in &RULES {
        let of = Subject::new(rule.code, rule.name);
        walk.check(&of, |of| breaches(turn, rule, of))?;
    }
    walk.check(&Subject::new("readableDocuments", "documents"), |of| {
        readable(turn, of, |reader, after, limit| {
            reader.check_documents(after, limit)
        })
    })?;
    walk.check(&Subject::new("readableObjects", "objects"), |of| {
        readable(turn, of, |reader, after, limit| {
            reader.check_objects(after, limit)
        })
    })?;
    for tenant in tenants {
        let of = Subject::of_tenant("uniqueValues", "unique values", tenant);
        walk.check(&of, |of| unique_values(turn, tenant.id, of))?;
        let what = "holders of unique values";
        let of = Subject::of_tenant("holdersOfUniqueValues", what, tenant);
        walk.check(&of, |of| holders(turn, tenant.id, of))?;
        let of = Subject::of_tenant("readableLog", "log", tenant);
        walk.check(&of, |of| log(turn, tenant.id, of))?;
    }
    Ok(())
}

/// What the database itself says.
fn pages(turn: &Turn<'_>, of: &Subject) -> Result<Check, Failure> {
    let store = &turn.app.store;
    let found = store.broken_pages(&|| turn.must_stop())?;
    Ok(match found.first() {
        None if store.is_shared() => Check::ok(of, "the database server looks after them"),
        None => Check::ok(of, "all are whole"),
        Some(first) => Check::problem(
            of,
            format!("damaged, so that nothing in them was looked at: {first}"),
            RESTORE,
        ),
    })
}

fn breaches(turn: &Turn<'_>, rule: &Rule, of: &Subject) -> Result<Check, Failure> {
    let walked = walked(turn, |reader, after: Option<RulePlace>, limit| {
        reader.check_rule(rule, after.as_ref(), limit)
    })?;
    Ok(match walked.example {
        None => Check::ok(of, format!("no {}", rule.wrong)),
        Some(example) => Check::problem(
            of,
            format!("{} {}, e.g. {example}", walked.broken, rule.wrong),
            rule.advice,
        ),
    })
}

fn readable<P>(
    turn: &Turn<'_>,
    of: &Subject,
    page: impl Fn(&Reader<'_>, Option<P>, usize) -> syncline_store::Result<Checked<P>>,
) -> Result<Check, Failure> {
    let Walked {
        looked_at,
        broken,
        example,
    } = walked(turn, page)?;
    Ok(match example {
        None => Check::ok(of, format!("{looked_at} can be read")),
        Some(example) => Check::problem(
            of,
            format!("{broken} of {looked_at} cannot be read, e.g. {example}"),
            RESTORE,
        ),
    })
}

/// All pages of something.
struct Walked {
    looked_at: u64,
    broken: u64,
    example: Option<String>,
}

/// Each page is a snapshot of its own: a long walk holds up nobody.
fn walked<P>(
    turn: &Turn<'_>,
    page: impl Fn(&Reader<'_>, Option<P>, usize) -> syncline_store::Result<Checked<P>>,
) -> Result<Walked, Failure> {
    let mut walked = Walked {
        looked_at: 0,
        broken: 0,
        example: None,
    };
    let mut after = None;
    loop {
        turn.goes_on()?;
        let checked = turn
            .app
            .store
            .read(|reader| page(reader, after.take(), PAGE))?;
        walked.looked_at += checked.looked_at;
        walked.broken += checked.broken.len() as u64;
        walked.example = walked.example.or(checked.broken.into_iter().next());
        match checked.next {
            Some(next) => after = Some(next),
            None => return Ok(walked),
        }
    }
}

/// Every live object holds its unique values, or somebody else could take them; what is in the recycle bin holds those
/// by which its source finds it again.
fn unique_values(turn: &Turn<'_>, tenant: TenantId, of: &Subject) -> Result<Check, Failure> {
    let (mut looked_at, mut missing, mut example) = (0, 0, None);
    for kind in EntityKind::DIRECTORY {
        let mut after = None;
        loop {
            turn.goes_on()?;
            let (page, without) = turn.app.store.read(|reader| {
                let limit = reader.fitting(tenant, kind, after, PAGE, BYTES)?;
                let page = reader.scan(tenant, kind, ObjectState::Live, after, limit)?;
                let without = integrity::without_their_keys(reader, tenant, &page.rows)?;
                Ok::<_, StoreError>((page, without))
            })?;
            looked_at += page.rows.len();
            missing += without.len();
            example = example.or(without.first().copied());
            after = page.next;
            if after.is_none() {
                break;
            }
        }
    }
    for kind in EntityKind::DIRECTORY {
        let mut after = None;
        loop {
            turn.goes_on()?;
            let (page, without) = turn.app.store.read(|reader| {
                let limit = reader.recycled_fitting(tenant, kind, after, PAGE, BYTES)?;
                let page = reader.recycled(tenant, kind, after, limit)?;
                let without = integrity::without_their_keys(reader, tenant, &page)?;
                Ok::<_, StoreError>((page, without))
            })?;
            let Some(last) = page.last() else { break };
            after = Some(last.entry.id);
            looked_at += page.len();
            missing += without.len();
            example = example.or(without.first().copied());
        }
    }
    Ok(match example {
        None => Check::ok(of, format!("{looked_at} objects hold theirs")),
        Some(id) => Check::problem(
            of,
            format!("{missing} of {looked_at} objects do not hold theirs, e.g. {id}"),
            "change the object's userPrincipalName or mail, or an application's displayName, over Graph and back; report this, unless it is an application that was last written by an earlier version",
        ),
    })
}

/// Whoever holds a unique value has it.
fn holders(turn: &Turn<'_>, tenant: TenantId, of: &Subject) -> Result<Check, Failure> {
    let (mut looked_at, mut wrong, mut example) = (0, 0, None);
    for place in [HeldIn::Settled, HeldIn::Recent] {
        let mut after = None;
        loop {
            turn.goes_on()?;
            let (page, next, without) = turn.app.store.read(|reader| {
                let (page, next) = reader.held(tenant, place, after, PAGE, BYTES)?;
                let without = integrity::without_what_they_hold(reader, tenant, &page)?;
                Ok::<_, StoreError>((page, next, without))
            })?;
            looked_at += page.len();
            wrong += without.len();
            example = example.or(without.first().copied());
            after = next;
            if after.is_none() {
                break;
            }
        }
    }
    Ok(match example {
        None => Check::ok(of, format!("all have the {looked_at} that they hold")),
        Some(id) => Check::problem(
            of,
            format!("{wrong} of {looked_at} are held by objects that do not have them, e.g. {id}"),
            RESTORE,
        ),
    })
}

fn log(turn: &Turn<'_>, tenant: TenantId, of: &Subject) -> Result<Check, Failure> {
    let Walked {
        looked_at,
        broken,
        example,
    } = walked(turn, |reader, after, limit| {
        let is_readable = |evidence: &[u8]| Evidence::decode(evidence).is_some();
        reader.check_log(tenant, after, limit, is_readable)
    })?;
    Ok(match example {
        None => Check::ok(of, format!("{looked_at} entries can be read")),
        Some(id) => Check::problem(
            of,
            format!("{broken} of {looked_at} entries cannot be read, e.g. {id}"),
            "they are not shown and harm nothing else; they go by themselves with the log's retention",
        ),
    })
}
