//! Bodies to send, and what is looked for in those that come back.

use serde_json::{Value as Json, json};

/// The body of a new user of Contoso.
pub fn person(alias: &str) -> Json {
    json!({
        "accountEnabled": true,
        "displayName": alias,
        "mailNickname": alias,
        "userPrincipalName": format!("{alias}@contoso.example"),
        "passwordProfile": {"password": "xWwvJ]6NMw+bWH-d", "forceChangePasswordNextSignIn": false},
    })
}

/// The body of a new security group.
pub fn security_group(name: &str) -> Json {
    json!({"displayName": name, "mailEnabled": false, "mailNickname": name, "securityEnabled": true})
}

/// The body of a `$ref` request.
pub fn reference(id: &str) -> Json {
    json!({"@odata.id": format!("https://graph.microsoft.com/v1.0/directoryObjects/{id}")})
}

/// The `id` of an entity.
pub fn id(entity: &Json) -> String {
    text(entity, "id")
}

/// A text of an entity.
pub fn text(entity: &Json, name: &str) -> String {
    entity[name]
        .as_str()
        .unwrap_or_else(|| panic!("no text `{name}` in {entity}"))
        .to_owned()
}

/// One text of every item of a collection.
pub fn each(collection: &Json, name: &str) -> Vec<String> {
    collection["value"]
        .as_array()
        .expect("a collection")
        .iter()
        .map(|it| text(it, name))
        .collect()
}

/// The names of an entity, in order.
pub fn names(entity: &Json) -> Vec<&str> {
    let mut names: Vec<&str> = entity
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    names
}
