//! A partner with whom B2B collaboration is blocked.

use serde_json::json;
use syncline_model::job::CycleState;

use super::*;
use crate::walkthrough::setup::{configure, employee, synchronized, trust};

const POLICY: &str = "AzureActiveDirectoryCrossTenantSyncPolicyCheckFailure";

#[test]
fn a_blocked_partner_synchronizes_nobody_until_it_is_allowed_again() {
    for (tenant, block) in [
        ("fabrikam", "b2bCollaborationInbound"),
        ("contoso", "b2bCollaborationOutbound"),
    ] {
        let world = World::new();
        trust(&world);
        let (contoso, admin) = (everything(&world, "contoso"), everything(&world, tenant));
        let ids = (world.tenants.contoso.id, world.tenants.fabrikam.id);
        let other = if tenant == "fabrikam" { ids.0 } else { ids.1 };
        let set = |access: &str| {
            let of = |target: &str, kind: &str| json!({"accessType": access, "targets": [{"target": target, "targetType": kind}]});
            let body = json!({block: {
                "usersAndGroups": of("AllUsers", "user"),
                "applications": of("AllApplications", "application"),
            }});
            admin
                .patch(&partners(&format!("/{other}")), body)
                .no_content();
        };
        let configuration = configure(&world);
        configuration.synchronize_all(&world);
        let ada = employee(&world, "ada", "Sales");
        configuration.start(&world);

        set("blocked");
        let report = configuration.cycle(&world);
        assert_eq!(report.state, CycleState::Failed, "{block}");
        assert_eq!(report.error.unwrap().0, POLICY);
        let saved = json!({"useSavedCredentials": true});
        contoso
            .post(
                &configuration.job_url("/validateCredentials"),
                saved.clone(),
            )
            .problem(400, POLICY);
        contoso
            .post(
                &configuration.job_url("/provisionOnDemand"),
                configuration.on_demand(&ada),
            )
            .problem(400, POLICY);
        assert!(synchronized(&world, "fabrikam").is_empty());

        set("allowed");
        contoso
            .post(&configuration.job_url("/validateCredentials"), saved)
            .no_content();
        assert_eq!(configuration.cycle(&world).counts.created, 1, "{block}");
        assert_eq!(synchronized(&world, "fabrikam").len(), 1);
    }
}
