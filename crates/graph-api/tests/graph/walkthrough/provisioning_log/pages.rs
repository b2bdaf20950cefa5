//! Order, pages, counts, single events.

use serde_json::Value as Json;
use syncline_model::{Clock as _, CycleId, Ids as _, JobId};
use syncline_store::{LogRow, Tx};

use super::*;
use crate::walkthrough::callers::everything;
use crate::walkthrough::setup::{configure, employee, trust};
use crate::world::{PUBLIC_URL, World, each, text};

#[test]
fn the_order_is_newest_first_or_as_asked() {
    let world = World::new();
    let log = Log::new(&world);
    let ids = |url: &str| -> Vec<String> {
        log.client
            .all(url)
            .iter()
            .map(|it| text(it, "id"))
            .collect()
    };
    let newest: Vec<String> = log.events.iter().map(|it| text(it, "id")).collect();
    let oldest: Vec<String> = newest.iter().rev().cloned().collect();
    assert_eq!(
        ids(&format!("{LOG}?$orderby=activityDateTime desc")),
        newest
    );
    assert_eq!(ids(&format!("{LOG}?$orderby=activityDateTime asc")), oldest);
    assert_eq!(ids(&format!("{LOG}?$orderby=activitydatetime")), oldest);
    assert_eq!(
        ids(&format!("{LOG}?$orderby=activityDateTime asc&$top=1")),
        oldest
    );
}

#[test]
fn pages_carry_the_query_along() {
    let world = World::new();
    let log = Log::new(&world);
    let filter = "$filter=provisioningStatusInfo/status eq 'success'&$orderby=activityDateTime asc";
    let expected = log.client.all(&format!("{LOG}?{filter}"));
    assert_eq!(expected.len(), 3);

    let first = log
        .client
        .get(&format!("{LOG}?{filter}&$top=2&$count=true"))
        .ok();
    assert_eq!(first["@odata.count"], 3);
    assert_eq!(first["value"].as_array().unwrap().len(), 2);
    let link = text(&first, "@odata.nextLink");
    assert!(
        link.starts_with(&format!("{PUBLIC_URL}{LOG}?")) && link.contains("$skiptoken="),
        "{link}"
    );
    assert!(!link.contains("$skip="), "{link}");
    let second = log.client.get(link.strip_prefix(PUBLIC_URL).unwrap()).ok();
    assert!(second.get("@odata.count").is_none());
    let paged: Vec<&Json> = [&first, &second]
        .into_iter()
        .flat_map(|page| page["value"].as_array().unwrap())
        .collect();
    assert_eq!(paged, expected.iter().collect::<Vec<_>>());
}

#[test]
fn pages_carry_a_long_query_along() {
    let world = World::new();
    let log = Log::new(&world);
    let short = "$filter=provisioningStatusInfo/status eq 'success'";
    let expected = log.client.all(&format!("{LOG}?{short}&$select=id"));
    assert_eq!(expected.len(), 3);
    let long = format!("{short} or jobId eq '{}'", "x".repeat(12_000));
    let page = log
        .client
        .get(&format!("{LOG}?{long}&$select=id&$top=1"))
        .ok();
    assert!(text(&page, "@odata.nextLink").len() < 12_000);
    let found = log.client.all(&format!("{LOG}?{long}&$select=id&$top=1"));
    assert_eq!(found, expected);
}

#[test]
fn events_are_counted_and_read_one_by_one() {
    let world = World::new();
    let log = Log::new(&world);
    assert_eq!(
        log.client.get(&format!("{LOG}/$count")).text(),
        log.events.len().to_string()
    );
    let creations = log.client.get(&format!(
        "{LOG}/$count?$filter=provisioningAction eq 'create'"
    ));
    assert_eq!(creations.text(), "2");
    for event in &log.events {
        let mut one = log.client.get(&format!("{LOG}/{}", text(event, "id"))).ok();
        let context = one
            .as_object_mut()
            .unwrap()
            .remove("@odata.context")
            .unwrap();
        assert!(
            context
                .as_str()
                .unwrap()
                .ends_with("#auditLogs/provisioning/$entity")
        );
        assert_eq!(&one, event);
    }
    for id in ["01234567-89ab-4def-8123-456789abcdef", "no-guid"] {
        log.client
            .get(&format!("{LOG}/{id}"))
            .problem(404, "Request_ResourceNotFound");
    }
}

#[test]
fn a_page_without_top_holds_a_hundred() {
    let world = World::new();
    trust(&world);
    let configuration = configure(&world);
    for at in 0..110 {
        employee(&world, &format!("person{at}"), "Sales");
    }
    configuration.synchronize_all(&world);
    configuration.start(&world);
    assert_eq!(configuration.cycle(&world).counts.created, 110);
    let client = everything(&world, "contoso");
    let page = client.get(LOG).ok();
    assert_eq!(page["value"].as_array().unwrap().len(), 100);
    assert!(page["@odata.nextLink"].is_string());
    assert_eq!(
        client
            .all(&format!("{LOG}?$filter=provisioningAction eq 'create'"))
            .len(),
        110
    );
    assert_eq!(
        client.get(&format!("{LOG}?$top=1000")).ok()["value"]
            .as_array()
            .unwrap()
            .len(),
        110
    );
}

#[test]
fn a_preferred_page_size_counts_here_too() {
    let world = World::new();
    let log = Log::new(&world);
    let answer = log.client.header("prefer", "odata.maxpagesize=2").get(LOG);
    assert_eq!(answer.ok()["value"].as_array().unwrap().len(), 2);
    assert_eq!(answer.header("preference-applied"), "odata.maxpagesize=2");
}

/// Where an event ended within a day after its id was made, only looking at it tells its time.
#[test]
fn a_page_looks_at_so_many_events_of_other_times_and_leads_on() {
    let world = World::new();
    let log = Log::new(&world);
    let (tenant, job) = (
        world.tenants.contoso.id,
        JobId(log.configuration.job.clone()),
    );
    let others: Vec<LogRow> = (0..20_000)
        .map(|_| LogRow {
            id: world.ids.object_id(),
            job: job.clone(),
            cycle: CycleId(world.ids.random_uuid()),
            change: world.ids.object_id(),
            at: world.clock.now(),
            duration_ms: 1,
            evidence: vec![1],
        })
        .collect();
    let append = |tx: &mut Tx<'_>| tx.append_log(tenant, &job, &others);
    world.store.write(append).unwrap();
    world.clock.advance_seconds(60);
    let since = world.clock.now();
    let change = json!({"jobTitle": "Captain"});
    log.client
        .patch(&format!("/v1.0/users/{}", log.ada), change)
        .no_content();
    log.configuration.cycle(&world);

    let url = format!("{LOG}?$filter=activityDateTime ge {since}&$orderby=activityDateTime asc");
    let first = log.client.get(&url).ok();
    assert_eq!(first["value"], json!([]));
    let link = text(&first, "@odata.nextLink");
    let second = log.client.get(link.strip_prefix(PUBLIC_URL).unwrap()).ok();
    assert_eq!(second["value"].as_array().unwrap().len(), 1);
    assert!(second.get("@odata.nextLink").is_none());
}

/// Each is of somebody with as much as a directory holds of one person.
#[test]
fn a_page_is_full_with_four_mebibytes_of_events_however_few_they_are() {
    const PEOPLE: usize = 50;
    let world = World::new();
    trust(&world);
    let configuration = configure(&world);
    let client = everything(&world, "contoso");
    let mut schema = client.get(&configuration.job_url("/schema")).ok();
    let mappings = schema
        .pointer_mut("/synchronizationRules/0/objectMappings/0/attributeMappings")
        .and_then(Json::as_array_mut)
        .unwrap();
    let mut mails = mappings
        .iter()
        .find(|it| it["targetAttributeName"] == "department")
        .unwrap()
        .clone();
    mails["targetAttributeName"] = "otherMails".into();
    mails["source"] = json!({
        "expression": "[otherMails]", "name": "otherMails", "type": "Attribute", "parameters": [],
    });
    mappings.push(mails);
    let url = configuration.job_url("/schema");
    client.put(&url, schema).no_content();
    for at in 0..PEOPLE {
        let id = employee(&world, &format!("person{at}"), "Sales");
        let mails: Vec<String> = (0..250)
            .map(|mail| format!("{:a<200}{at:04}.{mail:04}@x.example", ""))
            .collect();
        client
            .patch(&format!("/v1.0/users/{id}"), json!({ "otherMails": mails }))
            .no_content();
    }
    configuration.synchronize_all(&world);
    configuration.start(&world);
    assert_eq!(configuration.cycle(&world).counts.created, 50);
    for order in ["desc", "asc"] {
        let first = format!("{LOG}?$top=1000&$orderby=activityDateTime {order}");
        let (mut next, mut pages) = (Some(first), 0);
        let mut ids = Vec::new();
        while let Some(url) = next {
            let answer = client.get(&url);
            assert!(answer.text().len() < 5 << 20, "{}", answer.text().len());
            let page = answer.ok();
            ids.extend(each(&page, "id"));
            pages += 1;
            let link = page["@odata.nextLink"].as_str();
            next = link.map(|it| it.strip_prefix(PUBLIC_URL).unwrap().to_owned());
        }
        assert!(pages > 1);
        assert_eq!(ids.len(), PEOPLE);
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), PEOPLE, "each of them once");
    }
    assert_eq!(client.get(&format!("{LOG}/$count")).text(), "50");
}
