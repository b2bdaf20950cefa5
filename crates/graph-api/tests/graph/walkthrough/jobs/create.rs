//! Jobs are made from a template, once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use serde_json::json;
use syncline_directory::{Context, service_principals};
use syncline_model::{Clock as _, EntityKind, ObjectId, TenantId, Timestamp};
use syncline_runner::Runner;
use syncline_store::{Meter, ObjectState, Store, StoreError, Tx, Written};
use syncline_testkit::CountedIds;

use super::*;
use crate::walkthrough::callers::everything;
use crate::walkthrough::setup::{configure, instantiate};
use crate::world::{World, each, id};

/// Deletes a service principal as soon as the store was read so many times.
struct DeletedInBetween {
    store: Weak<Store>,
    ids: Arc<CountedIds>,
    now: Timestamp,
    tenant: TenantId,
    service_principal: ObjectId,
    reads_left: AtomicUsize,
}

impl Meter for DeletedInBetween {
    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn wrote(&self, _: &Written) {}

    fn read(&self, _: Duration) {
        let one_less = |left: usize| left.checked_sub(1);
        let order = Ordering::SeqCst;
        if self.reads_left.fetch_update(order, order, one_less) != Ok(1) {
            return;
        }
        let work = |tx: &mut Tx<'_>| {
            tx.enter(&[self.tenant])?;
            let tenant = tx.tenant(self.tenant)?.unwrap();
            let context = Context {
                tenant: &tenant,
                now: self.now,
                ids: self.ids.as_ref(),
            };
            Runner::put_away_configuration(tx, self.tenant, self.service_principal)?;
            service_principals::delete(tx, &context, self.service_principal)
        };
        self.store.upgrade().unwrap().write(work).unwrap();
    }
}

/// Whenever the deletion comes, it finds the job and takes it along, or there is none.
#[test]
fn a_service_principal_that_goes_meanwhile_leaves_no_job_behind() {
    for reads in 1..=4 {
        let world = World::new();
        let admin = everything(&world, "contoso");
        let configuration = instantiate(&admin, "contoso");
        let tenant = world.tenants.contoso.id;
        let service_principal: ObjectId = configuration.service_principal.parse().unwrap();
        world.store.measure(Arc::new(DeletedInBetween {
            store: Arc::downgrade(&world.store),
            ids: world.ids.clone(),
            now: world.clock.now(),
            tenant,
            service_principal,
            reads_left: AtomicUsize::new(reads),
        }));
        admin.post(&configuration.url("/jobs"), json!({"templateId": TEMPLATE}));
        let (gone, left) = world
            .store
            .read(|reader| {
                let found =
                    reader.objects(tenant, EntityKind::ServicePrincipal, &[service_principal])?;
                let gone = found.iter().all(|it| it.state != ObjectState::Live);
                let left = reader.jobs_of_service_principal(tenant, service_principal)?;
                Ok::<_, StoreError>((gone, left.len()))
            })
            .unwrap();
        assert!(!gone || left == 0, "deleted after {reads} reads");
    }
}

#[test]
fn a_second_job_of_the_template_is_a_conflict() {
    let world = World::new();
    let admin = everything(&world, "contoso");
    let configuration = configure(&world);
    admin
        .post(&configuration.url("/jobs"), json!({"templateId": TEMPLATE}))
        .problem(409, "Conflict");
    assert_eq!(
        each(&admin.get(&configuration.url("/jobs")).ok(), "id"),
        [configuration.job]
    );
}

#[test]
fn a_template_must_be_named_and_known() {
    let world = World::new();
    let admin = everything(&world, "contoso");
    let configuration = instantiate(&admin, "contoso");
    for body in [
        json!({}),
        json!({"templateId": null}),
        json!({"templateId": ""}),
        json!({"templateId": "Slack"}),
        json!({"templateId": 7}),
        json!({"templateId": TEMPLATE, "nonsense": 1}),
    ] {
        admin
            .post(&configuration.url("/jobs"), body)
            .problem(400, "Request_BadRequest");
    }
    admin
        .send("POST", &configuration.url("/jobs"), b"[]".to_vec())
        .problem(400, "BadRequest");
    assert_eq!(admin.get(&configuration.url("/jobs/$count")).text(), "0");
}

#[test]
fn the_type_may_be_named_and_must_not_contradict() {
    let world = World::new();
    let admin = everything(&world, "contoso");
    let configuration = instantiate(&admin, "contoso");
    let body = |kind: &str| json!({"@odata.type": format!("#microsoft.graph.{kind}"), "templateId": TEMPLATE});
    admin
        .post(&configuration.url("/jobs"), body("user"))
        .problem(400, "BadRequest");
    admin
        .post(&configuration.url("/jobs"), body("synchronizationJob"))
        .created();
}

#[test]
fn an_interval_and_settings_may_be_given_at_once() {
    let world = World::new();
    let admin = everything(&world, "contoso");
    let configuration = instantiate(&admin, "contoso");
    let url = configuration.url("/jobs");
    for schedule in [
        json!({"interval": "PT1M"}),
        json!({"state": "Active"}),
        json!({"expiration": "2030-01-01T00:00:00Z"}),
    ] {
        admin
            .post(&url, json!({"templateId": TEMPLATE, "schedule": schedule}))
            .problem(400, "Request_BadRequest");
    }
    let settings: Vec<_> = (0..101)
        .map(|number| json!({"name": format!("s{number}"), "value": "x"}))
        .collect();
    for body in [
        json!({"templateId": TEMPLATE, "synchronizationJobSettings": settings}),
        json!({"templateId": TEMPLATE, "id": "Azure2Azure.1.2"}),
    ] {
        admin.post(&url, body).problem(400, "Request_BadRequest");
    }
    assert_eq!(admin.get(&configuration.url("/jobs/$count")).text(), "0");
    let body = json!({
        "templateId": TEMPLATE,
        "schedule": {"interval": "PT10M", "state": "Disabled", "expiration": null},
        "synchronizationJobSettings": [{"name": "LookaheadQueryEnabled", "value": "True"}, {"name": "x", "value": "y"}],
    });
    let made = admin.post(&url, body).created();
    let job = admin
        .get(&configuration.url(&format!("/jobs/{}", id(&made))))
        .ok();
    for job in [made, job] {
        assert_eq!(
            job["schedule"],
            json!({"expiration": null, "interval": "PT10M", "state": "Disabled"})
        );
        assert_eq!(
            job["synchronizationJobSettings"],
            json!([
                {"name": "AzureIngestionAttributeOptimization", "value": "False"},
                {"name": "LookaheadQueryEnabled", "value": "True"},
                {"name": "x", "value": "y"},
            ])
        );
    }
}
