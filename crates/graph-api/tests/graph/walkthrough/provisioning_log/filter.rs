//! `$filter`: every path, operator, function and kind of literal.

use serde_json::Value as Json;

use super::*;
use crate::world::{World, text};

#[test]
fn every_path_can_be_filtered_in_any_case() {
    let world = World::new();
    let log = Log::new(&world);
    let event = log.events.iter().find(|it| action(it) == "create").unwrap();
    for path in [
        "id",
        "tenantId",
        "jobId",
        "changeId",
        "cycleId",
        "provisioningAction",
        "provisioningStatusInfo/status",
        "sourceSystem/displayName",
        "targetSystem/displayName",
        "initiatedBy/displayName",
        "sourceIdentity/id",
        "sourceIdentity/displayName",
        "sourceIdentity/identityType",
        "targetIdentity/id",
        "targetIdentity/identityType",
        "servicePrincipal/id",
        "servicePrincipal/displayName",
    ] {
        let at = |event: &Json| {
            event
                .pointer(&format!("/{path}"))
                .and_then(Json::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let value = at(event);
        assert!(!value.is_empty(), "{path}");
        let expected: Vec<&Json> = log.events.iter().filter(|it| at(it) == value).collect();
        for path in [path.to_owned(), path.to_lowercase(), path.to_uppercase()] {
            let found = log.find(&format!("{path} eq '{value}'"));
            assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{path}");
        }
        let part = &value[1..value.len() - 1];
        let containing = log.find(&format!("contains({path}, '{part}')"));
        let expected = log.events.iter().filter(|it| at(it).contains(part)).count();
        assert_eq!(containing.len(), expected, "contains {path}");
        assert!(
            log.find(&format!("{path} eq 'nothing like it'")).is_empty(),
            "{path}"
        );
    }
}

#[test]
fn older_names_are_understood() {
    let world = World::new();
    let log = Log::new(&world);
    log.finds("action eq 'Create'", |it| action(it) == "create");
    log.finds("statusInfo/status eq 'Skipped'", |it| {
        it["provisioningStatusInfo"]["status"] == "skipped"
    });
}

#[test]
fn and_binds_tighter_than_or() {
    let world = World::new();
    let log = Log::new(&world);
    let ada = &log.ada;
    let is_ada = |it: &Json| it["sourceIdentity"]["id"] == ada.as_str();
    let (create, update) = (
        "provisioningAction eq 'create'",
        "provisioningAction eq 'update'",
    );
    let of_ada = format!("sourceIdentity/id eq '{ada}'");
    log.finds(&format!("{update} or {create} and {of_ada}"), |it| {
        action(it) == "update" || (action(it) == "create" && is_ada(it))
    });
    log.finds(
        &format!("({update} or {create}) and not ({of_ada})"),
        |it| action(it) == "create" && !is_ada(it),
    );
    log.finds(&format!("not {create}"), |it| action(it) != "create");
    log.finds(&format!("((({create})) AND {of_ada})"), |it| {
        action(it) == "create" && is_ada(it)
    });
    log.finds(&format!("{create} OR {update}"), |it| {
        ["create", "update"].contains(&action(it))
    });
}

#[test]
fn functions_work_on_texts() {
    let world = World::new();
    let log = Log::new(&world);
    let name = |it: &Json| text(&it["sourceIdentity"], "displayName");
    for filter in [
        "startswith(sourceIdentity/displayName, 'ad')",
        "endswith(sourceIdentity/displayName,'da')",
        "StartsWith( sourceIdentity/displayName , 'ad' )",
        "tolower(sourceIdentity/displayName) eq 'ada'",
        "toupper(sourceIdentity/displayName) eq 'ADA'",
        "contains(toupper(sourceIdentity/displayName), 'AD')",
    ] {
        log.finds(filter, |it| name(it) == "ada");
    }
    assert!(
        log.find("contains(sourceIdentity/displayName, 'de')")
            .is_empty()
    );
    // tolower really lowers: a capital letter never matches behind it.
    assert!(
        log.find("contains(tolower(servicePrincipal/displayName), 'Fabrikam')")
            .is_empty()
    );
    assert_eq!(
        log.find("contains(tolower(servicePrincipal/displayName), 'fabrikam')")
            .len(),
        log.events.len()
    );
}

#[test]
fn values_compare_exactly_but_for_the_status_and_action() {
    let world = World::new();
    let log = Log::new(&world);
    assert!(log.find("sourceIdentity/displayName eq 'ADA'").is_empty());
    log.finds("sourceIdentity/displayName eq 'ada'", |it| {
        it["sourceIdentity"]["displayName"] == "ada"
    });
    log.finds("provisioningStatusInfo/status eq 'SUCCESS'", |it| {
        it["provisioningStatusInfo"]["status"] == "success"
    });
    log.finds("provisioningAction ne 'Create'", |it| {
        action(it) != "create"
    });
    assert!(
        log.find("sourceIdentity/displayName eq 'O''Brien'")
            .is_empty()
    );
}

#[test]
fn times_and_numbers_compare_in_every_spelling() {
    let world = World::new();
    let log = Log::new(&world);
    // The first cycle ended at noon, the second at one.
    let first = |it: &Json| it["activityDateTime"] == "2022-12-10T12:00:00.0000000Z";
    for filter in [
        "activityDateTime lt 2022-12-10T13:00:00Z",
        "activityDateTime le 2022-12-10T12:00:00Z",
        "activityDateTime lt 2022-12-10T12:30:00",
        "activityDateTime lt 2022-12-10T12:00:00.0000001Z",
        "activityDateTime eq 2022-12-10T13:00:00%2B01:00",
        "activityDateTime lt 2022-12-11 and activityDateTime lt 2022-12-10T13:00:00Z",
    ] {
        log.finds(filter, first);
    }
    for filter in [
        "activityDateTime gt 2022-12-10T12:00:00Z",
        "activityDateTime ge 2022-12-10T13:00:00.0Z",
        "not (activityDateTime lt 2022-12-10T13:00:00Z)",
    ] {
        log.finds(filter, |it| !first(it));
    }
    let all = log.events.len();
    for (filter, count) in [
        ("activityDateTime gt 2022-12-10", all),
        ("activityDateTime ge 2022-12-11", 0),
        ("activityDateTime lt 2022-12-10", 0),
        ("durationInMilliseconds ge 0", all),
        ("durationInMilliseconds gt 100000", 0),
    ] {
        assert_eq!(log.find(filter).len(), count, "{filter}");
    }
}

/// Whoever asks for what is newer than the newest that he has seen gets nothing again.
#[test]
fn a_time_compares_as_it_is_shown() {
    let world = World::new();
    world.clock.advance_milliseconds(300);
    let log = Log::new(&world);
    let at = |it: &Json| text(it, "activityDateTime");
    let first = "2022-12-10T12:00:00.3000000Z";
    assert_eq!(at(log.events.last().unwrap()), first);
    for operator in ["eq", "le"] {
        log.finds(&format!("activityDateTime {operator} {first}"), |it| {
            at(it) == first
        });
    }
    log.finds(&format!("activityDateTime gt {first}"), |it| {
        at(it) != first
    });
    let newest = at(&log.events[0]);
    for operator in ["eq", "ge"] {
        log.finds(&format!("activityDateTime {operator} {newest}"), |it| {
            at(it) == newest
        });
    }
    for nothing in [
        format!("activityDateTime lt {first}"),
        format!("activityDateTime gt {newest}"),
    ] {
        assert_eq!(log.find(&nothing), [0; 0], "{nothing}");
    }
}

#[test]
fn modified_properties_are_searched_one_by_one() {
    let world = World::new();
    let log = Log::new(&world);
    let changes = |it: &Json, name: &str| {
        it["modifiedProperties"]
            .as_array()
            .unwrap()
            .iter()
            .any(|it| it["displayName"] == name)
    };
    log.finds(
        "modifiedProperties/any(p: p/displayName eq 'jobTitle')",
        |it| changes(it, "jobTitle"),
    );
    log.finds("modifiedProperties/any(p:p/newValue eq 'Sales')", |it| {
        it["modifiedProperties"]
            .as_array()
            .unwrap()
            .iter()
            .any(|it| it["newValue"] == "Sales")
    });
    log.finds(
        "not modifiedProperties/any(p: p/displayName eq 'department')",
        |it| !changes(it, "department"),
    );
}

#[test]
fn what_can_not_be_answered_is_named() {
    let world = World::new();
    let log = Log::new(&world);
    for (query, words) in [
        ("$filter=shoeSize eq '4'", "shoeSize"),
        ("$filter=sourceIdentity/shoeSize eq '4'", "shoeSize"),
        ("$filter=contains(shoeSize, '4')", "shoeSize"),
        ("$filter=length(jobId) eq 3", "length"),
        ("$filter=jobId eq", ""),
        ("$filter=(jobId eq 'x'", ""),
        ("$filter=jobId eq 'x", ""),
        ("$filter=jobId like 'x'", "like"),
        ("$filter=jobId eq 'x' and", ""),
        ("$filter=durationInMilliseconds eq 'long'", ""),
        ("$filter=activityDateTime gt 2022-13-40", ""),
        ("$filter=activityDateTime gt 'yesterday'", ""),
        ("$orderby=shoeSize", "shoeSize"),
        ("$orderby=jobId", "jobId"),
        ("$orderby=activityDateTime sideways", "sideways"),
        ("$top=1001", "1000"),
        ("$top=0", "1000"),
        ("$top=many", "many"),
        ("$skip=1", "$skip"),
        ("$filter=", "$filter"),
        ("$skiptoken=nonsense!", ""),
    ] {
        log.refuses(query, words);
    }
    log.client
        .get(&format!("{LOG}?$nonsense=1"))
        .problem(400, "Request_UnsupportedQuery");
    let deep = format!(
        "{LOG}?$filter={}jobId eq 'x'{}",
        "(".repeat(5_000),
        ")".repeat(5_000)
    );
    assert_eq!(log.client.get(&deep).status, 400);
}
