//! Directory extensions: registered on applications, set on users and groups, hidden from everybody
//! else.

mod definitions;
mod values;

use serde_json::{Value as Json, json};

use crate::world::{Client, World, id, text};

/// An application to register extensions on.
struct App<'w> {
    client: Client<'w>,
    id: String,
    app_id: String,
}

impl<'w> App<'w> {
    fn new(world: &'w World) -> Self {
        Self::of(world.contoso())
    }

    fn of(client: Client<'w>) -> Self {
        let made = client
            .post("/v1.0/applications", json!({"displayName": "Personnel"}))
            .created();
        Self {
            id: id(&made),
            app_id: text(&made, "appId"),
            client,
        }
    }

    fn url(&self) -> String {
        format!("/v1.0/applications/{}/extensionProperties", self.id)
    }

    fn add(&self, name: &str, data_type: &str, many: bool) -> Json {
        let body = json!({"name": name, "dataType": data_type, "isMultiValued": many, "targetObjects": ["User", "Group"]});
        self.client.post(&self.url(), body).created()
    }

    /// Registers one and says its full name.
    fn named(&self, name: &str, data_type: &str, many: bool) -> String {
        text(&self.add(name, data_type, many), "name")
    }
}

fn shown(world: &World, user: &str, name: &str) -> Json {
    let url = format!("/v1.0/users/{user}?$select={name}");
    world.contoso().get(&url).ok()[name].clone()
}

fn set(world: &World, user: &str, name: &str, value: Json) {
    world
        .contoso()
        .patch(&format!("/v1.0/users/{user}"), json!({ name: value }))
        .no_content();
}
