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
        let mut done = self.provision_telling_all(rule, id)?;
        assert_eq!(done.len(), 1);
        Ok(done.remove(0))
    }

    /// With a line for itself of what failed beside.
    pub fn provision_telling_all(
        &self,
        rule: &str,
        id: ObjectId,
    ) -> Result<Vec<OnDemand>, Problem> {
        let subject = OnDemandSubject {
            kind: EntityKind::User,
            id,
            members: Vec::new(),
        };
        self.runner
            .provision_on_demand(self.contoso.id, &self.job, &[rule], &[subject])
    }
}
