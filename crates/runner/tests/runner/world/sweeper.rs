//! What the server throws away of old, in the order in which it does.

use syncline_directory::deleted_items::{self, left_behind};
use syncline_directory::{Context, tombstones};
use syncline_model::Clock as _;
use syncline_runner::LOG_DAYS;
use syncline_store::Tenant;

use super::World;

const OBJECTS: usize = 200;

impl World {
    /// Everything that is old by now, of both tenants.
    pub fn throw_away_what_is_old(&self) {
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

    /// The change behind which the next cycle of a job of this tenant may begin; the jobs are Contoso's.
    fn read_until(&self, tenant: &Tenant) -> Option<u64> {
        if tenant.id != self.contoso.id {
            return None;
        }
        let job = self.stored_job();
        let running = job.running.map(|cycle| cycle.until.sequence);
        let behind = job.watermark.map(|watermark| watermark.sequence);
        running.into_iter().chain(behind).min()
    }
}
