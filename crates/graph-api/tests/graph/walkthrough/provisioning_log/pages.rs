//! Order, pages, counts, single events.

use serde_json::Value as Json;

use super::*;
use crate::walkthrough::callers::everything;
use crate::walkthrough::setup::{configure, employee, trust};
use crate::world::{PUBLIC_URL, World, text};

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
