//! Provisioning one person on demand.

use syncline_model::{EntityKind, ObjectId, Problem};
use syncline_runner::{OnDemand, OnDemandSubject};

use super::World;

impl World {
    /// By the job's rule.
    pub fn provision(&self, id: ObjectId) -> Result<OnDemand, Problem> {
        self.provision_by(&self.rule(), id)
    }

    pub fn provision_by(&self, rule: &str, id: ObjectId) -> Result<OnDemand, Problem> {
        let subject = OnDemandSubject {
            kind: EntityKind::User,
            id,
            members: Vec::new(),
        };
        let mut done =
            self.runner
                .provision_on_demand(self.contoso.id, &self.job, rule, &[subject])?;
        assert_eq!(done.len(), 1);
        Ok(done.remove(0))
    }
}
