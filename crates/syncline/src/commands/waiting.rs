//! For whom the references of a job wait, and why: the answer of `syncline jobs show --waiting`.

use serde::{Deserialize, Serialize};
use syncline_engine::Failure;
use syncline_model::link::LinkState;
use syncline_model::{Attr, Job, ObjectId};
use syncline_store::{ObjectState, Reader, StoreError, Stored};

use crate::failure::Failure as Failed;
use crate::report;

/// References read at once.
const PAGE: usize = 2000;
/// So many are named, those for whom most references wait.
const MOST_SHOWN: usize = 20;

/// Objects that references lead to and that are not in the target.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct WaitedFor {
    /// How many, named or not.
    pub count: u64,
    pub value: Vec<Item>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// In the source.
    pub id: ObjectId,
    pub name: String,
    /// How many references to it wait.
    pub references: u64,
    /// Why it is not in the target.
    pub reason: String,
}

impl WaitedFor {
    /// Reads all waiting references of a job, in order of what they wait for.
    pub fn of(reader: &Reader<'_>, job: &Job) -> Result<Self, Failed> {
        let mut most: Vec<(u64, ObjectId)> = Vec::new();
        let mut waited_for = Self::default();
        let mut current: Option<(u64, ObjectId)> = None;
        let mut after = None;
        loop {
            let page = reader.waiting(job.tenant, &job.id, after.as_ref(), PAGE)?;
            let Some(last) = page.last() else { break };
            after = Some(*last);
            for row in page {
                match &mut current {
                    Some((count, id)) if *id == row.waits_for => *count += 1,
                    _ => {
                        most.extend(current.replace((1, row.waits_for)));
                        waited_for.count += 1;
                    }
                }
            }
            keep_most(&mut most);
        }
        most.extend(current);
        keep_most(&mut most);
        for (references, id) in most {
            waited_for
                .value
                .push(Item::of(reader, job, id, references)?);
        }
        Ok(waited_for)
    }

    /// One line for each.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for it in &self.value {
            text.push_str(&format!(
                "           {} to {}: {}\n",
                report::references(it.references),
                it.name,
                it.reason
            ));
        }
        let more = self.count - self.value.len() as u64;
        if more > 0 {
            text.push_str(&format!("           … and to {more} more\n"));
        }
        text
    }
}

fn keep_most(most: &mut Vec<(u64, ObjectId)>) {
    most.sort_by_key(|it| std::cmp::Reverse(*it));
    most.truncate(MOST_SHOWN);
}

impl Item {
    fn of(
        reader: &Reader<'_>,
        job: &Job,
        id: ObjectId,
        references: u64,
    ) -> Result<Self, StoreError> {
        let found = reader.object(job.tenant, id)?;
        let reason = match found.as_ref().map(|it| it.state) {
            None | Some(ObjectState::Purged) => "it does not exist any more".to_owned(),
            Some(ObjectState::Deleted) => "it is deleted in the source".to_owned(),
            Some(ObjectState::Live) => reason(reader, job, id)?,
        };
        Ok(Self {
            id,
            name: name(found.as_ref(), id),
            references,
            reason,
        })
    }
}

/// What people know an object of the source by; its id, where it has no name.
pub fn name(found: Option<&Stored>, id: ObjectId) -> String {
    let name = found.and_then(|it| {
        let name = it.entry.text(Attr::USER_PRINCIPAL_NAME);
        name.or_else(|| it.entry.text(Attr::DISPLAY_NAME))
    });
    name.map_or_else(|| id.to_string(), str::to_owned)
}

/// Why somebody who lives in the source is not in the target.
fn reason(reader: &Reader<'_>, job: &Job, id: ObjectId) -> Result<String, StoreError> {
    let link = reader
        .links_for(job.tenant, &job.id, &[id])?
        .pop()
        .flatten();
    if link.is_some_and(|it| it.state == LinkState::Live) {
        return Ok("it came into the target; the next cycle writes them".to_owned());
    }
    let escrow = reader.escrows_for(job.tenant, &job.id, &[id])?.pop();
    Ok(match escrow.flatten() {
        Some(row) => {
            // Managers alone are waited for, and nobody waits for consent to users one by one.
            let then = match row.is_given_up() {
                true => "was given up",
                false => "is tried again",
            };
            let failure = Failure::from_stored(&row.failure);
            let code = failure.map_or(row.failure, |it| it.code);
            format!("it failed ({code}) and {then}")
        }
        None => {
            "it is not synchronized: not in scope, not assigned, or skipped; `syncline logs --user` with its name says why"
                .to_owned()
        }
    })
}
