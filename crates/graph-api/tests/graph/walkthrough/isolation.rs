//! No tenant sees or changes another's jobs, secrets, partners or log, whatever ids it guesses.

use serde_json::{Value as Json, json};
use syncline_graph_api::routes;

use crate::world::{Answer, Client, World, id, text};

use super::callers::everything;
use super::setup::{Configuration, PARTNERS, configure_in, employee, synchronized, trust};

/// Contoso synchronizes into Fabrikam; Fabrikam's administrator guesses.
struct Guess<'w> {
    owner: Client<'w>,
    guesser: Client<'w>,
    theirs: Configuration,
    event: String,
    ada: String,
}

impl<'w> Guess<'w> {
    fn new(world: &'w World) -> Self {
        trust(world);
        let theirs = configure_in(world, "contoso", "fabrikam");
        let ada = employee(world, "ada", "Marketing");
        theirs.assign(world, &ada);
        theirs.start(world);
        theirs.cycle(world);
        let owner = everything(world, "contoso");
        let event = id(&owner.all("/v1.0/auditLogs/provisioning")[0]);
        Self {
            owner,
            guesser: everything(world, "fabrikam"),
            theirs,
            event,
            ada,
        }
    }

    /// Everything of Contoso that must not change.
    fn state(&self) -> Vec<Json> {
        [
            self.theirs.url("/jobs"),
            self.theirs.url("/secrets"),
            self.theirs.job_url("/schema"),
            format!("/v1.0{PARTNERS}?$expand=identitySynchronization"),
            "/v1.0/auditLogs/provisioning".to_owned(),
        ]
        .iter()
        .map(|url| self.owner.get(url).ok()["value"].clone())
        .chain([self.owner.get(&self.theirs.job_url("/schema")).ok()])
        .collect()
    }

    fn body_of(&self, method: &str, pattern: &str) -> Json {
        let tail = pattern.rsplit('/').next().unwrap();
        match (method, tail) {
            ("POST", "jobs") => json!({"templateId": "Azure2Azure"}),
            ("PATCH", "{jobId}") => json!({"schedule": {"interval": "PT5M"}}),
            ("POST", "validateCredentials") => {
                json!({"templateId": "Azure2Azure", "useSavedCredentials": true})
            }
            ("POST", "provisionOnDemand") => self.theirs.on_demand(&self.ada),
            ("PUT", "secrets") => json!({"value": [{"key": "SyncAll", "value": "true"}]}),
            ("PUT" | "PATCH", "schema") => self.owner.get(&self.theirs.job_url("/schema")).ok(),
            _ => json!({}),
        }
    }
}

/// Every route of synchronization, of both twins, with the other tenant's ids.
#[test]
fn synchronization_of_another_tenant_is_not_found() {
    let world = World::new();
    let guess = Guess::new(&world);
    let before = guess.state();
    let mut tried = 0;
    for route in routes::all().filter(|route| route.pattern.contains("/synchronization")) {
        let owner_ids = match route.pattern.starts_with("/applications") {
            true => vec![&guess.theirs.application, &guess.theirs.service_principal],
            false => vec![&guess.theirs.service_principal],
        };
        for owner in owner_ids {
            let url = route
                .pattern
                .replace("{id}", owner)
                .replace("{jobId}", &guess.theirs.job)
                .replace("{templateId}", "Azure2Azure");
            for version in ["v1.0", "beta"] {
                let url = format!("/{version}{url}");
                let answer = match route.method {
                    "GET" | "DELETE" => guess.guesser.send(route.method, &url, Vec::new()),
                    method => {
                        let body = guess
                            .body_of(method, route.pattern)
                            .to_string()
                            .into_bytes();
                        guess.guesser.send(method, &url, body)
                    }
                };
                not_found(&answer, route.method, &url);
                tried += 1;
            }
        }
    }
    assert!(tried > 40, "{tried} routes");
    assert_eq!(guess.state(), before);
}

#[track_caller]
fn not_found(answer: &Answer, method: &str, url: &str) {
    assert_eq!(answer.status, 404, "{method} {url}: {}", answer.text());
    answer.problem(404, "Request_ResourceNotFound");
}

/// A tenant with a configuration of its own can not reach another's job through it.
#[test]
fn a_job_of_another_tenant_is_not_found_under_ones_own_configuration() {
    let world = World::new();
    let guess = Guess::new(&world);
    let mine = configure_in(&world, "fabrikam", "contoso");
    let before = guess.state();
    let job = |tail: &str| mine.url(&format!("/jobs/{}{tail}", guess.theirs.job));
    for tail in ["", "/schema"] {
        guess
            .guesser
            .get(&job(tail))
            .problem(404, "Request_ResourceNotFound");
        guess
            .guesser
            .delete(&job(tail))
            .problem(404, "Request_ResourceNotFound");
    }
    for action in ["/start", "/pause", "/restart"] {
        guess
            .guesser
            .send("POST", &job(action), Vec::new())
            .problem(404, "Request_ResourceNotFound");
    }
    let body = guess.theirs.on_demand(&guess.ada);
    guess
        .guesser
        .post(&job("/provisionOnDemand"), body)
        .problem(404, "Request_ResourceNotFound");
    assert_eq!(guess.state(), before);
}

/// Both tenants have a partner entry for the other; each sees and changes its own only.
#[test]
fn partners_are_each_tenants_own() {
    let world = World::new();
    let guess = Guess::new(&world);
    let (contoso, fabrikam) = (world.tenants.contoso.id, world.tenants.fabrikam.id);
    let before = guess.state();
    let partner =
        |tenant: &dyn std::fmt::Display, tail: &str| format!("/v1.0{PARTNERS}/{tenant}{tail}");

    let mine = guess.guesser.all(&format!("/v1.0{PARTNERS}"));
    assert_eq!(
        mine.iter()
            .map(|it| text(it, "tenantId"))
            .collect::<Vec<_>>(),
        [contoso.to_string()]
    );
    assert_eq!(
        guess.guesser.get(&format!("/v1.0{PARTNERS}/$count")).text(),
        "1"
    );
    // Contoso's entry is for Fabrikam; in Fabrikam that id names nothing.
    guess
        .guesser
        .get(&partner(&fabrikam, ""))
        .problem(404, "Request_ResourceNotFound");
    guess
        .guesser
        .delete(&partner(&fabrikam, ""))
        .problem(404, "Request_ResourceNotFound");
    let outbound = json!({"automaticUserConsentSettings": {"outboundAllowed": false}});
    guess
        .guesser
        .patch(&partner(&fabrikam, ""), outbound.clone())
        .problem(404, "Directory_ObjectNotFound");
    let synchronization = partner(&fabrikam, "/identitySynchronization");
    let allowed = json!({"userSyncInbound": {"isSyncAllowed": true}});
    guess
        .guesser
        .put(&synchronization, allowed.clone())
        .problem(404, "Directory_ObjectNotFound");
    guess
        .guesser
        .patch(&synchronization, allowed.clone())
        .problem(404, "Directory_ObjectNotFound");
    guess
        .guesser
        .get(&synchronization)
        .problem(404, "Request_ResourceNotFound");
    guess
        .guesser
        .delete(&synchronization)
        .problem(404, "Request_ResourceNotFound");
    guess
        .guesser
        .post(&format!("/v1.0{PARTNERS}"), json!({"tenantId": fabrikam}))
        .problem(400, "Request_BadRequest");

    // What Fabrikam says about Contoso changes nothing of what Contoso says about Fabrikam.
    guess
        .guesser
        .patch(&partner(&contoso, ""), outbound)
        .no_content();
    assert_eq!(guess.state(), before);

    // A source can not open a target's door from its own side: this entry is the source's.
    guess
        .guesser
        .delete(&partner(&contoso, "/identitySynchronization"))
        .no_content();
    guess
        .owner
        .put(&partner(&fabrikam, "/identitySynchronization"), allowed)
        .no_content();
    let inbound = json!({"automaticUserConsentSettings": {"inboundAllowed": true}});
    guess
        .owner
        .patch(&partner(&fabrikam, ""), inbound)
        .no_content();
    let answer = guess.owner.post(
        &guess.theirs.job_url("/provisionOnDemand"),
        guess.theirs.on_demand(&guess.ada),
    );
    answer.problem(400, "AzureActiveDirectoryCrossTenantSyncPolicyCheckFailure");
}

/// The log is the source tenant's; the target's shows nothing of it, by any filter.
#[test]
fn the_log_is_the_owning_tenants() {
    let world = World::new();
    let guess = Guess::new(&world);
    assert!(!guess.owner.all("/v1.0/auditLogs/provisioning").is_empty());
    for version in ["v1.0", "beta"] {
        let log = format!("/{version}/auditLogs/provisioning");
        assert!(guess.guesser.all(&log).is_empty());
        assert_eq!(guess.guesser.get(&format!("{log}/$count")).text(), "0");
        guess
            .guesser
            .get(&format!("{log}/{}", guess.event))
            .problem(404, "Request_ResourceNotFound");
        for filter in [
            format!("jobId eq '{}'", guess.theirs.job),
            format!("id eq '{}'", guess.event),
            format!(
                "servicePrincipal/id eq '{}'",
                guess.theirs.service_principal
            ),
            format!("tenantId eq '{}'", world.tenants.fabrikam.id),
            "activityDateTime gt 2000-01-01".to_owned(),
        ] {
            assert!(
                guess
                    .guesser
                    .all(&format!("{log}?$filter={filter}"))
                    .is_empty(),
                "{filter}"
            );
        }
    }
}

/// A page token tells where to go on in the log that it is from.
#[test]
fn a_page_token_of_another_tenant_shows_nothing() {
    let world = World::new();
    let guess = Guess::new(&world);
    let page = guess
        .owner
        .get("/v1.0/auditLogs/provisioning?$top=1&$orderby=activityDateTime asc")
        .ok();
    let link = text(&page, "@odata.nextLink");
    let stolen = link.strip_prefix(crate::world::PUBLIC_URL).unwrap();
    guess
        .guesser
        .get(stolen)
        .problem(400, "Directory_ExpiredPageToken");
}

/// Only those who were synchronized are seen in the target, and only as its own objects.
#[test]
fn a_source_reads_nothing_of_its_target() {
    let world = World::new();
    let guess = Guess::new(&world);
    assert_eq!(synchronized(&world, "fabrikam").len(), 1);
    let there = guess
        .guesser
        .all("/v1.0/users?$filter=creationType eq 'Invitation'");
    let there = id(&there[0]);
    guess
        .owner
        .get(&format!("/v1.0/users/{there}"))
        .problem(404, "Request_ResourceNotFound");
    guess
        .guesser
        .get(&format!("/v1.0/users/{}", guess.ada))
        .problem(404, "Request_ResourceNotFound");
    // On demand, a target's object is nobody of the source.
    let answer = guess.owner.post(
        &guess.theirs.job_url("/provisionOnDemand"),
        guess.theirs.on_demand(&there),
    );
    answer.problem(404, "Request_ResourceNotFound");
}
