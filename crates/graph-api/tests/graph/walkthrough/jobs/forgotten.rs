//! What is in memory of a job goes with it.

use crate::walkthrough::callers::everything;
use crate::walkthrough::setup::{Configuration, configure, employee, trust};
use crate::world::World;

#[test]
fn no_compiled_schema_stays_in_memory_of_a_job_that_is_deleted() {
    let world = World::new();
    trust(&world);
    let admin = everything(&world, "contoso");
    let ada = employee(&world, "ada", "Marketing");
    let job = |it: &Configuration| it.job_url("");
    let application = |it: &Configuration| format!("/v1.0/applications/{}", it.application);
    let service_principal =
        |it: &Configuration| format!("/v1.0/servicePrincipals/{}", it.service_principal);
    let ways: [&dyn Fn(&Configuration) -> String; 3] = [&job, &application, &service_principal];
    for url in ways {
        let made = [configure(&world), configure(&world)];
        for configuration in &made {
            configuration.assign(&world, &ada);
            let body = configuration.on_demand(&ada);
            let on_demand = configuration.job_url("/provisionOnDemand");
            admin.post(&on_demand, body).ok();
        }
        assert_eq!(world.api.runner.compiled_jobs(), 2);
        for configuration in &made {
            admin.delete(&url(configuration)).no_content();
        }
        assert_eq!(world.api.runner.compiled_jobs(), 0);
    }
}
