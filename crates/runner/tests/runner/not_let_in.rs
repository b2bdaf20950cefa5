//! A job whose target does not let it in: what it is told does not go by what the target's objects hold.

use syncline_model::job::CycleState;
use syncline_model::policy::PolicyRefusal;

use crate::extensions::{Pair, delete};

/// Whether an extension is there is none of the business of a tenant that is not let in.
#[test]
fn whoever_is_not_let_in_learns_nothing_of_the_targets_extensions() {
    let pair = Pair::new();
    let world = &pair.world;
    let ana = world.person("ana");
    world.cycle();
    world.fabrikam_policy(|partner| partner.identity_synchronization = None);
    let rule = world.rule();
    let told = || {
        let (code, message) = world.plan().refused.unwrap();
        let on_demand = |rule: &str| {
            let refused = world.provision_by(rule, ana.id).unwrap_err();
            (refused.kind, refused.code.to_string(), refused.message)
        };
        let report = world.cycle_without_checks();
        assert_eq!(report.state, CycleState::Failed);
        let failed = report.error.unwrap();
        let on_demand = [&*rule, "no rule"].map(on_demand);
        for code in [&code, &on_demand[0].1, &on_demand[1].1, &failed.0] {
            assert_eq!(code, PolicyRefusal::CODE);
        }
        (message, on_demand, failed)
    };
    let before = told();
    delete(world, &world.fabrikam, &pair.target_code);
    assert_eq!(told(), before);

    // Those who are let in are told what to mend.
    world.fabrikam_allows();
    let (_, message) = world.cycle_without_checks().error.unwrap();
    assert!(message.contains(&pair.target_code.name), "{message}");
}
