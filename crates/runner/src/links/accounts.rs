//! Account discovery: accounts of the target that came from the source, and that no job of the source keeps in step.
//! That is how somebody stays in a company whom nobody remembers: his job was deleted, he left the scope while
//! out-of-scope deletions were off, or somebody restored him.

use syncline_model::link::LinkState;
use syncline_model::{Attr, EntityKind, IdMap, Link, ObjectId, Problem, Timestamp, Value};
use syncline_store::ObjectState;

use super::{End, Links, gone};
use crate::ends::SourceState;
use crate::unavailable::unavailable;

/// A page of accounts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Accounts {
    /// Those that nobody keeps in step, maybe none although there are more.
    pub value: Vec<Account>,
    /// How many of those looked at the job itself keeps in step, and how many other jobs do.
    pub kept: u64,
    pub kept_by_others: u64,
    /// How many target objects were looked at.
    pub looked_at: usize,
    /// After which target object the next page begins; `None` when that was the last.
    pub next: Option<ObjectId>,
}

/// A live object of the target that came from the source, and that no job keeps in step.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    pub kind: EntityKind,
    /// In the target.
    pub id: ObjectId,
    pub target: End,
    /// `accountEnabled`; `None` of a group.
    pub enabled: Option<bool>,
    pub why: Why,
    /// When the job let go of it; `None` without a link.
    pub since: Option<Timestamp>,
    /// Whom it was linked to.
    pub source: Option<(ObjectId, End, SourceState)>,
}

/// Why nobody keeps an account in step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// No job that there is has ever linked it: one that did was deleted, or was matched anew.
    NotLinked,
    /// The person left the scope, and the account was left as it was.
    Released,
    /// A job removed it, and somebody has restored it.
    Restored,
}

impl Links<'_, '_> {
    /// How many live objects of this kind the target has, those of its own and of others among them: so many
    /// are looked at. `None` where it can not be told.
    pub fn accounts_to_look_at(&self, kind: EntityKind) -> Result<Option<u64>, Problem> {
        let hosted = self
            .configuration
            .as_ref()
            .and_then(|it| it.connected.target.hosted());
        Ok(match hosted {
            Some(tenant) => Some(self.reader.count_objects(tenant, kind, ObjectState::Live)?),
            None => None,
        })
    }

    /// A page of the accounts of one kind, of at most `limit` target objects looked at. `None` while the target does
    /// not let the job in, and of one that can not tell what came from the source.
    pub fn accounts(
        &self,
        kind: EntityKind,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Option<Accounts>, Problem> {
        let (reader, job) = (self.reader, self.job);
        let Some(configuration) = &self.configuration else {
            return Ok(None);
        };
        let target = &configuration.connected.target;
        let found = target.discover(reader, kind, after, limit);
        let Some(found) = found.map_err(unavailable)? else {
            return Ok(None);
        };
        let ids: Vec<ObjectId> = found.objects.iter().map(|it| it.entry.id).collect();
        let own = reader.links_to(job.tenant, &job.id, &ids)?;
        let others = reader.links_of_other_jobs_to(job.tenant, &job.id, &ids)?;
        let mut page = Accounts {
            looked_at: found.looked_at,
            next: found.next,
            ..Accounts::default()
        };
        let mut unlinked: Vec<(Account, Option<Link>)> = Vec::new();
        for ((object, own), other) in found.objects.into_iter().zip(own).zip(others) {
            let lives = |link: &Option<Link>| {
                let state = link.as_ref().map(|it| it.state);
                state == Some(LinkState::Live)
            };
            if lives(&own) {
                page.kept += 1;
            } else if lives(&other) {
                page.kept_by_others += 1;
            } else {
                let link = own.or(other);
                let account = Account {
                    kind,
                    id: object.entry.id,
                    target: End::of(&object.entry),
                    enabled: object
                        .entry
                        .get(Attr::ACCOUNT_ENABLED)
                        .and_then(Value::as_bool),
                    why: Why::of(link.as_ref()),
                    since: link.as_ref().map(|it| it.since),
                    source: None,
                };
                unlinked.push((account, link));
            }
        }
        let linked = unlinked.iter().filter_map(|(_, link)| link.as_ref());
        let sources: IdMap<ObjectId, (End, SourceState)> =
            self.sources(linked.map(|it| (it.kind, it.source)))?;
        page.value
            .extend(unlinked.into_iter().map(|(account, link)| {
                let source = link.map(|link| {
                    let found = sources.get(&link.source).cloned();
                    let (end, state) = found.unwrap_or_else(gone);
                    (link.source, end, state)
                });
                Account { source, ..account }
            }));
        Ok(Some(page))
    }
}

impl Why {
    /// Of the link there is, which is no live one.
    fn of(link: Option<&Link>) -> Self {
        match link.map(|it| it.state) {
            None => Self::NotLinked,
            Some(LinkState::SoftDeleted) => Self::Restored,
            Some(LinkState::Released | LinkState::Live) => Self::Released,
        }
    }
}
