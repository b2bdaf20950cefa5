//! Account discovery: accounts of the target that came from the source, and that no job of the source keeps in step.
//! That is how somebody stays in a company whom nobody remembers: his job was deleted or does something else now, he
//! left the scope while out-of-scope deletions were off, somebody has restored him, or his removal is held.

use std::collections::HashMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use syncline_connector::Connected;
use syncline_model::link::LinkState;
use syncline_model::{
    Attr, EntityKind, IdMap, Job, JobId, Link, ObjectId, Problem, Timestamp, Value,
};
use syncline_store::{ObjectState, Reader};

use super::holdings::Holding;
use super::{TARGET_KINDS, Unread, sources, unread_kinds};
use crate::Runner;
use crate::admission::Obstacle;
use crate::ends::End;
use crate::unavailable::unavailable;

/// A page of accounts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Accounts {
    /// Those that nobody keeps in step, maybe none although there are more.
    pub value: Vec<Account>,
    /// How many of those looked at the job itself keeps in step, and how many other jobs do.
    pub kept: u64,
    pub kept_by_others: u64,
    /// How many of both are kept by jobs that stand still.
    pub standing_still: u64,
    /// How many target objects were looked at.
    pub looked_at: usize,
    /// After which target object the next page begins; `None` when that was the last.
    pub next: Option<ObjectId>,
}

/// A live object of the target that came from the source, and that no job keeps in step.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    pub kind: EntityKind,
    pub target: End,
    /// `accountEnabled`; `None` of a group.
    pub enabled: Option<bool>,
    pub why: Why,
    /// The job that has let go of it last, when it did, and whom it was linked to.
    pub link: Option<(JobId, Timestamp, End)>,
}

/// Why nobody keeps an account in step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Why {
    /// No job links it: one that did was deleted, or has matched everybody anew.
    NotLinked,
    /// The job has let go of it, and left it as it was.
    Released,
    /// The job took it for removed, and somebody has restored it.
    Restored,
    /// The job does not map objects of its kind any more.
    NotMapped,
    /// The job was pointed at another target.
    OtherTarget,
    /// The job wants to remove or disable it, and the deletion threshold holds that.
    Held,
    /// The job has failed with it for so long that it does not try again.
    GivenUp,
}

/// The accounts of the target of one job, as one snapshot has them.
pub struct Discovery<'r, 'c> {
    reader: &'r Reader<'c>,
    job: &'r Job,
    connected: Connected,
    runner: &'r Runner,
    /// Of the jobs that were met so far.
    holdings: HashMap<JobId, Holding>,
    /// What is not read of the target.
    pub unread: Vec<Unread>,
}

impl Runner {
    /// Opens the target of a job for account discovery, or says why it may not be read. The job itself need not work.
    pub fn discovery_on<'r, 'c>(
        &'r self,
        reader: &'r Reader<'c>,
        job: &'r Job,
    ) -> Result<Result<Discovery<'r, 'c>, Obstacle>, Problem> {
        let connected = match self.readable(reader, job)? {
            Ok(connected) => connected,
            Err(obstacle) => return Ok(Err(obstacle)),
        };
        let unread = unread_kinds(reader, connected.target.as_ref())?;
        Ok(Ok(Discovery {
            reader,
            job,
            connected,
            runner: self,
            holdings: HashMap::new(),
            unread,
        }))
    }
}

impl fmt::Debug for Discovery<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Discovery")
            .field("job", &self.job.id)
            .field("holdings", &self.holdings)
            .field("unread", &self.unread)
            .finish_non_exhaustive()
    }
}

impl Discovery<'_, '_> {
    /// The kinds of target objects that are read: not those that are [`Discovery::unread`].
    pub fn kinds(&self) -> Vec<EntityKind> {
        let is_read = |kind: &EntityKind| self.unread.iter().all(|it| it.kind != *kind);
        TARGET_KINDS.into_iter().filter(is_read).collect()
    }

    /// How many live objects of this kind the target has, its own and those of others among them: so many
    /// are looked at. `None` where it can not be told.
    pub fn to_look_at(&self, kind: EntityKind) -> Result<Option<u64>, Problem> {
        Ok(match self.connected.target.hosted() {
            Some(tenant) => Some(self.reader.count_objects(tenant, kind, ObjectState::Live)?),
            None => None,
        })
    }

    /// A page of the accounts of one kind, of at most `limit` target objects looked at. `None` of a target that can
    /// not tell what came from the source. Of a kind that is not read there is nobody.
    pub fn page(
        &mut self,
        kind: EntityKind,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Option<Accounts>, Problem> {
        if !self.kinds().contains(&kind) {
            return Ok(Some(Accounts::default()));
        }
        let target = &self.connected.target;
        let found = target.discover(self.reader, kind, after, limit);
        let Some(found) = found.map_err(unavailable)? else {
            return Ok(None);
        };
        let ids: Vec<ObjectId> = found.objects.iter().map(|it| it.entry.id).collect();
        let mut links: IdMap<ObjectId, Vec<(JobId, Link)>> = IdMap::default();
        for (job, link) in self.reader.links_of_all_jobs_to(self.job.tenant, &ids)? {
            self.meet(&job)?;
            links.entry(link.target).or_default().push((job, link));
        }
        let mut page = Accounts {
            looked_at: found.looked_at,
            next: found.next,
            ..Accounts::default()
        };
        let troubles = self.troubles(&links)?;
        let mut let_go = Vec::new();
        for object in found.objects {
            let links = links.remove(&object.entry.id).unwrap_or_default();
            let linked = links.iter().find_map(|it| Some((it, self.holder(it)?)));
            let trouble = linked.and_then(|((job, link), _)| {
                let troubles = troubles.get(job)?;
                troubles.get(&link.source).copied()
            });
            if let Some((_, holder)) = linked
                && trouble.is_none()
            {
                match holder.is_asked {
                    true => page.kept += 1,
                    false => page.kept_by_others += 1,
                }
                page.standing_still += u64::from(holder.stands_still);
                continue;
            }
            // Otherwise what was done last says why it is as it is.
            let last = match linked {
                Some((it, _)) => Some(it.clone()),
                None => links.into_iter().max_by_key(|(_, link)| link.since),
            };
            page.value.push(Account {
                kind,
                target: End::of(object.entry.id, Some(&object)),
                enabled: object
                    .entry
                    .get(Attr::ACCOUNT_ENABLED)
                    .and_then(Value::as_bool),
                why: trouble.unwrap_or_else(|| self.why(last.as_ref())),
                link: None,
            });
            let_go.push(last);
        }
        let last = let_go.iter().flatten().map(|(_, link)| link);
        let mut ends = sources(self.reader, self.job, last)?.into_iter();
        for (account, last) in page.value.iter_mut().zip(let_go) {
            if let Some((job, link)) = last
                && let Some(end) = ends.next()
            {
                account.link = Some((job, link.since, end));
            }
        }
        Ok(Some(page))
    }

    /// Looks at a job, once.
    fn meet(&mut self, id: &JobId) -> Result<(), Problem> {
        if self.holdings.contains_key(id) {
            return Ok(());
        }
        let is_asked = *id == self.job.id;
        let Some(job) = self.reader.job(self.job.tenant, id)? else {
            return Ok(());
        };
        let hosted = self.connected.target.hosted();
        let holding = self.runner.holding(self.reader, &job, is_asked, hosted)?;
        self.holdings.insert(job.id, holding);
        Ok(())
    }

    /// The source objects with which a job that would keep them in step does not get on, by the job.
    fn troubles(
        &self,
        links: &IdMap<ObjectId, Vec<(JobId, Link)>>,
    ) -> Result<HashMap<JobId, IdMap<ObjectId, Why>>, Problem> {
        let mut sources: HashMap<&JobId, Vec<ObjectId>> = HashMap::new();
        for it in links.values().flatten() {
            if let Some(holder) = self.holder(it)
                && (holder.holds_removals || holder.has_escrows)
            {
                sources.entry(&it.0).or_default().push(it.1.source);
            }
        }
        let tenant = self.job.tenant;
        let mut troubles = HashMap::new();
        for (job, mut sources) in sources {
            sources.sort();
            let mut found = IdMap::default();
            let escrows = self.reader.escrows_for(tenant, job, &sources)?;
            for (source, escrow) in sources.iter().zip(escrows) {
                if escrow.is_some_and(|it| it.is_given_up()) {
                    found.insert(*source, Why::GivenUp);
                }
            }
            for staged in self.reader.staged_for(tenant, job, &sources)? {
                if staged.held {
                    found.insert(staged.source, Why::Held);
                }
            }
            troubles.insert(job.clone(), found);
        }
        Ok(troubles)
    }

    /// The job that keeps in step what it has linked like this.
    fn holder(&self, (job, link): &(JobId, Link)) -> Option<&Holding> {
        let holding = self.holdings.get(job)?;
        let keeps =
            link.state == LinkState::Live && holding.is_here && !holding.leaves_out(link.kind);
        keeps.then_some(holding)
    }

    fn why(&self, last: Option<&(JobId, Link)>) -> Why {
        let Some((job, link)) = last else {
            return Why::NotLinked;
        };
        match self.holdings.get(job) {
            Some(it) if !it.is_here => return Why::OtherTarget,
            // Whatever becomes of the person, the job does not look at him.
            Some(it) if it.leaves_out(link.kind) => return Why::NotMapped,
            _ => {}
        }
        match link.state {
            LinkState::Live => Why::NotMapped,
            LinkState::SoftDeleted => Why::Restored,
            LinkState::Released => Why::Released,
        }
    }
}
