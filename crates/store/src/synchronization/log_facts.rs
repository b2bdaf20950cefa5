//! What the log says of a job's configuration, kept for entries of a time when it was another.
//!
//! Entries name their job alone, and the rest is looked up when they are shown. What is looked up changes: a configuration
//! gets another target, or is deleted. So before it does, what was true is noted for all entries until then. Nothing is
//! noted for a change behind which there are no entries.

use serde::{Deserialize, Serialize};
use syncline_model::{JobId, ObjectId, TenantId};

use crate::driver::{blob, int};
use crate::{Document, Reader, Result, StoreError, Tx};

/// So many changes of one configuration are told apart; whoever makes more within the time that entries are kept reads no
/// facts in the oldest ones.
const MOST: usize = 500;

/// What entries of the log say of their job's configuration. What is not known is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogFacts {
    pub service_principal: String,
    pub service_principal_name: String,
    pub app_id: String,
    pub target_tenant: String,
}

/// The facts of entries of the past of one job, and of those before it that had its id, which is the key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastFacts {
    /// Of entries up to this one nothing is known any more.
    forgotten: Option<ObjectId>,
    /// In the order of their ends.
    past: Vec<Past>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Past {
    /// The last entry of which this was true.
    until: ObjectId,
    facts: LogFacts,
}

impl Document for PastFacts {
    const KIND: &'static str = "log_facts";
}

impl PastFacts {
    /// What is noted for an entry; `None`: what is so now.
    pub fn of(&self, entry: ObjectId) -> Option<&LogFacts> {
        const UNKNOWN: &LogFacts = &LogFacts {
            service_principal: String::new(),
            service_principal_name: String::new(),
            app_id: String::new(),
            target_tenant: String::new(),
        };
        if self.forgotten.is_some_and(|until| entry <= until) {
            return Some(UNKNOWN);
        }
        let at = self.past.partition_point(|it| it.until < entry);
        self.past.get(at).map(|it| &it.facts)
    }

    /// Notes it for entries up to `until`. Entries before `oldest` are gone.
    fn note(&mut self, until: ObjectId, facts: &LogFacts, oldest: ObjectId) {
        self.past.retain(|it| it.until >= oldest);
        match self.past.last_mut() {
            Some(last) if last.facts == *facts => last.until = until,
            _ => self.past.push(Past {
                until,
                facts: facts.clone(),
            }),
        }
        if self.past.len() > MOST {
            self.forgotten = Some(self.past.remove(0).until);
        }
    }

    fn last(&self) -> Option<ObjectId> {
        self.past.last().map(|it| it.until).or(self.forgotten)
    }
}

impl Reader<'_> {
    /// What is noted for entries of a job's log. Where that can not be read, nothing is known of any of them.
    pub fn past_log_facts(&self, tenant: TenantId, job: &JobId) -> Result<PastFacts> {
        match self.document(Some(tenant), job.as_str()) {
            Err(StoreError::Damaged(_)) => Ok(PastFacts {
                forgotten: Some(ObjectId::from_bytes([0xff; 16])),
                past: Vec::new(),
            }),
            noted => Ok(noted?.unwrap_or_default()),
        }
    }
}

impl Tx<'_> {
    /// Notes that these were the facts of all entries that a job has until now, but for those of which others are noted:
    /// before its configuration becomes another, or goes.
    pub fn end_log_facts(&mut self, tenant: TenantId, job: &JobId, facts: &LogFacts) -> Result<()> {
        let (tenant_no, job_no) = self.job_key(tenant, job)?;
        let id = |row: &crate::driver::Row<'_>| row.id(0, ObjectId::from_bytes);
        let newest = self.connection.first(
            "SELECT id FROM provisioning_log WHERE tenant_no = ?1 AND job_no = ?2 ORDER BY id DESC LIMIT 1",
            &[int(tenant_no), int(job_no)],
            id,
        )?;
        let mut noted = self.past_log_facts(tenant, job)?;
        let Some(newest) = newest.filter(|it| noted.last() < Some(*it)) else {
            return Ok(());
        };
        // Not later than the oldest of this job, and found without looking for it.
        let oldest = self.connection.first(
            "SELECT id FROM provisioning_log WHERE tenant_no = ?1 AND id > ?2 ORDER BY id LIMIT 1",
            &[int(tenant_no), blob(ObjectId::NIL.as_bytes())],
            id,
        )?;
        noted.note(newest, facts, oldest.unwrap_or(newest));
        self.put_document(Some(tenant), job.as_str(), &noted, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u128) -> ObjectId {
        ObjectId(uuid::Uuid::from_u128(number))
    }

    fn to(target: &str) -> LogFacts {
        LogFacts {
            target_tenant: target.to_owned(),
            ..LogFacts::default()
        }
    }

    #[test]
    fn each_entry_has_the_facts_of_its_time() {
        let mut noted = PastFacts::default();
        noted.note(id(10), &to("a"), id(1));
        noted.note(id(20), &to("b"), id(1));
        noted.note(id(30), &to("b"), id(1));
        let of = |number| noted.of(id(number)).map(|it| it.target_tenant.as_str());
        assert_eq!((of(1), of(10)), (Some("a"), Some("a")));
        assert_eq!((of(11), of(20), of(30)), (Some("b"), Some("b"), Some("b")));
        assert_eq!(of(31), None);
        assert_eq!(noted.past.len(), 2);
    }

    #[test]
    fn what_no_entry_is_left_of_is_not_kept() {
        let mut noted = PastFacts::default();
        noted.note(id(10), &to("a"), id(1));
        noted.note(id(20), &to("b"), id(11));
        assert_eq!(noted.past.len(), 1);
        assert_eq!(noted.of(id(15)), Some(&to("b")));
    }

    #[test]
    fn of_too_many_changes_the_oldest_entries_say_nothing_and_nothing_wrong() {
        let mut noted = PastFacts::default();
        for number in 1..=502 {
            noted.note(id(number), &to(&number.to_string()), id(1));
        }
        assert_eq!(noted.past.len(), MOST);
        assert_eq!(noted.of(id(2)), Some(&LogFacts::default()));
        assert_eq!(noted.of(id(3)), Some(&to("3")));
        assert_eq!(noted.of(id(502)), Some(&to("502")));
        assert_eq!(noted.of(id(503)), None);
    }
}
