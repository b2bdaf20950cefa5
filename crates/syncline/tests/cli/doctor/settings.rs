//! Secrets and schemas of jobs that no cycle can follow.

use syncline_runner::{Secrets, StoredSchema};

use super::{found, healthy, on_its_database, restored, stored};
use crate::support::stdout;

#[test]
fn settings_that_no_cycle_can_follow_are_found() {
    let (_kept, backup) = healthy();
    let copy = restored(&backup);
    stored(&copy, |tx, job| {
        let secrets = [
            ("SyncAll", "yes"),
            ("SyncNotificationSettings", r#"{"DeleteThresholdValue":-3}"#),
        ];
        let secrets = secrets.map(|(key, value)| (key.to_owned(), value.to_owned()));
        Secrets::merge(tx, job.tenant, job.service_principal, &secrets)?;
        let mut schema = StoredSchema::load(tx, job)?;
        let mapping = &mut schema.synchronization_rules[0].object_mappings[0];
        mapping.attribute_mappings[0].target_attribute_name = Some("nothingLikeIt".to_owned());
        StoredSchema::store(tx, job, schema)
    });
    let output = on_its_database(&copy, &["doctor", "--output", "json"]);
    let found = found(&output);
    let [secrets, schema] = &found[..] else {
        panic!("{found:#?}")
    };
    assert!(secrets.starts_with("secrets of Azure2Azure."), "{secrets}");
    for part in [
        ": Contoso: ",
        "'SyncAll' is not valid. Expected: true or false.",
        "'SyncNotificationSettings' is not valid: ",
    ] {
        assert!(secrets.contains(part), "{secrets}");
    }
    assert!(schema.starts_with("schema of Azure2Azure."), "{schema}");
    assert!(schema.contains(": Contoso: "), "{schema}");
    let said = stdout(&on_its_database(&copy, &["doctor"]));
    for advice in [
        "/synchronization/secrets; until then a cycle holds 500 deletes and disables or more",
        "cycles fail until it is corrected: syncline schema export --job Azure2Azure.",
    ] {
        assert!(said.contains(advice), "{said}");
    }
}

/// An earlier version took any; `jobs show` tells it, too.
#[test]
fn a_threshold_of_the_job_that_can_not_be_read_is_found() {
    let (_kept, backup) = healthy();
    let copy = restored(&backup);
    let mut job_id = String::new();
    stored(&copy, |tx, job| {
        job_id = job.id.to_string();
        let mut job = job.clone();
        let setting = ("QuarantineTooManyDeletesThreshold", "few");
        job.settings
            .push((setting.0.to_owned(), setting.1.to_owned()));
        Ok(tx.update_job(&job)?)
    });
    let output = on_its_database(&copy, &["doctor", "--output", "json"]);
    let found = found(&output);
    let [secrets] = &found[..] else {
        panic!("{found:#?}")
    };
    let wrong = "`QuarantineTooManyDeletesThreshold` of the job is `few`, not a whole number";
    assert!(secrets.contains(wrong), "{secrets}");
    let way_out = format!("/synchronization/jobs/{job_id}; until then a cycle holds ");
    let said = stdout(&on_its_database(&copy, &["doctor"]));
    assert!(said.contains(&way_out), "{said}");
    let show = ["jobs", "show", "--job", &job_id];
    let said = stdout(&on_its_database(&copy, &show));
    assert!(said.contains(wrong), "{said}");
}

/// An earlier version took it; `jobs show` tells it, too.
#[test]
fn groups_that_can_not_be_looked_for_are_found() {
    let (_kept, backup) = healthy();
    let copy = restored(&backup);
    let mut job_id = String::new();
    let mut store = |enabled: bool| {
        stored(&copy, |tx, job| {
            job_id = job.id.to_string();
            let mut schema = StoredSchema::load(tx, job)?;
            let groups = &mut schema.synchronization_rules[0].object_mappings[1];
            groups.enabled = enabled;
            groups.attribute_mappings[2].matching_priority = 2;
            StoredSchema::store(tx, job, schema)
        });
    };
    // No group is looked for while they are switched off.
    store(false);
    let output = on_its_database(&copy, &["doctor", "--output", "json"]);
    assert_eq!(found(&output), [""; 0]);
    store(true);
    let output = on_its_database(&copy, &["doctor", "--output", "json"]);
    let found = found(&output);
    let [schema] = &found[..] else {
        panic!("{found:#?}")
    };
    let wrong = "synchronizationRules[0].objectMappings[1].attributeMappings[2]: groups of another tenant are matched by `alternativeSecurityIds`";
    let way_out = format!(
        "(thousands of them hold back the whole job) until it is corrected: syncline schema export --job {job_id}"
    );
    assert!(schema.contains(wrong), "{schema}");
    let show = ["jobs", "show", "--job", &job_id];
    for command in [&["doctor"][..], &show] {
        let said = stdout(&on_its_database(&copy, command));
        for part in [wrong, &way_out] {
            assert!(said.contains(part), "{said}");
        }
    }
}

#[test]
fn a_schema_that_is_lost_is_found_and_all_else_is_shown() {
    let (_kept, backup) = healthy();
    let copy = restored(&backup);
    let mut job_id = String::new();
    stored(&copy, |tx, job| {
        job_id = job.id.to_string();
        tx.delete_document::<StoredSchema>(Some(job.tenant), job.id.as_str())?;
        Ok(())
    });
    let output = on_its_database(&copy, &["doctor", "--output", "json"]);
    let lost = format!("cannot be read: job {job_id} has no schema");
    let found = found(&output);
    assert!(found.iter().any(|it| it.contains(&lost)), "{found:#?}");
    let said = stdout(&on_its_database(&copy, &["jobs", "show", "--job", &job_id]));
    let lost = format!("schema     cannot be read: job {job_id} has no schema");
    for part in [&lost, "linked     "] {
        assert!(said.contains(part), "{said}");
    }
}
