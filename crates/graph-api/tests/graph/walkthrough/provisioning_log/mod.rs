//! `auditLogs/provisioning`: `$filter`, `$orderby`, paging, counting, what is refused, and what became of jobs since.

mod filter;
mod pages;
mod past;
mod shape;

use serde_json::{Value as Json, json};

use super::callers::everything;
use super::setup::{Configuration, configure, employee, trust};
use crate::world::{Client, World, text};

const LOG: &str = "/v1.0/auditLogs/provisioning";

/// A log with creations, an update and skips, over three hours.
struct Log<'w> {
    client: Client<'w>,
    configuration: Configuration,
    ada: String,
    events: Vec<Json>,
}

impl<'w> Log<'w> {
    fn new(world: &'w World) -> Self {
        trust(world);
        let configuration = configure(world);
        let ada = employee(world, "ada", "Marketing");
        let bea = employee(world, "bea", "Sales");
        employee(world, "cleo", "Sales");
        configuration.assign(world, &ada);
        configuration.assign(world, &bea);
        configuration.start(world);
        configuration.cycle(world);
        world.clock.advance_seconds(3600);
        let change = json!({"jobTitle": "Pilot"});
        everything(world, "contoso")
            .patch(&format!("/v1.0/users/{ada}"), change)
            .no_content();
        configuration.cycle(world);
        world.clock.advance_seconds(3600);
        let client = everything(world, "contoso");
        let events = client.all(LOG);
        Self {
            client,
            configuration,
            ada,
            events,
        }
    }

    fn find(&self, filter: &str) -> Vec<Json> {
        self.client.all(&format!("{LOG}?$filter={filter}"))
    }

    /// The filter finds exactly the events for which `wanted` holds, and there are some, but not all.
    #[track_caller]
    fn finds(&self, filter: &str, wanted: impl Fn(&Json) -> bool) {
        let expected: Vec<&Json> = self.events.iter().filter(|it| wanted(it)).collect();
        let found = self.find(filter);
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{filter}");
        assert!(
            !found.is_empty() && found.len() < self.events.len(),
            "{filter} tells nothing apart"
        );
    }

    #[track_caller]
    fn refuses(&self, query: &str, words: &str) {
        let error = self
            .client
            .get(&format!("{LOG}?{query}"))
            .problem(400, "BadRequest");
        assert!(text(&error, "message").contains(words), "{query}: {error}");
    }
}

fn action(event: &Json) -> &str {
    event["provisioningAction"].as_str().unwrap()
}
