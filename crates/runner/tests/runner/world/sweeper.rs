//! What the server throws away of old, in the order in which it does.

use syncline_directory::deleted_items::{self, left_behind};
use syncline_directory::{Context, tombstones};
use syncline_model::{Clock as _, ObjectId};
use syncline_runner::LOG_DAYS;
use syncline_store::{JobRow, StoreError, Tenant};

use super::World;

const OBJECTS: usize = 200;
const DAY_SECONDS: i64 = 24 * 60 * 60;

impl World {
    /// Everything that is old by now, of both tenants; nothing that stays of whom a job has not let go of.
    pub fn throw_away_what_is_old(&self) {
        let linked = self.linked_and_stored();
        let now = self.clock.now();
        while self.runner.sweep_documents(now).unwrap().more {}
        for tenant in [&self.contoso, &self.fabrikam] {
            while self.runner.sweep_deleted_jobs(tenant.id).unwrap().more {}
            let log = || self.runner.sweep_log(tenant.id, now, LOG_DAYS).unwrap();
            while log().more {}
            self.empty_recycle_bin(tenant);
            while self
                .write_in(tenant, |tx, _| Ok(left_behind::sweep(tx, tenant.id, now)?))
                .more
            {}
            let read_until = self.read_until(tenant);
            while self
                .write_in(tenant, |tx, _| {
                    Ok(tombstones::sweep(tx, tenant.id, now, read_until)?)
                })
                .more
            {}
        }
        assert_eq!(self.linked_and_stored(), linked, "a job is linked to them");
    }

    /// Whom jobs of Contoso are linked to, as far as it has anything of them.
    fn linked_and_stored(&self) -> Vec<ObjectId> {
        let tenant = self.contoso.id;
        let linked = self.store.read(|reader| {
            let mut linked = Vec::new();
            for row in reader.job_rows()? {
                let links = match row.tenant == tenant {
                    true => reader.links(tenant, &row.id, None, 1000)?,
                    false => Vec::new(),
                };
                for link in links {
                    linked.extend(reader.object(tenant, link.source)?.map(|it| it.entry.id));
                }
            }
            Ok::<_, StoreError>(linked)
        });
        linked.unwrap()
    }

    /// So much time passes that every delta link that could tell what was taken away has expired: its traces go, unless a
    /// job has not read them, or is linked to what they are of. Recycle bins keep what is in them.
    pub fn traces_go(&self) {
        self.throw_away_what_is_old();
        self.clock
            .advance_seconds(tombstones::DELTA_LINK_SECONDS + DAY_SECONDS);
        self.throw_away_what_is_old();
    }

    fn empty_recycle_bin(&self, tenant: &Tenant) {
        let days = deleted_items::RETENTION_DAYS;
        let slice = deleted_items::Slice {
            objects: OBJECTS,
            edges: deleted_items::EDGES_AT_ONCE,
        };
        let purge = |tx: &mut syncline_store::Tx<'_>, context: &Context<'_>| {
            deleted_items::purge_expired(tx, context, days, slice)
        };
        while self.write_in(tenant, purge).more {}
    }

    /// The change behind which the next cycle of the slowest job of this tenant may begin; the jobs are Contoso's.
    fn read_until(&self, tenant: &Tenant) -> Option<u64> {
        let jobs = self.store.read(|reader| reader.job_rows()).unwrap();
        let jobs = jobs.into_iter().filter(|it| it.tenant == tenant.id);
        let until = |row: JobRow| {
            let job = row.job.unwrap();
            let running = job.running.map(|cycle| cycle.until.sequence);
            let behind = job.watermark.map(|watermark| watermark.sequence);
            running.into_iter().chain(behind).min()
        };
        jobs.filter_map(until).min()
    }
}
