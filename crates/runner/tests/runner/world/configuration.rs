//! What the two tenants allow, and how the job is configured.

use syncline_directory::policy;
use syncline_engine::SynchronizationSchema;
use syncline_engine::schema::{
    AttributeMapping, AttributeMappingSource, Filter, FilterClause, FilterGroup, FilterOperand,
    FlowType,
};
use syncline_model::policy::{IdentitySynchronization, Partner, Redemption};
use syncline_model::{ObjectId, Problem, ResetScope, Schema, TenantId};
use syncline_runner::{Plan, Replacement, Secrets, Silent, StoredSchema};
use uuid::Uuid;

use super::World;

impl World {
    /// Fabrikam lets Contoso in.
    pub fn fabrikam_allows(&self) {
        self.fabrikam_policy(|partner| {
            partner.redemption.inbound_allowed = Some(true);
            partner.identity_synchronization = Some(IdentitySynchronization {
                display_name: None,
                user_sync_allowed: Some(true),
                group_sync_allowed: None,
            });
        });
    }

    /// Contoso consents on behalf of its people.
    pub fn contoso_consents(&self) {
        self.contoso_policy(|partner| partner.redemption.outbound_allowed = Some(true));
    }

    /// Contoso and this tenant allow what Contoso and Fabrikam do.
    pub(super) fn agreed_with(&self, tenant: TenantId) {
        self.policy(tenant, self.contoso.id, |partner| {
            partner.redemption.inbound_allowed = Some(true);
            partner.identity_synchronization = Some(IdentitySynchronization {
                display_name: None,
                user_sync_allowed: Some(true),
                group_sync_allowed: None,
            });
        });
        self.policy(self.contoso.id, tenant, |partner| {
            partner.redemption.outbound_allowed = Some(true);
        });
    }

    /// Changes what Fabrikam's policy says of Contoso.
    pub fn fabrikam_policy(&self, change: impl FnOnce(&mut Partner)) {
        self.policy(self.fabrikam.id, self.contoso.id, change);
    }

    /// Changes what Contoso's policy says of Fabrikam.
    pub fn contoso_policy(&self, change: impl FnOnce(&mut Partner)) {
        self.policy(self.contoso.id, self.fabrikam.id, change);
    }

    fn policy(&self, of: TenantId, about: TenantId, change: impl FnOnce(&mut Partner)) {
        self.write(|tx, _| {
            let mut partner = policy::partner(tx, of, about)?.unwrap_or(Partner {
                tenant_id: about,
                redemption: Redemption::default(),
                identity_synchronization: None,
                blocks_json: "{}".to_owned(),
            });
            change(&mut partner);
            policy::put_partner(tx, of, &partner)
        });
    }

    pub fn secret(&self, key: &str, value: &str) {
        let changes = [(key.to_owned(), value.to_owned())];
        self.write(|tx, _| Secrets::merge(tx, self.contoso.id, self.service_principal, &changes));
    }

    /// A setting of the job, as a `PATCH` of it stores one.
    pub fn set(&self, name: &str, value: &str) {
        let mut job = self.stored_job();
        job.settings.retain(|(known, _)| known != name);
        job.settings.push((name.to_owned(), value.to_owned()));
        self.store.write(|tx| tx.update_job(&job)).unwrap();
    }

    /// Only those assigned are in scope.
    pub fn sync_assigned(&self) {
        self.secret("SyncAll", "false");
    }

    /// The accidental-deletion gate closes at so many.
    pub fn threshold(&self, removals: u64) {
        let settings = format!(
            r#"{{"Enabled":true,"DeleteThresholdEnabled":true,"DeleteThresholdValue":{removals}}}"#
        );
        self.secret("SyncNotificationSettings", &settings);
    }

    pub fn schema(&self) -> SynchronizationSchema {
        self.store
            .read(|reader| StoredSchema::load(reader, &self.stored_job()))
            .unwrap()
    }

    /// What the next cycle would do; nothing is written.
    pub fn plan(&self) -> Plan {
        self.plan_with(None).unwrap()
    }

    /// The same, if this change of the schema were saved.
    pub fn plan_change(&self, change: impl FnOnce(&mut SynchronizationSchema)) -> Plan {
        self.try_plan_change(change).unwrap()
    }

    pub fn try_plan_change(
        &self,
        change: impl FnOnce(&mut SynchronizationSchema),
    ) -> Result<Plan, Problem> {
        let mut schema = self.schema();
        change(&mut schema);
        let rules = syncline_engine::schema::compile(&schema, Schema::core()).unwrap();
        self.plan_with(Some(Replacement { schema, rules }))
    }

    fn plan_with(&self, proposed: Option<Replacement>) -> Result<Plan, Problem> {
        let (traces, job) = (self.traces(), self.stored_job());
        let planned = self
            .runner
            .plan(self.contoso.id, &self.job, proposed, 10, &Silent);
        assert_eq!(self.traces(), traces, "a plan writes nothing");
        assert_eq!(self.stored_job(), job, "a plan writes nothing");
        planned
    }

    pub fn change_schema(&self, change: impl FnOnce(&mut SynchronizationSchema)) {
        let mut schema = self.schema();
        change(&mut schema);
        let job = self.stored_job();
        self.write(|tx, _| StoredSchema::store(tx, &job, schema));
    }

    /// Only users whose attribute has this value are in scope.
    pub fn scope_to(&self, attribute: &str, value: &str) {
        self.scope(Some(only(attribute, value)));
    }

    pub fn scope(&self, scope: Option<Filter>) {
        self.change_schema(|schema| {
            schema.synchronization_rules[0].object_mappings[0].scope = scope;
        });
    }

    /// Fills a target attribute by an expression.
    pub fn map(&self, target: &str, expression: &str) {
        self.change_schema(|schema| map(schema, target, expression));
    }

    /// When the mapping of a target attribute flows, wherever it is mapped.
    pub fn flow_type(&self, target: &str, flow_type: FlowType) {
        self.change_schema(|schema| {
            let objects = &mut schema.synchronization_rules[0].object_mappings;
            let mappings = objects.iter_mut().flat_map(|it| &mut it.attribute_mappings);
            let of_target =
                |it: &&mut AttributeMapping| it.target_attribute_name.as_deref() == Some(target);
            mappings
                .filter(of_target)
                .for_each(|it| it.flow_type = flow_type.clone());
        });
    }

    /// The id of the one rule.
    pub fn rule(&self) -> String {
        self.schema().synchronization_rules[0].id.clone()
    }

    pub fn restart(&self, scope: &str) {
        let scope = ResetScope::parse(scope).unwrap();
        self.runner
            .restart(self.contoso.id, &self.job, scope)
            .unwrap();
    }

    /// The role everybody is assigned with.
    pub(super) fn role(&self) -> Uuid {
        Uuid::nil()
    }

    pub(super) fn resource(&self) -> ObjectId {
        self.service_principal
    }
}

/// Passes users whose attribute has this value.
pub fn only(attribute: &str, value: &str) -> Filter {
    let clause = FilterClause {
        operator_name: Some("EQUALS".to_owned()),
        source_operand_name: Some(attribute.to_owned()),
        target_operand: Some(FilterOperand {
            values: vec![value.to_owned()],
            ..FilterOperand::default()
        }),
        ..FilterClause::default()
    };
    Filter {
        groups: vec![FilterGroup {
            clauses: vec![clause],
            name: Some("only some".to_owned()),
            ..FilterGroup::default()
        }],
        ..Filter::default()
    }
}

/// Fills a target attribute of a schema by an expression.
pub fn map(schema: &mut SynchronizationSchema, target: &str, expression: &str) {
    let mapping = schema.synchronization_rules[0].object_mappings[0]
        .attribute_mappings
        .iter_mut()
        .find(|it| it.target_attribute_name.as_deref() == Some(target))
        .unwrap();
    mapping.source = Some(AttributeMappingSource {
        expression: Some(expression.to_owned()),
        ..AttributeMappingSource::default()
    });
}
