//! Who cannot be answered as they ask has changed nothing.

use serde_json::{Value as Json, json};

use crate::world::World;

/// Names no property, names no reference, and one that is not expanded.
const WRONG: [&str; 3] = [
    "$select=nonsense",
    "$expand=nonsense",
    "$expand=manager($filter=x eq 1)",
];

#[test]
fn a_change_that_is_to_be_shown_as_it_cannot_be_is_not_made() {
    let world = World::new();
    let admin = world.contoso();
    let tool = world.registered(&[]);
    let shown = admin.header("prefer", "return=representation");
    for (url, property) in [
        (format!("/v1.0/users/{}", world.user("ann")), "city"),
        (
            format!("/v1.0/groups/{}", world.group("sales")),
            "description",
        ),
        (format!("/v1.0/applications/{}", tool.application), "notes"),
        (
            format!("/v1.0/servicePrincipals/{}", tool.service_principal),
            "notes",
        ),
    ] {
        let selected = format!("{url}?$select={property}");
        for query in WRONG {
            let answer = shown.patch(&format!("{url}?{query}"), json!({property: "x"}));
            assert_eq!(answer.status, 400, "{url} {query}: {}", answer.text());
            assert_eq!(admin.get(&selected).ok()[property], Json::Null, "{query}");
        }
        let changed = shown.patch(&selected, json!({property: "x"})).ok();
        assert_eq!(changed[property], "x");
        assert_eq!(changed.as_object().unwrap().len(), 2, "{changed}");
        // Who does not ask to see it is not answered with it.
        let unseen = format!("{url}?{}", WRONG[0]);
        admin.patch(&unseen, json!({property: "y"})).no_content();
    }
}

#[test]
fn a_restore_that_is_to_be_shown_as_it_cannot_be_restores_nothing() {
    let world = World::new();
    let admin = world.contoso();
    let (ann, sales) = (world.user("ann"), world.group("sales"));
    for (live, id) in [("users", &ann), ("groups", &sales)] {
        let live = format!("/v1.0/{live}/{id}");
        admin.delete(&live).no_content();
        let bin = format!("/v1.0/directory/deletedItems/{id}");
        for query in WRONG {
            let answer = admin.post(&format!("{bin}/restore?{query}"), json!({}));
            assert_eq!(answer.status, 400, "{query}: {}", answer.text());
            admin.get(&bin).ok();
            admin.get(&live).problem(404, "Request_ResourceNotFound");
        }
        let restored = admin
            .post(&format!("{bin}/restore?$select=displayName"), json!({}))
            .ok();
        assert!(restored["displayName"].is_string(), "{restored}");
        admin.get(&live).ok();
    }
}
