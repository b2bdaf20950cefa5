//! A consistent view.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;

use syncline_model::{IdMap, IdSet, JobId, ObjectId, Schema, TenantId};

use super::connection::Connection;
use super::param::{Param, blob, int};
use super::postgres::Queue;
use super::store::{Schemas, Store};
use super::watched::Watched;
use crate::backup::restoration::Opened;
use crate::directory::objects::Encoded;
use crate::remembered::referred::Referred;
use crate::remembered::taken_keys::TakenKeys;
use crate::synchronization::waking::Waiting;
use crate::vault::Vault;
use crate::{Result, StoreError};

/// One consistent view of the database. All reading verbs are methods of it.
pub struct Reader<'c> {
    store: &'c Store,
    pub(crate) connection: Watched<'c>,
    /// Inside a writing transaction: what is found here may be rolled back, and a tenant is locked
    /// before its rows are touched.
    writing: bool,
    /// See [`Reader::may_stand_still`].
    stands_still: Cell<bool>,
    known: RefCell<Known>,
    /// Hashes of keys that this transaction has seen to be free, by tenant row number.
    free_keys: RefCell<IdSet<(i64, [u8; 16])>>,
    /// Objects that this transaction has inserted and not touched since, by tenant row number.
    inserted: RefCell<IdMap<(i64, ObjectId), Arc<Encoded>>>,
    /// Whether this transaction has given keys back, which it may yet undo.
    pub(crate) gave_keys_back: Cell<bool>,
    /// See [`Reader::decides_ahead`].
    pub(crate) asks_memory: Cell<bool>,
    /// The number of this transaction among those that have looked at what references lead to.
    pub(crate) look_number: Cell<Option<u64>>,
}

/// What this view has looked up: row numbers and entity tables.
#[derive(Clone, Default)]
pub(super) struct Known {
    tenants: BTreeMap<TenantId, i64>,
    jobs: BTreeMap<(i64, JobId), i64>,
    no_tenant: bool,
    schemas: BTreeMap<TenantId, Arc<Schema>>,
    /// Of tenants by their row numbers.
    waiting: BTreeMap<(i64, Waiting), Vec<i64>>,
}

impl std::fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reader")
    }
}

/// The row that stands for what belongs to no tenant.
const NO_TENANT: i64 = 0;

impl<'c> Reader<'c> {
    pub(super) fn new(store: &'c Store, connection: Connection<'c>) -> Self {
        Self {
            store,
            connection: Watched::new(connection),
            writing: false,
            stands_still: Cell::new(true),
            known: RefCell::default(),
            free_keys: RefCell::default(),
            inserted: RefCell::default(),
            gave_keys_back: Cell::new(false),
            asks_memory: Cell::new(false),
            look_number: Cell::new(None),
        }
    }

    /// From now on, what is read here is only acted upon by a transaction that finds out itself if it
    /// is not so: whoever finds that nobody holds a unique value takes it there. Then [`Reader::holders`]
    /// may answer from memory, which does not know yet what another process has just written.
    pub fn decides_ahead(&self) {
        self.asks_memory.set(!self.writing);
    }

    pub(super) fn writing(store: &'c Store, connection: Connection<'c>) -> Self {
        Self {
            writing: true,
            stands_still: Cell::new(!store.is_shared()),
            ..Self::new(store, connection)
        }
    }

    /// Whether minutes may pass here between two statements. The server of a shared database ends a transaction that writes
    /// and stands still for seconds, unless it was told ([`Tx::let_stand_still`](super::Tx::let_stand_still)).
    pub fn may_stand_still(&self) -> bool {
        self.stands_still.get()
    }

    pub(super) fn stands_still(&self) {
        self.stands_still.set(true);
    }

    pub(crate) fn is_shared(&self) -> bool {
        self.store.is_shared()
    }

    pub(crate) fn due_slice(&self, tenant_no: i64, added: usize, hash: &[u8; 16]) -> Option<u8> {
        self.store.recent_keys.due_slice(tenant_no, added, hash)
    }

    pub(crate) fn taken_keys(&self) -> &TakenKeys {
        &self.store.taken_keys
    }

    /// What is remembered of the ends of references, where that may be asked.
    pub(crate) fn referred(&self) -> Option<&Referred> {
        (self.writing && !self.is_shared()).then_some(&self.store.referred)
    }

    pub(crate) fn vault(&self) -> &Vault {
        self.store.vault()
    }

    /// Which database was there when it was opened.
    pub(crate) fn opened(&self) -> &Opened {
        &self.store.opened
    }

    /// The entity tables that were built for any view.
    pub(crate) fn schemas(&self) -> &Schemas {
        &self.store.schemas
    }

    pub(crate) fn known_schema(&self, tenant: TenantId) -> Option<Arc<Schema>> {
        self.known.borrow().schemas.get(&tenant).cloned()
    }

    pub(crate) fn note_schema(&self, tenant: TenantId, schema: &Arc<Schema>) {
        let mut known = self.known.borrow_mut();
        known.schemas.insert(tenant, Arc::clone(schema));
    }

    /// This view's transaction has changed it.
    pub(crate) fn forget_schema(&self, tenant: TenantId) {
        self.known.borrow_mut().schemas.remove(&tenant);
    }

    /// See [`Reader::jobs_with`]. Nobody else writes in a tenant meanwhile.
    pub(crate) fn known_jobs_with(&self, tenant_no: i64, waiting: Waiting) -> Option<Vec<i64>> {
        let known = self.known.borrow();
        known.waiting.get(&(tenant_no, waiting)).cloned()
    }

    pub(crate) fn note_jobs_with(&self, tenant_no: i64, waiting: Waiting, jobs: &[i64]) {
        if self.writing {
            let mut known = self.known.borrow_mut();
            known.waiting.insert((tenant_no, waiting), jobs.to_vec());
        }
    }

    /// This view's transaction gives a job such rows. That it has none any more is not noted: it is looked for in vain then.
    pub(crate) fn note_job_with(&self, tenant_no: i64, waiting: Waiting, job_no: i64) {
        let mut known = self.known.borrow_mut();
        if let Some(jobs) = known.waiting.get_mut(&(tenant_no, waiting))
            && !jobs.contains(&job_no)
        {
            jobs.push(job_no);
        }
    }

    /// The row number of a tenant. In a writing transaction on a shared database, the first to ask
    /// for a tenant locks it until the end: those who write in one tenant take turns, as all
    /// writers of a file do, so that nothing is decided on what another is about to change, and
    /// `changed_seq` never skips a commit.
    pub(crate) fn tenant_no(&self, tenant: TenantId) -> Result<i64> {
        if let Some(number) = self.known.borrow().tenants.get(&tenant) {
            return Ok(*number);
        }
        let number = if self.writing && self.store.is_shared() {
            self.connection.take_turns(&[Queue::Tenant(tenant)])?;
            self.lock(tenant)?
        } else {
            self.remembered_number(tenant)?
        };
        let number = number.ok_or(StoreError::UnknownTenant(tenant))?;
        self.known.borrow_mut().tenants.insert(tenant, number);
        Ok(number)
    }

    /// Locks a tenant's row, whoever has it before. `None`: there is no such tenant.
    pub(super) fn lock(&self, tenant: TenantId) -> Result<Option<i64>> {
        if let Some(number) = self.lock_if_free(tenant)? {
            return Ok(Some(number));
        }
        let locked = self.connection.elsewhere(Queue::Tenant(tenant), || {
            self.locked_tenant(
                "SELECT tenant_no, epoch, layout, timeline FROM tenant WHERE id = ?1 FOR UPDATE",
                tenant,
            )
        })?;
        if locked.is_none() {
            // A row that was waited for may be gone with the database it was in.
            self.refuse_replaced()?;
        }
        Ok(locked)
    }

    /// The same, but `None` as well where somebody has it.
    fn lock_if_free(&self, tenant: TenantId) -> Result<Option<i64>> {
        self.locked_tenant(
            "SELECT tenant_no, epoch, layout, timeline FROM tenant WHERE id = ?1 FOR UPDATE SKIP LOCKED",
            tenant,
        )
    }

    /// The same of a tenant whose row has another id: it is being deleted.
    pub(crate) fn lock_row_of(&self, tenant: TenantId, id: &[u8]) -> Result<Option<i64>> {
        let queue = Queue::Tenant(tenant);
        self.connection.take_turns(&[queue])?;
        let locked = self.connection.elsewhere(queue, || {
            self.locked(
                "SELECT tenant_no, epoch, layout FROM tenant WHERE id = ?1 FOR UPDATE",
                blob(id),
            )
        })?;
        if locked.is_none() {
            self.refuse_replaced()?;
        }
        Ok(locked)
    }

    /// Locks the rows of tenants, as long as nobody has them; says who the first is whom somebody has.
    pub(super) fn lock_all_if_free(&self, tenants: &[TenantId]) -> Result<Option<TenantId>> {
        let mut locked = BTreeMap::new();
        for tenant in tenants {
            match self.lock_if_free(*tenant)? {
                Some(number) => locked.insert(*tenant, number),
                None => return Ok(Some(*tenant)),
            };
        }
        self.known.borrow_mut().tenants.extend(locked);
        Ok(None)
    }

    /// The number of a row that is locked, of the database that was opened: from here on nobody replaces it.
    fn locked(&self, sql: &str, id: Param<'_>) -> Result<Option<i64>> {
        self.connection.first(sql, &[id], |row| {
            self.opened().check(row, 1)?;
            row.int(0)
        })
    }

    /// The same of a tenant, whose changes are numbered on the timeline that its server has by now.
    fn locked_tenant(&self, sql: &str, tenant: TenantId) -> Result<Option<i64>> {
        let locked = self
            .connection
            .first(sql, &[blob(tenant.as_bytes())], |row| {
                self.opened().check(row, 1)?;
                Ok((row.int(0)?, row.optional_int(3)?))
            })?;
        let Some((number, timeline)) = locked else {
            return Ok(None);
        };
        self.follow_timeline(number, timeline)?;
        Ok(Some(number))
    }

    fn remembered_number(&self, tenant: TenantId) -> Result<Option<i64>> {
        let history = self.connection.history();
        let remembered = self.store.tenants.get(history.as_ref(), tenant);
        if remembered.is_some() {
            return Ok(remembered);
        }
        let sql = "SELECT tenant_no FROM tenant WHERE id = ?1";
        let id = [blob(tenant.as_bytes())];
        let number = self.connection.first(sql, &id, |row| row.int(0))?;
        // A number read inside a transaction that is rolled back would stay wrongly if the tenant
        // was made in that very transaction.
        if let (Some(number), false) = (number, self.writing) {
            self.store.tenants.remember(history, tenant, number);
        }
        Ok(number)
    }

    /// As [`Reader::tenant_no`], for what may belong to no tenant.
    pub(crate) fn tenant_or_none(&self, tenant: Option<TenantId>) -> Result<i64> {
        let Some(tenant) = tenant else {
            let locks = self.writing && self.store.is_shared();
            if locks && !self.known.borrow().no_tenant {
                self.may_enter(&[Queue::NoTenant]);
                self.connection.take_turns(&[Queue::NoTenant])?;
                self.locked(
                    "SELECT tenant_no, epoch, layout FROM tenant WHERE tenant_no = ?1 FOR UPDATE",
                    int(NO_TENANT),
                )?
                .ok_or(StoreError::Damaged("tenant"))?;
                self.known.borrow_mut().no_tenant = true;
            }
            return Ok(NO_TENANT);
        };
        self.tenant_no(tenant)
    }

    /// What belongs to no tenant need not be locked any more, nor these tenants.
    pub(super) fn is_in_all(&self, tenants: impl IntoIterator<Item = (TenantId, i64)>) {
        let mut known = self.known.borrow_mut();
        known.no_tenant = true;
        known.tenants.extend(tenants);
    }

    pub(crate) fn job_no(&self, tenant_no: i64, id: &JobId) -> Result<i64> {
        let key = (tenant_no, id.clone());
        if let Some(number) = self.known.borrow().jobs.get(&key) {
            return Ok(*number);
        }
        let number = self
            .connection
            .first(
                "SELECT job_no FROM job WHERE id = ?1 AND tenant_no = ?2 AND deleted = 0",
                &[super::text(id.as_str()), int(tenant_no)],
                |row| row.int(0),
            )?
            .ok_or_else(|| StoreError::UnknownJob(id.to_string()))?;
        self.known.borrow_mut().jobs.insert(key, number);
        Ok(number)
    }

    /// The tenant is gone, or will be when this transaction is committed: from now on whoever asks for its number looks.
    pub(crate) fn forget_tenant(&self, tenant: TenantId) {
        self.known.borrow_mut().tenants.remove(&tenant);
        self.store.tenants.leaves(tenant);
    }

    /// The job is gone; another of the same name would have another number.
    pub(crate) fn forget_job(&self, tenant_no: i64, id: &JobId) {
        self.known
            .borrow_mut()
            .jobs
            .remove(&(tenant_no, id.clone()));
    }

    /// Notes that a key is free, inside a writing transaction: nobody else can take it until that
    /// ends.
    pub(crate) fn note_free_key(&self, tenant_no: i64, hash: [u8; 16]) {
        if self.writing {
            self.free_keys.borrow_mut().insert((tenant_no, hash));
        }
    }

    /// Whether this transaction knows that a key is free; it is not any more after this.
    pub(crate) fn takes_free_key(&self, tenant_no: i64, hash: [u8; 16]) -> bool {
        self.free_keys.borrow_mut().remove(&(tenant_no, hash))
    }

    /// Notes objects that this transaction has inserted: whoever peeks at them need not look for them.
    pub(crate) fn note_inserted(&self, tenant_no: i64, objects: &[Arc<Encoded>]) {
        let objects = objects
            .iter()
            .map(|it| ((tenant_no, it.id), Arc::clone(it)));
        self.inserted.borrow_mut().extend(objects);
    }

    /// The object, if this transaction has inserted it and not touched it since.
    pub(crate) fn inserted(&self, tenant_no: i64, id: ObjectId) -> Option<Arc<Encoded>> {
        self.inserted.borrow().get(&(tenant_no, id)).cloned()
    }

    /// These objects are not as they were inserted any more.
    pub(crate) fn forget_inserted(&self, tenant_no: i64, ids: impl Iterator<Item = ObjectId>) {
        let mut inserted = self.inserted.borrow_mut();
        if !inserted.is_empty() {
            for id in ids {
                inserted.remove(&(tenant_no, id));
            }
        }
    }

    /// What is known now, to return to when a savepoint is rolled back: rows found since may be gone,
    /// and locks taken since are.
    pub(super) fn remember(&self) -> Known {
        self.known.borrow().clone()
    }

    pub(super) fn return_to(&self, known: Known) {
        *self.known.borrow_mut() = known;
        self.free_keys.borrow_mut().clear();
        self.inserted.borrow_mut().clear();
        self.store.referred.forget_all();
    }

    /// (tenant row number, job row number).
    pub(crate) fn job_key(&self, tenant: TenantId, id: &JobId) -> Result<(i64, i64)> {
        let tenant_no = self.tenant_no(tenant)?;
        Ok((tenant_no, self.job_no(tenant_no, id)?))
    }
}
