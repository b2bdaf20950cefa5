//! A hosted tenant as the target of a synchronization job: its external users and groups.
//!
//! A page's operations are carried out in memory, in order, on what was read in a few set queries,
//! and then written in a few set statements, all inside the page's transaction. Only objects whose
//! home tenant is the job's source are ever changed.

mod b2b_user;
mod create;
mod discover;
mod drafted;
mod fault;
mod find;
mod foresee;
mod group_consent;
mod home_address;
mod home_name;
mod homes;
mod members;
mod page;
mod references;
mod refusals;
mod remove;
mod synchronized_group;
mod update;
mod values;
mod withheld;

use std::fmt;
use std::sync::Arc;

use syncline_connector::{Discovered, Draft, Refused, Target, TargetCapability, TargetMemberships};
use syncline_engine::{Creation, Fault, LookupQuery, Operation, Outcome, TargetObject};
use syncline_model::policy::PolicyRefusal;
use syncline_model::{Clock, EntityKind, Ids, ObjectId, Schema, TenantId};
use syncline_store::{Reader, Tenant, Tx};

use crate::policy;
use drafted::Drafted;
use page::Page;

/// Writes the external objects of one hosted tenant that come from one source tenant.
#[derive(Clone)]
pub struct LocalTarget {
    source: TenantId,
    target: TenantId,
    ids: Arc<dyn Ids>,
    clock: Arc<dyn Clock>,
}

impl LocalTarget {
    pub fn new(
        source: TenantId,
        target: TenantId,
        ids: Arc<dyn Ids>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            source,
            target,
            ids,
            clock,
        }
    }
}

impl fmt::Debug for LocalTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalTarget")
            .field("source", &self.source)
            .field("target", &self.target)
            .finish_non_exhaustive()
    }
}

impl Target for LocalTarget {
    fn capability(&self) -> TargetCapability {
        TargetCapability {
            anchors: true,
            soft_delete: true,
            transactional: true,
        }
    }

    fn hosted(&self) -> Option<TenantId> {
        Some(self.target)
    }

    fn memberships(&self) -> Option<&dyn TargetMemberships> {
        Some(self)
    }

    fn permits(&self, page: &Reader<'_>) -> Result<Result<(), PolicyRefusal>, Fault> {
        policy::check(page, self.source, self.target).map_err(fault::of_problem)
    }

    fn refuses(&self, page: &Reader<'_>, kind: EntityKind) -> Result<Option<Fault>, Fault> {
        match kind {
            EntityKind::Group => group_consent::missing(self, page),
            _ => Ok(None),
        }
    }

    fn foresee(
        &self,
        snapshot: &Reader<'_>,
        creates: &[Creation<'_>],
    ) -> Result<Vec<Option<Refused>>, Fault> {
        foresee::foresee(self, snapshot, creates)
    }

    fn foresee_changes(
        &self,
        snapshot: &Reader<'_>,
        operations: &[Operation],
    ) -> Result<Vec<Option<Fault>>, Fault> {
        foresee::changes(self, snapshot, operations)
    }

    fn discover(
        &self,
        snapshot: &Reader<'_>,
        kind: EntityKind,
        after: Option<ObjectId>,
        limit: usize,
    ) -> Result<Option<Discovered>, Fault> {
        discover::discover(self, snapshot, kind, after, limit)
            .map(Some)
            .map_err(fault::broken)
    }

    fn withholds(&self, page: &Reader<'_>, queries: &[LookupQuery]) -> Result<Vec<bool>, Fault> {
        withheld::withholds(self, page, queries)
    }

    fn find(
        &self,
        page: &Reader<'_>,
        queries: &[LookupQuery],
    ) -> Result<Vec<Vec<TargetObject>>, Fault> {
        find::find(self, page, queries)
    }

    fn apply(&self, page: &mut Tx<'_>, operations: &[Operation]) -> Result<Vec<Outcome>, Fault> {
        self.apply_drafted(page, operations, &[])
    }

    fn draft(
        &self,
        snapshot: &Reader<'_>,
        creates: &[Creation<'_>],
    ) -> Result<Vec<Option<Draft>>, Fault> {
        let tenant = Arc::new(self.tenant(snapshot)?);
        let schema = snapshot.schema(self.target).map_err(fault::broken)?;
        let now = self.clock.now();
        Ok(creates
            .iter()
            .map(|create| Drafted::make(self, &tenant, &schema, now, *create).ok())
            .map(|drafted| drafted.map(Draft::new))
            .collect())
    }

    fn apply_drafted(
        &self,
        page: &mut Tx<'_>,
        operations: &[Operation],
        drafts: &[Option<Draft>],
    ) -> Result<Vec<Outcome>, Fault> {
        let tenant = Arc::new(self.tenant(page)?);
        let schema = page.schema(self.target).map_err(fault::broken)?;
        let drafts = self.drafts(&tenant, &schema, operations, drafts);
        let mut work =
            Page::load(self, &tenant, schema, page, operations, drafts).map_err(fault::broken)?;
        let refused = refusals::of_page(self, page, operations, &work)?;
        let mut conflicting = Vec::new();
        let mut outcomes: Vec<Outcome> = operations
            .iter()
            .zip(refused)
            .enumerate()
            .map(|(at, (operation, refused))| match refused {
                Some(fault) => {
                    work.leave_out(operation);
                    Outcome::Failed(fault)
                }
                None => {
                    let stands = references::stands(&work, operation);
                    match work.carry_out(page, operation) {
                        Ok(id) if stands => Outcome::Stands(id),
                        Ok(id) => Outcome::Done(id),
                        Err(fault) => {
                            if fault.is_passing_conflict() {
                                conflicting.push(at);
                            }
                            Outcome::Failed(fault)
                        }
                    }
                }
            })
            .collect();
        work.exchange(page, operations, &conflicting, &mut outcomes)?;
        work.store(page).map_err(fault::broken)?;
        Ok(outcomes)
    }
}

impl LocalTarget {
    fn tenant(&self, reader: &Reader<'_>) -> Result<Tenant, Fault> {
        reader
            .tenant(self.target)
            .map_err(fault::broken)?
            .ok_or_else(|| fault::inconsistent("the target tenant does not exist"))
    }

    /// A draft of every create, in order. One made ahead holds what its create asks for; if the tenant is not
    /// what it was then, the create fails, and its page is decided again.
    fn drafts(
        &self,
        tenant: &Arc<Tenant>,
        schema: &Arc<Schema>,
        operations: &[Operation],
        ahead: &[Option<Draft>],
    ) -> Vec<Result<Drafted, Fault>> {
        let now = self.clock.now();
        let mut drafts = Vec::new();
        for (at, operation) in operations.iter().enumerate() {
            let Operation::Create {
                kind,
                attrs,
                left_empty,
            } = operation
            else {
                continue;
            };
            let create = Creation {
                kind: *kind,
                attrs,
                left_empty,
            };
            let ahead = ahead.get(at).and_then(Option::as_ref);
            drafts.push(match ahead.map(Draft::read::<Drafted>) {
                Some(Some(drafted)) if drafted.is_of(tenant, schema) => Ok(drafted.clone()),
                Some(_) => Err(fault::outdated()),
                None => Drafted::make(self, tenant, schema, now, create).map(Drafted::late),
            });
        }
        drafts
    }
}
