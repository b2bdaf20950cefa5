//! A configuration in the recycle bin, and one that comes back from there, as the reference tells it.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use syncline_directory::Context;
use syncline_directory::deleted_items::{self, Restoration};
use syncline_model::{Clock as _, JobId, ObjectId};
use syncline_runner::{PreviousSchema, Secrets, Silent};
use syncline_store::{Document, object_documents};

use crate::walkthrough::callers::everything;
use crate::walkthrough::setup::{Configuration, configure, employee, synchronized, trust};
use crate::world::{Client, World};

const BIN: &str = "/v1.0/directory/deletedItems";

/// What is deleted, with what goes into the bin with it.
type Deleted = fn(&Configuration) -> Vec<(&str, &str)>;

fn service_principal(it: &Configuration) -> Vec<(&str, &str)> {
    vec![("servicePrincipals", &it.service_principal)]
}

fn application(it: &Configuration) -> Vec<(&str, &str)> {
    vec![
        ("applications", &it.application),
        ("servicePrincipals", &it.service_principal),
    ]
}

const WAYS: [Deleted; 2] = [service_principal, application];

/// A configuration by which Ada came to Fabrikam, whose job has another interval, settings and a schema of its own.
fn synchronizing(world: &World, admin: &Client<'_>, ada: &str) -> Configuration {
    let configuration = configure(world);
    configuration.assign(world, ada);
    let settings = json!([{"name": "QuarantineTooManyDeletesThreshold", "value": "7"}]);
    let changes = json!({"schedule": {"interval": "PT1H"}, "synchronizationJobSettings": settings});
    admin
        .patch(&configuration.job_url(""), changes)
        .no_content();
    let url = configuration.job_url("/schema");
    let mut schema = admin.get(&url).ok();
    let mappings = &mut schema["synchronizationRules"][0]["objectMappings"][0]["attributeMappings"];
    let kept: Vec<Json> = mappings.as_array().unwrap().clone();
    let is_kept = |it: &&Json| it["targetAttributeName"] != "department";
    *mappings = kept.iter().filter(is_kept).cloned().collect();
    admin.put(&url, schema).no_content();
    configuration.start(world);
    configuration.cycle(world);
    configuration
}

fn delete(admin: &Client<'_>, configuration: &Configuration, way: Deleted) {
    let (kind, id) = way(configuration)[0];
    admin.delete(&format!("/v1.0/{kind}/{id}")).no_content();
}

fn restore(admin: &Client<'_>, configuration: &Configuration, way: Deleted) {
    for (_, id) in way(configuration) {
        admin.post(&format!("{BIN}/{id}/restore"), json!({})).ok();
    }
}

/// What somebody has set up of a job.
fn set_up(world: &World, admin: &Client<'_>, configuration: &Configuration) -> [Json; 6] {
    let job = admin.get(&configuration.job_url("")).ok();
    let mut schema = admin.get(&configuration.job_url("/schema")).ok();
    // Another one for every save.
    schema["version"] = Json::Null;
    let secrets = admin.get(&configuration.url("/secrets")).ok();
    let (tenant, id) = (world.tenants.contoso.id, JobId(configuration.job.clone()));
    let previous = world.store.read(|reader| {
        let job = reader.job(tenant, &id)?.unwrap();
        PreviousSchema::all(reader, &job)
    });
    [
        job["schedule"]["interval"].clone(),
        job["synchronizationJobSettings"].clone(),
        job["templateId"].clone(),
        schema,
        secrets["value"].clone(),
        json!(previous.unwrap()),
    ]
}

#[test]
fn it_has_what_was_set_up_and_its_job_is_paused() {
    for way in WAYS {
        let world = World::new();
        trust(&world);
        let admin = everything(&world, "contoso");
        let ada = employee(&world, "ada", "Marketing");
        let configuration = synchronizing(&world, &admin, &ada);
        let there = synchronized(&world, "fabrikam");
        assert_eq!(there.len(), 1);
        let before = set_up(&world, &admin, &configuration);
        assert_eq!(before[5].as_array().unwrap().len(), 1, "of one change");
        delete(&admin, &configuration, way);
        restore(&admin, &configuration, way);

        assert_eq!(set_up(&world, &admin, &configuration), before);
        let job = admin.get(&configuration.job_url("")).ok();
        assert_eq!(job["schedule"]["state"], "Paused", "{job:#}");
        assert_eq!(job["status"]["code"], "Paused", "{job:#}");
        assert_eq!(world.api.runner.due(10).unwrap().scheduled, []);
        let assigned = format!(
            "/v1.0/servicePrincipals/{}/appRoleAssignedTo",
            configuration.service_principal
        );
        let assigned = admin.get(&assigned).ok();
        assert_eq!(assigned["value"].as_array().unwrap().len(), 1);
        assert_eq!(synchronized(&world, "fabrikam"), there);

        // Whoever came by it is linked again, and nobody comes twice.
        configuration.start(&world);
        let report = configuration.cycle(&world);
        assert_eq!((report.counts.created, report.counts.updated), (0, 1));
        assert_eq!(synchronized(&world, "fabrikam"), there);
    }
}

#[test]
fn it_comes_back_with_its_service_principal_alone_and_not_with_its_application() {
    let world = World::new();
    trust(&world);
    let admin = everything(&world, "contoso");
    let ada = employee(&world, "ada", "Marketing");
    let configuration = synchronizing(&world, &admin, &ada);
    let before = set_up(&world, &admin, &configuration);
    delete(&admin, &configuration, application);
    let [(_, of_application), (_, of_principal)] = application(&configuration)[..] else {
        panic!("both go into the bin");
    };
    let back = |id: &str| admin.post(&format!("{BIN}/{id}/restore"), json!({})).ok();
    back(of_application);
    assert_eq!(admin.get(&configuration.job_url("")).status, 404);

    delete(&admin, &configuration, application);
    back(of_principal);
    assert_eq!(set_up(&world, &admin, &configuration), before);
    configuration.start(&world);
    let counts = configuration.cycle(&world).counts;
    assert_eq!((counts.created, counts.updated), (0, 1));
}

/// It left what was put away, to come back another time.
#[test]
fn what_an_earlier_build_restored_without_its_job_comes_back_without_it_later() {
    let world = World::new();
    let admin = everything(&world, "contoso");
    let configuration = configure(&world);
    delete(&admin, &configuration, service_principal);
    let tenant = world.tenants.contoso.id;
    let restored = world.store.write(|tx| {
        tx.enter(&[tenant])?;
        let tenant = tx.tenant(tenant)?.unwrap();
        let context = Context {
            tenant: &tenant,
            now: world.clock.now(),
            ids: world.ids.as_ref(),
        };
        let id = configuration.service_principal.parse().unwrap();
        deleted_items::restore(tx, &context, id, Restoration::default())
    });
    restored.unwrap();
    let job = || admin.get(&configuration.job_url("")).status;
    assert_eq!(job(), 404);
    delete(&admin, &configuration, service_principal);
    restore(&admin, &configuration, service_principal);
    assert_eq!(job(), 404);
}

#[test]
fn a_job_that_was_never_started_is_not_either_when_it_comes_back() {
    let world = World::new();
    let admin = everything(&world, "contoso");
    let configuration = configure(&world);
    delete(&admin, &configuration, service_principal);
    restore(&admin, &configuration, service_principal);
    let job = admin.get(&configuration.job_url("")).ok();
    assert_eq!(job["schedule"]["state"], "Disabled", "{job:#}");
    assert_eq!(job["status"]["code"], "Paused", "{job:#}");
}

#[test]
fn in_the_bin_nobody_finds_its_job_and_no_cycle_runs() {
    for way in WAYS {
        let world = World::new();
        trust(&world);
        let admin = everything(&world, "contoso");
        let ada = employee(&world, "ada", "Marketing");
        let configuration = synchronizing(&world, &admin, &ada);
        delete(&admin, &configuration, way);
        for action in ["/start", "/restart"] {
            let url = configuration.job_url(action);
            assert_eq!(admin.post(&url, json!({})).status, 404, "{action}");
        }
        let (tenant, job) = (world.tenants.contoso.id, JobId(configuration.job.clone()));
        let runner = &world.api.runner;
        assert_eq!(runner.due(10).unwrap().scheduled, []);
        assert!(runner.start(tenant, &job).is_err());
        assert!(runner.run_cycle(tenant, &job, &Silent).is_err());
    }
}

/// Another configuration of the pair takes over whoever it has left there, as when it is gone.
#[test]
fn in_the_bin_it_is_in_the_way_of_no_other() {
    let world = World::new();
    trust(&world);
    let admin = everything(&world, "contoso");
    let ada = employee(&world, "ada", "Marketing");
    let first = synchronizing(&world, &admin, &ada);
    let there = synchronized(&world, "fabrikam");
    delete(&admin, &first, service_principal);
    let second = configure(&world);
    second.assign(&world, &ada);
    second.start(&world);
    let counts = second.cycle(&world).counts;
    assert_eq!((counts.created, counts.escrowed), (0, 0), "{counts:?}");

    // And keeps them when the first one is back.
    restore(&admin, &first, service_principal);
    first.start(&world);
    let counts = first.cycle(&world).counts;
    assert_eq!((counts.created, counts.deleted), (0, 0), "{counts:?}");
    assert_eq!(synchronized(&world, "fabrikam"), there);
    assert_eq!(second.cycle(&world).counts.deleted, 0);
}

/// As it is stored, whatever is in it.
#[derive(Serialize, Deserialize)]
struct JobsPutAway {}

impl Document for JobsPutAway {
    const KIND: &'static str = object_documents::JOBS_PUT_AWAY;
}

#[test]
fn nothing_of_it_is_left_when_it_is_gone_for_good() {
    let world = World::new();
    let admin = everything(&world, "contoso");
    let configuration = configure(&world);
    let tenant = world.tenants.contoso.id;
    let id: ObjectId = configuration.service_principal.parse().unwrap();
    let left = || {
        let left = world.store.read(|reader| {
            let put_away = reader.document::<JobsPutAway>(Some(tenant), &id.to_string())?;
            let secrets = Secrets::load(reader, tenant, id)?;
            Ok::<_, syncline_model::Problem>((put_away.is_some(), !secrets.values.is_empty()))
        });
        left.unwrap()
    };
    delete(&admin, &configuration, service_principal);
    assert_eq!(left(), (true, true));
    admin.delete(&format!("{BIN}/{id}")).no_content();
    assert_eq!(left(), (false, false));
}
