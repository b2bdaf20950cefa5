//! `…/jobs/{id}/schema`: read, written back, changed, refused.

mod attributes;
mod expressions;
mod extensions;
mod plan;
mod refusals;
mod round_trip;
mod scoping;

use serde_json::{Value as Json, json};

use super::callers::everything;
use super::setup::{Configuration, configure, trust};
use crate::world::{Answer, Client, World, text};

struct Job<'w> {
    client: Client<'w>,
    configuration: Configuration,
}

impl<'w> Job<'w> {
    fn new(world: &'w World) -> Self {
        trust(world);
        Self {
            client: everything(world, "contoso"),
            configuration: configure(world),
        }
    }

    fn schema(&self) -> Json {
        self.client.get(&self.configuration.job_url("/schema")).ok()
    }

    fn put(&self, schema: &Json) -> Answer {
        self.client
            .put(&self.configuration.job_url("/schema"), schema.clone())
    }

    /// Refused, with the complaint about this path; nothing changes.
    #[track_caller]
    fn refuses(&self, schema: &Json, code: &str, path: &str, message: &str) {
        let before = self.schema();
        let error = self.put(schema).problem(400, "schemaInvalid");
        let details = error["details"].as_array().expect("details");
        let detail = details.iter().find(|it| it["target"] == path);
        let detail = detail.unwrap_or_else(|| panic!("nothing about {path} in {error:#}"));
        assert_eq!(detail["code"], code, "{error:#}");
        assert!(text(detail, "message").contains(message), "{error:#}");
        // Many clients print nothing but the message.
        assert!(
            text(&error, "message").contains(&text(&details[0], "message")),
            "{error:#}"
        );
        assert_eq!(self.schema(), before);
    }
}

/// The users' object mapping.
fn users(schema: &mut Json) -> &mut Json {
    &mut schema["synchronizationRules"][0]["objectMappings"][0]
}

/// The attribute mapping that fills `target`.
fn mapping<'s>(schema: &'s mut Json, target: &str) -> &'s mut Json {
    let mappings = users(schema)["attributeMappings"].as_array_mut().unwrap();
    mappings
        .iter_mut()
        .find(|it| it["targetAttributeName"] == target)
        .unwrap()
}

/// Where that mapping stands.
fn path_of(schema: &mut Json, target: &str) -> String {
    let mappings = users(schema)["attributeMappings"].as_array().unwrap();
    let at = mappings
        .iter()
        .position(|it| it["targetAttributeName"] == target)
        .unwrap();
    format!("synchronizationRules[0].objectMappings[0].attributeMappings[{at}]")
}

fn filter(operator: &str, operand: &str, values: Json) -> Json {
    let target = if values.is_null() {
        Json::Null
    } else {
        json!({"values": values})
    };
    json!({
        "categoryFilterGroups": [],
        "inputFilterGroups": [],
        "groups": [{"name": "G", "clauses": [
            {"operatorName": operator, "sourceOperandName": operand, "targetOperand": target},
        ]}],
    })
}

fn without(mut schema: Json, names: &[&str]) -> Json {
    for name in names {
        schema.as_object_mut().unwrap().remove(*name);
    }
    schema
}
